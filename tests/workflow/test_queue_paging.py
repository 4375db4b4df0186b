"""The queue goes on by position: every case once, nothing counted, no table read whole, only chosen rows worked on."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from permits.models import RoadPermit
from tests.permits.factories import filed, fresh, user
from tests.permits.test_admin_queue import copies
from workflow.admin.paging import LOST, Position
from workflow.models import Case

pytestmark = pytest.mark.django_db
URL = "/admin/permits/roadpermit/"
ALL = "/admin/workflow/case/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rita(client):
    made = user("rita")
    client.force_login(made)
    return made


@pytest.fixture
def many(rita):
    """121 permits: twos of the same moment, and 21 without a deadline."""
    made = [*copies(filed(), 120)]
    now = timezone.now()
    for number, permit in enumerate(made[:100]):
        Case.objects.filter(pk=permit.pk).update(due_at=now + timedelta(hours=number // 2))
    Case.objects.filter(pk__in=[permit.pk for permit in made[100:]]).update(due_at=None)
    return made


@pytest.fixture
def ended(many):
    """60 of them ended, twos at the same moment, in the order in which they did."""
    now = timezone.now()
    for number, permit in enumerate(many[:60]):
        Case.objects.filter(pk=permit.pk).update(closed_at=now + timedelta(minutes=number // 2))
    return many[:60]


def links(page):
    return dict(page.context["cl"].links)


def shown(page):
    return [case.reference for case in page.context["cl"].result_list]


def in_order():
    return list(Case.objects.filter(closed_at=None).by_deadline().values_list("reference", flat=True))


@pytest.mark.parametrize("url", [URL, ALL])
def test_going_on_shows_every_case_once_and_going_back_shows_the_same_pages(client, many, url):
    page, pages = client.get(url), []
    while True:
        pages.append(shown(page))
        if "Next 50" not in links(page):
            break
        page = client.get(url + links(page)["Next 50"])
    assert [reference for one in pages for reference in one] == in_order()
    assert [len(one) for one in pages] == [50, 50, 21]
    for earlier in reversed(pages[:-1]):
        page = client.get(url + links(page)["Previous 50"])
        assert shown(page) == earlier
    assert "Previous 50" not in links(page)


def test_what_a_search_found_goes_on_in_the_same_order(client, many):
    Case.objects.filter(pk__in=[permit.pk for permit in many]).update(route="US-69")
    page, found = client.get(f"{URL}?q=US-69"), []
    while True:
        found += shown(page)
        if "Next 50" not in links(page):
            break
        page = client.get(URL + links(page)["Next 50"])
    assert found == [reference for reference in in_order() if reference in set(found)]
    assert len(found) == 121
    assert shown(client.get(URL + links(page)["Previous 50"])) == found[50:100]


@pytest.mark.parametrize("url", [URL, ALL])
def test_of_ended_cases_the_last_one_comes_first_on_page_after_page(client, many, url, ended):
    page, found = client.get(f"{url}?queue=closed"), []
    while True:
        found += shown(page)
        if "Next 50" not in links(page):
            break
        page = client.get(url + links(page)["Next 50"])
    assert found == [permit.reference for permit in reversed(ended)]
    page = client.get(url + links(page)["Previous 50"])
    assert shown(page) == found[:50]


def test_the_page_says_in_words_where_one_is(client, many):
    page = client.get(URL)
    assert "The first 50 shown; more follow." in page.content.decode()
    page = client.get(URL + links(page)["Next 50"])
    assert "50 shown; more before and after them." in page.content.decode()
    page = client.get(URL + links(page)["Next 50"])
    assert "The last 21 shown." in page.content.decode()


def test_a_case_that_leaves_the_list_moves_no_other_to_another_page(client, many):
    page = client.get(URL)
    expected = in_order()[50:100]
    Case.objects.filter(reference__in=shown(page)[:10]).update(closed_at=timezone.now())
    assert shown(client.get(URL + links(page)["Next 50"])) == expected


def test_filters_stay_while_one_goes_on_and_a_new_filter_begins_at_the_first_page(client, many):
    page = client.get(URL, {"county": "story"})
    onward = links(page)["Next 50"]
    assert "county=story" in onward
    page = client.get(URL + onward)
    assert "after=" not in "".join(re.findall(r'<a href="(\?[^"]*clock=[^"]*)"', page.content.decode()))
    assert "after=" not in str(page.context["exports"])


@pytest.mark.parametrize("query", ["after=x", "after=%00", "before=W10~x", "after=" + "9" * 3000, "after=a&before=b"])
def test_a_damaged_address_shows_the_first_page_and_says_so(client, many, query):
    page = client.get(f"{URL}?{query}")
    assert page.status_code == 200
    assert LOST in page.content.decode()
    assert shown(page) == in_order()[:50]


def test_a_page_whose_cases_are_all_gone_says_so_and_leads_back(client, many):
    page = client.get(f"{URL}?after={Position(None, 10**9)}")
    assert "Nothing follows here any more" in page.content.decode()
    assert set(links(page)) == {"First", "Previous 50"}
    assert len(shown(client.get(URL + links(page)["Previous 50"]))) == 50


@pytest.mark.parametrize("url", [URL, ALL])
def test_no_page_counts_or_reads_a_table_whole(client, many, ended, url, django_assert_max_num_queries):
    page = client.get(url)
    addresses = [url, url + links(page)["Next 50"], *(f"{url}?queue={one}" for one in ("mine", "overdue", "closed"))]
    addresses.append(url + links(client.get(addresses[1]))["Previous 50"])
    for address in addresses:
        with django_assert_max_num_queries(12) as captured:
            client.get(address)
        asked = [one["sql"] for one in captured.captured_queries if '"workflow_case"' in one["sql"]]
        assert asked
        for sql in asked:
            assert "COUNT(" not in sql
            if connection.vendor == "sqlite":
                with connection.cursor() as cursor:
                    cursor.execute("EXPLAIN QUERY PLAN " + sql)
                    plan = [row[3] for row in cursor.fetchall()]
                whole = [line for line in plan if line.startswith("SCAN") or "TEMP B-TREE FOR ORDER" in line]
                assert not whole, "\n".join([address, sql.partition(" WHERE ")[2], *plan])


def test_an_action_works_on_the_chosen_rows_alone(client, many):
    chosen = many[3]
    data = {"action": "claim", "_selected_action": [chosen.pk, "x", "9" * 40], "select_across": "1", "index": "0"}
    client.post(URL, data)
    assert list(RoadPermit.objects.exclude(assignee=None)) == [chosen]


def test_a_chosen_case_that_left_the_filter_is_told_and_not_dropped_unseen(client, many):
    Case.objects.filter(pk=many[0].pk).update(assignee=user("olga"))
    data = {"action": "claim", "_selected_action": [many[0].pk], "index": "0"}
    page = client.post(f"{URL}?queue=unassigned", data, follow=True).content.decode()
    assert f"{many[0].reference}: Olga Reyes has {many[0].reference} already" in page


def test_an_empty_list_says_which_filter_can_be_taken_away(client, rita):
    filed()
    page = client.get(URL, {"county": "polk", "q": "Nobody"}).content.decode()
    assert "No permit fits." in page
    assert 'href="?q=Nobody"' in page
    assert 'href="?county=polk"' in page


def test_the_end_of_a_reference_finds_it_in_any_case_and_with_blanks(client, rita):
    permit = filed()
    for text in (permit.reference[-6:], f"  {permit.reference[-6:].lower()} ", f" {permit.reference.lower()} "):
        assert shown(client.get(URL, {"q": text})) == [fresh(permit).reference]
