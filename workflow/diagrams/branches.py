"""What a drawing of work at the same time shows: one way in, a split into branches, a join, one way out.

The picture and the BPMN of it are in branches_svg.py and branches_bpmn.py. Where each branch stands is told in words;
``tone`` is only the colour that repeats them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Branch:
    """The task of one party. ``asked_when``: the condition on its way in, empty for one that is always asked.

    ``state``, ``tone`` and ``notes`` are of one case: empty in a drawing of the flow itself. ``is_idle``: in this case
    nobody was asked. ``is_late``: the clock has run out."""

    key: str
    title: str
    performer: str
    asked_when: str = ""
    state: str = ""
    tone: str = ""
    notes: Sequence[str] = ()
    is_idle: bool = False
    is_late: bool = False


@dataclass(frozen=True, kw_only=True)
class Fork:
    """``begins`` and ``ends``: what stands at the two circles. ``due``: how long a task may take; ``escalation``: what
    happens then. All in words; ``about``: whatever else one should know, for those who read the BPMN."""

    name: str
    title: str
    version: int
    house: str  # who splits and joins: the lane of the gateways
    begins: str
    ends: str
    due: str
    escalation: str
    about: Sequence[str]
    branches: Sequence[Branch]
