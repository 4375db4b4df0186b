"""A permit whose deadline passes: deemed where the policy says so and nothing stands against it, else escalated."""

from datetime import timedelta

import pytest
from django.utils import timezone

from permits import guards
from permits.models import RoadPermit
from tests.permits import factories as make
from workflow import escalation
from workflow.clock import WorkingDays, due_at
from workflow.contrib.notifications.models import Message
from workflow.models import Event, Work
from workflow.tracker import calendar, tracking_url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def deemed(settings):
    settings.DEEMED_PERMIT_TYPES = ["utility"]


def late(permit, **values):
    values = {"due_at": timezone.now() - timedelta(hours=1)} | values
    RoadPermit.objects.filter(pk=permit.pk).update(**values)
    return make.fresh(permit)


def minor(**changes):
    """In review, assessed, with nothing against it and one officer enough."""
    permit = make.filed(**changes)
    assert permit.state == "in_review"
    return late(permit, safety=permit.safety | {"verdict": "pass"}, second_approver_needed=False)


def escalations(permit):
    return list(Event.objects.filter(case_id=permit.pk, kind="escalated").order_by("seq"))


def told(permit):
    return Message.objects.filter(case_id=permit.pk, event__kind="escalated", role="applicant")


def test_by_default_a_late_review_is_escalated_and_nothing_is_approved():
    permit = minor()
    assert escalation.sweep() == 1
    permit = make.fresh(permit)
    assert (permit.state, permit.decided_at) == ("in_review", None)
    assert permit.escalated_at is not None
    (line,) = escalations(permit)
    assert "because" not in line.data


def test_the_applicant_is_told_in_one_plain_message_what_happens_next_and_by_when(client):
    permit = minor()
    escalation.sweep()
    escalation.sweep()
    mail = told(permit).get()
    by = timezone.localtime(due_at(timezone.now(), WorkingDays(2), calendar())).date()
    assert mail.subject == f"{permit.reference}: we need longer than we promised"
    assert f"before the district manager, who sees to it by {by:%A, %B} {by.day}." in mail.text
    assert "it is not refused, and it is not approved" in mail.text
    assert "Please do not work until you have the permit." in mail.text
    page = client.get(tracking_url(permit).removeprefix("http://localhost:8000")).content.decode()
    assert "The deadline passed: the district manager sees to it" in page
    assert "This takes longer than we promised." in page


def test_a_permit_of_a_deemed_type_is_approved_by_the_sweep(deemed):
    permit = minor()
    assert escalation.sweep() == 1
    permit = make.fresh(permit)
    assert (permit.state, permit.decision_source) == ("approved", "deemed")
    assert not escalations(permit)
    assert not told(permit).exists()
    assert escalation.sweep() == 0


@pytest.mark.parametrize(
    ("values", "guard"),
    [
        ({"safety": {}}, guards.SAFETY_ASSESSED),
        ({"safety": {"verdict": "fail", "revision": 1}}, guards.NOTHING_BLOCKING),
        ({"second_approver_needed": True}, guards.ONE_OFFICER_IS_ENOUGH),
    ],
    ids=["not assessed", "blocking finding", "two officers"],
)
def test_where_silence_may_not_approve_it_is_not_silent(deemed, values, guard):
    permit = late(minor(), **values)
    assert escalation.sweep() == 1
    permit = make.fresh(permit)
    assert permit.state == "in_review"
    (line,) = escalations(permit)
    assert line.data["because"] == [guard.sentence]
    assert guard.sentence in Message.objects.get(case_id=permit.pk, role="team").text
    assert told(permit).count() == 1
    assert guard.sentence not in told(permit).get().text
    assert escalation.sweep() == 0


def test_a_timer_that_was_refused_is_followed_by_the_escalation(deemed):
    permit = make.filed()
    permit = late(permit, second_approver_needed=True)
    timer = Work.objects.get(case_id=permit.pk, step="timer:deem", outcome=Work.Outcome.OPEN)
    Work.objects.filter(pk=timer.pk).update(run_at=permit.due_at)
    make.drain(permit)
    assert Work.objects.get(pk=timer.pk).outcome == Work.Outcome.CANCELLED
    assert escalation.sweep() == 1
    assert len(escalations(permit)) == 1


def test_a_policy_that_changes_while_a_permit_is_in_review_holds_for_it(settings):
    permit = minor()
    settings.DEEMED_PERMIT_TYPES = ["utility"]
    escalation.sweep()
    assert make.fresh(permit).state == "approved"


def test_another_step_of_a_deemed_type_escalates(deemed):
    permit = late(make.filed(checked=False))
    assert permit.state == "submitted"
    assert escalation.sweep() == 1
    assert make.fresh(permit).state == "submitted"
    assert "because" not in escalations(permit)[0].data


def test_while_we_wait_for_the_applicant_nothing_is_late():
    permit = late(make.info_requested())
    assert escalation.sweep() == 0
    assert not escalations(permit)


def test_a_sweep_that_dies_in_the_middle_leaves_nothing_half_done(monkeypatch):
    permit = minor()

    def dies(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("workflow.contrib.notifications.notices.write", dies)
        with pytest.raises(KeyboardInterrupt):
            escalation.sweep()
    assert make.fresh(permit).escalated_at is None
    assert not escalations(permit)
    assert not told(permit).exists()
    assert escalation.sweep() == 1
    assert told(permit).count() == 1


def test_the_decision_ends_the_escalation():
    permit = make.ready()
    late(permit)
    escalation.sweep()
    permit = make.fire(make.fresh(permit), "refuse", reasons=["R20"], explanation=make.EXPLANATION)
    assert permit.escalated_at is None
    assert permit.decided_at is not None
