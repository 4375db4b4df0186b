"""A filtered queue under a name: saved, shared with a team, opened as far as it still exists, removed."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.workflow.both_kinds import both, permit, report
from workflow.admin import saved
from workflow.admin.paging import Position
from workflow.models import Event, SavedFilter, Team
from workflow.roles import sync_roles

pytestmark = pytest.mark.django_db
PERMITS, INCIDENTS, ALL = "/admin/permits/roadpermit/", "/admin/incidents/incident/", "/admin/workflow/case/"
QUEUES = [PERMITS, INCIDENTS, ALL]


@pytest.fixture
def berit(client):
    made = both()
    client.force_login(made)
    return made


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def save(client, url=PERMITS, name="Late", query="queue=overdue", **typed):
    return client.post(f"{url}saved/", {"name": name, "query": query, **typed}, follow=True)


def said(page):
    return " ".join(str(message) for message in page.context["messages"])


def links(page):
    """Name -> address of each list on the page."""
    found = re.findall(r'href="([^"]+/saved/\d+/open/)"[^>]*>([^<]+)</a>', page.content.decode())
    return {name: address for address, name in found}


def kept_list(owner, name="Late", query="queue=overdue", queue="roadpermit", team=None):
    return SavedFilter.objects.create(owner=owner, queue=queue, name=name, query=query, shared_with=team)


# -- saving ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", QUEUES)
def test_a_list_is_saved_under_a_name_and_opens_the_same_list_again(client, berit, url):
    page = save(client, url, "  Late   in Story ", "queue=overdue&county=story&q=US 30")
    assert said(page) == "“Late in Story” is saved as the list you see here. Only you see it."
    shown = client.get(url)
    opened = client.get(links(shown)["Late in Story"], follow=True)
    (address, _status) = opened.redirect_chain[-1]
    assert address == f"{url}?queue=overdue&county=story&q=US+30"
    assert said(opened) == ""


def test_the_form_on_the_page_sends_the_list_one_looks_at(client, berit):
    page = client.get(f"{PERMITS}?county=story&queue=mine").content.decode()
    assert 'name="query" value="queue=mine&amp;county=story"' in page
    assert f'action="{PERMITS}saved/"' in page


def test_the_place_in_the_list_and_what_no_filter_knows_are_not_kept(client, berit):
    for name in ("after", "before"):
        address = f"{PERMITS}?queue=mine&{name}={Position(None, 7)}"
        assert 'name="query" value="queue=mine"' in client.get(address).content.decode()
    save(client, query=f"queue=mine&after={Position(None, 7)}&before=x&p=3&e=1&_changelist_filters=x&team__code=a")
    assert SavedFilter.objects.get().query == "queue=mine"


def test_the_same_name_replaces_the_list_and_says_so(client, berit):
    save(client, query="queue=mine", shared_with=Team.default().pk)
    page = save(client, query="queue=parked")
    assert said(page) == "“Late” is replaced by the list you see here. Only you see it."
    one = SavedFilter.objects.get()
    assert (one.query, one.shared_with) == ("queue=parked", None)
    save(client, INCIDENTS, query="queue=parked")
    assert SavedFilter.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": " "}, "Give the list a name."),
        ({"name": "n" * 61}, "The name has 61 characters; 60 is the limit. Shorten it."),
        ({"query": "q=" + "x" * 999}, saved.TOO_LONG),
        ({"query": ""}, saved.NOTHING),
        ({"query": "after=x&p=2"}, saved.NOTHING),
        ({"shared_with": "9999"}, "You are not in this team (any more). Choose another, or nobody."),
    ],
)
def test_what_cannot_be_saved_is_told_and_what_was_typed_stays(client, berit, typed, sentence):
    sent = {"name": "My own words", "query": "queue=mine&q=US+30", **typed}
    page = save(client, **sent)
    assert page.status_code == 422
    text = page.content.decode()
    assert sentence in text
    assert f'value="{sent["name"]}"' in text
    assert not sent["query"] or f'value="{sent["query"].replace("&", "&amp;")}"' in text
    assert not SavedFilter.objects.exists()


def test_names_and_searches_up_to_the_limit_are_saved(client, berit):
    assert save(client, name="n" * 60, query="q=" + "x" * 998).status_code == 200
    assert len(SavedFilter.objects.get().query) == 1000


def test_thirty_lists_are_the_limit_and_one_of_them_can_still_be_replaced(client, berit):
    for number in range(saved.MOST):
        kept_list(berit, f"List {number}", queue="incident" if number % 2 else "roadpermit")
    page = save(client, name="One too many")
    assert page.status_code == 422
    assert saved.TOO_MANY in page.content.decode()
    assert 'value="One too many"' in page.content.decode()
    assert "is replaced by" in said(save(client, name="List 0", query="queue=mine"))
    assert SavedFilter.objects.count() == saved.MOST


# -- who sees a list ---------------------------------------------------------------------------------------------------


def test_a_list_is_shared_only_with_a_team_of_ones_own(client, berit):
    west = Team.objects.create(code="west", name="West")
    assert save(client, shared_with=west.pk).status_code == 422
    page = client.get(f"{PERMITS}?queue=mine").content.decode()
    assert f'<option value="{Team.default().pk}">' in page
    assert f'<option value="{west.pk}">' not in page.split("saved_shared_with")[-1].split("</select>")[0]


def test_a_shared_list_is_there_for_the_team_with_whose_it_is_and_for_nobody_else(client, berit):
    page = save(client, shared_with=Team.default().pk)
    assert "Everybody in Front desk sees it." in said(page)
    one = SavedFilter.objects.get()
    colleague, far = (
        browser(both("sam")),
        browser(both("fay", team=Team.objects.create(code="west", name="West"))),
    )
    assert list(links(colleague.get(PERMITS))) == ["Late (from Berit Berg)"]
    assert colleague.get(f"{PERMITS}saved/{one.pk}/open/").status_code == 302
    assert links(far.get(PERMITS)) == {}
    assert far.get(f"{PERMITS}saved/{one.pk}/open/").status_code == 404


def test_whoever_leaves_the_team_does_not_see_its_lists_any_more(client, berit):
    sam = both("sam")
    one = kept_list(berit, team=Team.default())
    Team.default().members.remove(sam)
    assert browser(sam).get(f"{PERMITS}saved/{one.pk}/open/").status_code == 404


def test_anothers_list_is_not_there_to_open_and_cannot_be_removed_or_replaced(client, berit):
    private, shared = kept_list(both("sam")), kept_list(both("tara"), team=Team.default())
    assert client.get(f"{PERMITS}saved/{private.pk}/open/").status_code == 404
    for one in (private, shared):
        assert client.post(f"{PERMITS}saved/{one.pk}/remove/").status_code == 404
    save(client, query="queue=mine")
    assert SavedFilter.objects.filter(query="queue=overdue").count() == 2


def test_a_list_belongs_to_its_queue(client, berit):
    one = kept_list(berit)
    assert links(client.get(INCIDENTS)) == {}
    assert client.get(f"{INCIDENTS}saved/{one.pk}/open/").status_code == 404


def test_who_may_not_see_the_queue_can_neither_save_nor_open(client):
    user = both(kinds=("incidents",))
    client.force_login(user)
    one = kept_list(user)
    assert save(client).status_code == 403
    assert client.get(f"{PERMITS}saved/{one.pk}/open/").status_code == 403
    assert client.post(f"{PERMITS}saved/{one.pk}/remove/").status_code == 403
    assert links(client.get("/admin/")) == {}
    assert Client().post(f"{PERMITS}saved/", {"name": "x", "query": "queue=mine"}).status_code == 302
    assert SavedFilter.objects.get() == one


def test_an_auditor_keeps_lists_too_and_no_case_hears_of_it(client):
    sync_roles()
    auditor = User.objects.create_user("ada", is_staff=True)
    auditor.groups.add(Group.objects.get(name="Auditor"))
    client.force_login(auditor)
    permit()
    before = Event.objects.count()
    assert "is saved" in said(save(client))
    assert list(links(client.get(PERMITS))) == ["Late"]
    assert Event.objects.count() == before


# -- opening -----------------------------------------------------------------------------------------------------------


def test_a_team_that_is_gone_is_named_and_the_rest_is_shown(client, berit):
    team = Team.objects.create(code="west", name="West")
    one = kept_list(berit, query=f"queue=overdue&team={team.pk}&county=story")
    key = team.pk
    team.delete()
    page = client.get(f"{PERMITS}saved/{one.pk}/open/", follow=True)
    assert page.redirect_chain[-1][0] == f"{PERMITS}?queue=overdue&county=story"
    assert f"“Late” also asks for team: “{key}”. That is gone, or not yours to see" in said(page)


def test_a_filter_that_the_queue_has_no_longer_is_named_and_left_out(client, berit):
    one = kept_list(berit, query="speciality=bridges&queue=mine&state=nowhere")
    page = client.get(f"{PERMITS}saved/{one.pk}/open/", follow=True)
    assert page.redirect_chain[-1][0] == f"{PERMITS}?queue=mine"
    assert "speciality: “bridges”. This queue has no such filter any more" in said(page)
    assert "state: “nowhere”. That is gone" in said(page)


def test_a_list_of_which_nothing_is_left_leads_to_the_whole_queue(client, berit):
    one = kept_list(berit, query="state=nowhere")
    page = client.get(f"{PERMITS}saved/{one.pk}/open/", follow=True)
    assert page.redirect_chain[-1][0] == PERMITS
    assert "state: “nowhere”" in said(page)


def test_a_kind_that_a_colleague_may_not_see_is_left_out_for_them(client, berit):
    one = kept_list(berit, queue="case", query="kind=incident&queue=overdue", team=Team.default())
    only = browser(both("sam", kinds=("permits",)))
    page = only.get(f"{ALL}saved/{one.pk}/open/", follow=True)
    assert page.redirect_chain[-1][0] == f"{ALL}?queue=overdue"
    assert "kind: “incident”" in said(page)


def test_a_name_is_shown_as_text(client, berit):
    save(client, name="<b>Late</b>")
    for url in (f"{PERMITS}?queue=overdue", "/admin/"):
        text = client.get(url).content.decode()
        assert "<b>Late</b>" not in text
        assert "&lt;b&gt;Late&lt;/b&gt;" in text


def test_the_list_one_looks_at_is_marked_and_its_name_stands_in_the_form(client, berit):
    save(client)
    here = client.get(f"{PERMITS}?queue=overdue").content.decode()
    assert 'aria-current="true">Late</a>' in here
    assert 'value="Late"' in here
    assert 'aria-current="true">Late</a>' not in client.get(f"{PERMITS}?queue=mine").content.decode()


# -- removing ----------------------------------------------------------------------------------------------------------


def test_a_removed_list_is_gone_and_what_it_showed_stays_in_view(client, berit):
    one = kept_list(berit, team=Team.default())
    assert f'action="{PERMITS}saved/{one.pk}/remove/"' in client.get(PERMITS).content.decode()
    assert client.get(f"{PERMITS}saved/{one.pk}/remove/").status_code == 405
    page = client.post(f"{PERMITS}saved/{one.pk}/remove/", follow=True)
    assert page.redirect_chain[-1][0] == f"{PERMITS}?queue=overdue"
    assert "“Late” is removed. Nobody in Front desk sees it any more." in said(page)
    assert "save it again" in said(page)
    assert not SavedFilter.objects.exists()
    assert client.post(f"{PERMITS}saved/{one.pk}/remove/").status_code == 404


# -- where lists stand, and what they cost -----------------------------------------------------------------------------


def test_the_first_screen_leads_to_my_lists_and_those_of_my_teams(client, berit):
    kept_list(berit, "Mine of permits")
    kept_list(berit, "Mine of all", queue="case")
    kept_list(both("sam"), "Sam's", queue="incident", team=Team.default())
    kept_list(both("tara"), "Private")
    page = client.get("/admin/")
    names = [name.replace("&#x27;", "'") for name in links(page)]
    assert names == [
        "Mine of all (All work)", "Mine of permits (Road permits)", "Sam's (Incidents, from Sam Berg)"
    ]  # fmt: skip
    assert all(client.get(address).status_code == 302 for address in links(page).values())


def many_lists(berit):
    sam = both("sam")
    for number in range(12):
        for queue in ("roadpermit", "incident", "case"):
            kept_list(berit if number % 2 else sam, f"List {number}", queue=queue, team=Team.default())


@pytest.mark.parametrize("url", QUEUES)
def test_a_queue_with_lists_takes_at_most_twelve_queries_however_many_there_are(
    client, berit, url, django_assert_max_num_queries
):
    permit()
    report()
    kept_list(berit)
    for query in ("", "?queue=overdue", "?queue=team&county=story"):
        client.get(url + query)
        with django_assert_max_num_queries(12):
            client.get(url + query)
    with django_assert_max_num_queries(12) as few:
        client.get(f"{url}?queue=team")
    many_lists(berit)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(f"{url}?queue=team")


def test_the_first_screen_pays_one_query_for_all_lists(client, berit, django_assert_max_num_queries):
    many_lists(berit)
    client.get("/admin/")
    with django_assert_max_num_queries(15) as asked:
        client.get("/admin/")
    assert sum("workflow_savedfilter" in one["sql"] for one in asked.captured_queries) == 1
