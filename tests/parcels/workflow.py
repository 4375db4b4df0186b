"""The workflow parcel: four steps with services, one of them with decisions, a pause, a timer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.parcels import services
from tests.parcels.models import Parcel, State
from workflow.actors import Actor
from workflow.clock import WorkingDays
from workflow.definition import Opening, Step, Timer, Workflow
from workflow.errors import InvalidData, Reason
from workflow.registry import registry

FIELDS = frozenset({"sender_email", "address", "weight_g", "paid", "express", "county", "route", "category", "title"})


def open_parcel(data: Mapping[str, Any], actor: Actor) -> Opening:
    if unknown := sorted(data.keys() - FIELDS):
        raise InvalidData([Reason(code="unknown_field", sentence=f"There is no {n}.", field=n) for n in unknown])
    return Opening(case=Parcel(**data, source="test"))


CHECK_PARCEL = Step(
    name="checkParcel", state=State.RECEIVED, title="Being checked", service=services.CHECK, then="sort",
    decisions=("ask_sender", "withdraw"), due=WorkingDays(1), awaits="Counter",
)  # fmt: skip

PARCEL = Workflow(
    name="parcel",
    version=1,
    case="parcels.Parcel",
    title="Parcel",
    prefix="PA",
    initial=State.NEW,
    begin="receive",
    open=open_parcel,
    final=frozenset({State.DELIVERED, State.RETURNED}),
    steps=(
        CHECK_PARCEL,
        Step(
            name="inspectParcel", state=State.INSPECTION, title="Inspection", service=services.SCAN, then="release",
            decisions=("release", "reject", "ask_sender"), due=WorkingDays(5), awaits="Clerk",
        ),
        Step(name="printLabel", state=State.LABELLING, title="Label", service=services.LABEL, then="dispatch"),
        Step(name="notifyReceiver", state=State.DISPATCHED, title="Sent", service=services.NOTIFY, then="deliver"),
    ),
    waits=(
        Step(
            name="awaitSender", state=State.ASKED, title="A question for you", decisions=("answer", "withdraw"),
            awaits="You", pauses=True,
        ),
    ),
    timers=(Timer(name="lapse", states=frozenset({State.ASKED}), at=lambda p: p.asked_until, fires="lapse"),),
)  # fmt: skip

# The same with a first step that runs in the request itself.
EXPRESS = replace(
    PARCEL,
    name="expressParcel",
    prefix="EX",
    steps=(replace(CHECK_PARCEL, service=services.CHECK_HERE), *PARCEL.steps[1:]),
)

registry.register_service(services.POSTCARD)
