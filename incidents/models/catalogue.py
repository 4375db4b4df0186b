"""What can be reported: categories in groups, each with its questions. Officers edit them in the admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from workflow.clock import Due, Hours, WorkingDays


class Group(models.TextChoices):
    """The first level: also what a routing rule may name instead of a category."""

    ROADWAY = "roadway", "Roadway"
    TRAFFIC_CONTROL = "traffic_control", "Signals, signs and markings"
    STRUCTURES = "structures", "Bridges and structures"
    LIGHTING = "lighting", "Lighting"
    VEGETATION = "vegetation", "Trees and plants"
    WORK_ZONE = "work_zone", "Work zones"
    NOT_OURS = "not_ours", "Not a state road"


class Datatype(models.TextChoices):
    """Types of answers, as Open311 names them."""

    STRING = "string", "Short text"
    TEXT = "text", "Long text"
    NUMBER = "number", "Number"
    DATETIME = "datetime", "Date and time"
    SINGLE = "singlevaluelist", "One of a list"
    MULTI = "multivaluelist", "Several of a list"


class Category(models.Model):
    """A kind of problem. ``code`` is stable: it is the Open311 service_code."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    group = models.CharField(max_length=20, choices=Group.choices)
    description = models.CharField(max_length=300)
    keywords = models.CharField(max_length=300, blank=True, help_text="Other words for it, comma separated.")
    safety = models.BooleanField(default=False, help_text="Its clock runs day and night.")
    first_action_hours = models.PositiveIntegerField(
        null=True, blank=True, help_text="Hours around the clock; for safety categories."
    )
    first_action_days = models.PositiveIntegerField(default=10, help_text="Working days, where no hours are given.")
    repair_days = models.PositiveIntegerField(default=10, help_text="Working days from dispatch to repair.")
    duplicate_radius_m = models.PositiveIntegerField(default=50)
    stop = models.TextField(
        blank=True, help_text="Said instead of taking a report: whose it is, or whom to call. Empty: reports are taken."
    )
    is_active = models.BooleanField(default=True, help_text="Taken from the form when off; old reports keep it.")
    order = models.PositiveIntegerField(default=100)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    @property
    def first_action(self) -> Due:
        """Until when somebody of ours must have acted on a new report."""
        return Hours(self.first_action_hours) if self.first_action_hours else WorkingDays(self.first_action_days)


class Question(models.Model):
    """One question of a category, typed as an Open311 attribute."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="questions")
    code = models.SlugField(max_length=40)
    text = models.CharField(max_length=200)
    datatype = models.CharField(max_length=20, choices=Datatype.choices)
    required = models.BooleanField(default=False)
    variable = models.BooleanField(default=True, help_text="Off: text that is only shown.")
    hint = models.CharField(max_length=200, blank=True)  # datatype_description
    order = models.PositiveIntegerField(default=1)
    values = models.JSONField(
        default=list, blank=True, help_text='For lists: [{"key", "name", "stop"}]; an answer with stop ends the form.'
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["category", "order", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["category", "code"], name="question_code_once"),
        ]

    def __str__(self) -> str:
        return self.text

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """The category changes with it: what is gone could not say when the catalogue changed last."""
        self.category.save(update_fields=["updated_at"])
        return super().delete(*args, **kwargs)
