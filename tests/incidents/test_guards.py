"""Each guard of an incident both ways: when it says no, its sentence is what the person reads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents import guards, work_orders
from incidents.models import Incident, Merge
from incidents.opening import open_report
from tests import guard_table, walking
from tests.guard_table import Question, asked_by
from tests.incidents import factories as make
from workflow import engine
from workflow.actors import SYSTEM, Actor
from workflow.errors import Refused, TemporaryFailure
from workflow.models import Contact
from workflow.registry import registry

pytestmark = pytest.mark.django_db

BY_CODE = {guard.code: guard for guard in guards.ALL}
WORDS = "Long enough to help the person who reads it."


def put(**values: Any) -> Callable[[Incident], Any]:
    """Write columns, past every form: only what the guard asks is of interest here."""
    return lambda incident: Incident.objects.filter(pk=incident.pk).update(
        **{name: value() if callable(value) else value for name, value in values.items()}
    )


def ago(**span: float) -> Callable[[], Any]:
    return lambda: timezone.now() - timedelta(**span)


def desk(incident: Incident) -> Actor:
    return make.officer(team=incident.team)


def milepost(incident: Incident) -> Actor:
    return SYSTEM


def stored_only() -> Incident:
    opening = open_report(make.report(), make.REPORTER)
    return engine.open_case(registry.get("incident"), opening, actor=make.REPORTER)


def planned(*, ordered: bool) -> Callable[[], Incident]:
    def begin() -> Incident:
        case = make.in_state("scheduled")
        case.jobs.update(order_number="WO-1" if ordered else "")
        return case

    return begin


def merged_ago(**span: float) -> Callable[[Incident], Any]:
    return lambda incident: Merge.objects.filter(duplicate=incident).update(merged_at=ago(**span)())


def split(incident: Incident) -> None:
    incident.jobs.create(crew="Signal shop", task="Its part", order_number="WO-2")


RESOLVE = {"sentence": WORDS, "photo_exempt_because": "The camera was broken"}
QUESTIONS: dict[str, Question] = {
    "place_known": Question(
        move="submit", begin=stored_only, actor=milepost, bad=put(latitude=None, longitude=None, route="", address="")
    ),
    "reporter_reachable": Question(
        move="ask", begin=make.filed, actor=desk, data={"question": WORDS},
        bad=lambda incident: Contact.objects.filter(case=incident).update(email="", phone=""),
    ),
    "answer_overdue": Question(
        move="give_up_waiting", begin=lambda: make.in_state("needs_info"), actor=milepost,
        good=put(info_due_at=ago(seconds=1)), bad=put(info_due_at=ago(minutes=-1)),
    ),
    "work_ordered": Question(
        move="start_work", begin=planned(ordered=True), actor=desk,
        bad=lambda incident: incident.jobs.update(order_number=""),
    ),
    "fix_shown": Question(
        move="resolve", begin=lambda: make.in_state("in_progress"), actor=desk,
        data=RESOLVE, bad_data=RESOLVE | {"photo_exempt_because": "  "},
    ),
    "jobs_done": Question(
        move="resolve", begin=lambda: make.in_state("in_progress"), actor=desk, data=RESOLVE, bad=split,
    ),
    "nothing_ordered": Question(
        move="merge", begin=make.filed, actor=desk, data={"into": "IR-26-NONE"}, bad=split,
    ),
    "within_unmerge": Question(
        move="unmerge", begin=lambda: make.in_state("duplicate"), actor=desk,
        good=merged_ago(days=6, hours=23), bad=merged_ago(days=7, minutes=1),
    ),
    "within_reopening": Question(
        move="reopen", begin=lambda: make.in_state("rejected"), actor=desk, data={"text": WORDS},
        good=put(reopen_until=ago(minutes=-1)), bad=put(reopen_until=ago(minutes=1)),
    ),
}  # fmt: skip


def test_every_guard_of_the_code_is_asked_and_tested() -> None:
    assert set(asked_by(Incident)) == set(BY_CODE) == set(QUESTIONS)
    assert len(BY_CODE) == len(guards.ALL)


@pytest.mark.parametrize("code", QUESTIONS)
def test_a_guard_says_yes_to_what_is_right_and_no_with_its_sentence(code: str) -> None:
    assert BY_CODE[code].source == f"docs/incidents.md#guards:{code}"
    guard_table.check(BY_CODE[code], QUESTIONS[code])


@pytest.mark.parametrize("guard", guards.ALL, ids=lambda guard: guard.code)
def test_a_sentence_is_whole_and_says_something_of_its_own(guard: Any) -> None:
    assert guard.sentence.lstrip("“")[0].isupper()
    assert guard.sentence.endswith(".")
    assert [other.sentence for other in guards.ALL].count(guard.sentence) == 1


def objections(incident: Incident, move: str, **data: Any) -> set[str]:
    return set(guard_table.objections(incident, move, desk(incident), data))


# -- what a guard's answer hangs on -----------------------------------------------------------------------------------


def test_all_failing_guards_are_said_at_once() -> None:
    incident = make.in_state("in_progress")
    split(incident)
    assert objections(incident, "resolve", sentence=WORDS) == {"fix_shown", "jobs_done"}


def test_a_photo_of_the_repair_shows_the_fix_and_one_of_the_damage_does_not() -> None:
    incident = make.in_state("in_progress")
    make.photo(incident=incident, kind="report")
    assert objections(incident, "resolve", sentence=WORDS) == {"fix_shown"}
    make.photo(incident=incident, kind="repair")
    assert objections(incident, "resolve", sentence=WORDS) == set()


def test_a_phone_number_alone_is_enough_to_ask() -> None:
    assert objections(make.filed(email=""), "ask", question=WORDS) == set()
    assert objections(make.anonymous(), "ask", question=WORDS) == {"reporter_reachable"}


def test_jobs_that_are_done_or_cancelled_stand_in_nobodys_way() -> None:
    incident = make.in_state("in_progress")
    for column in ("done_at", "cancelled_at"):
        incident.jobs.create(crew="Signal shop", task="Its part", **{column: timezone.now()})
    assert objections(incident, "resolve", **RESOLVE) == set()


def test_work_that_nobody_took_over_does_not_begin(monkeypatch: Any) -> None:
    def down(*args: Any, **values: Any) -> Any:
        raise TemporaryFailure("The work-order service did not answer.")

    monkeypatch.setattr(work_orders, "order", down)
    case = make.filed()
    with walking.by_hand():
        engine.fire(case, "dispatch", actor=desk(case), data={"crew": "Ames garage"})
    assert objections(make.fresh(case), "start_work") == {"work_ordered"}


@pytest.mark.parametrize("move", ["resolve", "reject", "close"])
@pytest.mark.parametrize("sentence", ["", "Done", "x" * 2001])
def test_nothing_ends_without_a_sentence_people_can_read(move: str, sentence: str) -> None:
    case = make.filed()
    reasons = {"reject": {"reason_code": "not_ours"}, "close": {"reason_code": "nothing_found"}}
    data = {"sentence": sentence, **reasons.get(move, {"photo_exempt_because": "The camera was broken"})}
    with pytest.raises(Refused) as refused:
        make.fire(case, move, **data)
    assert {reason.code for reason in refused.value.reasons} <= {"text_too_short", "text_too_long"}
    assert make.fresh(case).status == "open"


@pytest.mark.parametrize(("move", "reason"), [("reject", "fixed"), ("reject", "joined"), ("close", "not_a_report"),
                                              ("close", ""), ("reject", "whatever")])  # fmt: skip
def test_an_end_takes_only_reasons_that_fit_it(move: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        make.fire(make.filed(), move, reason_code=reason, sentence=WORDS)
    assert [one.code for one in refused.value.reasons] == ["unknown_reason"]
