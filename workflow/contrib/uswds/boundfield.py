"""A field on its way to the page: classes, ids and the attributes a screen reader needs."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField

# The widest of these that the field's max_length still fits in, in characters.
_WIDTHS = ((5, "usa-input--xs"), (10, "usa-input--small"), (20, "usa-input--medium"), (30, "usa-input--lg"))


class UswdsBoundField(BoundField):
    """Adds what the templates ask for; the form's author sets nothing.

    Ids: ``<id>_helptext``, ``<id>_error`` and, where characters are counted, ``<id>_limit``.
    """

    @property
    def kind(self) -> str:
        """``checkbox``, ``options`` (radios, check boxes), ``parts`` (date and time) or ``single``."""
        widget = self.field.widget
        if isinstance(widget, forms.CheckboxInput):
            return "checkbox"
        if isinstance(widget, forms.RadioSelect):  # check boxes for many are a subclass
            return "options"
        return "parts" if isinstance(widget, forms.MultiWidget) else "single"

    @property
    def use_fieldset(self) -> bool:
        """Django says yes for a file as well, whose one input would then have no label of its own."""
        return self.kind in {"options", "parts"}

    @property
    def is_radio(self) -> bool:
        return isinstance(self.field.widget, forms.RadioSelect) and not self.field.widget.allow_multiple_selected

    @property
    def character_limit(self) -> int | None:
        """Characters a text area may hold; counted on the page, enforced by the server alone."""
        limit = getattr(self.field, "max_length", None)
        return limit if isinstance(self.field.widget, forms.Textarea) else None

    @property
    def first_input_id(self) -> str:
        """Where a link to this field goes: the first input that can take the focus; empty without ids."""
        if not self.auto_id:
            return ""
        if self.kind == "options":
            return str(self.subwidgets[0].id_for_label) if self.subwidgets else ""
        own_id = str(self.field.widget.attrs.get("id") or self.auto_id)
        return f"{own_id}_0" if self.kind == "parts" else own_id

    @property
    def aria_describedby(self) -> str | None:
        described = super().aria_describedby
        if described is not None and self.auto_id and self.character_limit:
            return f"{described} {self.auto_id}_limit".strip()
        return described

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        built = super().build_widget_attrs(attrs, widget)
        if widget.is_hidden:
            return built
        if self.is_radio:
            built.pop("aria-invalid", None)  # the role radio may not carry it: the group does
        classes = [self._own_class(widget), self._width(widget), str(widget.attrs.get("class", ""))]
        if joined := " ".join(name for name in classes if name):
            built["class"] = joined
        return built

    def _own_class(self, widget: forms.Widget) -> str:
        if isinstance(widget, forms.RadioSelect | forms.CheckboxInput):
            return ""  # their templates name the class: it is the option that carries it
        if isinstance(widget, forms.Textarea):
            name = "usa-textarea"
        elif isinstance(widget, forms.Select):
            name = "usa-select"
        elif isinstance(widget, forms.FileInput):
            # Not usa-file-input: its script replaces the label by an English sentence.
            name = "usa-input mp-file"
        else:
            name = "usa-input"
        return f"{name} usa-input--error" if self.errors else name

    def _width(self, widget: forms.Widget) -> str:
        if "usa-input--" in str(widget.attrs.get("class", "")):
            return ""
        if isinstance(widget, forms.NumberInput):
            return "usa-input--small"
        if not isinstance(widget, forms.TextInput):
            return ""
        limit = getattr(self.field, "max_length", None) or 0
        return next((name for most, name in _WIDTHS if 0 < limit <= most), "")
