"""Each guard both ways on a real permit: when it says no, its sentence is what the person reads."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from permits import applications, files, guards, services
from permits.application.validate import validate
from permits.models import Conflict, RoadPermit
from permits.opening import open_draft
from tests import guard_table
from tests.guard_table import Question, asked_by
from tests.permits import factories as make
from tests.permits.move_data import DATA
from workflow import actors, engine
from workflow.actors import SYSTEM, Actor
from workflow.errors import Reason, Refused
from workflow.models import Document
from workflow.registry import lifecycle_of, registry

pytestmark = pytest.mark.django_db

BY_CODE = {guard.code: guard for guard in guards.ALL}
CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    with (
        mock.patch("permits.services.document_bytes", return_value=make.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=make.PDF),
    ):
        yield


def put(**values: Any) -> Callable[[RoadPermit], Any]:
    """Write columns of the permit, past every form: only what the guard asks is of interest here."""
    return lambda permit: RoadPermit.objects.filter(pk=permit.pk).update(
        **{name: value() if callable(value) else value for name, value in values.items()}
    )


def answer(**values: Any) -> Callable[[RoadPermit], Any]:
    return lambda permit: put(application={**make.fresh(permit).application, **values})(permit)


def ago(**span: float) -> Callable[[], datetime]:
    return lambda: timezone.now() - timedelta(**span)


def inspector_of(permit: RoadPermit) -> Actor:
    return make.officer("ivan", permissions=("inspect",), team=permit.team)


def with_photo(permit: RoadPermit) -> None:
    Document.objects.create(
        case_id=permit.pk, kind="inspection_photo", name="p.jpg", storage_name=f"p-{permit.pk}", size=1,
        content_type="image/jpeg", sha256="0",
    )  # fmt: skip


def without_photo(permit: RoadPermit) -> None:
    permit.documents.filter(kind="inspection_photo").delete()


def filled_draft() -> RoadPermit:
    """A draft as its last page leaves it, with what is worked out from the answers."""
    opening = open_draft(make.application(), SYSTEM)
    applications.fill(opening.case, validate(opening.case.application).answers)
    return engine.open_case(registry.get("roadPermit"), opening, actor=Actor(kind="applicant", name="Applicant"))


def desk(permit: RoadPermit) -> Actor:
    return make.officer("olga", team=permit.team)


def another(permit: RoadPermit) -> Actor:
    return make.officer("mona", team=permit.team)


def milepost(permit: RoadPermit) -> Actor:
    return SYSTEM


def namesake(permit: RoadPermit) -> Actor:
    """An officer whose address is the applicant's."""
    return make.officer("dana", team=permit.team, email="Dana.Whitfield@Example.COM")


def add_pdf(permit: RoadPermit) -> None:
    stored = files.store_made(make.PDF, name="permit.pdf", key="0" * 32)
    engine.change(permit, "document", actor=SYSTEM, apply=lambda case: {"made": services.accept_pdf(case, stored)})


def beside_another() -> RoadPermit:
    make.filed()
    return make.ready()


FINE = {"verdict": "attention", "revision": 1}


def needs_two(first: Callable[[], Any]) -> Callable[[RoadPermit], Any]:
    """Two officers must approve, and ``first`` has."""
    return lambda permit: put(second_approver_needed=True, first_approved_by=first())(permit)


def suspended_before_work() -> RoadPermit:
    return make.fire(make.in_force(), "suspend", **DATA["suspend"])


def reopened() -> RoadPermit:
    return make.drain(make.fire(make.in_state("refused"), "reopen", make.officer("mona"), **DATA["reopen"]))


def Q(*, move: str, actor: Callable[[RoadPermit], Actor] = desk, **values: Any) -> Question:
    """By an officer of the team, with what the move takes."""
    return Question(move=move, actor=actor, data=DATA.get(move), **values)


SUBMIT = {"move": "submit", "begin": filled_draft, "actor": actors.applicant}
APPROVE = {"move": "approve", "begin": make.ready}
QUESTIONS: dict[str, Question] = {
    "application_complete": Q(**SUBMIT, bad=answer(contact_email="nobody")),
    "documents_with_form": Q(
        **SUBMIT, good=make.with_documents, bad=lambda p: p.documents.update(replaced_at=timezone.now())
    ),
    "declared": Q(**SUBMIT, bad=answer(declaration=False)),
    "notice_met": Q(**SUBMIT, bad=put(start_at=lambda: timezone.now() + timedelta(days=2))),
    "checklist_green": Q(
        move="accept", begin=lambda: make.filed(checked=False), actor=milepost,
        good=put(checklist={"green": True}), bad=put(checklist={"green": False}),
    ),
    "answer_overdue": Q(
        move="lapse", begin=make.info_requested, actor=milepost,
        good=put(info_due_at=ago(minutes=1)), bad=put(info_due_at=ago(minutes=-1)),
    ),
    "not_own_case": Q(**APPROVE, bad_actor=namesake),
    "safety_assessed": Q(**APPROVE, bad=put(application_revision=2)),  # assessed was revision 1
    "reviews_are_in": Q(**APPROVE, bad=lambda p: p.technical_reviews.update(status="NEW")),
    "first_approved": Q(
        **APPROVE, good=needs_two(lambda: make.user("mona")), bad=put(first_approved_by=None)
    ),
    "second_officer": Q(
        **APPROVE, good=needs_two(lambda: make.user("mona")), bad=needs_two(lambda: make.user("olga"))
    ),
    "one_officer_is_enough": Q(
        move="deem", begin=make.filed, actor=milepost, good=put(due_at=ago(minutes=1), safety=FINE),
        bad=put(second_approver_needed=True),
    ),
    "fee_settled": Q(**APPROVE, bad=put(fee_settled_at=None)),
    "documents_in": Q(**APPROVE, bad=lambda p: p.documents.filter(kind="site_plan").update(replaced_at=timezone.now())),
    "insurance_covers": Q(**APPROVE, bad=answer(insurance_general_usd="999999.99")),
    "conflicts_settled": Q(
        move="approve", begin=beside_another, good=lambda p: p.conflicts.update(settled_because="Different weeks"),
        bad=lambda p: p.conflicts.update(settled_because=""),
    ),
    "deemed_by_policy": Q(
        move="deem", begin=make.filed, actor=milepost, good=put(due_at=ago(minutes=1)), bad=put(due_at=ago(minutes=-1))
    ),
    "nothing_blocking": Q(
        move="deem", begin=make.filed, actor=milepost, good=put(safety={"verdict": "attention", "revision": 1}),
        bad=put(safety={"verdict": "fail", "revision": 1}),
    ),
    "document_made": Q(move="issue", begin=make.approved, good=add_pdf, bad=put(permit_document=None)),
    "within_validity": Q(move="start_work", begin=make.in_force, bad=put(start_at=ago(days=-1.5))),
    "one_call_made": Q(move="start_work", begin=make.in_force, bad=answer(one_call_ticket="")),
    "work_began": Q(
        move="stop_work", begin=suspended_before_work, good=put(actual_start_at=ago(hours=1)),
        bad=put(actual_start_at=None),
    ),
    "started_within_a_day": Q(
        move="revert_start", begin=make.active, good=put(actual_start_at=ago(hours=23, minutes=59)),
        bad=put(actual_start_at=ago(hours=24, minutes=1)),
    ),
    "stopped_within_a_day": Q(
        move="revert_stop", begin=lambda: make.in_state("completed"),
        good=put(actual_end_at=ago(hours=23, minutes=59)), bad=put(actual_end_at=ago(hours=24, minutes=1)),
    ),
    "not_inspected_yet": Q(
        move="revert_stop", begin=lambda: make.in_state("completed"),
        bad=lambda permit: make.fire(permit, "fail_inspection", defects="The patch settled by an inch."),
    ),
    "photo_of_defect": Q(
        move="fail_inspection", begin=lambda: make.in_state("completed"), actor=inspector_of, good=with_photo,
        bad=without_photo,
    ),
    "reinspection_paid": Q(
        move="pass_inspection", begin=lambda: make.in_state("completed"), actor=inspector_of,
        bad=lambda permit: permit.inspections.update(fee=75),
    ),
    "past_its_end": Q(
        move="expire", begin=make.in_force, actor=milepost, good=put(end_at=ago(minutes=1)),
        bad=put(end_at=ago(minutes=-1)),
    ),
    "within_appeal": Q(
        move="reopen", begin=lambda: make.in_state("refused"), actor=another,
        good=put(appeal_until=lambda: timezone.localdate() - timedelta(days=60)),
        bad=put(appeal_until=lambda: timezone.localdate() - timedelta(days=61)),
    ),
    "not_the_first_decider": Q(
        move="reopen", begin=lambda: make.in_state("refused"), actor=another, bad_actor=desk
    ),
}  # fmt: skip


def objections(permit: RoadPermit, move: str, actor: Actor) -> dict[str, Reason]:
    return guard_table.objections(permit, move, actor, DATA.get(move))


def test_every_guard_of_the_code_is_asked_and_tested() -> None:
    assert set(asked_by(RoadPermit)) == set(BY_CODE) == set(QUESTIONS)
    assert len(BY_CODE) == len(guards.ALL)


@pytest.mark.parametrize("code", QUESTIONS)
def test_a_guard_says_yes_to_what_is_right_and_no_with_its_sentence(code: str, settings: Any) -> None:
    settings.DEEMED_PERMIT_TYPES = ["utility"]
    assert BY_CODE[code].source == f"docs/rules.md#guards:{code}"
    guard_table.check(BY_CODE[code], QUESTIONS[code])


def test_all_failing_guards_are_said_at_once() -> None:
    with pytest.raises(Refused) as refused:
        engine.fire(make.filed(), "approve", actor=make.officer("olga"), data=DATA["approve"])
    assert [reason.code for reason in refused.value.reasons] == ["reviews_are_in", "fee_settled", "documents_in"]
    assert guards.FEE_SETTLED.sentence in str(refused.value)
    assert guards.DOCUMENTS_IN.sentence in str(refused.value)


@pytest.mark.parametrize("guard", guards.ALL, ids=lambda guard: guard.code)
def test_a_sentence_is_whole_and_says_something_of_its_own(guard: Any) -> None:
    assert guard.sentence[0].isupper()
    assert guard.sentence.endswith(".")
    assert [other.sentence for other in guards.ALL].count(guard.sentence) == 1


# -- what a guard's answer hangs on -----------------------------------------------------------------------------------


def test_nobody_decides_on_an_application_of_their_own_or_of_their_company() -> None:
    decisions = {edge.name for edge in lifecycle_of(RoadPermit) if guards.NOT_OWN in edge.guards}
    assert decisions == {
        "accept", "request_information", "approve", "refuse", "issue", "revoke", "reopen", "pass_inspection",
    }  # fmt: skip
    contractor = make.officer("skunk", email="OFFICE@example.net")
    assert "not_own_case" in objections(make.ready(), "refuse", contractor)


@pytest.mark.parametrize("move", ["approve", "refuse"])
def test_after_an_appeal_somebody_else_decides_anew(move: str) -> None:
    permit = reopened()
    assert "not_the_first_decider" in objections(permit, move, make.officer("olga"))
    assert "not_the_first_decider" not in objections(permit, move, make.officer("rita"))


def test_silence_approves_nothing_that_was_not_found_safe(settings: Any) -> None:
    settings.DEEMED_PERMIT_TYPES = ["utility"]
    permit = make.filed(pedestrian_access="not_affected")
    put(due_at=ago(minutes=1))(permit)
    assert objections(permit, "deem", SYSTEM) == {}
    put(safety={})(permit)
    assert set(objections(permit, "deem", SYSTEM)) == {"safety_assessed"}


def test_silence_approves_no_type_that_the_policy_does_not_name(settings: Any) -> None:
    settings.DEEMED_PERMIT_TYPES = ["driveway"]
    permit = make.filed(pedestrian_access="not_affected")
    put(due_at=ago(days=9))(permit)
    assert set(objections(permit, "deem", SYSTEM)) == {"deemed_by_policy"}


# Work from Tuesday 07:00 to Thursday 17:00 in Iowa (UTC-6).
WINDOW = (datetime(2026, 12, 1, 7, tzinfo=CHICAGO), datetime(2026, 12, 3, 17, tzinfo=CHICAGO))


@pytest.mark.parametrize(
    ("now", "may"),
    [
        (datetime(2026, 11, 30, 23, 59, tzinfo=CHICAGO), False),  # Tuesday already in UTC
        (datetime(2026, 12, 1, 0, 0, tzinfo=CHICAGO), True),
        (datetime(2026, 12, 3, 16, 59, tzinfo=CHICAGO), True),
        (datetime(2026, 12, 3, 17, 0, tzinfo=CHICAGO), False),  # the end is not included
    ],
)
def test_work_starts_between_the_first_day_here_and_the_end(now: datetime, may: bool) -> None:
    permit = RoadPermit(start_at=WINDOW[0].astimezone(UTC), end_at=WINDOW[1].astimezone(UTC))
    with time_machine.travel(now, tick=False):
        assert guards.WITHIN_VALIDITY(permit) is may


@pytest.mark.parametrize("field", ["start_at", "end_at"])
def test_work_without_a_window_does_not_start(field: str) -> None:
    permit = RoadPermit(start_at=ago(days=1)(), end_at=ago(days=-1)())
    assert guards.WITHIN_VALIDITY(permit)
    setattr(permit, field, None)
    assert not guards.WITHIN_VALIDITY(permit)


def test_a_ticket_may_come_as_a_document_and_is_not_needed_without_digging() -> None:
    permit = make.filed()
    assert not guards.ONE_CALL_MADE(permit)
    row = Document.objects.create(case=permit, kind="one_call_ticket", name="t", storage_name="t", size=1, sha256="x")
    assert guards.ONE_CALL_MADE(permit)
    Document.objects.filter(pk=row.pk).update(replaced_at=timezone.now())
    assert not guards.ONE_CALL_MADE(permit)
    assert guards.ONE_CALL_MADE(make.filed(excavation=False, excavations=[]))


def test_only_a_blocking_conflict_that_is_open_stands_in_the_way() -> None:
    permit = beside_another()
    assert not guards.CONFLICTS_SETTLED(permit)
    Conflict.objects.update(blocking=False)
    assert guards.CONFLICTS_SETTLED(permit)


@pytest.mark.parametrize("answers", [{"applicant_kind": "agency", "organisation": "City of Ames"}])
def test_an_agency_is_not_asked_for_documents_nor_a_fee(answers: dict[str, Any]) -> None:
    permit = make.filed(**answers)
    assert guards.DOCUMENTS_IN(permit)
    assert guards.FEE_SETTLED(permit)


def test_a_waiver_stands_for_documents_and_insurance() -> None:
    permit = make.filed()
    answer(insurance_expires="2020-01-01")(permit)
    assert not guards.DOCUMENTS_IN(make.fresh(permit))
    assert not guards.INSURANCE_COVERS(make.fresh(permit))
    put(documents_waived_because="Seen at the counter")(permit)
    assert guards.DOCUMENTS_IN(make.fresh(permit))
    assert guards.INSURANCE_COVERS(make.fresh(permit))


def test_insurance_must_last_to_the_last_day_here() -> None:
    permit = make.filed()
    last = timezone.localtime(permit.end_at).date()
    for day, covers in ((last, True), (last - timedelta(days=1), False)):
        answer(insurance_expires=day.isoformat())(permit)
        assert guards.INSURANCE_COVERS(make.fresh(permit)) is covers


# -- the rule book ----------------------------------------------------------------------------------------------------


def rows_of_the_code() -> list[str]:
    asked = asked_by(RoadPermit)
    return [f"| `{guard.code}` | {guard.sentence} | {', '.join(asked[guard.code])} |" for guard in guards.ALL]


def test_the_rule_book_lists_every_guard_with_its_sentence_its_moves_and_why() -> None:
    book = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()
    section = book.partition("\n## Guards\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert [row.rpartition("|")[0].rpartition("|")[0] + "|" for row in rows] == rows_of_the_code()
    assert all(len(row.split("|")[4].strip()) > 5 for row in rows)
