"""The permits' own invariants: a sound database has no finding, and each fault is found on the permit that has it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.utils import timezone

from permits import files, invariants
from permits.lifecycle import State
from permits.models import PermitRevision, RoadPermit, TechnicalTask
from tests.permits import factories as make
from tests.permits.move_data import DATA
from tests.workflow.test_invariants import shadow, sql
from workflow.invariants import findings
from workflow.models import Contact
from workflow.registry import registry

pytestmark = pytest.mark.django_db
HARMLESS = {"trigger_missing"}  # tests/conftest.py takes one away on SQLite


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with (
        mock.patch("permits.services.document_bytes", return_value=make.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=make.PDF),
    ):
        yield


def found() -> dict[str, str]:
    return {finding.code: finding.reference for check in invariants.CHECKS for finding in check()}


def test_every_check_is_registered() -> None:
    assert set(invariants.CHECKS) <= set(registry.invariants)


def test_permits_in_every_state_have_no_finding_of_any_kind() -> None:
    for place, state in enumerate(State):
        make.in_state(state, **make.at(place))
    assert [str(finding) for finding in findings() if finding.code not in HARMLESS] == []


def test_appeals_corrections_silence_and_refunds_are_no_findings(settings: Any) -> None:
    refused = make.in_state("refused", **make.at(1))
    reopened = make.fire(refused, "reopen", make.officer("mona"), **DATA["reopen"])
    assert found() == {}
    make.fire(make.drain(reopened), "refuse", make.officer("rita"), **DATA["refuse"])
    asked = make.info_requested(**make.at(2))
    make.fire(
        asked, "provide_information", make.actors.applicant(asked), answers={"0": "x"}, changes={"road_name": "Duff"}
    )
    revoked = make.in_state("revoked", **make.at(3))
    reopened = make.fire(revoked, "reopen", make.officer("mona"), **DATA["reopen"])
    make.drain(make.fire(make.advised(make.drain(reopened)), "approve", make.officer("rita"), **DATA["approve"]))
    settings.DEEMED_PERMIT_TYPES = ["utility"]
    late = make.filed(pedestrian_access="not_affected", **make.at(4))
    RoadPermit.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(hours=1))
    make.fire(late, "deem", make.SYSTEM)
    paid = make.paid(make.filed(checked=False, **make.at(5)))
    make.fire(paid, "cancel", make.actors.applicant(paid))
    assert found() == {}


def the_file(permit: RoadPermit) -> Path:
    return files.path_of(permit.permit_document.storage_name)


def put(**values: Any) -> Callable[[RoadPermit], Any]:
    return lambda permit: RoadPermit.objects.filter(pk=permit.pk).update(**values)


def two_needed(permit: RoadPermit) -> None:
    """The record names two, which the database asks for; its history knows nothing of the first."""
    first = make.user("mona")
    RoadPermit.objects.filter(pk=permit.pk).update(second_approver_needed=True, first_approved_by=first)


EVENT = "UPDATE workflow_event SET {} WHERE case_id = %s AND transition = 'approve'"
TWICE = (
    "INSERT INTO workflow_event (id, case_id, seq, kind, transition, from_state, to_state, actor, actor_kind,"
    " actor_user_id, public, note, data, at, previous, digest) SELECT 4242, case_id, 99, kind, transition, from_state,"
    " to_state, actor, actor_kind, actor_user_id, public, note, data, at, previous, digest FROM workflow_event"
    " WHERE case_id = %s AND transition = 'approve'"
)
FAULTS: dict[str, tuple[str, Callable[[RoadPermit], Any]]] = {
    "decided twice": ("decision_count", lambda p: sql(TWICE, p.pk)),
    "never decided": ("decision_count", lambda p: sql(EVENT.format("transition = 'accept'"), p.pk)),
    "decided by the applicant": ("decided_by_whom", lambda p: sql(EVENT.format("actor_kind = 'applicant'"), p.pk)),
    "decided by a machine": ("decided_by_whom", lambda p: sql(EVENT.format("actor_kind = 'system'"), p.pk)),
    "decided by nobody": ("decided_by_whom", lambda p: sql(EVENT.format("actor_user_id = NULL"), p.pk)),
    "decided by a party": (
        "decided_own",
        lambda p: Contact.objects.filter(case=p, role="contractor").update(email="OLGA@dot.example.gov"),
    ),
    "another decider": ("decider_differs", lambda p: put(decided_by=make.user("rita"))(p)),
    "no decider": ("decider_differs", put(decided_by=None)),
    "two needed, one approved": ("second_officer", two_needed),
    "a review left open": ("review_left_open", lambda p: p.technical_reviews.update(status="NEW")),
    "a task left open": (
        "review_task",
        lambda p: TechnicalTask.objects.filter(process__permit=p, specialty="traffic").update(status="ASSIGNED"),
    ),
    "a specialist who said nothing": (
        "review_task",
        lambda p: TechnicalTask.objects.filter(process__permit=p).update(recommendation=""),
    ),
    "no document": ("document", put(permit_document=None)),
    "the document of another kind": ("document", lambda p: p.documents.filter(kind="permit").update(kind="letter")),
    "no file": ("document", lambda p: the_file(p).unlink()),
    "another file": ("document", lambda p: the_file(p).write_bytes(make.PDF + b"%")),
    "a gap": ("revision_gap", put(application_revision=2)),
    "no revision": ("revision_gap", lambda p: PermitRevision.objects.filter(permit=p).delete()),
    "another answer": ("revision_newest", lambda p: put(application={**p.application, "road_name": "Elm"})(p)),
    "a changed revision": ("revision_changed", lambda p: p.revisions.update(application={"road_name": "Elm"})),
    "another fee": ("fee_differs", put(fee_total=Decimal("160.01"))),
    "another line": ("fee_differs", lambda p: put(invoice={**p.invoice, "lines": p.invoice["lines"][1:]})(p)),
    "no invoice": ("fee_differs", put(invoice={})),
    "a refund of more than the fee": ("refund_too_high", put(refund_total=Decimal("160.01"))),
    "a refund of nothing paid": ("refund_too_high", put(refund_total=Decimal(1), fee_settled_at=None)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault: str) -> None:
    code, happens = FAULTS[fault]
    sound, permit = make.in_force(**make.at(1)), make.drain(make.approved(**make.at(2)))
    with shadow("workflow_event"):
        assert found() == {}
        happens(permit)
        seen = found()
    assert seen[code] == permit.reference
    assert sound.reference not in seen.values()


def test_a_number_comes_back_from_the_database_as_it_was_frozen() -> None:
    """PostgreSQL writes 1e20 out and knows no -0.0: the digest must not hang on the spelling."""
    permit = make.filed()
    values = {"far": 1e20, "none": -0.0, "third": 1 / 3, "many": [1.0, -93.6103, 12345678.9]}
    with transaction.atomic():
        RoadPermit.objects.filter(pk=permit.pk).update(application={**permit.application, **values})
        again = make.fresh(permit)
        assert invariants.applications.digest_of(again.application) == invariants.applications.digest_of(
            {**permit.application, **values}
        )


def test_the_checks_are_a_few_queries_whatever_the_number(django_assert_max_num_queries: Any) -> None:
    for place in range(4):
        make.filed(**make.at(place))
    with django_assert_max_num_queries(16 if connection.vendor == "sqlite" else 32):
        assert found() == {}
