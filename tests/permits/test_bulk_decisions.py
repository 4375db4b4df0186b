"""Decisions on many permits at once: each by the door of its own button, each with a result."""

from unittest import mock

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from permits import applications
from permits.models import RoadPermit
from tests.admin_pages import do_url
from tests.bulk_pages import ALL_WORK, actions, choose, plain, send, ticked, told
from tests.permits import factories as make
from tests.permits.test_two_approvals import closing
from tests.workflow.both_kinds import both, report
from workflow import desk
from workflow.admin.queue import MOST_AT_ONCE
from workflow.models import Event, Team

pytestmark = pytest.mark.django_db
QUEUE = "/admin/permits/roadpermit/"


@pytest.fixture(autouse=True)
def _quick(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with (
        mock.patch("permits.services.document_bytes", return_value=make.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=make.PDF),
    ):
        yield


@pytest.fixture
def rita(client):
    made = make.user("rita")
    client.force_login(made)
    return made


def signed_in(user):
    browser = Client()
    browser.force_login(user)
    return browser


def submitted(place):
    return make.filed(checked=False, **make.at(place))


def safe(permit):
    """The safety check found nothing blocking; in the example a way for people on foot is missing."""
    RoadPermit.objects.filter(pk=permit.pk).update(safety=permit.safety | {"verdict": "pass"})
    return make.fresh(permit)


def ready(place):
    return safe(make.ready(**make.at(place)))


def elsewhere(permit):
    RoadPermit.objects.filter(pk=permit.pk).update(team=Team.objects.create(code="west", name="West"))
    return make.fresh(permit)


def lines(page):
    return {line.case.reference: line for line in page.context["lines"]}


# -- accept -----------------------------------------------------------------------------------------------------------


def test_several_applications_are_accepted_by_one_press_each_with_its_history(client, rita):
    permits = [submitted(place) for place in range(3)]
    page = choose(client, "accept", *permits)
    assert page.status_code == 200
    assert len(ticked(page)) == 3
    done, refused = told(send(client, page))
    assert done == {permit.reference: "is now: In review" for permit in permits}
    assert refused == {}
    for permit in permits:
        last = Event.objects.filter(case_id=permit.pk, transition="accept").get()
        assert (make.fresh(permit).state, last.actor) == ("in_review", "Rita Reyes")


def test_nothing_is_done_before_the_page_is_sent(client, rita):
    permit = submitted(0)
    choose(client, "accept", permit)
    client.get(f"{QUEUE}bulk/accept/", follow=True)
    assert (make.fresh(permit).state, make.fresh(permit).revision) == ("submitted", permit.revision)


def test_a_mixture_ends_with_one_result_for_each(client, rita):
    """Accepted, moved meanwhile, of another team, in another state already, without the right revision."""
    good, moved, foreign, later = submitted(0), submitted(1), elsewhere(submitted(2)), ready(3)
    page = choose(client, "accept", good, moved, foreign, later)
    assert ticked(page) == [f"{permit.pk}:{permit.revision}" for permit in sorted((good, moved), key=in_queue(page))]
    words = lines(page)
    assert "officers of the team West" in words[foreign.reference].why[0]
    assert "not possible while the permit stands at" in words[later.reference].why[0]
    desk.add_note(moved, text="The applicant called.", actor=make.officer("mona"))
    everything = [f"{permit.pk}:{permit.revision}" for permit in (good, moved, foreign, later)]
    answer = send(client, page, boxes=everything)
    done, refused = told(answer)
    assert set(done) == {good.reference}
    assert "changed while you were looking (Mona Reyes: " in refused[moved.reference]
    assert "a permit officer of the team" in refused[foreign.reference]
    assert "not possible while the request is in review" in refused[later.reference]
    assert [make.fresh(one).state for one in (good, moved, foreign)] == ["in_review", "submitted", "submitted"]
    assert "1 of 4 done" in answer.content.decode()


def in_queue(page):
    order = [line.case.pk for line in page.context["lines"]]
    return lambda permit: order.index(permit.pk)


def test_a_page_that_is_sent_twice_does_nothing_twice_and_says_so(client, rita):
    permits = [submitted(place) for place in range(2)]
    page = choose(client, "accept", *permits)
    send(client, page)
    revisions = [make.fresh(permit).revision for permit in permits]
    done, refused = told(send(client, page))
    assert done == {}
    assert all("Nothing was done now." in words and "Rita Reyes: " in words for words in refused.values())
    assert [make.fresh(permit).revision for permit in permits] == revisions


# -- approve ----------------------------------------------------------------------------------------------------------


def test_permits_are_approved_with_the_conditions_that_the_form_would_tick(client, rita):
    plain_one = ready(0)
    asked = make.paid(make.with_documents(make.filed(**make.at(2))))
    asked = make.advised(
        safe(asked), "approve_with_conditions", comment="The signal needs a flagger.", conditions=["C10"]
    )
    page = choose(client, "approve", plain_one, asked)
    for permit in (plain_one, asked):
        assert all(code in lines(page)[permit.reference].tells for code in applications.standard_codes(permit))
    ticks = {permit.pk: expected(client, permit) for permit in (plain_one, asked)}
    done, _refused = told(send(client, page))
    for permit in (plain_one, asked):
        after = make.fresh(permit)
        assert (after.decided_by.username, after.conditions, after.explanation) == ("rita", ticks[permit.pk], "")
        assert done[permit.reference].startswith("is now: ")


def expected(client, permit):
    """The conditions ticked on the permit's own page."""
    return list(dict.fromkeys(client.get(do_url(permit, "approve")).context["form"].initial["conditions"]))


def against_advice(place):
    """The safety check says no."""
    return make.ready(**make.at(place))


def test_a_permit_that_needs_reasons_is_decided_on_its_own_record(client, rita):
    permit, good = against_advice(0), ready(2)
    page = choose(client, "approve", permit, good)
    words = "The safety check found something blocking: decide this one on its own record, where you say why."
    assert lines(page)[permit.reference].why == (words,)
    forged = [f"{one.pk}:{one.revision}" for one in (permit, good)]
    done, refused = told(send(client, page, boxes=forged))
    assert (set(done), refused) == ({good.reference}, {permit.reference: words})
    assert make.fresh(permit).state == "in_review"


def test_a_specialist_who_says_no_is_answered_on_the_record_alone(client, rita):
    permit = safe(make.paid(make.with_documents(make.filed(**make.at(0)))))
    permit = make.advised(permit, "refuse", comment="The bridge cannot carry the machine.")
    page = choose(client, "approve", permit)
    assert "recommends a refusal" in lines(page)[permit.reference].why[0]
    done, refused = told(send(client, page, boxes=[f"{permit.pk}:{permit.revision}"]))
    assert (done, set(refused)) == ({}, {permit.reference})


def test_what_a_guard_refuses_is_told_before_and_after(client, rita):
    unpaid = safe(make.advised(make.with_documents(make.filed(**make.at(0)))))
    page = choose(client, "approve", unpaid)
    sentence = "The fee is open: record the payment, or check that it is deferred or exempt."
    assert sentence in lines(page)[unpaid.reference].why
    assert "Not possible now for any of them" in page.content.decode()
    _done, refused = told(send(client, page, boxes=[f"{unpaid.pk}:{unpaid.revision}"]))
    assert sentence in refused[unpaid.reference]


def test_two_officers_approve_in_bulk_as_they_do_on_the_record(client, rita):
    permit, simple = safe(closing()), ready(5)
    page = choose(client, "approve", permit, simple)
    assert lines(page)[permit.reference].tells.startswith("First of two approvals. Conditions: ")
    done, _refused = told(send(client, page))
    assert done[permit.reference] == "first approval noted: a colleague approves it, too"
    assert make.fresh(simple).decided_by == rita
    noted = make.fresh(permit)
    assert (noted.state, noted.first_approved_by) == ("in_review", rita)
    again = choose(client, "approve", noted)
    assert "ask a colleague to approve it" in lines(again)[permit.reference].why[0]
    _done, refused = told(send(client, again, boxes=[f"{noted.pk}:{noted.revision}"]))
    assert "ask a colleague to approve it" in refused[permit.reference]
    assert make.fresh(permit).state == "in_review"
    mona = signed_in(make.user("mona"))
    second = choose(mona, "approve", noted)
    assert "Second approval, after Rita Reyes" in lines(second)[permit.reference].tells
    done, _refused = told(send(mona, second))
    after = make.fresh(permit)
    assert set(done) == {permit.reference}
    assert (after.decided_by.username, after.conditions) == ("mona", noted.conditions)


def test_the_second_approval_keeps_what_the_first_officer_chose_and_wrote(client, rita):
    permit = safe(closing())
    client.post(
        do_url(permit, "approve"), {"revision": permit.revision, "conditions": ["C01"], "message": "Mind the school."}
    )
    mona = signed_in(make.user("mona"))
    send(mona, choose(mona, "approve", permit))
    after = make.fresh(permit)
    assert (after.decided_by.username, after.conditions, after.explanation) == ("mona", ["C01"], "Mind the school.")


def test_a_first_approval_noted_meanwhile_is_no_second_one(client, rita):
    """Both officers had the page open: the later press hears who was first, and presses on the record as it is."""
    permit = safe(closing())
    mona = signed_in(make.user("mona"))
    page = choose(mona, "approve", permit)
    send(client, choose(client, "approve", permit))
    _done, refused = told(send(mona, page))
    assert "Rita Reyes" in refused[permit.reference]
    assert make.fresh(permit).state == "in_review"


# -- who may, and what is sent wrong ----------------------------------------------------------------------------------


def test_who_may_not_decide_is_offered_nothing_and_gets_no_further(client):
    permit = submitted(0)
    client.force_login(make.user("arno", permissions=("view",)))
    assert actions(client, QUEUE) == []
    page = client.post(f"{QUEUE}bulk/accept/", {"case": f"{permit.pk}:{permit.revision}", "listed": permit.pk})
    assert page.status_code == 403
    assert "This decision is not open to your account, or not any more." in page.content.decode()
    assert make.fresh(permit).state == "submitted"


def test_each_officer_is_offered_the_decisions_of_their_role(client):
    submitted(0)
    client.force_login(make.user("ida", permissions=("view", "change", "intake")))
    assert actions(client, QUEUE) == [("bulk_accept", "Accept for review")]
    client.force_login(make.user("ivan", permissions=("view", "change", "inspect")))
    assert actions(client, QUEUE) == []
    client.force_login(make.user("rita"))
    assert [name for name, _words in actions(client, QUEUE)] == ["bulk_accept", "bulk_approve"]


def test_a_right_that_was_taken_away_meanwhile_is_gone(client, rita):
    permit = submitted(0)
    page = choose(client, "accept", permit)
    rita.user_permissions.remove(Permission.objects.get(codename="intake_roadpermit"))
    assert send(client, page).status_code == 403
    User.objects.filter(pk=rita.pk).update(is_active=False)
    client.force_login(rita)
    assert "/admin/login/" in send(client, page).redirect_chain[-1][0]
    assert make.fresh(permit).state == "submitted"


def test_without_a_tick_the_page_asks_for_one(client, rita):
    permit = submitted(0)
    page = choose(client, "accept", permit)
    again = send(client, page, boxes=[])
    assert (again.status_code, ticked(again)) == (422, [])
    assert "Tick at least one case" in again.content.decode()
    done, _refused = told(send(client, again, boxes=[f"{permit.pk}:{permit.revision}"]))
    assert set(done) == {permit.reference}


@pytest.mark.parametrize("case", ["", "x", "1", ":", "1:x", "²:1", f"{'9' * 30}:1", "-1:2", "1:2:3"])
def test_what_is_no_case_breaks_nothing(client, rita, case):
    page = client.post(f"{QUEUE}bulk/accept/", {"case": case}, follow=True)
    assert page.status_code == 200
    assert "tick the cases in the queue" in page.content.decode()


def test_a_case_that_is_gone_is_told(client, rita):
    _done, refused = told(client.post(f"{QUEUE}bulk/accept/", {"case": "987654:1"}))
    assert refused == {"": "This permit is not there any more."}


def test_a_draft_is_the_applicants_and_is_not_there(client, rita):
    draft = make.draft(**make.at(0))
    _done, refused = told(client.post(f"{QUEUE}bulk/accept/", {"case": f"{draft.pk}:{draft.revision}"}))
    assert refused == {"": "This permit is not there any more."}


def test_at_most_a_hundred_at_once(client, rita):
    permit = submitted(0)
    boxes = [f"{permit.pk}:{permit.revision}", *(f"{900000 + number}:1" for number in range(MOST_AT_ONCE))]
    answer = client.post(f"{QUEUE}bulk/accept/", {"case": boxes})
    assert len(answer.context["refused"]) + len(answer.context["done"]) == MOST_AT_ONCE
    assert f"At most {MOST_AT_ONCE} at once" in answer.content.decode()


def test_the_way_back_leads_to_the_queue_as_it_was_filtered(client, rita):
    permit = submitted(0)
    page = choose(client, "accept", permit, url=f"{QUEUE}?queue=team")
    assert page.context["back"] == f"{QUEUE}?queue=team"
    assert send(client, page).context["back"] == f"{QUEUE}?queue=team"


# -- all work ---------------------------------------------------------------------------------------------------------


def test_all_work_offers_each_kinds_decisions_and_leaves_the_other_kind_alone(client):
    officer = both()
    officer.user_permissions.add(*Permission.objects.filter(codename__in=["intake_roadpermit", "triage_incident"]))
    client.force_login(officer)
    permit, other = submitted(0), report()
    assert [words for _name, words in actions(client, ALL_WORK)] == [
        "Road permits: Accept for review", "Incidents: Hand to the team", "Incidents: Give to another team",
    ]  # fmt: skip
    page = choose(client, "roadpermit-accept", permit, other, url=ALL_WORK)
    text = plain(page.content.decode())
    assert f"Left as they are, because they are no permits: {other.reference}." in text
    done, _refused = told(send(client, page))
    assert set(done) == {permit.reference}
    nothing = choose(client, "roadpermit-accept", other, url=ALL_WORK)
    assert "Accept for review: choose at least one permit." in nothing.content.decode()


# -- what it costs ----------------------------------------------------------------------------------------------------


def test_the_page_asks_a_few_questions_for_each_case_and_no_more(client, rita):
    permits = [ready(place) for place in range(20)]

    def queries(number):
        with CaptureQueriesContext(connection) as captured:
            assert len(choose(client, "approve", *permits[:number]).context["lines"]) == number
        return len(captured)

    queries(1)
    assert (queries(20) - queries(2)) / 18 <= 7
