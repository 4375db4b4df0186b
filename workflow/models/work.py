"""Work: one durable intent to run one service once for one visit of one step."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import ExpressionWrapper, Q, Value
from django.db.models.functions import Now
from django.utils import timezone

from workflow.models.case import Case

NAMESPACE = uuid.UUID("5b2f3c1e-7a86-5d0c-9e41-0c6d1f8b2a77")


def lease_end(lease: timedelta) -> Any:
    """Now + lease by the database's clock: machines whose clocks differ agree on who holds what."""
    return ExpressionWrapper(Now() + Value(lease, output_field=models.DurationField()), models.DateTimeField())


class WorkQuerySet(models.QuerySet["Work"]):
    def ready(self) -> WorkQuerySet:
        """Due, open, and held by nobody: never claimed, or its lease is over."""
        return self.filter(outcome=Work.Outcome.OPEN, run_at__lte=Now()).filter(
            Q(lease_until=None) | Q(lease_until__lt=Now())
        )


class Work(models.Model):
    class Kind(models.TextChoices):
        STEP = "step"  # the service of a step
        TIMER = "timer"  # a transition that fires by itself
        TASK = "task"  # something that follows from a change: a message

    class Outcome(models.TextChoices):
        OPEN = "open"  # to be done, or being done while a lease runs
        DONE = "done"  # its result was accepted, once
        PARKED = "parked"  # gave up; an officer retries
        CANCELLED = "cancelled"  # the case moved on without it

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="work")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.STEP)
    step = models.CharField(max_length=60)  # the step, or timer:<name>, or task:<name>
    visit = models.PositiveIntegerField()
    service = models.CharField(max_length=60)
    argument = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    key = models.UUIDField(editable=False)
    run_at = models.DateTimeField(db_default=Now())  # by the database's clock, as whoever claims it reads it
    attempts = models.PositiveIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        permissions: ClassVar = [("retry_work", "Can send a parked request on")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "step", "visit"], name="work_once")]
        indexes: ClassVar = [
            models.Index(fields=["run_at", "id"], condition=Q(outcome="open"), name="work_ready"),
        ]

    def __str__(self) -> str:
        return f"{self.step} #{self.visit} of {self.case_id}: {self.outcome}"


def work_key(reference: str, step: str, visit: int) -> uuid.UUID:
    """The Idempotency-Key of this work: the same however often it runs."""
    return uuid.uuid5(NAMESPACE, f"{reference}/{step}/{visit}")
