"""Renders a form's widgets with the templates of ``templates/uswds/``."""

import functools
from typing import Any

from django.forms.renderers import DjangoTemplates, TemplatesSetting

from workflow.contrib.uswds.boundfield import UswdsBoundField

_TEXT_LIKE = ("text", "number", "email", "url", "tel", "search", "password", "date", "time", "color")

# Django's template of a widget -> ours. What is missing here (hidden inputs, formsets) is rendered by Django's own.
WIDGET_TEMPLATES: dict[str, str] = {
    **{f"django/forms/widgets/{name}.html": "uswds/widgets/input.html" for name in _TEXT_LIKE},
    "django/forms/widgets/textarea.html": "uswds/widgets/textarea.html",
    "django/forms/widgets/select.html": "uswds/widgets/select.html",
    "django/forms/widgets/radio.html": "uswds/widgets/options.html",
    "django/forms/widgets/checkbox_select.html": "uswds/widgets/options.html",
    "django/forms/widgets/checkbox.html": "uswds/widgets/checkbox.html",
    "django/forms/widgets/file.html": "uswds/widgets/file.html",
    "django/forms/widgets/clearable_file_input.html": "uswds/widgets/file.html",
}


@functools.cache
def _builtin() -> DjangoTemplates:
    return DjangoTemplates()


class UswdsRenderer(TemplatesSetting):
    """Chosen per form (``UswdsForm.default_renderer``), never as the global ``FORM_RENDERER``."""

    form_template_name = "uswds/form.html"
    field_template_name = "uswds/field.html"
    bound_field_class = UswdsBoundField

    def get_template(self, template_name: str) -> Any:
        ours = WIDGET_TEMPLATES.get(template_name, template_name)
        if ours.startswith("django/forms/"):  # not on the path of settings.TEMPLATES
            return _builtin().get_template(ours)
        return super().get_template(ours)
