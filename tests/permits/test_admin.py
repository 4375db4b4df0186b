"""The officers' record and decisions: read-only, every change through the engine, nothing typed is lost."""

import re

import pytest
from django.urls import reverse

from permits.decisions import DECISIONS as OFFERED
from permits.lifecycle import State
from permits.models import RoadPermit
from tests.admin_pages import buttons, desk_url, do_url, record_url
from tests.permits import factories
from tests.permits.factories import EXPLANATION, filed, fire, fresh, in_state, ready, soon, user
from workflow import engine
from workflow.actors import Actor, officer
from workflow.models import Event, Team
from workflow.registry import lifecycle_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rita(client):
    made = user("rita")
    client.force_login(made)
    return made


# What an officer fills in for each decision, from which state; a new form fails until it has a line here.
DECISIONS = {
    "accept": ("submitted", {}, "in_review"),
    "request_information": ("in_review", {"text_1": "Which number can we call?"}, "info_requested"),
    "approve": ("in_review", {"conditions": ["C01"], "override_reason": EXPLANATION}, "approved"),
    "refuse": ("in_review", {"reasons": ["R20"], "explanation": EXPLANATION}, "refused"),
    "issue": ("approved", {}, "issued"),
    "start_work": ("in_force", {}, "active"),
    "revert_start": ("active", {"reason": "Entered by mistake"}, "in_force"),
    "stop_work": ("active", {}, "completed"),
    "revert_stop": ("completed", {"reason": "Entered by mistake"}, "active"),
    "pass_inspection": ("completed", {"remarks": "All well."}, "closed"),
    "fail_inspection": ("completed", {"defects": "The patch on the shoulder settled by an inch."}, "completed"),
    "suspend": ("active", {"code": "S20", "reason": "The signs are missing."}, "suspended"),
    "resume": ("suspended", {"reason": "Signs are up."}, "active"),
    "revoke": ("in_force", {"reasons": ["R50"], "explanation": EXPLANATION}, "revoked"),
    "reopen": ("refused", {"grounds": "The plan had been misread: the route is there."}, "in_review"),
}


def test_every_move_an_officer_may_make_has_a_form_and_a_test():
    everything = Actor(kind="officer", name="Chief", user=user("chief", is_superuser=True))
    permit = filed()
    open_to_officers = {edge.name for edge in lifecycle_of(RoadPermit) if edge.permission(permit, everything)}
    assert set(OFFERED) == open_to_officers == set(DECISIONS)


@pytest.mark.parametrize(("name", "state", "typed", "target"), [(n, *row) for n, row in DECISIONS.items()])
def test_a_decision_is_made_and_written_with_the_officers_name(client, rita, name, state, typed, target):
    permit = in_state(state)
    if name == "issue":  # what the worker would have done, had it not stopped right after
        permit = make_document(permit)
    if name == "fail_inspection":
        factories.with_photo(permit)
    assert name in buttons(client.get(record_url(permit)))
    assert client.get(do_url(permit, name)).status_code == 200
    answer = client.post(do_url(permit, name), {"revision": permit.revision, **typed})
    assert answer.status_code == 302, answer.content.decode()
    permit = fresh(permit)
    assert permit.state == target
    line = Event.objects.filter(case=permit, transition=name).latest("seq")
    assert (line.actor, line.actor_user) == ("Rita Reyes", rita)


def make_document(permit):
    """The permit document without the move that follows it."""
    from permits.services import add_made, make_permit_pdf
    from workflow.definition import Call

    work = permit.work.get(step="issuePermit")
    call = Call(
        case_id=permit.pk, reference=permit.reference, step=work.step, visit=work.visit, key=work.key, attempt=1,
        deadline=work.created_at - work.created_at, argument={},
    )  # fmt: skip
    made = make_permit_pdf(call)

    def attach(case):
        case.permit_document = add_made(case, "permit", made)

    engine.change(permit, "document", actor=factories.officer("olga"), apply=attach)
    return fresh(permit)


@pytest.mark.parametrize("state", [word for word in State.values if word != "draft"])
def test_the_record_shows_exactly_the_moves_that_are_open(client, rita, state):
    permit = in_state(state)
    options = engine.options(permit, officer(rita))
    page = client.get(record_url(permit))
    can_be_pressed = {
        option.name
        for option in options
        if option.permitted and {reason.code for reason in option.reasons} <= OFFERED[option.name].settles
    }
    assert buttons(page) == can_be_pressed
    for option in options:
        if option.permitted and option.name not in can_be_pressed:
            assert all(reason.sentence in page.content.decode() for reason in option.reasons)


@pytest.mark.parametrize("path", ["{pk}/change/", "{pk}/delete/", "add/"])
@pytest.mark.parametrize("superuser", [True, False])
def test_nobody_edits_adds_or_deletes(client, path, superuser):
    permit = filed()
    client.force_login(user("sam", is_superuser=superuser))
    before = RoadPermit.objects.filter(pk=permit.pk).values().get()
    url = reverse("admin:permits_roadpermit_changelist") + path.format(pk=permit.pk)
    answer = client.post(url, {"state": "issued", "title": "x", "fee_total": 0, "_save": "Save", "post": "yes"})
    assert answer.status_code == 403
    assert RoadPermit.objects.filter(pk=permit.pk).values().get() == before


def test_a_state_smuggled_into_a_decision_changes_nothing_else(client, rita):
    permit = ready()
    client.post(
        do_url(permit, "request_information"),
        {"revision": permit.revision, "text_1": "Why?", "state": "issued", "fee_total": "0", "holder": "Me"},
    )
    after = fresh(permit)
    assert (after.state, after.fee_total, after.holder) == ("info_requested", permit.fee_total, permit.holder)


def test_a_stale_page_says_who_did_what_keeps_what_was_typed_and_can_be_sent_again(client, rita):
    permit = filed()
    seen = permit.revision
    factories.with_documents(permit)
    typed = {"revision": seen, "reasons": ["R20", "R50"], "explanation": EXPLANATION}
    answer = client.post(do_url(permit, "refuse"), typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Applicant: Document" in page
    assert EXPLANATION in page
    assert re.search(r'value="R50"[^>]*checked', page)
    assert fresh(permit).state == "in_review"
    again = re.search(r'name="revision" value="(\d+)"', page)
    assert client.post(do_url(permit, "refuse"), typed | {"revision": again[1]}).status_code == 302
    assert fresh(permit).state == "refused"


def test_a_decision_that_a_colleague_made_first_shows_the_new_state_and_no_button(client, rita):
    permit = ready()
    fire(permit, "refuse", reasons=["R20"], explanation=EXPLANATION)
    typed = {
        "revision": permit.revision,
        "conditions": ["C01"],
        "message": "Hello there",
        "override_reason": EXPLANATION,
    }
    page = client.post(do_url(permit, "approve"), typed).content.decode()
    assert "Olga Reyes: Refuse" in page
    assert "Refused" in page
    assert "Hello there" in page
    assert ">Approve</button>" not in page


def test_a_refused_decision_says_every_reason_and_keeps_the_text(client, rita):
    permit = filed()  # fee open, documents missing
    typed = {
        "revision": permit.revision,
        "conditions": ["C01", "C12"],
        "message": "Good luck",
        "override_reason": EXPLANATION,
    }
    answer = client.post(do_url(permit, "approve"), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The fee is open" in page
    assert "Required documents are missing" in page
    assert "Good luck" in page
    assert re.search(r'value="C12"[^>]*checked', page)


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("refuse", {"explanation": EXPLANATION}, "Reasons"),
        ("refuse", {"reasons": ["R10", "R11", "R20", "R21", "R22", "R30"], "explanation": EXPLANATION}, "at most five"),
        ("refuse", {"reasons": ["R10"], "explanation": "Too short"}, "at least 20"),
        ("refuse", {"reasons": ["R99"], "explanation": EXPLANATION}, "R99"),
        ("request_information", {}, "Ask at least one question"),
        ("request_information", {"field_2": "contact_phone", "text_1": "Why?"}, "Write the question"),
        ("approve", {"conditions": ["C99"], "override_reason": EXPLANATION}, "C99"),
        ("approve", {"conditions": ["C01"]}, "This field is required"),
    ],
)
def test_a_form_that_lacks_something_says_so_and_changes_nothing(client, rita, name, typed, sentence):
    permit = ready()
    answer = client.post(do_url(permit, name), {"revision": permit.revision, **typed})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert fresh(permit).revision == permit.revision


def test_an_officer_of_another_team_sees_no_button_and_is_refused(client):
    permit = ready()
    client.force_login(user("tom", team=Team.objects.create(code="west", name="West")))
    page = client.get(record_url(permit))
    assert page.status_code == 200
    assert buttons(page) == set()
    assert "/desk/" not in page.content.decode()
    for name, (_state, typed, _target) in DECISIONS.items():
        answer = client.post(do_url(permit, name), {"revision": permit.revision, **typed})
        assert answer.status_code == 403, name
    assert fresh(permit).revision == permit.revision


def test_without_the_right_to_look_there_is_no_record(client):
    permit = filed()
    client.force_login(user("vera", permissions=[]))
    for url in (record_url(permit), do_url(permit, "approve"), desk_url(permit, "claim")):
        assert client.get(url).status_code == 403
    client.logout()
    assert client.get(do_url(permit, "approve")).status_code == 302


def test_nobody_decides_on_an_application_of_their_own(client):
    permit = ready(**soon(contact_email="rita@dot.example.gov"))
    client.force_login(user("rita"))
    assert "refuse" not in buttons(client.get(record_url(permit)))
    typed = {"revision": permit.revision, "reasons": ["R20"], "explanation": EXPLANATION}
    answer = client.post(do_url(permit, "refuse"), typed)
    assert answer.status_code == 422
    assert "Nobody decides on an application of their own" in answer.content.decode()
    assert fresh(permit).state == "in_review"


@pytest.mark.parametrize("path", ["do/nothing/", "do/submit/", "do/take_effect/", "desk/nothing/", "documents/999/"])
def test_what_officers_do_not_do_has_no_page(client, rita, path):
    permit = filed()
    assert client.get(record_url(permit).removesuffix("change/") + path).status_code == 404


def test_a_draft_is_the_applicants_and_not_the_offices(client, rita):
    draft = in_state("draft")
    assert client.get(record_url(draft)).status_code == 404
    assert draft.reference not in client.get(reverse("admin:permits_roadpermit_changelist")).content.decode()


def test_hostile_text_is_shown_as_text(client, rita):
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)> trench and bore"
    permit = filed(work_summary=bad, organisation='"><script>alert(2)</script>')
    client.post(desk_url(permit, "note"), {"revision": permit.revision, "text": "<b onclick=alert(3)>hi</b>"})
    page = client.get(record_url(permit)).content.decode()
    for raw in ("<script>alert", "<img src=x", "<b onclick"):
        assert raw not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b onclick=alert(3)&gt;" in page


def test_a_role_without_the_right_sees_no_names_of_people(client, rita):
    permit = filed()
    rita.user_permissions.remove(*rita.user_permissions.filter(codename="view_contact"))
    page = client.get(record_url(permit)).content.decode()
    for hidden in ("Dana Whitfield", "dana.whitfield@example.com", "Luis Ortega", "220 Clark Avenue"):
        assert hidden not in page
    assert "Story County Fiber Cooperative" in page


@pytest.mark.parametrize("state", ["in_review", "in_force", "refused", "info_requested"])
def test_a_record_takes_few_queries(client, rita, state, django_assert_max_num_queries):
    permit = in_state(state)
    client.get(record_url(permit))
    with django_assert_max_num_queries(25):
        assert client.get(record_url(permit)).status_code == 200
