"""What each move writes on a real permit: revision, fee, refund, conditions, clock, and what it asks of its data."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.utils import timezone

from permits import applications, guards, moves
from permits.inspections import photos
from permits.models import RoadPermit
from permits.rules.deadlines import PermitClass
from tests.permits import factories as make
from tests.permits.move_data import DATA, WORDS
from tests.permits.test_inspections import upload
from workflow import actors
from workflow.actors import SYSTEM
from workflow.errors import InvalidData, Refused
from workflow.models import Contact, Document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    with (
        mock.patch("permits.services.document_bytes", return_value=make.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=make.PDF),
    ):
        yield


def refused(permit: RoadPermit, move: str, actor: Any = None, **data: Any) -> str:
    """The one code with which the move is refused; nothing was changed."""
    with pytest.raises(Refused) as error:
        make.fire(permit, move, actor, **data)
    assert make.fresh(permit).revision == permit.revision
    (reason,) = error.value.reasons
    return reason.code


def by_applicant(permit: RoadPermit, move: str, **data: Any) -> RoadPermit:
    return make.fire(permit, move, actors.applicant(permit), **data)


# -- filing -----------------------------------------------------------------------------------------------------------


def test_filing_freezes_revision_fee_and_index() -> None:
    permit = make.filed(checked=False)
    (revision,) = permit.revisions.all()
    assert (revision.number, permit.application_revision, revision.changed) == (1, 1, [])
    assert revision.application == permit.application
    assert revision.digest == applications.digest_of(permit.application)
    # 100 for the application, 40 for 18 ft of pavement, 20 for 60 ft of shoulder.
    assert permit.fee_total == applications.invoice_of(permit).total == Decimal(160)
    assert permit.impact_index > 0
    assert len(permit.impact_parts) == 5
    assert permit.submitted_at is not None


@pytest.mark.parametrize(
    ("answers", "total", "is_settled"),
    [
        ({}, Decimal(160), False),
        ({"billing": "deferred", "billing_reason": "Agreement 7"}, Decimal(160), True),
        ({"applicant_kind": "agency", "organisation": "City of Ames"}, Decimal(0), True),
    ],
)
def test_a_fee_is_open_until_it_is_paid_deferred_or_nothing(answers: Any, total: Decimal, is_settled: bool) -> None:
    permit = make.filed(**answers)
    assert (permit.fee_total, permit.fee_settled_at is not None) == (total, is_settled)
    assert guards.FEE_SETTLED(permit) is is_settled


MONDAY = datetime(2026, 11, 30, 15, tzinfo=timezone.get_fixed_timezone(0))  # nine in the morning in Iowa


@pytest.mark.parametrize(
    ("permit_class", "start", "more", "met"),
    [
        (PermitClass.MINOR, date(2026, 12, 3), {}, True),
        (PermitClass.MINOR, date(2026, 12, 2), {}, False),
        (PermitClass.STANDARD, date(2026, 12, 14), {}, True),
        (PermitClass.STANDARD, date(2026, 12, 13), {}, False),
        (PermitClass.STANDARD, date(2026, 12, 1), {"early_start_reason": "The crew is there now."}, True),
        (PermitClass.STANDARD, date(2026, 11, 29), {"early_start_reason": "The crew was there."}, False),
        (PermitClass.EMERGENCY, date(2026, 11, 28), {"is_emergency": True}, True),
    ],
)
def test_work_keeps_the_notice_of_its_class_or_says_why_not(
    permit_class: str, start: date, more: dict[str, Any], met: bool
) -> None:
    begins = datetime(start.year, start.month, start.day, 12, tzinfo=timezone.get_current_timezone())
    permit = RoadPermit(permit_class=permit_class, start_at=begins, application=more)
    with time_machine.travel(MONDAY, tick=False):
        assert applications.notice_met(permit) is met


# -- conflicts: docs/rules.md#conflicts -------------------------------------------------------------------------------

METRE_EAST = 1 / (111_320 * 0.7430)  # degrees of longitude at 42 degrees north


def beside(metres: float, **changes: Any) -> dict[str, Any]:
    """The example's work, so many metres further east."""
    answers, east = make.application(), metres * METRE_EAST

    def move(line: dict[str, Any]) -> dict[str, Any]:
        return {**line, "coordinates": [[lon + east, lat] for lon, lat in line["coordinates"]]}

    impacts = [{**impact, "centerline": move(impact["centerline"])} for impact in answers["impacts"]]
    return {"area": move(answers["area"]), "impacts": impacts, **changes}


def window(permit: RoadPermit, *, begins: timedelta = timedelta(), ends: timedelta = timedelta()) -> dict[str, Any]:
    """A window that begins ``begins`` after the other ends, and ends ``ends`` after that."""
    start = timezone.localtime(permit.end_at) + begins
    return {"start_at": f"{start:%Y-%m-%dT%H:%M}", "end_at": f"{start + ends:%Y-%m-%dT%H:%M}", "working_days_in_row": 1}


def test_of_two_works_at_one_place_the_later_one_answers_for_the_conflict() -> None:
    first, second = make.filed(), make.filed(**beside(30))
    assert not first.conflicts.exists()
    (conflict,) = second.conflicts.all()
    assert (conflict.other_id, conflict.blocking, conflict.settled_because) == (first.pk, True, "")
    assert 29 <= conflict.distance_m <= 31
    assert (conflict.overlap_start, conflict.overlap_end) == (first.start_at, first.end_at)
    assert first.title in conflict.why
    assert "conflicts_settled" in {r.code for r in _reasons(make.paid(make.with_documents(second)))}


def _reasons(permit: RoadPermit) -> Any:
    with pytest.raises(Refused) as error:
        make.fire(permit, "approve", **DATA["approve"])
    return error.value.reasons


def test_works_eighty_metres_apart_do_not_meet() -> None:
    make.filed()
    assert not make.filed(**beside(80)).conflicts.exists()


@pytest.mark.parametrize(("gap", "meet"), [(timedelta(), False), (timedelta(minutes=-1), True)])
def test_a_window_does_not_include_its_end(gap: timedelta, meet: bool) -> None:
    first = make.filed()
    second = make.filed(**window(first, begins=gap, ends=timedelta(days=3)), insurance_expires="2028-01-01")
    assert second.conflicts.exists() is meet


def test_work_beside_the_lanes_is_noted_and_blocks_nothing() -> None:
    make.filed()
    (conflict,) = make.filed(row_portion=["roadside"], impacts=[], traffic_control_name="").conflicts.all()
    assert not conflict.blocking


def test_work_that_is_withdrawn_is_in_nobodys_way() -> None:
    by_applicant(make.filed(), "cancel")
    assert not make.filed().conflicts.exists()


def test_a_correction_looks_again_and_keeps_what_was_settled() -> None:
    first, second = make.filed(), make.filed(**beside(20))
    second.conflicts.update(settled_because="They work in different weeks.")
    third = make.filed(**beside(40))
    asked = make.fire(second, "request_information", **DATA["request_information"])
    answered = by_applicant(asked, "provide_information", answers={"0": "Moved."}, changes=beside(25))
    found = {conflict.other_id: conflict.settled_because for conflict in answered.conflicts.all()}
    assert found == {first.pk: "They work in different weeks.", third.pk: ""}


# -- questions and answers --------------------------------------------------------------------------------------------


def test_a_question_stops_the_clock_and_leads_back_to_where_it_was_asked() -> None:
    for state in ("submitted", "in_review"):
        permit = make.filed(checked=state == "in_review")
        asked = make.fire(permit, "request_information", items=[{"field": "road_name", "text": "  Which side?  "}])
        assert asked.info_items == [{"field": "road_name", "text": "Which side?", "answer": ""}]
        assert asked.paused_at is not None
        assert asked.info_due_at > timezone.now() + timedelta(days=12)
        answered = by_applicant(asked, "provide_information", answers={"0": " East. "})
        assert (answered.state, answered.paused_at, answered.info_due_at) == (state, None, None)
        assert answered.info_items[0]["answer"] == "East."
        assert answered.application_revision == 1


def test_a_correction_is_a_new_revision_and_needs_a_new_safety_check() -> None:
    permit = make.filed()
    assert guards.SAFETY_ASSESSED(permit)
    asked = make.fire(permit, "request_information", **DATA["request_information"])
    changes = {"road_name": "Duff Avenue South", "contact_email": "new@example.com"}
    answered = by_applicant(asked, "provide_information", answers={"0": "See there."}, changes=changes)
    second = answered.revisions.get(number=2)
    assert (answered.application_revision, second.changed) == (2, ["contact_email", "road_name"])
    assert second.application == answered.application
    assert not guards.SAFETY_ASSESSED(answered)
    assert Contact.objects.get(case=answered, role="applicant").email == "new@example.com"
    assert guards.SAFETY_ASSESSED(make.drain(answered))
    assert answered.invoice == permit.invoice


def test_a_person_who_left_the_application_is_no_contact_any_more() -> None:
    asked = make.fire(make.filed(), "request_information", **DATA["request_information"])
    names = ("contractor_name", "contractor_email", "contractor_licence", "contractor_licence_expiry")
    changes = {"contractor_is_other": False, **dict.fromkeys(names, "")}
    assert Contact.objects.filter(case=asked, role="contractor").exists()
    by_applicant(asked, "provide_information", answers={"0": "We do it."}, changes=changes)
    assert not Contact.objects.filter(case=asked, role="contractor").exists()


def test_a_faulty_correction_is_refused_by_field_and_nothing_is_kept() -> None:
    asked = make.fire(make.filed(), "request_information", **DATA["request_information"])
    with pytest.raises(InvalidData) as error:
        by_applicant(asked, "provide_information", answers={"0": "x"}, changes={"contact_email": "nobody"})
    assert [reason.field for reason in error.value.reasons] == ["contact_email"]
    assert make.fresh(asked).application == asked.application


LONG = "x" * (moves.LONGEST_TEXT + 1)


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([], "items_missing"),
        ([{"field": "road_name", "text": "  "}], "items_missing"),
        ([{"field": "", "text": f"{n}?"} for n in range(21)], "items_missing"),
        ([{"field": "", "text": LONG}], "text_too_long"),
    ],
)
def test_questions_are_one_to_twenty_and_never_cut(items: Any, code: str) -> None:
    assert refused(make.filed(), "request_information", items=items) == code


@pytest.mark.parametrize(("answers", "code"), [({}, "answers_missing"), ({"0": LONG}, "text_too_long")])
def test_every_question_is_answered_and_no_answer_is_cut(answers: dict[str, str], code: str) -> None:
    asked = make.fire(make.filed(), "request_information", **DATA["request_information"])
    assert refused(asked, "provide_information", actors.applicant(asked), answers=answers) == code


# -- the decision -----------------------------------------------------------------------------------------------------


def test_an_approval_names_its_conditions_its_decider_and_its_moment() -> None:
    data = {"conditions": ["C03", "C01", "C03"], "message": " Mind the school. "}
    permit = make.fire(make.ready(pedestrian_access="not_affected"), "approve", **data)
    assert permit.conditions == ["C03", "C01"]
    assert permit.explanation == "Mind the school."
    assert (permit.decided_by.username, permit.decision_source) == ("olga", "officer")
    assert permit.decided_at is not None


def test_without_a_choice_the_standard_conditions_hold() -> None:
    permit = make.fire(make.ready(pedestrian_access="not_affected"), "approve")
    assert permit.conditions == applications.standard_codes(permit)
    assert {"C01", "C02", "C10"} <= set(permit.conditions)


def test_an_approval_against_a_blocking_finding_says_why() -> None:
    permit = make.ready()
    RoadPermit.objects.filter(pk=permit.pk).update(safety={"verdict": "fail", "revision": 1})
    assert refused(permit, "approve", conditions=["C01"]) == "text_too_short"
    assert refused(permit, "approve", conditions=["C01"], override_reason="It is fine.") == "text_too_short"
    assert make.fire(permit, "approve", conditions=["C01"], override_reason=WORDS).state == "approved"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"reasons": [], "explanation": WORDS}, "reasons_missing"),
        ({"reasons": ["R10", "R11", "R20", "R21", "R22", "R30"], "explanation": WORDS}, "reasons_missing"),
        ({"reasons": ["R99"], "explanation": WORDS}, "reasons_missing"),
        ({"reasons": ["R20"], "explanation": "No, because of it."}, "text_too_short"),
        ({"reasons": ["R20"], "explanation": " " * 30}, "text_too_short"),
    ],
)
def test_a_refusal_and_a_revocation_give_reasons_and_an_explanation(data: dict[str, Any], code: str) -> None:
    assert refused(make.filed(), "refuse", **data) == code
    assert refused(make.issued(**make.soon(**make.at(1))), "revoke", **data) == code


def test_an_unknown_condition_is_refused() -> None:
    permit = make.ready(pedestrian_access="not_affected")
    assert refused(permit, "approve", conditions=["C01", "C99"]) == "unknown_condition"


def test_a_refusal_may_be_appealed_for_sixty_days() -> None:
    permit = make.fire(make.filed(), "refuse", **DATA["refuse"])
    assert permit.appeal_until == timezone.localdate() + timedelta(days=60)
    assert (permit.reasons, permit.decided_by.username) == (["R20"], "olga")


def test_silence_approves_under_standard_conditions_in_nobodys_name(settings: Any) -> None:
    settings.DEEMED_PERMIT_TYPES = ["utility"]
    permit = make.filed(pedestrian_access="not_affected")
    RoadPermit.objects.filter(pk=permit.pk).update(due_at=timezone.now() - timedelta(hours=1))
    permit = make.fire(permit, "deem", SYSTEM)
    assert (permit.state, permit.decision_source, permit.decided_by) == ("approved", "deemed", None)
    assert permit.conditions == applications.standard_codes(permit)


def test_an_appeal_begins_anew_and_the_old_document_is_replaced() -> None:
    permit = make.in_state("revoked")
    old = permit.permit_document
    permit = make.fire(permit, "reopen", make.officer("mona", team=permit.team), **DATA["reopen"])
    assert (permit.state, permit.permit_document, permit.issued_at, permit.reasons) == ("in_review", None, None, [])
    assert Document.objects.get(pk=old.pk).replaced_at is not None
    permit = make.drain(make.fire(make.advised(permit), "approve", make.officer("rita"), **DATA["approve"]))
    assert permit.state == "in_force"
    assert [d.pk for d in permit.documents.filter(kind="permit", replaced_at=None)] == [permit.permit_document_id]
    assert permit.permit_document_id != old.pk


# -- withdrawing ------------------------------------------------------------------------------------------------------

ASKED_AT_INTAKE: Callable[[], RoadPermit] = lambda: make.fire(  # noqa: E731
    make.filed(checked=False), "request_information", **DATA["request_information"]
)


@pytest.mark.parametrize(
    ("begin", "back"),
    [
        (lambda: make.filed(checked=False), 135),  # all but $25
        (ASKED_AT_INTAKE, 135),
        (make.info_requested, 60),  # asked in review: the inspection fees
        (make.filed, 60),
        (make.approved, 60),
    ],
    ids=["submitted", "asked at intake", "asked in review", "in review", "approved"],
)
def test_what_comes_back_depends_on_how_far_it_came(begin: Callable[[], RoadPermit], back: int) -> None:
    permit = by_applicant(make.paid(begin()), "cancel", reason="The project moved.")
    assert permit.refund_total == back


def test_nothing_comes_back_of_what_was_not_paid() -> None:
    assert by_applicant(make.filed(), "cancel").refund_total == 0
    assert by_applicant(make.draft(), "cancel").refund_total == 0


# -- the work ---------------------------------------------------------------------------------------------------------


def test_a_start_and_a_stop_are_noted_and_taken_back() -> None:
    permit = by_applicant(make.in_force(), "start_work")
    assert permit.actual_start_at is not None
    assert refused(permit, "revert_start", reason="Oh") == "text_too_short"
    assert by_applicant(permit, "revert_start", reason="Wrong permit").actual_start_at is None
    permit = by_applicant(by_applicant(permit, "start_work"), "stop_work")
    assert permit.actual_end_at is not None
    assert permit.warranty_until == timezone.localdate() + timedelta(days=730)
    permit = by_applicant(permit, "revert_stop", reason="Wrong permit")
    assert (permit.state, permit.actual_end_at, permit.warranty_until) == ("active", None, None)


@pytest.mark.parametrize("begin", [make.in_force, make.active])
def test_a_suspended_permit_goes_on_where_it_was(begin: Callable[[], RoadPermit]) -> None:
    permit = begin()
    assert refused(permit, "suspend", reason="Signs") == "text_too_short"
    suspended = make.fire(permit, "suspend", **DATA["suspend"])
    assert make.fire(suspended, "resume", reason="Signs are up").state == permit.state


def test_work_beyond_its_end_is_marked_once_and_goes_on() -> None:
    permit = make.active()
    RoadPermit.objects.filter(pk=permit.pk).update(end_at=timezone.now() - timedelta(minutes=1))
    permit = make.fire(permit, "mark_overrun", SYSTEM)
    assert (permit.state, permit.overrun) == ("active", True)
    assert not permit.work.filter(step="timer:overrun", outcome="open").exists()


def test_a_failed_inspection_names_its_defects_and_leaves_it_to_be_mended() -> None:
    permit = make.in_state("completed", applicant_kind="agency", organisation="City of Ames")  # pays no reinspection
    photos.keep(permit, upload(), by="Ivan")
    assert refused(permit, "fail_inspection", defects="Ruts.") == "text_too_short"
    assert make.fire(permit, "fail_inspection", **DATA["fail_inspection"]).state == "completed"
    assert make.fire(permit, "pass_inspection").closed_at is not None
