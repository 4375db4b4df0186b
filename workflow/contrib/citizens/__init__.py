"""What the citizens' pages of every kind of case share; no app, no models, no settings.

| you want | look at |
|---|---|
| a page that a tracking link opens, or a limit on how often | ``doors`` |
| a typed reference as we write it; addresses by its prefix | ``references`` |
| the page ``/track/`` that sends a lost link again | ``lookup``, and for the mail itself ``links`` |
| where a case stands, in a citizen's words | ``story`` |
| what was typed, kept word for word | ``typed`` |
| an error summary over more than one form | ``problems`` |

Templates lie in ``templates/citizens/``.
"""
