"""The incidents' own invariants: a sound database has no finding; each fault is found on the incident that has it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from PIL import Image

from incidents import invariants, photos
from incidents.models import Category, Incident, Inquiry, Merge
from tests.incidents import factories as make
from tests.workflow.test_invariants import shadow, sql
from workflow.contrib.storage import path_of
from workflow.invariants import findings
from workflow.registry import registry

pytestmark = pytest.mark.django_db
S = Incident.State
HARMLESS = {"event_is_never_deleted"}  # tests/conftest.py takes this trigger away on SQLite
STATES = [state for state in S if state not in (S.NEW, S.SUBMITTED)]


def found() -> dict[str, str]:
    return {finding.code: finding.reference for check in invariants.CHECKS for finding in check()}


def with_photo(incident: Incident) -> Incident:
    content = BytesIO()
    Image.new("RGB", (400, 300), "grey").save(content, "JPEG")
    photos.keep(SimpleUploadedFile("road.jpg", content.getvalue()), incident=incident)
    return incident


def test_every_check_is_registered() -> None:
    assert set(invariants.CHECKS) <= set(registry.invariants)


def test_incidents_in_every_state_have_no_finding_of_any_kind() -> None:
    for state in STATES:
        with_photo(make.in_state(state))
    assert [str(finding) for finding in findings() if finding.reference not in HARMLESS] == []


def test_ways_back_and_chains_are_no_findings() -> None:
    reopened = make.fire(make.in_state("resolved"), "reopen", text="Not fixed.")
    first, second, third = make.in_state("duplicate"), reopened, make.filed()
    survivor = first.duplicate_of
    make.fire(survivor, "merge", into=second.reference)
    make.fire(second, "merge", into=third.reference)
    assert found() == {}
    make.fire(make.fresh(second), "unmerge")
    assert found() == {}
    planned = make.in_state("scheduled")
    make.fire(planned, "ask", question="Which lane is it, please?")
    make.fire(make.fresh(planned), "answer", make.reporter(planned), text="The right one.")
    make.fire(make.in_state("in_progress"), "put_back", reason="Another crew is needed")
    assert found() == {}


@pytest.mark.parametrize("move", ["reject", "close"])
@pytest.mark.parametrize("state", ["triaged", "scheduled", "needs_info"])
def test_an_end_leaves_no_crew_with_a_job(move: str, state: str) -> None:
    case = make.in_state(state)
    reason = {"reject": "not_ours", "close": "nothing_found"}[move]
    make.fire(case, move, reason_code=reason, sentence="Long enough to be read.")
    assert found() == {}


def test_another_crews_job_may_wait_for_its_order() -> None:
    case = make.in_state("in_progress")
    job = case.jobs.create(crew="Signal shop", task="Its part")
    assert found() == {"job_without_order": case.reference}
    case.work.create(step=f"task:job-{job.uid}", visit=1, kind="task", service="orderJob", argument={}, key=job.uid)
    assert found() == {}


def put(**values: Any) -> Callable[[Incident], Any]:
    return lambda incident: Incident.objects.filter(pk=incident.pk).update(**values)


def other_than(incident: Incident) -> Incident:
    return Incident.objects.exclude(pk=incident.pk).earliest("pk")


def large(incident: Incident) -> Any:
    return path_of(photos.names_of(incident.photos.get().token)[0])


def small(incident: Incident) -> Any:
    return path_of(photos.names_of(incident.photos.get().token)[1])


# Fault: state, code of the finding, what happens.
FAULTS: dict[str, tuple[str, str, Callable[[Incident], Any]]] = {
    "closed, but open": ("rejected", "status_differs", put(status="open", reason_code="", public_sentence="",
                                                           ended_at=None, reopen_until=None)),
    "open, but closed": ("triaged", "status_differs", put(status="closed", reason_code="fixed", public_sentence="x",
                                                          ended_at=timezone.now())),
    "no reason": ("rejected", "end_without_reason", put(reason_code="")),
    "a reason we do not know": ("rejected", "end_without_reason", put(reason_code="whatever")),
    "no sentence": ("closed", "end_without_reason", put(public_sentence="")),
    "no end": ("closed", "end_without_reason", put(ended_at=None)),
    "fixed for another reason": ("resolved", "reason_differs", put(reason_code="not_ours")),
    "not fixed, but says so": ("rejected", "reason_differs", put(reason_code="fixed")),
    "the end of earlier": ("triaged", "end_left_behind", put(public_sentence="Fixed.")),
    "nobody's": ("triaged", "no_team", put(team=None)),
    "a category nobody knows": ("triaged", "no_category", put(category="teleporter")),
    "votes below nothing": ("triaged", "votes_negative", put(votes=-1)),
    "joined with nothing": ("duplicate", "joined_or_not", put(duplicate_of=None)),
    "pointing, but not joined": ("triaged", "joined_or_not", lambda case: put(duplicate_of=make.filed())(case)),
    "joined with itself": ("duplicate", "joined_with_itself", lambda case: put(duplicate_of=case)(case)),
    "the survivor joined": ("duplicate", "joined_twice",
                            lambda case: put(duplicate_of=make.filed())(case.duplicate_of)),
    "joined with another": ("duplicate", "joined_elsewhere", lambda case: put(duplicate_of=make.filed())(case)),
    "the join forgotten": ("duplicate", "join_lost", lambda case: Merge.objects.filter(duplicate=case).delete()),
    "a join of earlier": ("triaged", "join_left_behind",
                          lambda case: Merge.objects.create(duplicate=case, survivor=other_than(case))),
    "no order": ("in_progress", "job_without_order", lambda case: case.jobs.update(order_number="")),
    "a crew after the end": ("resolved", "job_after_end", lambda case: case.jobs.update(done_at=None)),
    "no day": ("scheduled", "plan_without_day", put(planned_for=None)),
    "no question": ("needs_info", "question_without_end", lambda case: Inquiry.objects.filter(incident=case).delete()),
    "no end of waiting": ("needs_info", "question_without_end", put(info_due_at=None)),
    "no way back": ("needs_info", "question_without_end", put(return_state="")),
    "no photo": ("triaged", "photo_file", lambda case: large(with_photo(case)).unlink()),
    "no small photo": ("triaged", "photo_file", lambda case: small(with_photo(case)).unlink()),
    "half a photo": ("triaged", "photo_file", lambda case: large(with_photo(case)).write_bytes(b"half")),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault: str) -> None:
    state, code, happens = FAULTS[fault]
    sound, case = make.in_state(state), make.in_state(state)
    with shadow("incidents_incident"):
        assert found() == {}
        happens(case)
        seen = found()
    at = case.duplicate_of.reference if fault == "the survivor joined" else case.reference
    assert seen[code] in (at, case.reference)
    assert sound.reference not in seen.values()


def test_a_category_that_somebody_deleted_is_found() -> None:
    case = make.filed()
    Category.objects.filter(code=case.category).delete()
    assert found() == {"no_category": case.reference}


def test_a_table_that_lost_its_trigger_is_found() -> None:
    name = "one_level_of_duplicates"
    on = " ON incidents_incident" if connection.vendor == "postgresql" else ""
    sql(f"DROP TRIGGER {name}{on}")
    assert found() == {"trigger_missing": name}


def test_the_checks_are_a_few_queries_whatever_the_number(django_assert_max_num_queries: Any) -> None:
    for _ in range(4):
        make.filed()
    with django_assert_max_num_queries(20 if connection.vendor == "sqlite" else 40):
        assert found() == {}
