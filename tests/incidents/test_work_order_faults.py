"""Whatever is wrong with the work-order service, over real HTTP: retried, then parked, never read as taken."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents import desk, services, work_order_contract, work_orders
from incidents.models import Incident
from incidents.work_order_contract import number_of
from incidents.work_order_service import Book, service
from tests import walking
from tests.incidents import factories as make
from tests.workflow import faulty
from tests.workflow.faulty import ATTEMPTS, REASONS
from workflow import engine, orchestrator
from workflow.claims import claim
from workflow.contrib.service_stub.drills import MOODS
from workflow.errors import NotAllowed, PermanentFailure, Refused, UnusableAnswer
from workflow.models import Case, Event, Work

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in (services.ORDER_WORK, services.ORDER_JOB, services.CLOSE_ORDERS):
        faulty.make_impatient(monkeypatch, one)


def serving(settings: Any, mood: str) -> AbstractContextManager[list[str]]:
    return faulty.asked_at(settings, "WORK_ORDER_URL", service(), mood)


def dispatched(**changes: Any) -> Incident:
    """A crew was sent; the work-order service is not asked yet."""
    case = make.filed(**changes)
    with walking.by_hand():
        engine.fire(case, "dispatch", actor=make.officer(team=case.team), data={"crew": "Ames garage"})
    return make.fresh(case)


def try_once(incident: Incident) -> bool:
    with walking.by_hand():
        return bool(faulty.try_once(incident, "dispatchCrew"))


def until_parked(incident: Incident) -> Incident:
    with walking.by_hand():
        return faulty.until_parked(incident, "dispatchCrew", fresh=make.fresh)


def test_every_mood_of_the_drill_is_tried() -> None:
    assert set(REASONS) == set(MOODS) - {"well"}


@pytest.mark.parametrize("mood", REASONS)
def test_a_fault_is_retried_then_parked_and_never_read_as_taken(mood: str, settings: Any) -> None:
    incident = dispatched()
    with serving(settings, mood) as keys:
        incident = until_parked(incident)
    assert len(keys) == ATTEMPTS
    assert len(set(keys)) == 1, "one key for one request, however often it is sent"
    assert_parked(incident, REASONS[mood])
    with serving(settings, "well") as keys_after:
        retried_by_an_officer(incident)
    assert keys_after == keys[:1]


def test_a_service_that_is_not_there_sends_no_crew(settings: Any) -> None:
    settings.WORK_ORDER_URL = f"http://127.0.0.1:{faulty.free_port()}"
    incident = until_parked(dispatched())
    assert_parked(incident, "could not be reached")
    with serving(settings, "well"):
        retried_by_an_officer(incident)


def assert_parked(incident: Incident, reason: str) -> None:
    """Planned still, without an order; in the officers' queue with the reason; no work can begin."""
    work = Work.objects.get(case_id=incident.pk, step="dispatchCrew")
    assert (work.outcome, work.attempts) == (Work.Outcome.PARKED, ATTEMPTS)
    assert (incident.state, incident.jobs.get().order_number) == ("scheduled", "")
    assert reason in incident.parked_reason
    assert incident.parked_reason.startswith("The work-order service")
    assert Case.objects.open().parked().filter(pk=incident.pk).exists()
    line = Event.objects.filter(case_id=incident.pk).latest("seq")
    assert (line.kind, line.note, line.public) == ("parked", incident.parked_reason, False)
    with pytest.raises(Refused) as refused:
        make.fire(incident, "start_work")
    assert {reason.code for reason in refused.value.reasons} == {"work_ordered"}


def retried_by_an_officer(incident: Incident) -> None:
    """The button after the service is well again: one order, the crew at work, the case out of the queue."""
    stranger = make.officer("eve", permissions=())
    stranger.user.user_permissions.clear()
    with pytest.raises(NotAllowed):
        orchestrator.retry(incident, actor=stranger)
    orchestrator.retry(incident, actor=make.officer(team=incident.team))
    assert try_once(incident)
    incident = make.fresh(incident)
    assert (incident.state, incident.parked_at, incident.parked_reason) == ("in_progress", None, "")
    job = incident.jobs.get()
    assert job.order_number == number_of(job.uid)
    assert Work.objects.filter(case_id=incident.pk, step="dispatchCrew", outcome=Work.Outcome.DONE).count() == 1


def test_a_service_that_recovers_in_time_is_no_officers_business(settings: Any) -> None:
    incident = dispatched()
    with serving(settings, "500"):
        assert try_once(incident)
    with serving(settings, "well"):
        assert try_once(incident)
    assert make.fresh(incident).state == "in_progress"
    assert not Event.objects.filter(case_id=incident.pk, kind="parked").exists()


def test_another_plan_is_another_request_for_the_same_order(settings: Any) -> None:
    with serving(settings, "well") as keys:
        incident = dispatched()
        Incident.objects.filter(pk=incident.pk).update(planned_for=timezone.localdate() + timedelta(days=3))
        try_once(incident)
        number = incident.jobs.get().order_number
        with walking.by_hand():
            engine.fire(incident, "dispatch", actor=make.officer(team=incident.team), data={"crew": "Nevada garage"})
        try_once(incident)
    assert len(set(keys)) == len(keys) == 2
    assert (incident.jobs.get().order_number, incident.jobs.get().crew) == (number, "Nevada garage")


def test_a_request_that_changed_between_two_tries_is_no_reused_key(settings: Any) -> None:
    """The category is corrected while the service answers badly: the next try asks under a key of its own."""
    incident = dispatched()
    with serving(settings, "wrong-type") as before:
        try_once(incident)
    Incident.objects.filter(pk=incident.pk).update(category="debris")
    with serving(settings, "well") as after:
        try_once(incident)
    assert set(before).isdisjoint(after)
    assert make.fresh(incident).state == "in_progress"


def test_the_number_that_comes_when_the_plan_is_off_is_dropped(settings: Any) -> None:
    incident = dispatched()
    work = Work.objects.get(case_id=incident.pk, step="dispatchCrew")
    held = claim(work.pk)
    assert held is not None
    with serving(settings, "well"):
        result = orchestrator.perform(held)
    with walking.by_hand():
        engine.fire(
            incident, "put_back", actor=make.officer(team=incident.team), data={"reason": "Another crew is needed"}
        )  # fmt: skip
    assert orchestrator.complete(held, result) is None
    assert (make.fresh(incident).state, incident.jobs.get().order_number) == ("triaged", "")


def test_the_wait_that_the_service_asks_for_is_kept(settings: Any) -> None:
    incident = dispatched()
    with serving(settings, "429"):
        try_once(incident)
    work = Work.objects.get(case_id=incident.pk, step="dispatchCrew")
    assert work.run_at > timezone.now() + SECOND
    assert claim(work.pk) is None


def test_every_crew_of_a_split_job_has_an_order_of_its_own(settings: Any) -> None:
    incident = make.filed()
    for crew in ("Ames garage", "Signal shop"):
        incident.jobs.create(crew=crew, task="Its part")
    with walking.by_hand():
        engine.fire(incident, "dispatch", actor=make.officer(team=incident.team), data={})
    with serving(settings, "well") as keys:
        try_once(incident)
    assert len(set(keys)) == 2
    assert {job.order_number for job in incident.jobs.all()} == {number_of(job.uid) for job in incident.jobs.all()}


def request(**changes: Any) -> dict[str, Any]:
    incident = make.filed()
    job = incident.jobs.create(crew="Ames garage", task="Fill the hole")
    return services.request_of(incident, job) | changes


def test_without_an_address_the_order_is_taken_in_this_process(settings: Any) -> None:
    settings.WORK_ORDER_URL = ""
    asked = request()
    first = work_orders.order(asked, "key", SECOND)
    assert first == work_orders.order(asked | {"crew": "Nevada garage"}, "key", SECOND)
    with serving(settings, "well"):
        assert work_orders.order(asked, "key", SECOND) == first


def test_nothing_about_the_reporter_is_sent() -> None:
    words = str(request())
    assert not any(word in words for word in (make.NAME, make.EMAIL, make.PHONE, "Deep hole"))


def test_what_cannot_be_ordered_is_said_before_anybody_is_asked() -> None:
    with pytest.raises(PermanentFailure, match='"crew" must be'):
        work_orders.order(request(crew=""), "key", SECOND)


@pytest.mark.parametrize(
    ("answer", "error"),
    [({"state": "closed"}, PermanentFailure), ({"number": ""}, UnusableAnswer), ({"job": "x"}, UnusableAnswer)],
)
def test_a_closed_order_or_a_wrong_answer_is_no_order(monkeypatch: Any, answer: dict[str, str], error: Any) -> None:
    take = work_orders.take
    monkeypatch.setattr(work_orders, "take", lambda asked: take(asked) | answer)
    with pytest.raises(error):
        work_orders.order(request(), "key", SECOND)


# -- what is not needed any more --------------------------------------------------------------------------------------


def sent(**changes: Any) -> Incident:
    return make.fire(make.filed(**changes), "dispatch", crew="Ames garage")


WAYS_TO_CANCEL = {
    "put_back": lambda case: make.fire(case, "put_back", reason="Another crew"),
    "close": lambda case: make.fire(case, "close", reason_code="nothing_found", sentence="We found no hole."),
    "cancel_job": lambda case: make.drain(
        desk.cancel_job(case, job=case.jobs.get(), actor=make.officer(team=case.team))
    ),
}


@pytest.mark.parametrize("way", WAYS_TO_CANCEL)
def test_the_service_hears_of_every_job_that_is_not_needed_any_more(way: str, settings: Any) -> None:
    book = Book()
    with faulty.asked_at(settings, "WORK_ORDER_URL", service(book), "well"):
        case = sent()
        job = case.jobs.get()
        WAYS_TO_CANCEL[way](case)
    assert book.orders[str(job.uid)]["cancelled"] is True
    assert case.jobs.get().order_closed_at is not None


def test_a_crew_is_called_off_once_and_an_order_that_comes_late_does_not_call_it_back(settings: Any) -> None:
    book = Book()
    with faulty.asked_at(settings, "WORK_ORDER_URL", service(book), "well"):
        case = sent()
        request = services.request_of(case, case.jobs.get())
        case = WAYS_TO_CANCEL["put_back"](case)
        case = make.fire(case, "close", reason_code="nothing_found", sentence="We found no hole.")
        with pytest.raises(PermanentFailure, match="has closed order"):
            work_orders.order(request, key="late", deadline=10 * SECOND)
    assert Work.objects.filter(case_id=case.pk, service="closeOrders").count() == 1
    assert book.orders[request["job"]]["cancelled"] is True


def test_an_order_that_stays_open_is_not_read_as_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    request = services.request_of(case := sent(), case.jobs.get())
    monkeypatch.setattr(work_orders, "take", lambda body: work_order_contract.take({**body, "cancelled": False}))
    with pytest.raises(UnusableAnswer, match="did not close"):
        work_orders.cancel(request, key="k", deadline=SECOND)
