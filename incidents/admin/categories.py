"""The catalogue in the admin: officers edit what can be reported, and the next report is asked the new questions."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from incidents.models import Category, Incident, Question
from incidents.models.catalogue import Datatype
from workflow.admin.recorded import Recorded
from workflow.clock import Hours

KEY = re.compile(r"[a-z0-9_-]{1,40}")
LONGEST_NAME, LONGEST_STOP = 120, 400
LISTS = (Datatype.SINGLE, Datatype.MULTI)


class ChoicesField(forms.CharField):
    """The answers of a list question, one a line: ``key | what is read | what is said instead of going on``."""

    widget = forms.Textarea({"rows": 5, "cols": 60})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        rows = [[one.get("key", ""), one.get("name", ""), one.get("stop", "")] for one in value]
        return "\n".join(" | ".join(part for part in row if part) for row in rows)

    def to_python(self, value: Any) -> Any:
        lines = [line for line in str(super().to_python(value) or "").splitlines() if line.strip()]
        found = [self._read(line) for line in lines]
        keys = [one["key"] for one in found]
        if twice := next((key for key in keys if keys.count(key) > 1), ""):
            raise forms.ValidationError(f"The key “{twice}” stands there twice: each needs its own.", code="key_twice")
        return found

    def _read(self, line: str) -> dict[str, str]:
        key, name, stop, *more = [*(part.strip() for part in line.split("|")), "", ""]
        if not KEY.fullmatch(key) or not name or any(more) or len(name) > LONGEST_NAME or len(stop) > LONGEST_STOP:
            sentence = f"Write “{line[:40]}” as: key | what is read. The key: small letters, digits, - and _."
            raise forms.ValidationError(sentence, code="bad_choice")
        return {"key": key, "name": name, "stop": stop}


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Category
        fields = (
            "name", "code", "group", "description", "keywords", "order", "is_active", "safety", "first_action_hours",
            "first_action_days", "repair_days", "duplicate_radius_m", "stop",
        )  # fmt: skip
        labels: ClassVar = {
            "is_active": "Offered to reporters",
            "safety": "Emergency",
            "first_action_hours": "Hours to the first action",
            "first_action_days": "Working days to the first action",
            "repair_days": "Working days to the repair",
            "duplicate_radius_m": "Metres within which two reports can be one",
            "stop": "Said instead of taking a report",
        }
        widgets: ClassVar = {
            "description": forms.TextInput({"class": "vLargeTextField"}),
            "keywords": forms.TextInput({"class": "vLargeTextField"}),
            "stop": forms.Textarea({"rows": 3, "class": "vLargeTextField"}),
        }


class QuestionForm(forms.ModelForm):  # type: ignore[type-arg]
    """One question; a list needs its answers, and whatever was asked once keeps its code."""

    values = ChoicesField(
        label="Answers of a list",
        required=False,
        help_text="One a line: key | what is read. A third part ends the form with that sentence: “Call 911 now.”",
    )

    class Meta:
        model = Question
        fields = ("order", "code", "text", "datatype", "required", "variable", "hint", "values")
        labels: ClassVar = {
            "datatype": "Kind of answer",
            "required": "Must be answered",
            "variable": "Asks for an answer",
        }
        widgets: ClassVar = {
            "text": forms.TextInput({"class": "vLargeTextField"}),
            "hint": forms.TextInput({"class": "vLargeTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and is_used(self.instance.category):
            self.fields["code"].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_list = cleaned.get("datatype") in LISTS
        if is_list and not cleaned.get("values") and "values" not in self.errors:
            self.add_error("values", forms.ValidationError("A list needs its answers.", code="values_missing"))
        if not is_list and cleaned.get("values"):
            sentence = "Only lists have answers to choose from: take them away, or choose a list."
            self.add_error("values", forms.ValidationError(sentence, code="values_without_list"))
        return cleaned


class QuestionInline(admin.StackedInline):  # type: ignore[type-arg]
    model = Question
    form = QuestionForm
    extra = 0
    fields = (("order", "code", "datatype"), "text", "hint", ("required", "variable"), "values")


@admin.register(Category)
class CategoryAdmin(Recorded):
    """What can be reported. A category is switched off, never deleted: old reports are named by it."""

    form = CategoryForm
    list_display = ("name", "code", "group", "is_active", "safety", "clock", "duplicate_radius_m", "asks")
    list_filter = ("group", "is_active", "safety")
    search_fields = ("name", "code", "keywords")
    ordering = ("order", "pk")
    inlines = (QuestionInline,)
    area = "category"
    recorded_related = ("questions",)
    actions = None
    fieldsets = (
        (None, {"fields": ("name", "code", "group", "description", "keywords", "order", "is_active")}),
        ("Clocks", {"fields": ("safety", "first_action_hours", "first_action_days", "repair_days")}),
        ("Duplicates", {"fields": ("duplicate_radius_m",)}),
        ("Not ours", {"fields": ("stop",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        found: QuerySet[Category] = super().get_queryset(request).annotate(_asks=Count("questions"))
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        return ("code",) if obj is not None and is_used(obj) else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="first action")
    def clock(self, category: Category) -> str:
        due = category.first_action
        return f"{due.n} hours" if isinstance(due, Hours) else f"{category.first_action_days} working days"

    @admin.display(description="questions")
    def asks(self, category: Any) -> int:
        return int(category._asks)


def is_used(category: Category) -> bool:
    """Whether a report names it: then its code, which is also the Open311 service_code, stays."""
    return Incident.objects.filter(category=category.code).exists()
