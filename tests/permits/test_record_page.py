"""What stands on a permit's record and above a decision: the revision, objections, conflicts, what was here before."""

import html
import re
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.utils import timezone

from permits.earlier import at_the_place
from permits.models import Conflict, RoadPermit
from permits.technical import reviews
from tests.admin_pages import buttons, decide, desk_url, do_url, last, press, record_url
from tests.permits import factories as make
from tests.permits.move_data import WORDS
from tests.permits.test_two_approvals import closed
from workflow import actors, engine
from workflow.actors import SYSTEM
from workflow.errors import Refused
from workflow.models import Event, Team

pytestmark = pytest.mark.django_db
AGREED = "The contractors agreed on different weeks."


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with (
        mock.patch("permits.services.document_bytes", return_value=make.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=make.PDF),
    ):
        yield Path(tmp_path)


@pytest.fixture
def rita(client):
    made = make.user("rita")
    client.force_login(made)
    return made


def page_of(client, url):
    answer = client.get(url)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def refused_by_a_specialist(**changes) -> RoadPermit:
    """Ready to be decided, but one specialist says no."""
    permit = make.paid(make.with_documents(make.filed(**changes)))
    task, *_others = make.open_tasks(permit)
    reviews.recommend(
        permit, task=task.pk, recommendation="refuse", comment="The drain cannot take it.", actor=make.specialist(task)
    )
    permit = make.advised(permit)
    RoadPermit.objects.filter(pk=permit.pk).update(safety=permit.safety | {"verdict": "pass"})
    return make.fresh(permit)


# -- the revision decided on ------------------------------------------------------------------------------------------


def test_a_decision_names_the_revision_and_what_changed_since_the_first_review(client, rita):
    permit = make.ready()
    page = page_of(client, do_url(permit, "refuse"))
    assert "You decide on <strong>revision 1 of the application, as filed on" in page
    assert f"(line {permit.revision} of its history)" in page
    assert "Changed since" not in page
    permit = make.fire(permit, "request_information", items=[{"field": "contact_phone", "text": "Which number?"}])
    changes = {"contact_phone": "515-555-0199"}
    answer = {"answers": {"0": "This."}, "changes": changes}
    engine.fire(permit, "provide_information", actor=actors.applicant(permit), data=answer)
    page = page_of(client, do_url(permit, "refuse"))
    assert "revision 2 of the application" in page
    assert re.search(r"Changed since the first review: [^<]*[Pp]hone", page)


# -- a specialist's refusal -------------------------------------------------------------------------------------------


def test_an_approval_against_a_specialist_needs_a_reason_in_the_door_not_only_on_the_page(client, rita):
    permit = refused_by_a_specialist()
    for reason in ("", "It is fine."):
        with pytest.raises(Refused) as refused:
            engine.fire(permit, "approve", actor=make.officer("olga"), data={"override_reason": reason})
        assert [(one.code, one.field) for one in refused.value.reasons] == [("text_too_short", "override_reason")]
    page = page_of(client, do_url(permit, "approve"))
    assert "recommends a refusal" in page
    assert "The drain cannot take it." in page
    assert decide(client, permit, "approve", conditions=["C01"]).status_code == 422
    assert decide(client, permit, "approve", conditions=["C01"], override_reason=WORDS).status_code == 302
    assert last_approval(permit).data["override_reason"] == WORDS
    assert WORDS in page_of(client, record_url(permit))


def last_approval(permit):
    return Event.objects.filter(case_id=permit.pk, transition="approve").latest("seq")


def test_without_an_objection_no_reason_is_asked(client, rita):
    permit = make.ready()
    RoadPermit.objects.filter(pk=permit.pk).update(safety=permit.safety | {"verdict": "pass"})
    assert "override_reason" not in page_of(client, do_url(permit, "approve"))
    assert decide(client, permit, "approve", conditions=["C01"]).status_code == 302


def test_the_second_approver_reads_why_the_first_went_against_the_specialist(client, rita):
    permit = refused_by_a_specialist(**closed())
    with pytest.raises(Refused):
        engine.fire(permit, "approve", actor=make.officer("olga"), data={})
    assert decide(client, permit, "approve", conditions=["C01"], override_reason=WORDS).status_code == 302
    assert last(permit).data["override_reason"] == WORDS
    client.force_login(make.user("olga"))
    page = page_of(client, do_url(permit, "approve"))
    assert WORDS in page
    assert "The drain cannot take it." in page
    permit = make.fresh(permit)
    assert decide(client, permit, "approve", conditions=["C01"]).status_code == 422  # each gives a reason
    assert decide(client, permit, "approve", conditions=["C01"], override_reason=WORDS).status_code == 302


def test_silence_does_not_approve_against_a_specialist(settings):
    permit = refused_by_a_specialist()
    settings.DEEMED_PERMIT_TYPES = [permit.category]
    RoadPermit.objects.filter(pk=permit.pk).update(due_at=timezone.now() - timedelta(days=1))
    with pytest.raises(Refused) as refused:
        engine.fire(make.fresh(permit), "deem", actor=SYSTEM)
    assert "nothing_blocking" in {one.code for one in refused.value.reasons}


# -- conflicts --------------------------------------------------------------------------------------------------------


def in_conflict(number: int = 2) -> RoadPermit:
    """Ready but for other works at the same place and time, all blocking."""
    for _ in range(number):
        make.filed(early_start_reason="The crew is booked.")
    permit = make.ready()
    Conflict.objects.filter(permit=permit).update(blocking=True)
    assert permit.conflicts.count() == number
    return permit


def test_conflicts_are_settled_one_by_one_and_then_the_permit_can_be_approved(client, rita):
    permit = in_conflict()
    first, second = permit.conflicts.order_by("pk")
    page = page_of(client, record_url(permit))
    assert "approve" not in buttons(client.get(record_url(permit)))
    assert "settle each blocking conflict with a reason first" in page
    for conflict in (first, second):
        assert f"/settle_conflict/?conflict={conflict.pk}" in page
        assert f"/admin/permits/roadpermit/{conflict.other_id}/change/" in page
    assert "Both at once from" in page
    assert first.other.answer("contact_phone") in page
    form = client.get(desk_url(permit, "settle_conflict"), {"conflict": second.pk})
    assert re.search(rf'value="{second.pk}"[^>]*checked', form.content.decode())
    short = press(client, permit, "settle_conflict", conflict=second.pk, because="Fine.")
    assert short.status_code == 422
    for conflict in (second, first):
        assert "approve" not in buttons(client.get(record_url(permit)))
        permit = make.fresh(permit)
        assert press(client, permit, "settle_conflict", conflict=conflict.pk, because=AGREED).status_code == 302
    page = page_of(client, record_url(permit))
    assert f"<strong>Rita Reyes</strong> settled it: {AGREED}" in page
    assert "approve" in buttons(client.get(record_url(permit)))


def test_who_may_not_see_persons_reads_no_phone_number_of_the_other_party(client, rita):
    permit = in_conflict(1)
    rita.user_permissions.remove(*rita.user_permissions.filter(codename="view_contact"))
    assert permit.conflicts.get().other.answer("contact_phone") not in page_of(client, record_url(permit))


# -- what was here before ---------------------------------------------------------------------------------------------


def test_the_record_tells_how_earlier_permits_at_the_place_went(client, rita):
    refused = make.in_state("refused")
    suspended = make.in_state("suspended")
    elsewhere = make.in_state("refused", **make.at(3))
    permit = make.filed()
    found = {one.permit.reference: one for one in at_the_place(permit)}
    assert found.keys() == {refused.reference, suspended.reference}
    assert [str(code) for code in found[refused.reference].reasons] == ["R20"]
    assert found[suspended.reference].troubles == ("suspended",)
    page = page_of(client, record_url(permit))
    assert "Permits at this place before" in page
    assert elsewhere.reference not in page
    assert "R20" in page


def test_looking_for_earlier_permits_costs_two_queries_however_many_there_are(django_assert_max_num_queries):
    for _ in range(3):
        make.in_state("refused")
    permit = make.filed()
    with django_assert_max_num_queries(2):
        assert len(at_the_place(permit)) == 3


# -- what the page costs ----------------------------------------------------------------------------------------------


def laden(permit: RoadPermit) -> RoadPermit:
    """With conflicts, documents, technical review and messages."""
    assert permit.conflicts.exists()
    assert permit.documents.exists()
    assert reviews.tasks_of(permit)
    assert permit.messages.exists()
    assert at_the_place(permit)
    return permit


@pytest.mark.parametrize("who", ["rita", "chief", "specialist"])
def test_a_record_with_everything_takes_at_most_twenty_queries(client, who, django_assert_max_num_queries):
    make.in_state("suspended")
    in_conflict(2)
    permit = laden(make.ready())
    people = {"rita": {}, "chief": {"is_superuser": True}, "specialist": {"permissions": ("view", "change", "advise")}}
    user = make.user(who, **people[who])
    for team in Team.objects.filter(code__startswith="technical-"):
        team.members.add(user)
    client.force_login(user)
    client.get(record_url(permit))
    with django_assert_max_num_queries(20):
        assert client.get(record_url(permit)).status_code == 200


def test_a_record_offers_claim_release_and_hand_over(client, rita):
    permit = make.filed()
    for name in ("claim", "assign"):
        assert desk_url(permit, name) in page_of(client, record_url(permit))
    assert press(client, permit, "claim").status_code == 302
    page = page_of(client, record_url(permit))
    assert desk_url(permit, "release") in page
    assert desk_url(permit, "claim") not in page
