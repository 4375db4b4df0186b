"""The citizens' door: apply, track, verify. Every page works without JavaScript and at any width.

| you want | look at |
|---|---|
| what a draft keeps, and how it becomes an application | ``draft`` |
| the pages of the form and their order | ``steps``; the pages themselves: ``apply``, ``documents``, ``review`` |
| where a request stands, in a citizen's words | ``story``; the pages: ``track``, ``reply``, ``act`` |
| who may come in | ``doors``; what all kinds of case share: ``workflow.contrib.citizens`` |
| the page behind the QR code | ``verify`` |
"""
