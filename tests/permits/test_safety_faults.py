"""Whatever is wrong with the safety service, over real HTTP: retried, then parked and visible, never read as safe."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import uuid5

import pytest
from django.utils import timezone

from permits import services
from permits.models import RoadPermit
from permits.rules.safety import assess
from permits.safety_service import SERVICE
from tests.permits import factories as make
from tests.permits.move_data import DATA
from tests.workflow import faulty
from tests.workflow.faulty import ATTEMPTS, REASONS
from workflow import orchestrator
from workflow.claims import claim
from workflow.contrib.service_stub.drills import MOODS
from workflow.errors import NotAllowed, Refused
from workflow.models import Case, Event, Work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    faulty.make_impatient(monkeypatch, services.SAFETY_SERVICE)


def serving(settings: Any, mood: str) -> AbstractContextManager[list[str]]:
    return faulty.asked_at(settings, "SAFETY_SERVICE_URL", SERVICE, mood)


def in_review(**changes: Any) -> RoadPermit:
    """In review, the safety service not asked yet."""
    permit = make.filed(checked=False, **changes)
    return make.fire(permit, "accept", make.officer("rita", team=permit.team))


def try_once(permit: RoadPermit) -> bool:
    return bool(faulty.try_once(permit, "reviewSafety"))


def until_parked(permit: RoadPermit) -> RoadPermit:
    return faulty.until_parked(permit, "reviewSafety", fresh=make.fresh)


def test_every_mood_of_the_drill_is_tried() -> None:
    assert set(REASONS) == set(MOODS) - {"well"}


@pytest.mark.parametrize("mood", REASONS)
def test_a_fault_is_retried_then_parked_and_never_read_as_safe(mood: str, settings: Any) -> None:
    permit = in_review()
    with serving(settings, mood) as keys:
        permit = until_parked(permit)
    assert len(keys) == ATTEMPTS
    assert len(set(keys)) == 1, "one key for one question, however often it is asked"
    assert_parked(permit, REASONS[mood])
    with serving(settings, "well") as keys_after:
        retried_by_an_officer(permit)
    assert keys_after == keys[:1]


@pytest.mark.parametrize("mood", ["refused connection"])
def test_a_service_that_is_not_there_is_no_approval_either(mood: str, settings: Any) -> None:
    settings.SAFETY_SERVICE_URL = f"http://127.0.0.1:{faulty.free_port()}"
    permit = until_parked(in_review())
    assert_parked(permit, "could not be reached")
    with serving(settings, "well"):
        retried_by_an_officer(permit)


def assert_parked(permit: RoadPermit, reason: str) -> None:
    """In review still, without a verdict; in the officers' queue with the reason; not to be approved."""
    work = Work.objects.get(case_id=permit.pk, step="reviewSafety")
    assert (work.outcome, work.attempts) == (Work.Outcome.PARKED, ATTEMPTS)
    assert (permit.state, permit.safety) == ("in_review", {})
    assert permit.parked_reason == work.error
    assert reason in permit.parked_reason
    assert permit.parked_reason.startswith("The safety service")
    assert Case.objects.open().parked().filter(pk=permit.pk).exists()
    line = Event.objects.filter(case_id=permit.pk).latest("seq")
    assert (line.kind, line.note, line.public) == ("parked", permit.parked_reason, False)
    with pytest.raises(Refused) as refused:
        make.fire(permit, "approve", **DATA["approve"])
    assert "safety_assessed" in {reason.code for reason in refused.value.reasons}


def retried_by_an_officer(permit: RoadPermit) -> None:
    """The button after the service is well again: one finding, and the case is out of the queue."""
    stranger = make.officer("eve", permissions=())
    stranger.user.user_permissions.clear()
    with pytest.raises(NotAllowed):
        orchestrator.retry(permit, actor=stranger)
    orchestrator.retry(permit, actor=make.officer("rita", team=permit.team))
    assert try_once(permit)
    permit = make.fresh(permit)
    assert (permit.state, permit.parked_at, permit.parked_reason) == ("in_review", None, "")
    assert permit.safety["verdict"] in ("pass", "attention", "fail")
    assert permit.safety["revision"] == permit.application_revision
    assert Event.objects.filter(case_id=permit.pk, kind="finding").count() == 1
    assert Work.objects.filter(case_id=permit.pk, step="reviewSafety", outcome=Work.Outcome.DONE).count() == 1


def test_a_service_that_recovers_in_time_is_no_officers_business(settings: Any) -> None:
    permit = in_review()
    with serving(settings, "500"):
        assert try_once(permit)
    with serving(settings, "well"):
        assert try_once(permit)
    permit = make.fresh(permit)
    assert permit.parked_at is None
    assert permit.safety["verdict"]
    assert not Event.objects.filter(case_id=permit.pk, kind="parked").exists()


def test_another_revision_is_another_question(settings: Any) -> None:
    with serving(settings, "well") as keys:
        permit = in_review()
        try_once(permit)
        asked = make.fire(permit, "request_information", **DATA["request_information"])
        corrected = make.fire(
            asked, "provide_information", make.actors.applicant(asked), answers={"0": "Now."},
            changes={"road_name": "Duff Avenue South"},
        )  # fmt: skip
        try_once(corrected)
    assert len(set(keys)) == len(keys) == 2
    works = Work.objects.filter(case_id=permit.pk, step="reviewSafety").order_by("visit")
    assert keys == [str(uuid5(work.key, str(n))) for n, work in enumerate(works, start=1)]
    assert make.fresh(permit).safety["revision"] == 2


def test_an_answer_that_comes_when_the_question_is_settled_is_dropped(settings: Any) -> None:
    """The officer refuses while the service thinks: its late finding changes nothing."""
    permit = in_review()
    work = Work.objects.get(case_id=permit.pk, step="reviewSafety")
    held = claim(work.pk)
    assert held is not None
    with serving(settings, "well"):
        result = orchestrator.perform(held)
    refused = make.fire(permit, "refuse", **DATA["refuse"])
    assert orchestrator.complete(held, result) is None
    assert make.fresh(permit).revision == refused.revision
    assert make.fresh(permit).safety == {}


def test_the_wait_that_the_service_asks_for_is_kept(settings: Any) -> None:
    permit = in_review()
    with serving(settings, "429"):
        try_once(permit)
    work = Work.objects.get(case_id=permit.pk, step="reviewSafety")
    assert work.run_at > timezone.now() + timedelta(seconds=1)
    assert claim(work.pk) is None


def test_the_same_rules_answer_in_this_process_without_a_url(settings: Any) -> None:
    settings.SAFETY_SERVICE_URL = ""
    permit = in_review()
    with mock.patch("permits.services.assess", side_effect=assess) as asked:
        assert try_once(permit)
    asked.assert_called_once()
    assert make.fresh(permit).safety["verdict"]
