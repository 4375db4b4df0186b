"""What became of each incident of the demo: how many ended where, and by which way."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from incidents import desk, merging
from incidents.demo import reports, roads
from incidents.demo.history import Walk, file, some_time
from workflow.actors import SYSTEM
from workflow.contrib.demo.past import SEED, at

SEVERAL = 0.28  # of the reports others have seen, too


def _waiting(walk: Walk) -> Walk:
    return walk


def _taken(walk: Walk) -> Walk:
    return walk.hours(0.5, 8).take().moderate()


def _asked(walk: Walk) -> Walk:
    return _taken(walk).hours(0.2, 3).ask()


def _answered(walk: Walk) -> Walk:
    return _asked(walk).answer()


def _unanswered(walk: Walk) -> Walk:
    _asked(walk)
    walk.moment = walk.case.info_due_at + timedelta(minutes=1)
    return walk.do("give_up_waiting", SYSTEM)


def _plan(walk: Walk, days: int) -> Walk:
    day = timezone.localtime(walk.moment).date() + timedelta(days=days)
    return walk.do("schedule", walk.desk, planned_for=day.isoformat(), crew=walk.crew_name(), task=walk.task()).work()


def _planned(walk: Walk) -> Walk:
    """For a day that is still to come."""
    _taken(walk).hours(1, 20)
    ahead = (timezone.now() - walk.moment).days + walk.rng.randint(2, 14)
    return _plan(walk, ahead)


def _at_work(walk: Walk) -> Walk:
    return _taken(walk).hours(0.2, 2).dispatch()


def _two_crews(walk: Walk) -> Walk:
    _at_work(walk)
    with at(walk.moment):
        walk.case = desk.add_job(walk.case, crew="Traffic control team", task="Close the lane", actor=walk.desk)
    return walk.work()


def _not_ordered(walk: Walk) -> Walk:
    """The work-order service would not take it: parked before an officer."""
    _taken(walk).hours(0.3, 2).do("dispatch", walk.desk, crew=walk.crew_name(), task=walk.task())
    return walk.fails("The work-order service refused the request (409): the crew is not known there. Name another.")


def _fixed(walk: Walk) -> Walk:
    return _at_work(walk).hours(1, 30).fix()


def _fixed_as_planned(walk: Walk) -> Walk:
    _taken(walk).hours(1, 20)
    days = walk.rng.randint(2, 6)
    _plan(walk, days).later(days).do("start_work", walk.crew)
    return walk.hours(1, 6).fix()


def _fixed_after_an_answer(walk: Walk) -> Walk:
    return _answered(walk).hours(1, 8).dispatch().hours(2, 20).fix()


def _back_again(walk: Walk) -> Walk:
    _fixed(walk).later(walk.rng.uniform(2, 6))
    return walk.do("reopen", walk.own, text="It came out again after the rain.").work()


def _fixed_twice(walk: Walk) -> Walk:
    return _back_again(walk).hours(2, 10).dispatch().hours(4, 30).fix()


def _put_back(walk: Walk) -> Walk:
    return _at_work(walk).hours(1, 5).do("put_back", walk.crew, reason="Needs the bridge crew and a lane closure.")


CLOSINGS = (
    ("nothing_found", "We drove the stretch twice and found nothing to repair."),
    ("other_agency", "The city looks after this crossing: we passed your report to its street department."),
    ("planned_work", "This stretch is paved anew next month, and the repair is part of it."),
)
REJECTIONS = (
    ("not_ours", "This is a county road. Please tell the county engineer: they are glad about reports like yours."),
    ("no_danger", "The surface is within our standards here. We look at it again in spring."),
    ("cannot_find", "We could not find the place. Please report it again with a mile marker or a photo."),
    ("not_a_report", "This is a question about a permit. The permit office answers it by e-mail."),
)


def _closed(walk: Walk) -> Walk:
    code, sentence = walk.rng.choice(CLOSINGS)
    return _taken(walk).hours(4, 60).do("close", walk.triage, reason_code=code, sentence=sentence).work()


def _rejected(walk: Walk) -> Walk:
    code, sentence = walk.rng.choice(REJECTIONS)
    return _taken(walk).hours(0.5, 12).do("reject", walk.triage, reason_code=code, sentence=sentence).work()


def _hidden(walk: Walk) -> Walk:
    _taken(walk)
    with at(walk.moment):
        walk.case = desk.hide(walk.case, because="The text names a neighbor", actor=walk.triage)
    return walk


@dataclass(frozen=True, kw_only=True)
class Stage:
    """How many incidents go which way. ``filed``: days from today. ``asks``: only reporters who can be reached.
    ``urgent``: only what cannot wait, or only what can; None: both."""

    count: int
    walk: Callable[[Walk], Walk]
    filed: tuple[int, int]
    asks: bool = False
    urgent: bool | None = False
    votes: int = 6  # of those that others have seen, at most so many


STAGES = (
    Stage(count=30, walk=_waiting, filed=(-3, 0)),
    Stage(count=4, walk=_waiting, filed=(0, 0), urgent=True, votes=1),
    Stage(count=24, walk=_taken, filed=(-8, -1)),
    Stage(count=8, walk=_waiting, filed=(-19, -11), votes=2),  # too late by now
    Stage(count=12, walk=_asked, filed=(-5, -1), asks=True),
    Stage(count=8, walk=_answered, filed=(-9, -4), asks=True),
    Stage(count=5, walk=_unanswered, filed=(-30, -16), asks=True),
    Stage(count=22, walk=_planned, filed=(-12, -3), votes=14),
    Stage(count=14, walk=_at_work, filed=(-2, -1), urgent=None),
    Stage(count=3, walk=_two_crews, filed=(-2, -1), votes=14),
    Stage(count=2, walk=_not_ordered, filed=(-3, -2)),
    Stage(count=3, walk=_put_back, filed=(-5, -3)),
    Stage(count=28, walk=_fixed, filed=(-120, -4)),
    Stage(count=24, walk=_fixed, filed=(-120, -2), urgent=True),
    Stage(count=22, walk=_fixed_as_planned, filed=(-120, -14)),
    Stage(count=8, walk=_fixed_after_an_answer, filed=(-110, -10), asks=True),
    Stage(count=4, walk=_back_again, filed=(-12, -10), votes=14),
    Stage(count=3, walk=_fixed_twice, filed=(-80, -25)),
    Stage(count=15, walk=_closed, filed=(-100, -6), urgent=None),
    Stage(count=14, walk=_rejected, filed=(-100, -4)),
    Stage(count=2, walk=_hidden, filed=(-6, -2)),
)
# Places that several people reported: category, route, mile, direction, how many, how many of them are joined.
CLUSTERS = (
    ("pothole", "I-235", 8.1, "EB", 5, 3),
    ("pothole", "I-35", 90.2, "NB", 4, 2),
    ("pothole", "US-69", 92.6, "SB", 3, 1),
    ("signal_mistimed", "US-69", 112.4, "NB", 4, 3),
    ("drainage", "US-30", 148.6, "EB", 3, 2),
    ("light_out", "I-235", 5.4, "WB", 3, 1),
    ("pothole", "I-380", 18.9, "SB", 4, 2),
    ("guardrail", "I-80", 140.2, "WB", 2, 1),
    ("surface_failure", "US-20", 226.3, "EB", 3, 0),
    ("blocked_sight_line", "US-52", 158.0, "NB", 2, 1),
    ("sign_missing", "IA-92", 140.6, "EB", 2, 0),
    ("pothole", "I-29", 55.3, "NB", 3, 2),
    ("bridge_deck", "US-61", 110.7, "NB", 3, 1),
    ("pothole", "I-80", 246.1, "EB", 4, 2),
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One report to come: when, of what, where, and what becomes of it."""

    moment: datetime
    category: str
    walk: Callable[[Walk], Any]
    spot: roads.Spot | None = None
    asks: bool = False


def plans(rng: random.Random) -> list[Plan]:
    """All of them in the order in which they are reported, as an office knows them."""
    found = [plan for stage in STAGES for plan in _of_stage(rng, stage)]
    found += [plan for cluster in CLUSTERS for plan in _of_cluster(rng, *cluster)]
    return sorted(found, key=lambda plan: plan.moment)


def walk_all(officers: Mapping[str, User], *, on_each: Callable[[Any], None] = lambda incident: None) -> None:
    """File and walk the demo's incidents."""
    rng = random.Random(SEED)  # noqa: S311 - the same demo each time
    for plan in plans(rng):
        walk = file(rng, plan.moment, officers, category=plan.category, spot=plan.spot, reachable=plan.asks)
        plan.walk(walk)
        on_each(walk.case)


def _of_stage(rng: random.Random, stage: Stage) -> Iterator[Plan]:
    def then(walk: Walk) -> None:
        if rng.random() < SEVERAL:
            walk.seen(rng.randint(1, stage.votes))
        stage.walk(walk)

    for _ in range(stage.count):
        category, moment = reports.some(rng, urgent=stage.urgent), some_time(rng, stage.filed)
        yield Plan(moment=moment, category=category, walk=then, asks=stage.asks)


def _of_cluster(
    rng: random.Random, category: str, route: str, mile: float, direction: str, count: int, joined: int
) -> Iterator[Plan]:
    """Reports of one problem by several people; an officer joined some of them with the first."""
    spot, first = roads.spot(route, mile, direction), list[Walk]()

    def begin(walk: Walk) -> None:
        first.append(walk.seen(rng.randint(1, 5)))

    def follow(walk: Walk) -> None:
        _join(walk.hours(0.5, 4), first[0])

    moment = some_time(rng, (-6, -4))
    yield Plan(moment=moment, category=category, spot=spot, walk=begin)
    for number in range(1, count):
        moment += timedelta(hours=rng.uniform(1, 9))
        walk = follow if number <= joined else _waiting
        yield Plan(moment=moment, category=category, spot=spot.moved(14, rng=rng), walk=walk)


def _join(walk: Walk, survivor: Walk) -> None:
    with at(walk.moment):
        walk.case = merging.merge(walk.case, survivor.case, actor=walk.triage)
    walk.case.merged_by.update(merged_at=walk.moment)
    walk.work()
