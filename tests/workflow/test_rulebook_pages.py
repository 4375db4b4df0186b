"""The pages of rules: who may, what is confirmed, what a colleague did meanwhile, the log."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from tests.rules import put_all, settled
from workflow.contrib.rulebook.book import value
from workflow.contrib.rulebook.changing import newest_change
from workflow.contrib.rulebook.models import RuleChange
from workflow.contrib.rulebook.rules import groups
from workflow.roles import sync_roles

FEES = "/admin/rulebook/override/fees/"
FEE = "permits.fees.application"
pytestmark = pytest.mark.django_db


def person(role, name):
    sync_roles()
    made = User.objects.create_user(name, is_staff=True, first_name=name.capitalize())
    made.groups.add(Group.objects.get(name=role))
    return made


@pytest.fixture
def manager(client):
    made = person("District manager", "mona")
    client.force_login(made)
    return made


def typed(client, url=FEES, **changes):
    """The form as a browser sends it, with ``changes`` by name (``__`` for a dot)."""
    form = client.get(url).context["form"]
    data = {bound.html_name: bound.value() for bound in form}
    return {**data, **{name.replace("__", "."): text for name, text in changes.items()}}


def saved(client, data, url=FEES):
    page = client.post(url, data | {"_confirmed": "1"})
    settled()
    return page


def test_a_change_is_confirmed_first_and_then_holds(client, manager):
    data = typed(client, permits__fees__application="120")
    asked = client.post(FEES, data | {"_save": "1"})
    page = asked.content.decode()
    assert "$100.00" in page
    assert "<strong>$120.00</strong>" in page
    assert value(FEE) == Decimal(100)
    done = client.post(FEES, dict(asked.context["typed"]) | {"_confirmed": "1"}, follow=True)
    settled()
    assert "Fees: Each application: $100.00 → $120.00" in done.content.decode()
    assert value(FEE) == Decimal(120)
    line = RuleChange.objects.get()
    assert (line.who, line.name, line.before, line.after) == (manager, "Mona", "100.00", "120.00")


def test_the_page_shows_original_change_and_who_made_it(client, manager):
    put_all({FEE: Decimal(120)}, by=manager)
    page = client.get(FEES).content.decode()
    assert "Original: $100.00" in page
    assert "Changed by Mona on" in page
    assert "<td>Mona</td><td>Fees: Each application</td>" in page


def test_back_from_the_confirmation_keeps_what_was_typed(client, manager):
    page = client.post(FEES, typed(client, permits__fees__application="121") | {"_back": "1"})
    assert page.context["form"][FEE].value() == "121"
    assert not RuleChange.objects.exists()


def test_the_original_comes_back_by_a_button_and_is_saved_only_after_that(client, manager):
    put_all({FEE: Decimal(120)})
    page = client.post(FEES, typed(client, permits__fees__kept_before_review="30") | {"_original": FEE})
    assert page.context["form"][FEE].value() == "100.00"
    assert page.context["form"]["permits.fees.kept_before_review"].value() == "30"
    assert value(FEE) == Decimal(120)


def test_what_a_colleague_saved_meanwhile_is_not_overwritten_and_nothing_typed_is_lost(client, manager):
    data = typed(client, permits__fees__application="110", permits__fees__kept_before_review="30")
    put_all({FEE: Decimal(120), "permits.fees.aerial_more_pole": Decimal(3)}, by=person("District manager", "ann"))
    page = saved(client, data)
    assert page.status_code == 409
    assert "Ann changed this meanwhile to: $120.00" in page.content.decode()
    form = page.context["form"]
    assert form[FEE].value() == "110"
    assert form["permits.fees.kept_before_review"].value() == "30"
    assert form["permits.fees.aerial_more_pole"].value() == "3.00"  # only Ann touched it
    assert value(FEE) == Decimal(120)
    again = {bound.html_name: bound.value() for bound in form}
    assert saved(client, again).status_code == 302
    assert (value(FEE), value("permits.fees.aerial_more_pole")) == (Decimal(110), Decimal(3))


def test_what_is_wrong_is_said_and_kept(client, manager):
    for text, sentence in (
        ("-1", "greater than or equal to 0"),
        ("lots", "Enter a number"),
        ("1.234", "decimal places"),
    ):
        page = client.post(FEES, typed(client, permits__fees__application=text))
        assert page.status_code == 422
        assert sentence in page.content.decode()
        assert f'value="{text}"' in page.content.decode()
    assert not RuleChange.objects.exists()


def test_a_reminder_after_the_deadline_is_refused(client, manager):
    url = "/admin/rulebook/override/deadlines/"
    page = client.post(url, typed(client, url, permits__deadlines__information_reminder="10"))
    assert page.status_code == 422
    assert "Remind later" in page.content.decode()


def test_nothing_changed_is_said(client, manager):
    assert "Nothing was changed." in client.post(FEES, typed(client), follow=True).content.decode()


@pytest.mark.parametrize("role", ["Auditor"])
def test_who_only_looks_sees_all_and_changes_nothing(client, role):
    client.force_login(person(role, "otto"))
    for slug in groups():
        page = client.get(f"/admin/rulebook/override/{slug}/")
        assert page.status_code == 200
        assert "_save" not in page.content.decode()
    assert client.get("/admin/rulebook/rulechange/").status_code == 200
    assert client.get("/admin/rulebook/ownday/").status_code == 200
    assert client.post(FEES, typed(client, permits__fees__application="1")).status_code == 403
    assert client.get("/admin/rulebook/ownday/add/").status_code == 403


@pytest.mark.parametrize("role", ["Intake officer", "Safety reviewer", "Specialist", "Triage officer"])
def test_who_may_not_look_is_turned_away(client, role):
    client.force_login(person(role, "ivy"))
    for url in (FEES, "/admin/rulebook/override/", "/admin/rulebook/ownday/", "/admin/rulebook/rulechange/"):
        assert client.get(url).status_code == 403


def test_the_first_screen_leads_managers_to_the_rules(client, manager):
    assert 'href="/admin/rulebook/override/"' in client.get("/admin/").content.decode()
    overview = client.get("/admin/rulebook/override/").content.decode()
    assert set(re.findall(r"/admin/rulebook/override/([a-z-]+)/", overview)) == set(groups())


@pytest.mark.parametrize("url", ["/admin/rulebook/override/none/", "/admin/rulebook/override/messages/none/"])
def test_a_page_that_is_not_there_is_not_found(client, manager, url):
    assert client.get(url).status_code == 404


def test_the_log_cannot_be_changed_by_anybody(client, admin_user):
    put_all({FEE: Decimal(120)})
    client.force_login(admin_user)
    line = RuleChange.objects.get()
    change, delete = (reverse(f"admin:rulebook_rulechange_{name}", args=[line.pk]) for name in ("change", "delete"))
    assert client.post(change, {"name": "x"}).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert client.get("/admin/rulebook/rulechange/?area=rule").content.decode().count("$120.00") == 1


def test_the_newest_line_is_what_a_page_was_loaded_with(client, manager):
    put_all({FEE: Decimal(120)})
    assert typed(client)["seen"] == newest_change() == RuleChange.objects.get().pk
