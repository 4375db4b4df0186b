"""The form that a report is written with: at most four pages, kept on the server while it is written.

| you want | look at |
|---|---|
| the questions of each page | ``forms`` |
| what a draft keeps, and the data it becomes | ``draft`` |
| the pages in their order, and where to go on | ``steps`` |

Every rule of what may be filed stands in ``incidents.reporting`` and ``incidents.answers``; nothing is checked twice.
"""
