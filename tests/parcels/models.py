"""A parcel: the smallest case that has everything a workflow can have. Used by tests, chaos and benchmarks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django_fsm import RETURN_VALUE, transition

from workflow.actors import BY_SYSTEM, by_applicant, by_officer
from workflow.definition import Guard
from workflow.models import Case, CaseQuerySet

CLERK = by_officer("parcels.handle_parcel", "a clerk of the team")
SENDER = by_applicant("parcels:send", "the sender")

HAS_WEIGHT = Guard("weight_missing", "Weigh the parcel first.", "rules#weight", lambda p: p.weight_g is not None)
IS_PAID = Guard("postage_missing", "The postage is not paid yet.", "rules#postage", lambda p: p.paid)
HAS_ADDRESS = Guard("address_missing", "Write an address on it.", "rules#address", lambda p: bool(p.address))
NOT_OWN = Guard(
    "own_parcel",
    "Nobody decides on their own parcel.",
    "rules#own",
    lambda p: p.attempt is None or p.sender_email not in p.attempt.actor.addresses,
)


class State(models.TextChoices):
    NEW = "new"  # on the counter
    RECEIVED = "received"  # being checked
    INSPECTION = "inspection"  # scanned; a clerk decides, or Milepost when it is express
    ASKED = "asked"  # we wait for the sender
    LABELLING = "labelling"  # the label is printed
    DISPATCHED = "dispatched"  # on its way; the receiver is told
    DELIVERED = "delivered"
    RETURNED = "returned"


class Parcel(Case):
    sender_email = models.EmailField(blank=True)
    address = models.CharField(max_length=120, blank=True)
    weight_g = models.PositiveIntegerField(null=True)
    paid = models.BooleanField(default=True)
    express = models.BooleanField(default=False)
    asked_until = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)

    objects = CaseQuerySet.as_manager()
    State = State
    initial_state = State.NEW

    class Meta:
        permissions = [("handle_parcel", "Can handle parcels")]

    @transition(field="state", source=State.NEW, target=State.RECEIVED, permission=SENDER | BY_SYSTEM)
    def receive(self) -> None:
        """Take the parcel over the counter."""

    @transition(
        field="state", source=State.RECEIVED, target=State.INSPECTION, permission=BY_SYSTEM, conditions=[HAS_WEIGHT]
    )
    def sort(self) -> None:
        """Put it on the inspection table."""

    @transition(
        field="state",
        source=State.INSPECTION,
        target=State.LABELLING,
        permission=CLERK | BY_SYSTEM,
        conditions=[IS_PAID, HAS_WEIGHT, NOT_OWN],
        custom={"label": "Release the parcel"},
    )
    def release(self, *, shelf: str = "") -> None:
        """Let it go on."""
        self.facts["shelf"] = shelf

    @transition(field="state", source=State.INSPECTION, target=State.RETURNED, permission=CLERK, conditions=[NOT_OWN])
    def reject(self, *, why: str) -> None:
        """Send it back."""

    @transition(field="state", source=State.INSPECTION, target=State.INSPECTION, permission=CLERK)
    def scan_again(self) -> None:
        """Scan it once more."""

    @transition(field="state", source=[State.RECEIVED, State.INSPECTION], target=State.ASKED, permission=CLERK)
    def ask_sender(self, *, days: int = 14) -> None:
        """Ask the sender what is in it."""
        self.facts["asked_in"] = self.state
        self.asked_until = timezone.now() + timedelta(days=days)

    @transition(
        field="state",
        source=State.ASKED,
        target=RETURN_VALUE(State.RECEIVED, State.INSPECTION),
        permission=SENDER,
    )
    def answer(self, *, content: str) -> Any:
        """Say what is in it."""
        self.facts["content"] = content
        return self.facts["asked_in"]

    @transition(field="state", source=State.ASKED, target=State.RETURNED, permission=BY_SYSTEM)
    def lapse(self) -> None:
        """Send it back because nobody answered."""

    @transition(
        field="state",
        source=[State.RECEIVED, State.INSPECTION, State.ASKED, State.LABELLING],
        target=State.RETURNED,
        permission=SENDER | CLERK,
    )
    def withdraw(self) -> None:
        """Take it back."""

    @transition(
        field="state", source=State.LABELLING, target=State.DISPATCHED, permission=BY_SYSTEM, conditions=[HAS_ADDRESS]
    )
    def dispatch(self) -> None:
        """Load it on the van."""

    @transition(field="state", source=State.DISPATCHED, target=State.DELIVERED, permission=BY_SYSTEM)
    def deliver(self) -> None:
        """Hand it over."""
