"""Where a request stands, for whoever holds its link, and for nobody else."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from tests.parcels.making import clerk, put_in, sender, start_parcel
from tests.parcels.models import Parcel, State
from workflow.engine import change, fire
from workflow.models.case import new_nonce
from workflow.tracker import find_tracked, label_of, standing, timeline, tracking_token, tracking_url

pytestmark = pytest.mark.django_db


def test_the_applicant_reads_the_public_lines_only() -> None:
    parcel = start_parcel()
    change(parcel, "note", actor=clerk(), note="Smells of fish.")
    fire(parcel, "ask_sender", actor=clerk(), note="What is in it?")
    everything, public = timeline(parcel), timeline(parcel, public_only=True)
    assert [event.seq for event in everything] == [1, 2, 3, 4]
    assert [(event.transition or event.kind, event.note) for event in public] == [
        ("opened", ""),
        ("receive", ""),
        ("ask_sender", "What is in it?"),
    ]


def test_a_timeline_is_one_query() -> None:
    parcel = start_parcel()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        timeline(parcel)
        standing(parcel)
    assert len(queries) == 1


def test_a_line_is_named_by_its_transition_or_its_kind() -> None:
    parcel = put_in(start_parcel(), State.INSPECTION)
    fire(parcel, "release", actor=clerk())
    assert [label_of(parcel, event) for event in timeline(parcel)] == [
        "Opened",
        "Receive",
        "placed",
        "Release the parcel",
    ]


def test_standing_says_step_who_is_next_and_what_is_left() -> None:
    with time_machine.travel("2026-11-23T16:00:00+00:00", tick=False):  # Monday 10:00 in Chicago
        parcel = put_in(start_parcel(), State.INSPECTION)
        fresh = fire(parcel, "scan_again", actor=clerk())
        fresh.due_at = timezone.now() + timedelta(hours=2)
        found = standing(fresh)
    assert (found.step, found.title, found.awaits) == ("inspectParcel", "Inspection", "Clerk")
    assert (found.due, found.is_overdue, found.in_state_for) == ("2 h left", False, timedelta())


def test_an_overdue_case_says_by_how_much() -> None:
    parcel = start_parcel()
    late = standing(parcel, now=parcel.due_at + timedelta(days=1, minutes=5))
    assert (late.due, late.is_overdue) == ("1 day over", True)


def test_a_paused_case_waits_for_the_sender_and_is_never_overdue() -> None:
    asked = fire(put_in(start_parcel(), State.INSPECTION), "ask_sender", actor=clerk())
    found = standing(asked, now=timezone.now() + timedelta(days=90))
    assert (found.awaits, found.due, found.is_overdue) == ("You", "paused", False)


def test_a_closed_case_waits_for_nobody() -> None:
    closed = fire(start_parcel(), "withdraw", actor=clerk())
    found = standing(closed)
    assert (found.step, found.title, found.awaits, found.due) == ("returned", "Returned", "", "")


# -- the link ---------------------------------------------------------------------------------------------------------


def test_a_link_opens_its_case() -> None:
    parcel = start_parcel()
    found = find_tracked(parcel.reference.lower(), tracking_token(parcel))
    assert found is not None
    assert found.pk == parcel.pk
    assert sender(parcel).case_id == found.pk


@pytest.mark.parametrize(
    ("reference", "token"),
    [
        ("", ""),
        ("PA-26-ZZZZZZ", "x" * 26),
        ("PA-26-\x00", "\x00"),
        ("PA-26-ß", "ä"),
        ("\ud800", "\ud800"),
        ("x" * 5000, "x" * 5000),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_a_wrong_link_opens_nothing(reference: str, token: str) -> None:
    parcel = start_parcel()
    assert find_tracked(reference, token) is None
    assert find_tracked(parcel.reference, token) is None
    assert find_tracked(reference, tracking_token(parcel)) is None


def test_a_link_of_another_case_opens_nothing() -> None:
    first, second = start_parcel(), start_parcel()
    assert find_tracked(first.reference, tracking_token(second)) is None


def test_a_new_nonce_revokes_every_old_link() -> None:
    parcel = start_parcel()
    old = tracking_token(parcel)
    Parcel.objects.filter(pk=parcel.pk).update(tracking_nonce=new_nonce())
    assert find_tracked(parcel.reference, old) is None


def test_a_copy_of_the_database_alone_opens_nothing() -> None:
    parcel = start_parcel()
    with override_settings(SECRET_KEY="another-server's-key"):
        forged = tracking_token(parcel)
    assert find_tracked(parcel.reference, forged) is None
    assert parcel.tracking_nonce not in tracking_token(parcel)


def test_looking_takes_the_same_queries_whether_or_not_the_reference_exists() -> None:
    parcel = start_parcel()
    counts = []
    for reference in (parcel.reference, "PA-26-ZZZZZZ", "not a reference"):
        with CaptureQueriesContext(connection) as queries:
            find_tracked(reference, "x" * 26)
        counts.append(len(queries))
    assert counts == [1, 1, 1]


def test_the_address_is_built_from_our_own_name() -> None:
    parcel = start_parcel()
    with override_settings(SITE_URL="https://permits.example.gov"):
        assert tracking_url(parcel).startswith(f"https://permits.example.gov/track/{parcel.reference}/")
