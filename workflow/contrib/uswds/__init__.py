"""Django forms in the look and the markup of the U.S. Web Design System; no app, no models, no settings.

| you want | import |
|---|---|
| a form for citizens | ``forms.UswdsForm`` |
| a date, a time, a moment | ``fields.TypedDateField``, ``TypedTimeField``, ``TypedDateTimeField`` |
| big radio tiles with a line of explanation each | ``widgets.TileRadioSelect`` |

The page writes ``<form class="usa-form usa-form--large" method="post" novalidate>{% csrf_token %}{{ form }}``;
templates lie in ``templates/uswds/``. ``FORM_RENDERER`` stays Django's, so the admin keeps its own look.
"""
