"""A case: one request on its way. ``RoadPermit`` and every other kind inherit from it (multi-table)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone

from workflow.actors import Actor
from workflow.definition import Attempt
from workflow.models.desk import Delegation
from workflow.models.fields import StateField
from workflow.models.teams import Team

# Crockford's base32: no I, L, O, U, so that a reference read out on the phone is written down right.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference(prefix: str, year: int) -> str:
    """A public reference such as RP-26-7K3QXM: kind, year, 30 random bits."""
    return f"{prefix}-{year % 100:02d}-" + "".join(secrets.choice(ALPHABET) for _ in range(6))


def new_nonce() -> str:
    return secrets.token_hex(16)


def work_of(user: Any, column: str = "assignee") -> Q:
    """What an officer sees as theirs, by who is named in ``column``. One small query now, so that the rows are found by
    a list that an index answers."""
    absent = Delegation.objects.held_by(user).values_list("absent_id", flat=True)
    return Q(**{f"{column}__in": sorted({user.pk, *absent})})


def work_of_nobody() -> Q:
    """Nobody active has it. One small query now: over the deactivated, of whom few still have open cases."""
    kept = Case.objects.filter(closed_at=None, assignee__is_active=False).order_by()
    gone = sorted(kept.values_list("assignee_id", flat=True).distinct())
    return Q(assignee=None) | Q(assignee__in=gone) if gone else Q(assignee=None)


class CaseQuerySet(models.QuerySet["Case"]):
    """Named sets of cases. State and history are no plain columns: they change through the engine only."""

    GUARDED: ClassVar = frozenset({"state", "step", "step_visit", "revision", "head", "workflow", "workflow_version"})

    def update(self, **values: Any) -> int:
        if guarded := sorted(self.GUARDED & values.keys()):
            raise ValueError(f"{', '.join(guarded)}: only the engine changes this (workflow.engine.fire).")
        return super().update(**values)

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        fields = list(fields)
        if guarded := sorted(self.GUARDED & set(fields)):
            raise ValueError(f"{', '.join(guarded)}: only the engine changes this (workflow.engine.fire).")
        return super().bulk_update(objs, fields, batch_size)

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def visible_to(self, actor: Actor) -> Self:
        """Officers see all cases; an integrator what its key filed; an applicant the one case of the link."""
        if actor.kind in ("officer", "system"):
            return self
        if actor.kind == "integrator":
            return self if f"{self.model.scope}:read_all" in actor.scopes else self.filter(filed_with_id=actor.key_id)
        return self.filter(pk=actor.case_id)

    def mine(self, user: Any) -> Self:
        """One's own, and those of whom one stands in for today."""
        return self.open().filter(work_of(user))

    def unassigned(self) -> Self:
        """Nobody's, and those of officers who were deactivated."""
        return self.open().filter(work_of_nobody())

    def escalated(self) -> Self:
        """Before the manager, because their deadline passed."""
        return self.open().filter(escalated_at__isnull=False)

    def overdue(self, now: datetime | None = None) -> Self:
        return self.open().filter(due_at__lt=now or timezone.now(), paused_at=None)

    def parked(self) -> Self:
        """Waiting for an officer because a service gave up; closed cases too, for their last message may be stuck."""
        return self.filter(parked_at__isnull=False)  # as the partial index says it

    def by_deadline(self) -> Self:
        """Nearest deadline first; without one last."""
        return self.order_by(F("due_at").asc(nulls_last=True), "pk")


class Case(models.Model):
    """What the queue, the history and the messages need to know of any request."""

    reference = models.CharField(max_length=16, unique=True)
    tracking_nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    workflow = models.CharField(max_length=40)
    workflow_version = models.PositiveSmallIntegerField(default=1)
    state = StateField(max_length=30)
    step = models.CharField(
        max_length=40, blank=True, help_text="The step of the workflow it is at; empty between steps."
    )
    step_visit = models.PositiveIntegerField(default=0, help_text="+1 each time a step is entered.")
    revision = models.PositiveIntegerField(
        default=0, help_text="+1 at each change: the last event's number, and the ETag."
    )
    head = models.CharField(max_length=64, blank=True, help_text="Digest of the last event.")
    title = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=40, blank=True)
    category_group = models.CharField(max_length=40, blank=True, help_text="Where categories come in groups.")
    route = models.CharField(max_length=80, blank=True)
    milepost = models.FloatField(null=True, blank=True, help_text="Miles along the route, as on its markers.")
    county = models.CharField(max_length=40, blank=True)
    district = models.CharField(max_length=40, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    source = models.CharField(max_length=20, default="form")  # form, api, wzdx, demo
    filed_with = models.ForeignKey("workflow.ApiKey", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    routed_because = models.CharField(max_length=200, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="assigned_cases"
    )
    priority = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(
        null=True, blank=True, help_text="When whoever works on it was told that its deadline is near."
    )
    escalated_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was put before the manager because its deadline passed."
    )
    parked_at = models.DateTimeField(null=True, blank=True)
    parked_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    entered_at = models.DateTimeField(default=timezone.now, editable=False, help_text="When it entered its state.")
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    initial_state: ClassVar[str] = ""
    scope: ClassVar[str] = ""  # what the scopes of API keys for this kind begin with, such as "permits"
    # Who tries what, for the moment of one fire(): set by the engine, read by guards.
    attempt: Attempt | None = None

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [
            models.Index(fields=["team", "due_at"], condition=Q(closed_at=None), name="queue_of_team"),
            models.Index(fields=["due_at", "id"], condition=Q(closed_at=None), name="queue_of_all"),
            models.Index(fields=["assignee", "due_at"], condition=Q(closed_at=None), name="queue_of_officer"),
            models.Index(fields=["state", "due_at"], name="case_by_state"),
            models.Index(fields=["county", "due_at"], name="case_by_county"),
            models.Index(Upper("route"), name="case_by_route"),
            models.Index(Upper("title"), name="case_by_title"),
            models.Index(fields=["parked_at"], condition=Q(parked_at__isnull=False), name="case_parked"),
            models.Index(
                fields=["escalated_at"], condition=Q(escalated_at__isnull=False, closed_at=None), name="case_escalated"
            ),
            models.Index(fields=["latitude", "longitude"], name="case_by_place"),
            models.Index(fields=["filed_with", "id"], name="case_by_key"),
            models.Index(fields=["workflow", "created_at"], name="case_by_age"),
            models.Index(fields=["route", "milepost"], condition=Q(milepost__isnull=False), name="case_by_milepost"),
            models.Index(fields=["workflow", "updated_at"], name="case_by_change"),
            models.Index(fields=["workflow", "closed_at"], condition=Q(closed_at__isnull=False), name="case_by_end"),
            models.Index(fields=["closed_at", "id"], condition=Q(closed_at__isnull=False), name="case_ended_last"),
            # Everything the first screen counts of open cases, so that no row of the table is read for it.
            models.Index(
                fields=["workflow", "team", "assignee", "state", "due_at", "paused_at", "created_at", "closed_at"],
                condition=Q(closed_at=None),
                name="open_at_a_glance",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def at_step(self) -> str:
        """The current step, or the state where no step is under way: what integrators read as status."""
        return self.step or self.state

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        # A protected state cannot be assigned twice; forgetting it first lets the fresh value in.
        fields = kwargs.get("fields")
        if fields is None or "state" in fields:
            self.__dict__.pop("state", None)
        super().refresh_from_db(*args, **kwargs)
