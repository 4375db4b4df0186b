"""Rules that officers edit in plain admin forms: each change is recorded with what it was before and is after.

``keep`` stores a line; workflow.contrib.rulebook sets it to its log of changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.http import HttpRequest, QueryDict

from workflow.desk import name_of

# (area, key, what, before, after, by); nobody listens until an app does.
keep: Callable[..., None] | None = None

type Image = Mapping[str, Any]


def key_of(row: models.Model) -> str:
    """What the log calls a row: "team:3"."""
    return f"{row._meta.model_name}:{row.pk}"


def image_of(row: models.Model, *, related: Iterable[str] = ()) -> dict[str, Any]:
    """A row in words, by the names officers read: its fields, its lists, and the rows of ``related``."""
    image = {str(field.verbose_name): _words(row, field) for field in row._meta.concrete_fields if _is_shown(field)}
    for field in row._meta.many_to_many:
        image[str(field.verbose_name)] = sorted(_named(other) for other in getattr(row, field.name).all())
    for name in related:
        for other in getattr(row, name).all():
            image[f"{other._meta.verbose_name} “{getattr(other, 'code', other.pk)}”"] = {
                str(field.verbose_name): _words(other, field)
                for field in other._meta.concrete_fields
                if _is_shown(field) and field.remote_field is None
            }
    return image


def _is_shown(field: Any) -> bool:
    return bool(field.editable) and not field.primary_key


def _words(row: models.Model, field: Any) -> Any:
    if field.remote_field is not None:
        other = getattr(row, field.name)
        return _named(other) if other is not None else None
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    return field.value_from_object(row)


def _named(other: Any) -> str:
    return name_of(other) if isinstance(other, AbstractBaseUser) else str(other)


def differences(before: Image, after: Image) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs, on both sides."""
    names = [name for name in [*before, *(n for n in after if n not in before)] if before.get(name) != after.get(name)]
    return {n: before[n] for n in names if n in before}, {n: after[n] for n in names if n in after}


class Recorded(admin.ModelAdmin):  # type: ignore[type-arg]
    """Writes each addition, change and removal to the log, in its transaction, whichever page made it."""

    area: ClassVar[str] = ""
    recorded_related: ClassVar[tuple[str, ...]] = ()  # rows edited on the same page

    def image(self, row: models.Model) -> dict[str, Any]:
        return image_of(row, related=self.recorded_related)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = self._as_stored(obj) if change else None
        request._recorded = before  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        after = self.image(type(form.instance)._base_manager.get(pk=form.instance.pk))
        self._record(request, form.instance, getattr(request, "_recorded", None), after)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            self._record(request, obj, self.image(obj), None)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        with transaction.atomic():
            for row in queryset:
                self._record(request, row, self.image(row), None)
            super().delete_queryset(request, queryset)

    def _as_stored(self, row: Any) -> dict[str, Any]:
        return self.image(type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk))

    def _record(self, request: HttpRequest, row: Any, before: Image | None, after: Image | None) -> None:
        was, is_now = before, after
        if before is not None and after is not None:
            was, is_now = differences(before, after)
            if not was and not is_now:
                return
        if keep is None:
            return
        kind = str(row._meta.verbose_name).capitalize()
        done = "added" if before is None else "removed" if after is None else "changed"
        what = f"{kind} {done}: {row}"
        keep(area=self.area, key=key_of(row), what=what, before=was, after=is_now, by=request.user)


class SeenForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that knows which state of the row its page showed: what a colleague saved meanwhile is not overwritten
    unseen. Put the field ``seen`` into the fieldsets."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = digest_of(self.instance) if self.instance.pk else ""
        self.fields["seen"].initial = self._now

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        seen = cleaned.get("seen")
        if self.instance.pk and seen and seen != self._now:
            self._show_theirs()
        return cleaned

    def _show_theirs(self) -> None:
        stored = type(self.instance)._base_manager.get(pk=self.instance.pk)
        now = image_of(stored)
        names = [str(self._meta.model._meta.get_field(n).verbose_name) for n in self.changed_data if n != "seen"]
        theirs = "; ".join(f"{name}: {_said(now[name])}" for name in names if name in now)
        sentence = "A colleague saved this page meanwhile. What you typed is still here; to save again replaces"
        sentence += f" what they saved. Now it says: {theirs}." if theirs else " what they saved."
        data = dict(self.data) if not isinstance(self.data, QueryDict) else self.data.copy()
        data[self.add_prefix("seen")] = self._now
        self.data = data
        self.add_error(None, forms.ValidationError(sentence, code="stale"))


def digest_of(row: models.Model) -> str:
    """A short text that differs when anything in the stored row does."""
    stored = type(row)._base_manager.get(pk=row.pk)
    said = json.dumps(image_of(stored), sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nobody"
    return "empty" if value in (None, "") else "yes" if value is True else "no" if value is False else str(value)
