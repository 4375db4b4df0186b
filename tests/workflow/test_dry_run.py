"""A dry run shows what the routing table would do to the cases of the last 90 days, and changes nothing."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from tests.parcels.making import start_parcel
from workflow.admin.dry_run import MOST_SHOWN, dry_run
from workflow.models import Case, Event, RoutingRule, Team

pytestmark = pytest.mark.django_db

PAGE = "/admin/workflow/routingrule/dry-run/"
ADD = "/admin/workflow/routingrule/add/"


@pytest.fixture
def teams():
    return {code: Team.objects.create(code=code, name=code.title()) for code in ("north", "south")}


@pytest.fixture
def chief(client):
    made = User.objects.create_superuser("chief", "chief@dot.example.gov", "x")
    client.force_login(made)
    return made


def typed(team, **values):
    return {"order": 5, "team": team.pk, "is_active": "on", **values}


def change_of(rule):
    return f"/admin/workflow/routingrule/{rule.pk}/change/"


def test_nothing_moves_while_the_rules_are_those_that_routed(teams):
    RoutingRule.objects.create(order=10, county="polk", team=teams["north"])
    start_parcel(county="polk")
    outcome = dry_run()
    assert (outcome.looked_at, outcome.moving, outcome.staying) == (1, 0, 1)


def test_an_edited_rule_shows_who_would_move_from_which_team_to_which(teams):
    rule = RoutingRule.objects.create(order=10, county="polk", team=teams["north"])
    moved, _stays = start_parcel(county="polk"), start_parcel(county="story")
    RoutingRule.objects.filter(pk=rule.pk).update(team=teams["south"])
    outcome = dry_run()
    assert [(flow.before, flow.after, flow.count) for flow in outcome.flows] == [("North", "South", 1)]
    (move,) = outcome.moves
    assert (move.case.reference, move.why, move.is_new) == (moved.reference, "Rule 10: county polk", False)


def test_every_kind_of_case_is_tried(teams):
    start_parcel(county="polk")
    Case.objects.create(reference="LE-1", workflow="letter", county="polk", team=Team.default())
    RoutingRule.objects.create(order=10, county="polk", team=teams["south"])
    assert {move.case.workflow for move in dry_run().moves} == {"parcel", "letter"}


def test_cases_older_than_90_days_and_drafts_are_left_out(teams):
    old, draft, young = (start_parcel(county="polk") for _ in range(3))
    Case.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=91))
    Case.objects.filter(pk=draft.pk).update(team=None)
    RoutingRule.objects.create(order=10, county="polk", team=teams["south"])
    assert [move.case.pk for move in dry_run().moves] == [young.pk]


@pytest.mark.parametrize("count", [1, 30])
def test_its_queries_do_not_grow_with_the_cases(teams, count, django_assert_num_queries):
    for _ in range(count):
        start_parcel(county="polk")
    RoutingRule.objects.create(order=10, county="polk", team=teams["south"])
    with django_assert_num_queries(3):
        assert dry_run().moving == count


def test_it_lists_a_hundred_and_counts_them_all(teams):
    first = start_parcel(county="polk")
    copies = [
        Case(reference=f"PA-{number}", workflow="parcel", county="polk", team=first.team)
        for number in range(MOST_SHOWN + 4)
    ]
    Case.objects.bulk_create(copies)
    RoutingRule.objects.create(order=10, county="polk", team=teams["south"])
    outcome = dry_run()
    assert (outcome.moving, len(outcome.moves)) == (MOST_SHOWN + 5, MOST_SHOWN)


def test_a_typed_rule_is_tried_and_not_saved(client, chief, teams):
    parcel = start_parcel(county="polk")
    history = Event.objects.count()
    page = client.post(ADD, typed(teams["south"], county="Polk", _dry_run="Dry run")).content.decode()
    assert "1 of 1 case would go to another team, 1 of them because of this rule." in page
    assert parcel.reference in page
    assert "Rule 5: county Polk goes to South" in page
    assert not RoutingRule.objects.exists()
    parcel.refresh_from_db()
    assert parcel.team == Team.default()
    assert Event.objects.count() == history


def test_what_was_tried_can_be_saved_from_the_page(client, chief, teams):
    page = client.post(ADD, typed(teams["south"], county="polk", _dry_run="Dry run"))
    answer = client.post(page.context["saved_by"], {**dict(page.context["typed"]), "_save": "1"})
    assert answer.status_code == 302
    assert RoutingRule.objects.get().county == "polk"


def test_a_saved_rule_is_tried_as_typed_in_its_own_place(client, chief, teams):
    rule = RoutingRule.objects.create(order=10, county="polk", team=teams["north"])
    RoutingRule.objects.create(order=20, county="polk, story", team=teams["south"])
    start_parcel(county="polk")
    answer = client.post(change_of(rule), typed(teams["north"], order=30, county="polk", _dry_run="Dry run"))
    assert [(flow.before, flow.after) for flow in answer.context["outcome"].flows] == [("North", "South")]
    rule.refresh_from_db()
    assert rule.order == 10


def test_a_rule_switched_off_is_tried_as_off(client, chief, teams):
    rule = RoutingRule.objects.create(order=10, county="polk", team=teams["north"])
    start_parcel(county="polk")
    values = typed(teams["north"], county="polk", _dry_run="Dry run")
    del values["is_active"]
    page = client.post(change_of(rule), values).content.decode()
    assert "Rule 5 switched off" in page
    assert "Front desk" in page


def test_moves_that_the_typed_rule_causes_are_told_apart_from_older_ones(client, chief, teams):
    handed, other = start_parcel(county="story"), start_parcel(county="polk")
    Case.objects.filter(pk=handed.pk).update(team=teams["north"])
    answer = client.post(ADD, typed(teams["south"], county="polk", _dry_run="Dry run"))
    moves = [(move.case.pk, move.is_new) for move in answer.context["outcome"].moves]
    assert moves == [(other.pk, True), (handed.pk, False)]
    assert answer.content.decode().count("(without this rule too)") == 1


def test_a_rule_with_faults_is_shown_with_them_and_neither_tried_nor_saved(client, chief, teams):
    values = typed(teams["south"], milepost_from="93", milepost_to="87", route="I-35", _dry_run="Dry run")
    page = client.post(ADD, values).content.decode()
    assert "The stretch ends before it begins: put the lower mile first." in page
    assert 'value="Dry run"' in page
    assert not RoutingRule.objects.exists()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"milepost_from": "87"}, "Miles belong to a route: name it too, for example I-35."),
        ({"route": "I-35", "milepost_from": "-1"}, "Mile markers start at 0: give 0 or more."),
        ({"route": "I-35, I-80"}, "A rule names one route: write a rule of its own for each further route."),
    ],
)
def test_the_form_says_what_is_wrong_with_a_stretch(client, chief, teams, values, sentence):
    page = client.post(ADD, typed(teams["south"], **values)).content.decode()
    assert page.count(sentence) == 1
    assert not RoutingRule.objects.exists()


def test_the_table_and_the_form_lead_to_the_dry_run(client, chief, teams):
    assert PAGE in client.get("/admin/workflow/routingrule/").content.decode()
    assert 'name="_dry_run"' in client.get(ADD).content.decode()


def test_titles_are_shown_as_text(client, chief, teams):
    parcel = start_parcel(county="polk")
    Case.objects.filter(pk=parcel.pk).update(title="<script>alert(1)</script>")
    RoutingRule.objects.create(order=10, county="polk", team=teams["south"])
    assert "<script>alert" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize(("permissions", "status"), [((), 403), (("view_routingrule",), 403), (None, 200)])
def test_only_who_may_change_rules_sees_it(client, teams, permissions, status):
    names = ("view_routingrule", "change_routingrule", "add_routingrule") if permissions is None else permissions
    officer = User.objects.create_user("officer", is_staff=True)
    officer.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(officer)
    assert client.get(PAGE).status_code == status
    rule = RoutingRule.objects.create(order=10, team=teams["north"])
    for address in (ADD, change_of(rule)):
        assert client.post(address, typed(teams["south"], _dry_run="Dry run")).status_code == status
    assert RoutingRule.objects.get().team == teams["north"]


def test_a_record_is_linked_only_for_who_may_see_it(client, teams):
    parcel = start_parcel(county="polk")
    RoutingRule.objects.create(order=10, county="polk", team=teams["south"])
    officer = User.objects.create_user("officer", is_staff=True)
    officer.user_permissions.set(Permission.objects.filter(codename="change_routingrule"))
    client.force_login(officer)
    page = client.get(PAGE).content.decode()
    assert parcel.reference in page
    assert "/change/" not in page


def test_the_form_offers_the_kinds_of_case_there_are(client, chief, teams):
    page = client.get(ADD).content.decode()
    assert '<option value="parcel">' in page
    refused = client.post(ADD, typed(teams["south"], workflow="parsel"))
    assert "Select a valid choice" in refused.content.decode()
    assert client.post(ADD, typed(teams["south"], workflow="parcel")).status_code == 302
    assert RoutingRule.objects.get().workflow == "parcel"
