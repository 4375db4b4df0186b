"""Parcels under faults: express ones, which go from the counter to the door without a clerk."""

import os
import time

from tests.chaos.scenario import Scenario


def start() -> str:
    from tests.parcels.making import start_parcel

    return start_parcel(express=True).reference


def finished(reference: str) -> bool:
    from tests.parcels.models import Parcel, State

    return Parcel.objects.filter(reference=reference, state=State.DELIVERED).exists()


def prepare() -> None:
    """Each service takes a moment, so that a random kill meets it at work."""
    from tests.parcels.services import CHECK, LABEL, NOTIFY, SCAN, stub

    delay_s = float(os.environ.get("CHAOS_DELAY_S", "0"))
    for service in (CHECK, SCAN, LABEL, NOTIFY) if delay_s else ():
        stub.moods[service.name] = lambda call: time.sleep(delay_s) or {"done": True}


PARCELS = Scenario(
    name="tests.chaos.parcels:PARCELS",
    steps=("checkParcel", "inspectParcel", "printLabel", "notifyReceiver"),
    moves=("receive", "sort", "release", "dispatch", "deliver"),
    start=start,
    finished=finished,
    settings="tests.lean",
    prepare=prepare,
)
