"""Away on holiday: who stands in, what they see and may do, what is refused, and what everybody is told."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from tests import admin_pages
from tests.incidents import factories as incidents
from tests.permits import factories as permits
from tests.workflow.both_kinds import both, permit, report
from workflow import absences, desk, engine
from workflow.actors import officer
from workflow.errors import NotAllowed, Refused
from workflow.models import Case, Delegation, Event, Team

pytestmark = pytest.mark.django_db
PAGE = "/admin/workflow/delegation/"
ALL = "/admin/workflow/case/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def olga():
    return both("olga")


@pytest.fixture
def sam():
    return both("sam")


def day(ahead=0):
    return timezone.localdate() + timedelta(days=ahead)


def away(absent, substitute, first=0, last=10, by=None):
    return absences.arrange(
        absent=absent, substitute=substitute, first_day=day(first), last_day=day(last), actor=officer(by or absent)
    )


def codes(refusal):
    return {reason.code for reason in refusal.value.reasons}


def words(ahead):
    return absences.day_words(day(ahead))


# -- entering an absence -----------------------------------------------------------------------------------------------


def test_an_absence_is_kept_with_who_entered_it_and_when(olga, sam):
    made = away(olga, sam).delegation
    assert (made.absent, made.substitute, made.made_by) == (olga, sam, olga)
    assert made.made_at <= timezone.now()
    line = LogEntry.objects.get()
    assert (line.user, line.object_id) == (olga, str(made.pk))
    assert "Sam Berg stands in" in line.change_message


@pytest.mark.parametrize(
    ("first", "last", "code"), [(-1, 3, "day_in_past"), (3, 2, "days_backward"), (-5, -3, "day_in_past")]
)
def test_days_that_are_over_or_run_backward_are_refused(olga, sam, first, last, code):
    with pytest.raises(Refused) as refusal:
        away(olga, sam, first, last)
    assert code in codes(refusal)
    assert not Delegation.objects.exists()


def test_two_absences_of_one_person_do_not_overlap(olga, sam):
    away(olga, sam, 2, 5)
    tara = both("tara")
    for first, last in [(5, 9), (0, 2), (3, 4), (0, 9)]:
        with pytest.raises(Refused) as refusal:
            away(olga, tara, first, last)
        assert codes(refusal) == {"absences_overlap"}
    away(olga, tara, 6, 9)
    away(olga, tara, 0, 1)
    assert Delegation.objects.count() == 3


def test_a_substitute_who_is_away_too_is_refused_with_who_stands_in_for_them(olga, sam):
    away(sam, both("tara"), 3, 5)
    with pytest.raises(Refused, match=f"Sam Berg is away, too, from {words(3)} to {words(5)}"):
        away(olga, sam, 0, 3)
    away(olga, sam, 0, 2)


def test_a_substitute_needs_a_team_in_common_must_be_active_and_somebody_else(olga, sam):
    far = both("fay", team=Team.objects.create(code="west", name="West"))
    for substitute, code in [(far, "no_common_team"), (olga, "own_substitute")]:
        with pytest.raises(Refused) as refusal:
            away(olga, substitute)
        assert codes(refusal) == {code}
    sam.is_active = False
    sam.save()
    with pytest.raises(Refused) as refusal:
        away(olga, sam)
    assert "not_active" in codes(refusal)


def test_for_a_team_that_is_not_shared_it_is_said_how_many_cases_nobody_covers(olga, sam):
    west = Team.objects.create(code="west", name="West")
    west.members.add(olga)
    case = report()
    Case.objects.filter(pk=case.pk).update(team=west, assignee=olga)
    (warning,) = away(olga, sam).warnings
    assert "Sam Berg is not in the team West: nobody covers its cases (1 open now)." in warning


def test_whoever_the_absent_was_to_stand_in_for_is_named(olga, sam):
    away(sam, olga, 2, 4)
    (warning,) = away(olga, both("tara"), 3, 8).warnings
    assert f"Olga Berg was to stand in for Sam Berg (from {words(2)} to {words(4)}): nobody does" in warning


def test_a_colleague_may_not_enter_it_but_a_manager_of_the_team_may(olga, sam):
    with pytest.raises(NotAllowed):
        away(olga, sam, by=sam)
    manager = permits.user("mona", permissions=("view", "change", "manage"))
    made = away(olga, sam, by=manager).delegation
    assert made.made_by == manager
    elsewhere = Team.objects.create(code="west", name="West")
    stranger = permits.user("stan", permissions=("view", "change", "manage"), team=elsewhere)
    with pytest.raises(NotAllowed):
        away(both("tara"), sam, by=stranger)
    with pytest.raises(NotAllowed):
        absences.end(made, actor=officer(stranger))


def test_it_ends_early_once_and_the_days_are_free_again(olga, sam):
    made = away(olga, sam).delegation
    assert absences.stands_in(sam, olga.pk)
    absences.end(made, actor=officer(olga))
    assert not absences.stands_in(sam, olga.pk)
    with pytest.raises(Refused) as refusal:
        absences.end(made, actor=officer(olga))
    assert codes(refusal) == {"absence_over"}
    away(olga, both("tara"))
    assert "was ended" in LogEntry.objects.filter(object_id=str(made.pk)).latest("pk").change_message


# -- what the substitute sees and does ---------------------------------------------------------------------------------


def test_mine_holds_the_cases_of_whom_one_stands_in_for_only_while_it_holds(client, olga, sam):
    case, own = report(), permit()
    desk.claim(case, actor=officer(olga))
    desk.claim(own, actor=officer(sam))
    client.force_login(sam)
    assert admin_pages.shown(client, ALL, queue="mine") == [own.reference]
    made = away(olga, sam, 0, 4).delegation
    assert set(admin_pages.shown(client, ALL, queue="mine")) == {own.reference, case.reference}
    page = client.get(ALL, {"queue": "mine"}).content.decode()
    assert f"for Olga Berg until {words(4)}" in page
    assert page.count("for Olga Berg until") == 1
    counts = client.get("/admin/").context["queues"]
    assert [{name: n for name, _w, n in kind["counts"]}["mine"] for kind in counts] == [1, 1]
    absences.end(made, actor=officer(olga))
    assert admin_pages.shown(client, ALL, queue="mine") == [own.reference]


def test_an_absence_of_next_week_changes_nothing_today(olga, sam):
    case = report()
    desk.claim(case, actor=officer(olga))
    away(olga, sam, 7, 9)
    assert not Case.objects.mine(sam).exists()
    assert Delegation.objects.on(day(8)).count() == 1


def test_the_queues_keep_their_bounds(client, olga, sam, django_assert_max_num_queries):
    for number in range(4):
        desk.claim(report(latitude=42.1 + number / 10), actor=officer(olga if number % 2 else sam))
    away(olga, sam)
    gone = both("gus")
    desk.claim(report(latitude=42.9), actor=officer(gone))
    gone.is_active = False
    gone.save()
    client.force_login(sam)
    client.get(ALL)
    for url in (ALL, "/admin/incidents/incident/"):
        for queue in ("mine", "unassigned", "escalated"):
            with django_assert_max_num_queries(12):
                client.get(url, {"queue": queue})
    with django_assert_max_num_queries(15):
        client.get("/admin/")


def test_the_substitute_releases_and_the_history_says_for_whom(olga, sam):
    case = report()
    desk.claim(case, actor=officer(olga))
    with pytest.raises(Refused):
        desk.release(case, actor=officer(sam))
    away(olga, sam)
    desk.release(case, actor=officer(sam))
    line = admin_pages.last(case)
    assert (line.kind, line.actor, line.data) == ("released", "Sam Berg", {"in_place_of": "Olga Berg"})


def test_a_new_claim_is_ones_own(olga, sam):
    away(olga, sam)
    case = report()
    assert desk.claim(case, actor=officer(sam)).assignee == sam


def test_roles_are_not_delegated():
    manager = permits.user("mona", permissions=("view", "change", "intake", "review"))
    helper = permits.user("hal", permissions=("view", "change"))
    case = permits.filed()
    desk.claim(case, actor=officer(manager))
    away(manager, helper)
    with pytest.raises(NotAllowed):
        engine.fire(
            case, "refuse", actor=officer(helper), data={"reasons": ["R20"], "explanation": permits.EXPLANATION}
        )


def test_two_approvals_are_two_persons_also_when_one_stands_in_for_the_other():
    first = permits.user("ida")
    away(permits.user("olaf"), first)
    case = permits.filed()
    case.second_approver_needed, case.first_approved_by = True, first
    case.attempt = engine.Attempt(actor=officer(first), data={}, now=timezone.now())
    assert not permits.guards.SECOND_OFFICER(case)


# -- handing over to somebody who is away ------------------------------------------------------------------------------


def test_handing_over_to_who_is_away_is_refused_with_who_stands_in_until_it_is_meant(client, olga, sam):
    away(olga, sam, 0, 4)
    tara = both("tara")
    client.force_login(tara)
    case = report()
    url = admin_pages.desk_url(case, "assign")
    assert f"Olga Berg (away until {words(4)}; Sam Berg stands in)" in client.get(url).content.decode()
    page = admin_pages.press(client, case, "assign", to=olga.pk)
    assert page.status_code == 422
    assert f"Olga Berg is away until {words(4)}; Sam Berg stands in. Choose Sam Berg" in page.content.decode()
    assert not Event.objects.filter(case_id=case.pk, kind="assigned").exists()
    assert admin_pages.press(client, case, "assign", to=olga.pk, although_away="on").status_code == 302
    assert Case.objects.get(pk=case.pk).assignee == olga


def test_many_at_once_warn_in_the_same_way(client, olga, sam):
    away(olga, sam, 0, 4)
    client.force_login(sam)
    case = report()
    data = {"action": "hand_over", "_selected_action": [case.pk], "index": "0"}
    page = client.post(ALL, {**data, "to": olga.pk})
    assert page.status_code == 422
    assert f"Olga Berg is away until {words(4)}; Sam Berg stands in." in page.content.decode()
    assert Case.objects.get(pk=case.pk).assignee is None
    client.post(ALL, {**data, "to": olga.pk, "although_away": "on"})
    assert Case.objects.get(pk=case.pk).assignee == olga


def test_nobody_is_asked_whether_they_mean_it_when_nobody_is_away(client, sam):
    client.force_login(sam)
    assert "although_away" not in client.get(admin_pages.desk_url(report(), "assign")).content.decode()


# -- on the record -----------------------------------------------------------------------------------------------------


def test_the_record_says_that_the_assignee_is_away_and_who_stands_in(client, olga, sam):
    case = report()
    desk.claim(case, actor=officer(olga))
    client.force_login(sam)
    assert "is away until" not in client.get(admin_pages.record_url(case)).content.decode()
    away(olga, sam, 0, 4)
    page = client.get(admin_pages.record_url(case)).content.decode()
    assert f"Olga Berg is away until {words(4)}; Sam Berg stands in." in page


def test_a_case_of_a_deactivated_officer_is_nobodys_and_can_be_claimed(client, olga, sam):
    case = report()
    desk.claim(case, actor=officer(olga))
    client.force_login(sam)
    assert admin_pages.shown(client, ALL, queue="unassigned") == []
    olga.is_active = False
    olga.save()
    assert admin_pages.shown(client, ALL, queue="unassigned") == [case.reference]
    assert "nobody active" in client.get(ALL).content.decode()
    assert (
        "Nobody active has this case: Olga Berg does not work here any more."
        in client.get(admin_pages.record_url(case)).content.decode()
    )
    counts = client.get("/admin/").context["all_work"]["counts"]
    assert {name: number for name, _words, number in counts}["unassigned"] == 1
    assert desk.claim(case, actor=officer(sam)).assignee == sam
    assert admin_pages.last(case).data["in_place_of"] == "Olga Berg"


# -- technical reviews -------------------------------------------------------------------------------------------------


def test_reviews_go_to_specialists_who_are_here_and_those_given_out_to_the_substitute(client, settings):
    settings.TECHNICAL_REVIEW_FROM_INDEX = 0
    team = Team.objects.create(code="technical-traffic", name="Traffic")
    first = permits.user("anna", permissions=("view", "advise"), team=team)
    second = permits.user("bert", permissions=("view", "advise"), team=team)
    given = next(t for t in permits.open_tasks(permits.filed()) if t.specialty == "traffic")
    assert given.owner == first
    away(first, second)
    for number in (3, 4):
        later = permits.filed(**permits.at(number))
        assert next(t for t in permits.open_tasks(later) if t.specialty == "traffic").owner == second
    client.force_login(second)
    page = client.get("/admin/permits/technicaltask/", {"queue": "mine"})
    assert given.process.permit.reference in page.content.decode()


# -- the page ----------------------------------------------------------------------------------------------------------


def test_an_officer_enters_an_absence_reads_it_and_ends_it(client, olga, sam):
    client.force_login(olga)
    assert "You have entered no absence." in client.get(PAGE).content.decode()
    typed = {"substitute": sam.pk, "first_day": day(1).isoformat(), "last_day": day(4).isoformat()}
    page = client.post(PAGE, typed, follow=True).content.decode()
    assert f"Sam Berg stands in for Olga Berg from {words(1)} to {words(4)}." in page
    made = Delegation.objects.get()
    page = client.post(f"{PAGE}{made.pk}/end/", follow=True).content.decode()
    assert "The absence is ended" in page
    made.refresh_from_db()
    assert made.ended_at is not None


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(client, olga, sam):
    client.force_login(olga)
    typed = {"substitute": sam.pk, "first_day": day(-2).isoformat(), "last_day": day(3).isoformat()}
    page = client.post(PAGE, typed)
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"first_day"}
    assert day(-2).isoformat() in page.content.decode()
    assert client.post(PAGE, {}).status_code == 422


def test_a_manager_enters_it_for_a_member_and_nobody_else_is_offered_others(client, olga, sam):
    manager = incidents.user("mona")
    client.force_login(manager)
    typed = {"absent": olga.pk, "substitute": sam.pk, "first_day": day().isoformat(), "last_day": day(2).isoformat()}
    page = client.post(PAGE, typed, follow=True).content.decode()
    assert "Sam Berg stands in for Olga Berg" in page
    assert Delegation.objects.get().made_by == manager
    client.force_login(sam)
    page = client.get(PAGE).content.decode()
    assert 'name="absent"' not in page
    assert "Olga Berg" in page  # whom one stands in for is told


def test_the_page_takes_as_many_queries_for_many_absences(client, olga, sam, django_assert_max_num_queries):
    client.force_login(incidents.user("mona"))
    away(olga, sam, 1, 2)
    client.get(PAGE)
    with django_assert_max_num_queries(20) as few:
        client.get(PAGE)
    for number in range(2, 6):
        away(olga, sam, 2 * number, 2 * number)
    away(both("tara"), sam, 1, 2)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(PAGE)


def test_one_is_not_offered_as_ones_own_substitute(client, olga, sam):
    client.force_login(olga)
    offered = client.get(PAGE).context["form"].fields["substitute"].queryset
    assert list(offered) == [sam]


def test_the_first_screen_says_for_whom_one_stands_in_and_leads_to_the_page(client, olga, sam):
    away(olga, sam, 0, 4)
    client.force_login(sam)
    page = client.get("/admin/").content.decode()
    assert f"You stand in for Olga Berg until {words(4)}" in page
    assert f'href="{PAGE}"' in page
    client.force_login(olga)
    assert f"You are away until {words(4)}; Sam Berg stands in" in client.get("/admin/").content.decode()


def test_somebody_who_works_in_no_team_is_shown_no_such_page(client):
    nobody = both("nora", kinds=())
    nobody.milepost_teams.clear()
    client.force_login(nobody)
    assert client.get(PAGE).status_code == 403
