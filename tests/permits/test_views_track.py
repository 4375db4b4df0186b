"""The link opens one request to whoever holds it, and nothing to anybody else."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from permits.lifecycle import State
from permits.models import RoadPermit
from permits.views import act, verify
from permits.views.steps import page_url, track_url
from tests.permits import factories
from workflow.actors import applicant
from workflow.contrib.citizens import lookup
from workflow.contrib.notifications.models import Message
from workflow.registry import lifecycle_of
from workflow.tracker import tracking_token

pytestmark = pytest.mark.django_db
QUESTION = {"field": "contact_phone", "text": "Which number reaches you at night?"}
EMAIL = "dana.whitfield@example.com"


@pytest.fixture(autouse=True)
def fresh_start(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


def asked(*items):
    return factories.fire(factories.filed(), "request_information", items=list(items or [QUESTION]))


def texts(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# -- who may come in --------------------------------------------------------------------------------------------------

PATHS = [
    *(f"/track/{{}}/{{}}/{page}" for page in ("", "reply/", "withdraw/", "documents/", "documents/1/")),
    *(f"/permits/apply/{{}}/{{}}/{page}" for page in ("", "review/", "done/")),
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_wrong_link_is_the_same_page_whether_or_not_the_reference_exists(client, path, method):
    permit, other = factories.filed(), factories.filed(road_name="Another Road")
    answers = [
        getattr(client, method)(path.format(reference, token))
        for reference in (permit.reference, "RP-26-000000", "x" * 40)
        for token in ("a" * 26, tracking_token(other), "é")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_guessing_links_ends_in_429_and_a_right_link_still_opens(client):
    permit = factories.filed()
    codes = [client.get(f"/track/{permit.reference}/{'a' * 26}/").status_code for _ in range(61)]
    assert codes[:60] == [404] * 60
    assert codes[60] == 429
    assert client.get(track_url(permit)).status_code == 200


@pytest.mark.parametrize("page", ["tracking", "reply", "files"])
def test_a_private_page_is_kept_by_no_cache_and_listed_by_nobody(client, page):
    response = client.get(track_url(asked(), page))
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert response.headers["Referrer-Policy"] == "same-origin"


def test_a_document_comes_as_an_attachment_without_rights_and_only_to_its_own_link(client):
    mine, other = factories.with_documents(factories.filed()), factories.filed(road_name="Another Road")
    document = mine.documents.first()
    response = client.get(track_url(mine, "file", document.pk))
    assert b"".join(response.streaming_content) == factories.PDF
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert set(response.headers["Content-Security-Policy"].split("; ")) == {"sandbox", "default-src 'none'"}
    assert client.get(track_url(other, "file", document.pk)).status_code == 404
    mine.documents.update(public=False)
    assert client.get(track_url(mine, "file", document.pk)).status_code == 404


# -- a lost link ------------------------------------------------------------------------------------------------------


def ask(client, reference, email=EMAIL):
    return client.post("/track/", {"reference": reference, "email": email})


def neutral(response, reference, email):
    return response.content.decode().replace(reference, "").replace(email, "")


def test_the_answer_is_the_same_whether_or_not_reference_and_address_fit(client):
    permit = factories.filed()
    right = neutral(ask(client, permit.reference), permit.reference, EMAIL)
    for reference, email in ((permit.reference, "x@example.com"), ("RP-26-000000", EMAIL), ("nonsense", EMAIL)):
        assert neutral(ask(client, reference, email), reference, email) == right


@pytest.mark.parametrize("spelled", [str, str.lower, lambda text: f" {text} ", lambda text: text.replace("0", "o")])
def test_the_link_goes_to_the_address_on_file_alone(client, spelled):
    permit = factories.filed()
    before = Message.objects.count()
    ask(client, permit.reference, "somebody@example.com")
    assert Message.objects.count() == before
    ask(client, spelled(permit.reference), EMAIL.upper())
    message = Message.objects.latest("pk")
    assert message.address == EMAIL
    assert track_url(permit) in message.text
    assert track_url(permit) in message.html


def test_a_drafts_lost_link_leads_back_to_the_draft(client):
    permit = factories.draft()
    ask(client, permit.reference)
    assert page_url(permit, "x").removesuffix("x/") in Message.objects.get().text


def test_one_mailbox_is_not_filled_and_the_history_names_nobody(client):
    permit = factories.filed()
    before = Message.objects.count()
    for _ in range(5):
        assert ask(client, permit.reference).status_code == 200
    assert Message.objects.count() - before == 3
    assert EMAIL not in str(list(permit.events.filter(kind="link_sent").values_list("data", "note", "actor")))


def test_a_browser_that_asks_too_often_waits(client):
    codes = [ask(client, "RP-26-000000").status_code for _ in range(lookup.MOST_ASKED + 1)]
    assert codes == [200] * lookup.MOST_ASKED + [429]


def test_the_reference_typed_on_the_front_page_is_filled_in(client):
    assert 'value="RP-26-7K3QXM"' in client.get("/track/?reference=RP-26-7K3QXM").content.decode()


# -- the tracking page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in State.values if state != State.DRAFT])
def test_each_state_says_what_is_happening_and_who_must_act(client, state):
    permit = factories.in_state(state)
    response = client.get(track_url(permit))
    words = texts(response.content.decode())
    assert response.context["now"].sentence in words.replace("&#x27;", "'")
    assert response.context["now"].who in words
    assert State(state).label in words
    assert len(response.context["milestones"]) == 4
    assert "Rita" not in words  # officers act for the office
    assert "Olga" not in words


def test_the_steps_of_a_permit_in_force_are_all_done_with_their_dates(client):
    milestones = client.get(track_url(factories.in_state("in_force"))).context["milestones"]
    assert [one.status for one in milestones] == ["done"] * 4
    assert all(str(timezone.localdate().year) in one.text for one in milestones)


def test_after_a_refusal_the_last_steps_are_stopped(client):
    milestones = client.get(track_url(factories.in_state("refused"))).context["milestones"]
    assert [one.status for one in milestones] == ["done", "refused", "stopped", "stopped"]


@pytest.mark.parametrize("state", ["in_review", "in_force", "cancelled"])
def test_the_tracking_page_needs_few_queries(client, django_assert_max_num_queries, state):
    permit = factories.in_state(state)
    with django_assert_max_num_queries(14):
        client.get(track_url(permit))


def test_the_address_of_a_draft_leads_back_into_the_form(client):
    permit = factories.draft()
    assert client.get(track_url(permit), follow=True).redirect_chain[-1][0].startswith(page_url(permit, "x")[:-2])


# -- acting -----------------------------------------------------------------------------------------------------------


def do(client, permit, slug, **data):
    return client.post(track_url(permit, "act", slug), {"visit": permit.step_visit, **data}, follow=True)


@pytest.mark.parametrize(
    ("state", "slug", "then", "data"),
    [
        ("submitted", "withdraw", "cancelled", {}),
        ("in_review", "withdraw", "cancelled", {"reason": "We found another way."}),
        ("in_force", "start", "active", {}),
        ("active", "stop", "completed", {}),
        ("active", "take-back-start", "in_force", {"reason": "Pressed by mistake."}),
        ("completed", "take-back-stop", "active", {"reason": "Pressed by mistake."}),
    ],
)
def test_a_deed_asks_first_and_is_then_done_once(client, state, slug, then, data):
    permit = factories.in_state(state)
    assert client.get(track_url(permit, "act", slug)).status_code == 200
    assert factories.fresh(permit).state == state
    page = do(client, permit, slug, **data)
    assert factories.fresh(permit).state == then
    assert act.DEEDS[slug].done in texts(page.content.decode())
    revision = factories.fresh(permit).revision
    assert "is not possible now" in texts(do(client, permit, slug, **data).content.decode())
    assert factories.fresh(permit).revision == revision


def test_a_deed_on_a_page_that_grew_old_is_not_done_and_says_why(client):
    permit = factories.filed()
    factories.fire(permit, "request_information", items=[QUESTION])
    page = do(client, permit, "withdraw", reason="We found another way.")
    assert "changed while you were looking" in page.content.decode()
    assert "We found another way." in page.content.decode()
    assert factories.fresh(permit).state == "info_requested"


def test_taking_back_needs_a_reason(client):
    permit = factories.in_state("active")
    assert "There is a problem" in do(client, permit, "take-back-start").content.decode()
    assert factories.fresh(permit).state == "active"


def test_work_that_may_not_start_yet_says_what_is_missing(client):
    permit = factories.in_force()
    RoadPermit.objects.filter(pk=permit.pk).update(start_at=timezone.now() + timedelta(days=3))
    words = texts(client.get(track_url(permit)).content.decode())
    assert "Work may start only between the permit's first and last day" in words.replace("&#x27;", "'")


def test_a_cross_site_post_is_refused():
    permit = factories.filed()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(track_url(permit, "act", "withdraw"), {"visit": permit.step_visit}).status_code == 403
    assert factories.fresh(permit).state == "in_review"


def test_every_move_open_to_the_applicant_has_its_page():
    deeds = {deed.transition for deed in act.DEEDS.values()} | {"submit", "provide_information"}
    permit = factories.filed()
    offered = {edge.name for edge in lifecycle_of(RoadPermit) if edge.permission(permit, applicant(permit))}
    assert offered == deeds


# -- verify -----------------------------------------------------------------------------------------------------------

VERDICTS = {
    "issued": verify.NOT_YET, "in_force": verify.VALID, "active": verify.VALID, "suspended": verify.SUSPENDED,
    "revoked": verify.REVOKED, "expired": verify.EXPIRED, "completed": verify.COMPLETED, "closed": verify.COMPLETED,
    "in_review": verify.UNKNOWN, "refused": verify.UNKNOWN, "draft": verify.UNKNOWN,
}  # fmt: skip


@pytest.mark.parametrize("state", VERDICTS)
@pytest.mark.parametrize("by", ["verify_token", "reference"])
def test_the_code_tells_whether_the_permit_holds_and_nothing_about_a_person(client, state, by):
    permit = factories.in_state(state)
    code = getattr(permit, by)
    response = client.get(f"/verify/{code}/" if by == "verify_token" else f"/verify/?number={code.lower()}")
    words = texts(response.content.decode())
    assert VERDICTS[state].title in words
    assert response.status_code == (404 if VERDICTS[state] is verify.UNKNOWN else 200)
    assert "noindex" in response.headers["X-Robots-Tag"]
    for secret in ("Whitfield", "Fiber Cooperative", "Ortega", "515-555-0142", "example.com", tracking_token(permit)):
        assert secret not in words


def test_an_older_revision_of_the_paper_is_superseded(client):
    permit = factories.in_state("in_force")
    RoadPermit.objects.filter(pk=permit.pk).update(application_revision=2)
    assert "Superseded" in client.get(f"/verify/{permit.verify_token}/?r=1").content.decode()
    assert "Superseded" not in client.get(f"/verify/{permit.verify_token}/?r=2").content.decode()


def test_a_permit_of_next_month_is_not_valid_yet_and_one_past_its_end_has_expired(client):
    permit = factories.in_state("in_force")
    for field, days, word in (("start_at", 30, "Not valid yet"), ("end_at", -1, "Expired")):
        RoadPermit.objects.filter(pk=permit.pk).update(**{field: timezone.now() + timedelta(days=days)})
        assert word in client.get(f"/verify/{permit.verify_token}/").content.decode()


@pytest.mark.parametrize("code", ["x", "a" * 22, "%00", "'--", "é" * 10, "a" * 300])
def test_a_code_we_do_not_know_is_unknown_however_it_looks(client, code):
    for path in (f"/verify/{code}/", f"/verify/?number={code}"):
        assert client.get(path).status_code == 404


# -- documents later --------------------------------------------------------------------------------------------------


def test_a_document_added_later_is_public_history(client):
    permit = factories.filed()
    client.post(track_url(permit, "files"), {"one_call_ticket": SimpleUploadedFile("811.pdf", factories.PDF)})
    assert permit.documents.get().kind == "one_call_ticket"
    assert permit.events.latest("seq").public


def test_nothing_is_added_to_a_closed_request(client):
    permit = factories.in_state("cancelled")
    client.post(track_url(permit, "files"), {"site_plan": SimpleUploadedFile("a.pdf", factories.PDF)})
    assert not permit.documents.exists()
