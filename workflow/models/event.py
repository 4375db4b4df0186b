"""The history: one append-only table, one line a change, chained by digest."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any, ClassVar, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from workflow.models.case import Case


class EventQuerySet(models.QuerySet["Event"]):
    """Lines are added one by one, by the engine."""

    def update(self, **values: Any) -> NoReturn:
        refuse_change()

    def delete(self) -> NoReturn:
        refuse_change()

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse_change()


def refuse_change() -> NoReturn:
    raise TypeError("The history is append-only: a line is neither changed nor removed.")


class Event(models.Model):
    """One line of a case's history. ``seq`` has no gaps; it equals the case's revision after the change."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)  # opened, transition, finding, …
    transition = models.CharField(max_length=40, blank=True)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30, blank=True)
    actor = models.CharField(max_length=120)
    actor_kind = models.CharField(max_length=20)
    actor_user = models.ForeignKey("auth.User", null=True, on_delete=models.PROTECT, related_name="+")
    public = models.BooleanField(default=False, help_text="Shown to the applicant.")
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    at = models.DateTimeField(default=timezone.now)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["case_id", "seq"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "seq"], name="event_once")]
        indexes: ClassVar = [
            models.Index(fields=["at"], condition=Q(kind="transition", public=True), name="event_public_by_age")
        ]

    def __str__(self) -> str:
        return f"{self.seq}. {self.transition or self.kind} by {self.actor}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            refuse_change()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse_change()

    def compute_digest(self) -> str:
        """SHA-256 over the line and the digest of the line before it, so that no line can be changed unnoticed."""
        line = [
            self.case.reference,
            self.seq,
            self.kind,
            self.transition,
            self.from_state,
            self.to_state,
            self.actor,
            self.actor_kind,
            self.public,
            self.note,
            _plain(json.loads(json.dumps(self.data, cls=DjangoJSONEncoder))),
            _moment(self.at),
            self.previous,
        ]
        return hashlib.sha256(json.dumps(line, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    # PostgreSQL keeps a number's value, not its spelling: 1e20 comes back as a whole number, -0.0 as 0.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def _moment(at: datetime) -> str:
    return at.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="microseconds")
