"""The crew's link on the permit: start and stop of work, and nothing else."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from permits.inspections.site_links import crew, site_token, site_url
from permits.models import RoadPermit
from permits.sheet import document_bytes, verify_url
from permits.views.site import DEEDS
from tests.permits import factories as make
from tests.permits.move_data import DATA
from workflow import engine
from workflow.errors import NotAllowed
from workflow.models import Event
from workflow.registry import lifecycle_of
from workflow.tracker import tracking_token

pytestmark = pytest.mark.django_db
CREWS_MOVES = {"start_work", "stop_work", "revert_start", "revert_stop"}


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def page(permit: RoadPermit, slug: str = "") -> str:
    return f"/site/{permit.reference}/{site_token(permit)}/{slug + '/' if slug else ''}"


def said(client: Client, permit: RoadPermit) -> str:
    return client.get(page(permit)).content.decode()


def last(permit: RoadPermit) -> Event:
    return Event.objects.filter(case_id=permit.pk).latest("seq")


def test_the_crew_starts_and_stops_the_work_and_the_history_names_it(client: Client) -> None:
    permit = make.in_force()
    assert "Start work" in said(client, permit)
    answer = client.post(page(permit, "start"))
    assert answer.status_code == 302
    permit = make.fresh(permit)
    assert (permit.state, last(permit).actor, last(permit).actor_kind) == ("active", "Crew on site", "crew")
    assert f"Work started at {timezone.localtime(permit.actual_start_at):%H:%M}" in said(client, permit)
    client.post(page(permit, "stop"))
    assert make.fresh(permit).state == "completed"
    assert "An inspector will look" in said(client, permit)


def test_the_crew_may_make_no_other_move() -> None:
    permit = make.in_force()
    may = {edge.name for edge in lifecycle_of(RoadPermit) if edge.permission(permit, crew(permit))}
    assert may == CREWS_MOVES == {deed.transition for deed in DEEDS.values()}
    with pytest.raises(NotAllowed):
        engine.fire(permit, "cancel", actor=crew(permit), data=DATA["cancel"])


def test_the_crew_of_another_permit_may_not_start_this_one() -> None:
    one, other = make.in_force(), make.in_force(**make.at(40))
    with pytest.raises(NotAllowed):
        engine.fire(one, "start_work", actor=crew(other))


def test_neither_the_public_code_nor_the_tracking_link_opens_the_page_nor_the_other_way_round(client: Client) -> None:
    permit = make.in_force()
    for token in (permit.verify_token, tracking_token(permit), "x" * 26):
        assert client.get(f"/site/{permit.reference}/{token}/").status_code == 404
    assert client.get(f"/track/{permit.reference}/{site_token(permit)}/").status_code == 404
    assert site_token(permit) not in client.get(f"/verify/{permit.verify_token}/").content.decode()


def test_a_new_secret_of_the_permit_revokes_the_link(client: Client) -> None:
    permit = make.in_force()
    old = page(permit)
    RoadPermit.objects.filter(pk=permit.pk).update(tracking_nonce="f" * 32)
    assert client.get(old).status_code == 404


def test_a_second_press_is_harmless_and_says_when_it_was_done(client: Client) -> None:
    permit = make.in_force()
    client.post(page(permit, "start"))
    seen = make.fresh(permit)
    answer = client.post(page(permit, "start"), follow=True)
    assert f"Work was already started at {timezone.localtime(seen.actual_start_at):%H:%M}" in answer.content.decode()
    assert make.fresh(permit).revision == seen.revision


def test_a_start_is_taken_back_within_a_day_and_not_later(client: Client) -> None:
    permit = make.in_force()
    client.post(page(permit, "start"))
    assert "Take back the start" in said(client, permit)
    assert client.post(page(permit, "undo-start"), {"reason": "no"}).status_code == 422
    client.post(page(permit, "undo-start"), {"reason": "Wrong permit scanned."})
    assert make.fresh(permit).state == "in_force"
    client.post(page(permit, "start"))
    RoadPermit.objects.filter(pk=permit.pk).update(actual_start_at=timezone.now() - timedelta(hours=25))
    assert "Take back the start" not in said(client, permit)
    client.post(page(permit, "undo-start"), {"reason": "Wrong permit scanned."})
    assert make.fresh(permit).state == "active"


def test_the_page_says_why_work_may_not_start(client: Client) -> None:
    early = make.drain(make.approved())
    assert "not valid yet: work may start on" in said(client, early)
    client.post(page(early, "start"))
    assert make.fresh(early).state == "in_force"
    no_ticket = make.in_force(**make.at(40))
    RoadPermit.objects.filter(pk=no_ticket.pk).update(
        application={**no_ticket.application, "excavation": True, "one_call_ticket": ""}
    )
    assert "Call 811" in said(client, no_ticket)
    stopped = make.in_state("suspended", **make.at(60))
    assert "Stop work now" in said(client, stopped)


def test_a_permit_without_its_document_has_no_page(client: Client) -> None:
    assert client.get(page(make.ready())).status_code == 404


@pytest.mark.parametrize("state", ["completed", "revoked", "expired", "closed"])
def test_a_permit_that_is_over_offers_nothing(client: Client, state: str) -> None:
    permit = make.in_state(state)
    content = said(client, permit)
    assert "Start work</a>" not in content
    assert "Work is finished</a>" not in content


def test_a_position_at_the_work_area_verifies_the_start_and_is_kept_nowhere(client: Client) -> None:
    permit = make.in_force()
    client.post(page(permit, "start"), {"latitude": permit.latitude, "longitude": permit.longitude})
    permit = make.fresh(permit)
    assert permit.start_is_verified
    assert last(permit).data == {}
    assert "position at the work area was checked" in said(client, permit)


def test_a_position_far_away_starts_the_work_and_verifies_nothing(client: Client) -> None:
    permit = make.in_force()
    client.post(page(permit, "start"), {"latitude": "40.0", "longitude": "-90.0"})
    permit = make.fresh(permit)
    assert permit.state == "active"
    assert not permit.start_is_verified
    assert permit.start_distance_m is not None
    assert permit.start_distance_m > 10_000


@pytest.mark.parametrize("nonsense", [{"latitude": "x"}, {"latitude": "95", "longitude": "9"}, {"latitude": "nan"}])
def test_nonsense_instead_of_a_position_keeps_nobody_from_starting(client: Client, nonsense: dict[str, str]) -> None:
    permit = make.in_force()
    client.post(page(permit, "start"), nonsense)
    assert make.fresh(permit).state == "active"


def test_the_permit_document_carries_both_addresses_on_one_tagged_page() -> None:
    permit = make.in_force()
    reader = PdfReader(BytesIO(document_bytes(permit)))
    assert len(reader.pages) == 1
    assert reader.root_object["/MarkInfo"]["/Marked"]
    links = {str(note.get_object()["/A"]["/URI"]) for note in reader.pages[0]["/Annots"]}
    assert {site_url(permit), verify_url(permit)} <= links
    text = " ".join(reader.pages[0].extract_text().split())
    assert "Start or stop work" in text
    assert "For the crew" in text


def test_nobody_finds_or_keeps_the_page(client: Client) -> None:
    answer = client.get(page(make.in_force()))
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
