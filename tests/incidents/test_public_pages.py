"""The public list and the page of a report: what everybody reads, and what nobody does."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Incident
from incidents.public import views
from tests.incidents import factories as make
from workflow.writing import writing

pytestmark = pytest.mark.django_db
OFFICERS_NAME = "Tara Nolan"


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def references(html: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'href="/incidents/(IR-[0-9A-Z-]+)/"', html)))


def hide(incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(hidden_because="A licence plate")


def public_photo(incident: Incident, **values: Any) -> Any:
    return make.photo(incident=incident, is_public=True, moderated_at=timezone.now(), **values)


# -- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_shows_open_reports_the_newest_first(client: Client) -> None:
    first, second = make.filed(), make.filed(category="surface_failure", latitude=42.5)
    ended = make.in_state("rejected", latitude=42.6)
    html = page(client, "/incidents/")
    assert references(html) == [second.reference, first.reference]
    assert first.title in html
    assert "With the right team" in html
    assert ended.reference in page(client, "/incidents/?status=closed")
    assert len(references(page(client, "/incidents/?status=all"))) == 3


def test_hidden_and_joined_reports_are_not_listed(client: Client) -> None:
    hidden, shown = make.filed(), make.filed(latitude=42.5)
    hide(hidden)
    joined = make.in_state("duplicate", latitude=41.9)
    listed = references(page(client, "/incidents/?status=all"))
    assert shown.reference in listed
    assert hidden.reference not in listed
    assert joined.reference not in listed


def test_the_pages_of_the_list_neither_repeat_nor_skip_a_report(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 3)
    filed = [make.filed(latitude=42 + number / 100).reference for number in range(5)]
    html = page(client, "/incidents/")
    seen = references(html)
    assert len(seen) == 3
    following = re.search(r'href="(\?[^"]*after=[^"]*)"', html)
    assert following
    seen += references(page(client, "/incidents/" + following[1].replace("&amp;", "&")))
    assert seen == list(reversed(filed))


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    html = page(client, "/incidents/?county=story")
    assert "No report fits" in html
    assert 'href="/report/"' in html
    assert "Nothing is open at the moment" in page(client, "/incidents/")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("county=nowhere", "We have no such county"),
        ("route=Main+Street", "Write a route like I-35"),
        ("since=yesterday", "Enter the date as month/day/year"),
        ("category=ufo", "no such category"),
        ("mile_from=20&mile_to=10", "the smaller mile first"),
        ("bbox=1,2,3", "west,south,east,north"),
    ],
)
def test_what_cannot_be_read_is_said_and_kept(client: Client, query: str, said: str) -> None:
    html = page(client, f"/incidents/?{query}", status=422)
    assert said in html
    assert "There is a problem" in html


def test_a_filter_is_kept_in_the_form_and_in_every_link(client: Client) -> None:
    make.filed()
    html = page(client, "/incidents/?county=story&category=pothole&status=all&route=US69")
    assert '<option value="story" selected>' in html
    assert '<option value="pothole" selected>' in html
    for link in ("/incidents.atom", "/incidents.csv", "/incidents.geojson"):
        assert f"{link}?category=pothole&amp;county=story&amp;status=all&amp;route=US-69" in html


def test_the_list_asks_a_fixed_number_of_questions(client: Client, django_assert_num_queries: Any) -> None:
    for number in range(3):
        public_photo(make.filed(latitude=42 + number / 100))
    with django_assert_num_queries(4):  # the catalogue (2), the reports, their photos
        page(client, "/incidents/")
    for number in range(5):
        public_photo(make.filed(latitude=41 + number / 100))
    with django_assert_num_queries(4):
        page(client, "/incidents/")


# -- the page of a report ---------------------------------------------------------------------------------------------


def test_a_report_shows_where_it_stands_and_what_happened(client: Client) -> None:
    incident = make.in_state("resolved")
    html = page(client, f"/incidents/{incident.reference}/")
    assert "The hole is patched." in html
    assert '<span class="mp-status mp-status--good">Fixed</span>' in html
    told = re.findall(r"</time><span>([^<]+)", html)
    assert told[0] == "Fixed"
    assert told[-1] == "Report received"
    assert "Hamilton County" in html


def test_nothing_a_person_left_stands_on_the_page(client: Client) -> None:
    text = f"Hole. I am {make.EMAIL}, call {make.PHONE} or @walterhale"
    incident = make.filed(description=text, address="Near 515-555-0147")
    incident = make.fire(incident, "ask", question="Which lane is it, please?")
    incident = make.fire(incident, "answer", make.reporter(incident), text="The left one")
    html = page(client, f"/incidents/{incident.reference}/")
    assert "Hole. I am [removed], call [removed] or [removed]" in html
    secrets = (make.EMAIL, make.NAME, make.PHONE, "0147", "walterhale", OFFICERS_NAME, "Which lane", "The left one")
    assert [secret for secret in secrets if secret in html] == []
    assert "We asked the reporter a question" in html


def test_what_somebody_wrote_is_text_and_never_markup(client: Client) -> None:
    incident = make.filed(description="<script>alert(1)</script>", address='"><img src=x>')
    for path in (f"/incidents/{incident.reference}/", "/incidents/"):
        html = page(client, path)
        assert "<script>alert" not in html
        assert "<img src=x" not in html


def test_only_photos_an_officer_let_out_are_shown(client: Client) -> None:
    incident = make.filed()
    private, shown = make.photo(incident=incident), public_photo(incident)
    repair = public_photo(incident, kind="repair")
    for path in (f"/incidents/{incident.reference}/", "/incidents/", "/incidents.geojson"):
        html = page(client, path)
        assert private.token not in html
        assert shown.token in html
    assert repair.token in page(client, f"/incidents/{incident.reference}/")


def test_a_hidden_report_is_not_there(client: Client) -> None:
    incident = make.filed()
    hide(incident)
    page(client, f"/incidents/{incident.reference}/", status=404)
    page(client, "/incidents/IR-26-000000/", status=404)


def test_a_joined_report_leads_to_its_survivor_and_nowhere_when_that_is_hidden(client: Client) -> None:
    joined = make.in_state("duplicate")
    survivor = joined.duplicate_of
    assert survivor is not None
    response = client.get(f"/incidents/{joined.reference}/")
    assert (response.status_code, response["Location"]) == (302, f"/incidents/{survivor.reference}/")
    hide(survivor)
    page(client, f"/incidents/{survivor.reference}/", status=404)


def test_a_reference_as_people_type_it_finds_the_page(client: Client) -> None:
    incident = make.filed()
    response = client.get(f"/incidents/{incident.reference.lower()}/")
    assert (response.status_code, response["Location"]) == (302, f"/incidents/{incident.reference}/")


@pytest.mark.parametrize("state", [state for state in Incident.State if state not in ("new", "duplicate")])
def test_every_state_has_a_page(client: Client, state: str) -> None:
    if state == "submitted":
        with writing():
            incident = Incident.objects.get(pk=make.filed().pk)
    else:
        incident = make.in_state(state)
    html = page(client, f"/incidents/{incident.reference}/")
    assert incident.public_label in html
    assert ("Me too" in html) == (incident.status == "open")


def test_the_page_asks_a_fixed_number_of_questions(client: Client, django_assert_num_queries: Any) -> None:
    incident = make.in_state("resolved")
    for _ in range(3):
        public_photo(incident)
    with django_assert_num_queries(5):  # the report, the catalogue (2), photos, history
        page(client, f"/incidents/{incident.reference}/")


def test_pages_are_asked_for_anew(client: Client) -> None:
    incident = make.filed()
    for path in ("/incidents/", f"/incidents/{incident.reference}/"):
        assert client.get(path)["Cache-Control"] == "private, no-cache"
        assert client.post(path).status_code == 405
