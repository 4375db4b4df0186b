"""What every kind of case shares when it tells people something, shown with parcels."""

from datetime import datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests.parcels.making import start_parcel
from tests.workflow.test_notifications import OUTBOX, attempt, smtp  # noqa: F401 - a fixture
from workflow.contrib.notifications import notices
from workflow.contrib.notifications.delivery import RETRY_NEWS, mail_of, plan_message
from workflow.contrib.notifications.forgetting import empty
from workflow.contrib.notifications.models import Message
from workflow.models import Contact, Event, Work
from workflow.tracker import calendar

pytestmark = pytest.mark.django_db
WAY_OUT = "https://parcels.example.gov/stop/1/secret/"


@pytest.fixture(autouse=True)
def outbox(settings, tmp_path):
    settings.MAILERS = {"default": {"BACKEND": OUTBOX, "OPTIONS": {"file_path": tmp_path / "outbox"}}}


def planned(role="applicant", **values):
    parcel = start_parcel()
    event = Event.objects.filter(case_id=parcel.pk).latest("seq")
    given = {"channel": "email", "address": "ada@example.org", "subject": "Your parcel", "text": "It is on its way."}
    return plan_message(parcel, event, role=role, **(given | values))


# -- who is reached how -----------------------------------------------------------------------------------------------

REACHED = [
    ({"email": "a@example.org"}, {}, [("email", "a@example.org")]),
    ({"email": "a@example.org", "phone": "515 555 0100"}, {}, [("email", "a@example.org")]),
    ({"phone": "515 555 0100"}, {}, [("sms", "+15155550100")]),
    ({"phone": "515 555 0100"}, {"may_text": False}, []),
    (
        {"email": "a@example.org", "phone": "515 555 0100"},
        {"also_by_text": True},
        [("email", "a@example.org"), ("sms", "+15155550100")],
    ),
    ({}, {}, []),
]


@pytest.mark.parametrize(("contact", "how", "expected"), REACHED)
def test_somebody_is_reached_by_mail_else_by_text_message(contact, how, expected):
    assert list(notices.channels_of(Contact(**contact), **how)) == expected


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("(515) 555-0100", "+15155550100"),
        ("1 515 555 0100", "+15155550100"),
        ("+1 515 555 0100", "+15155550100"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_a_phone_number_goes_out_as_providers_take_it(typed, number):
    assert notices.as_number(typed) == number


def test_a_text_template_loses_empty_paragraphs_and_an_html_one_escapes():
    words = {"name": "<Ada>", "subject": "S", "agency_name": "Agency", "agency_phone": "1", "reference": "R"}
    text, markup = (notices.render(f"messages/base.{kind}", words) for kind in ("txt", "html"))
    assert text == "Hello <Ada>,\n\nQuestions? Reply to this message or call 1, and give the reference R.\n\nAgency\n"
    assert "Hello &lt;Ada&gt;," in markup


# -- the way out (RFC 8058) -------------------------------------------------------------------------------------------


def test_a_mail_of_a_subscription_names_its_way_out_in_both_headers():
    mail = mail_of(planned(role="subscriber-12", unsubscribe_url=WAY_OUT)).message()
    assert mail["List-Unsubscribe"] == f"<{WAY_OUT}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_any_other_mail_names_none():
    mail = mail_of(planned()).message()
    assert mail["List-Unsubscribe"] is mail["List-Unsubscribe-Post"] is None


def test_many_of_one_kind_each_get_their_own_message_of_an_event():
    parcel = start_parcel()
    event = Event.objects.filter(case_id=parcel.pk).latest("seq")
    for number in (1, 2, 1):
        plan_message(
            parcel, event, role=f"subscriber-{number}", channel="email",
            address=f"n{number}@example.org", subject="News", text="News",
        )  # fmt: skip
    assert sorted(Message.objects.values_list("role", flat=True)) == ["subscriber-1", "subscriber-2"]
    assert len(set(Message.objects.values_list("message_id", flat=True))) == 2


# -- news that nobody waits for ---------------------------------------------------------------------------------------


def test_news_to_a_wrong_address_parks_nothing_and_says_why(smtp):  # noqa: F811
    smtp.answers["RCPT"] = "550 no such user ada@example.org"
    message = planned(role="subscriber-12", must_arrive=False)
    work = attempt(message)
    assert (work.outcome, work.result) == ("done", {"sent": False, "given_up": "permanent"})
    assert (message.status, message.case.parked_at) == ("failed", None)
    assert message.error.startswith("The mail server does not take mail for the subscriber (550)")


def test_news_is_tried_for_long_and_then_let_go(smtp):  # noqa: F811
    smtp.shutdown()
    smtp.server_close()
    message = planned(must_arrive=False)
    for _ in range(1, RETRY_NEWS.attempts):
        assert attempt(message).outcome == "open"
    assert attempt(message).outcome == "done"
    assert (message.status, message.case.parked_at) == ("failed", None)


def test_what_a_step_delivers_tells_what_went_and_what_did_not(smtp):  # noqa: F811
    parcel = start_parcel()
    event = Event.objects.filter(case_id=parcel.pk).latest("seq")
    for role, address in (("applicant", "ada@example.org"), ("contractor", "no address")):
        plan_message(
            parcel, event, role=role, channel="email", address=address, subject="S", text="T", deliver=False
        )  # fmt: skip
    sent, failures = notices.deliver_each(Message.objects.order_by("pk"))
    assert sent == [Message.objects.get(role="applicant").pk]
    assert [failure.temporary for failure in failures] == [False]
    assert not Work.objects.filter(case_id=parcel.pk, kind=Work.Kind.TASK).exists()


# -- forgetting -------------------------------------------------------------------------------------------------------


def test_an_emptied_message_still_says_that_somebody_was_told_and_is_not_sent():
    message = planned(html="<p>Ada</p>", unsubscribe_url=WAY_OUT)
    assert empty(Message.objects.all()) == 1
    assert attempt(message).outcome == "done"
    assert (message.status, message.address, message.text, message.html) == ("suppressed", "", "", "")
    assert (message.unsubscribe_url, message.subject) == ("", "[removed]")


# -- reminders --------------------------------------------------------------------------------------------------------


def test_a_reminder_comes_at_opening_so_many_working_days_before():
    friday = datetime(2026, 12, 4, 16, 30, tzinfo=calendar().time_zone)
    assert f"{notices.remind_at(friday, days_before=2):%a %b %d %H:%M}" == "Wed Dec 02 08:00"
    monday = datetime(2026, 11, 30, 16, 30, tzinfo=calendar().time_zone)  # Thanksgiving and the day after are closed
    assert f"{notices.remind_at(monday, days_before=2):%a %b %d %H:%M}" == "Tue Nov 24 08:00"


@pytest.mark.parametrize(("seq", "state", "reminds"), [(0, "received", True), (99, "received", False), (0, "x", False)])
def test_only_the_very_question_that_is_still_open_is_reminded_of(seq, state, reminds):
    parcel = start_parcel()
    asked = Event.objects.filter(case_id=parcel.pk).exclude(transition="").latest("seq")
    noted = []
    service = notices.reminder(
        "remindSomebody", asked=asked.transition, while_in=state, doing="reminds", apply=lambda case: noted.append(case)
    )  # fmt: skip
    service.accept(parcel, service.call(SimpleNamespace(argument={"seq": seq or asked.seq})))
    assert Event.objects.filter(case_id=parcel.pk, kind="reminded").exists() == reminds
    assert len(noted) == reminds


def test_a_day_in_a_subject_is_short():
    moment = timezone.make_aware(datetime(2026, 12, 4, 23, 30), calendar().time_zone)  # noqa: DTZ001
    assert notices.day_of(moment) == "December 4"
    assert notices.day_of(None) == ""
