"""The services of a parcel: they do nothing, or what a test tells them to, and write down that they were called."""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from workflow.definition import Call, Retry, Service

type Mood = Callable[[Call], Any]


class Stub:
    """``moods[name]`` is what the service of that name does; ``calls`` is what was asked of whom, in order.

    With PARCEL_JOURNAL in the environment each call is also a line of that file, written before it is answered: what
    the outside world saw, whatever becomes of this process.
    """

    def __init__(self) -> None:
        self.moods: dict[str, Mood] = {}
        self.calls: defaultdict[str, list[Call]] = defaultdict(list)
        self._lock = threading.Lock()

    def reset(self) -> None:
        self.moods.clear()
        self.calls.clear()

    def call(self, name: str, call: Call) -> Any:
        if journal := os.environ.get("PARCEL_JOURNAL"):
            line = {
                "service": name,
                "case": call.reference,
                "step": call.step,
                "visit": call.visit,
                "key": str(call.key),
            }
            with open(journal, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        elif name in self.moods or not os.environ.get("PARCEL_QUIET"):
            with self._lock:
                self.calls[name].append(call)
        mood = self.moods.get(name)
        return mood(call) if mood is not None else {"done": True}


stub = Stub()
QUICK = Retry(attempts=3, base=timedelta(milliseconds=10), cap=timedelta(milliseconds=50))


def service(name: str, **more: Any) -> Service:
    return Service(name=name, call=lambda call: stub.call(name, call), retry=QUICK, **more)


def _keep_weight(parcel: Any, result: Any) -> bool:
    if "weight_g" in result:
        parcel.weight_g = result["weight_g"]
    return True


CHECK = service("parcelCheck", accept=_keep_weight)
CHECK_HERE = service("parcelCheckHere", accept=_keep_weight, inline=True)
SCAN = service("parcelScan", accept=lambda parcel, result: parcel.express)  # express goes on without a clerk
LABEL = service("parcelLabel", concurrency=2)
NOTIFY = service("parcelNotify")
POSTCARD = service("parcelPostcard")  # a task that follows from a change
