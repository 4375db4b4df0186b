"""One queue over both kinds: what it shows, who sees what, work on many at once; handing over in any queue."""

import pytest

from tests import admin_pages
from tests.incidents import factories as incidents
from tests.incidents.test_admin_queue import copies
from tests.workflow.both_kinds import both, permit, report
from workflow.models import Case, Event, Team

pytestmark = pytest.mark.django_db
ALL = "/admin/workflow/case/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def berit(client):
    made = both()
    client.force_login(made)
    return made


def shown(client, **query):
    return admin_pages.shown(client, ALL, **query)


def bulk(client, action, *cases, url=ALL, **more):
    data = {"action": action, "_selected_action": [case.pk for case in cases], "index": "0", **more}
    return client.post(url, data, follow=True)


def fresh(case):
    return Case.objects.get(pk=case.pk)


def test_both_kinds_stand_in_one_list_and_lead_to_their_own_records(client, berit):
    one, other = permit(), incidents.filed(category="signal_dark", answers={"danger": "none", "shows": "dark"})
    page = client.get(ALL).content.decode()
    assert f'href="/admin/permits/roadpermit/{one.pk}/change/">{one.reference}' in page
    assert f'href="/admin/incidents/incident/{other.pk}/change/">{other.reference}' in page
    for words in ("Road permit", "Incident", "With the right team", "In review", "Emergency", other.title):
        assert words in page


def test_the_list_is_narrowed_by_kind_queue_clock_team_county_and_search(client, berit):
    one, other = permit(), report(route="I-35", latitude=42.4)
    west = Team.objects.create(code="west", name="West")
    Case.objects.filter(pk=other.pk).update(team=west, county="polk", due_at=None)
    Case.objects.filter(pk=one.pk).update(county="story")
    for query in ({"kind": "incident"}, {"team": west.pk}, {"county": "polk"}, {"clock": "none"}, {"q": "i-3"},
                  {"q": other.reference.lower()}):  # fmt: skip
        assert shown(client, **query) == [other.reference], query
    assert shown(client, kind="roadpermit") == shown(client, queue="team") == [one.reference]
    assert set(shown(client)) == {one.reference, other.reference}


def test_a_page_takes_few_queries_however_long_it_is(client, berit, django_assert_max_num_queries):
    permit()
    copies(report(), 60)
    client.get(ALL)
    for query in ({}, {"queue": "team"}, {"county": "story"}, {"q": "US-69"}, {"q": "IR-26-0000"}, {"p": 2}):
        with django_assert_max_num_queries(12) as captured:
            assert client.get(ALL, query).status_code == 200
        assert all("LIMIT" in one["sql"].upper() for one in captured.captured_queries if "COUNT(" in one["sql"].upper())


def test_who_sees_one_kind_sees_only_it(client):
    client.force_login(both("ida", kinds=("incidents",)))
    hidden, seen = permit(), report()
    assert shown(client) == [seen.reference]
    assert shown(client, q=hidden.reference) == []
    for path in ("change/", "history/", "do/approve/", "desk/note/", "documents/1/"):
        assert hidden.reference not in client.get(f"{ALL}{hidden.pk}/{path}", follow=True).content.decode()
    assert client.post(f"{ALL}{hidden.pk}/file/").status_code == 404
    assert not Event.objects.filter(case_id=hidden.pk, kind="exported").exists()
    assert hidden.reference not in b"".join(client.get(f"{ALL}export.csv")).decode()


def test_an_address_of_a_case_leads_to_its_record(client, berit):
    one = report()
    answer = client.get(f"{ALL}{one.pk}/change/")
    assert answer.headers["Location"] == f"/admin/incidents/incident/{one.pk}/change/"
    for odd in ("x", "9" * 30, "0"):
        assert client.get(f"{ALL}{odd}/change/").headers["Location"] == ALL


def test_cases_of_both_kinds_are_claimed_and_released_at_once(client, berit):
    one, other = permit(), report()
    page = bulk(client, "claim", one, other).content.decode()
    for case in (one, other):
        assert f"{case.reference}: is yours now." in page
        assert fresh(case).assignee == berit
    bulk(client, "release", one, other)
    assert {fresh(one).assignee, fresh(other).assignee} == {None}


def test_who_may_change_one_kind_only_reads_of_the_other_why_not(client):
    client.force_login(both("ida", kinds=("permits", "incidents"), work=False))
    one = report()
    assert "_selected_action" not in client.get(ALL).content.decode()
    bulk(client, "claim", one)
    assert fresh(one).assignee is None


# -- handing over -----------------------------------------------------------------------------------------------------

EVERY_QUEUE = [
    (ALL, report), (ALL, permit), ("/admin/incidents/incident/", report), ("/admin/permits/roadpermit/", permit),
]  # fmt: skip


@pytest.mark.parametrize(("url", "make"), EVERY_QUEUE)
def test_cases_are_handed_to_a_colleague_chosen_on_a_page(client, berit, url, make):
    anna, case = both("anna"), make()
    page = bulk(client, "hand_over", case, url=url)
    assert case.reference in page.content.decode()
    assert "Anna Berg" in page.content.decode()
    assert fresh(case).assignee is None
    page = bulk(client, "hand_over", case, url=url, to=anna.pk).content.decode()
    assert f"{case.reference}: is with Anna Berg now." in page
    assert fresh(case).assignee == anna
    assert Event.objects.filter(case_id=case.pk).latest("seq").kind == "assigned"


@pytest.mark.parametrize("to", ["", "x", "gone", "stranger"])
def test_somebody_who_cannot_take_cases_is_refused_and_the_page_stays(client, berit, to):
    case = report()
    gone, stranger = both("gone"), both("stranger", team=Team.objects.create(code="west", name="West"))
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    chosen = {"gone": gone.pk, "stranger": stranger.pk}.get(to, to)
    page = bulk(client, "hand_over", case, to=chosen)
    assert page.status_code == 422
    words = "choose somebody else" if to else "Choose a colleague."
    assert words in page.content.decode()
    assert case.reference in page.content.decode()
    assert fresh(case).assignee is None


def test_each_case_says_for_itself_what_came_of_it(client, berit):
    ours, theirs, ended = report(), report(latitude=42.4), incidents.in_state("rejected", latitude=42.6)
    Case.objects.filter(pk=theirs.pk).update(team=Team.objects.create(code="west", name="West"))
    anna = both("anna")
    page = bulk(client, "hand_over", ours, theirs, to=anna.pk).content.decode()
    assert f"{ours.reference}: is with Anna Berg now." in page
    assert f"Only officers of the team West may work on {theirs.reference}." in page
    page = bulk(client, "hand_over", ended, url=f"{ALL}?queue=closed", to=anna.pk).content.decode()
    assert f"{ended.reference} is closed: nobody needs to work on it." in page
    assert (fresh(theirs).assignee, fresh(ended).assignee) == (None, None)
