"""The officers' record of a report and the decisions on it: through the engine only, and nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.admin.acts import DECISIONS as OFFERED
from incidents.models import Incident
from tests import walking
from tests.admin_pages import buttons, decide, desk_url, do_url, queue_url, record_url
from tests.incidents import factories
from tests.incidents.factories import EMAIL, NAME, PHONE, filed, fire, fresh, in_state, user
from workflow import desk, engine
from workflow.actors import Actor, officer
from workflow.models import Event, Team
from workflow.registry import lifecycle_of

pytestmark = pytest.mark.django_db
SENTENCE = "We filled the hole with hot mix."


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def tara(client):
    made = user("tara")
    client.force_login(made)
    return made


def tomorrow():
    return (timezone.localdate() + timedelta(days=1)).isoformat()


def submitted():
    """Filed, and its check has not run yet."""
    with walking.by_hand():
        return fresh(engine.start_workflow("incident", factories.report(), actor=factories.REPORTER).case)


def with_other():
    other = filed()
    return filed(latitude=42.0309), {"into": other.reference}


# What an officer fills in for each decision, from which state; a new move fails until it has a line here.
DECISIONS = {
    "hand_over": ("submitted", {}, "triaged"),
    "ask": ("triaged", {"question": "Which lane is it, please?"}, "needs_info"),
    "schedule": ("triaged", {"crew": "Ames garage", "planned_for": tomorrow()}, "scheduled"),
    "dispatch": ("triaged", {"crew": "Ames garage", "task": "Patch it"}, "scheduled"),
    "start_work": ("scheduled", {}, "in_progress"),
    "put_back": ("in_progress", {"reason": "Another crew is needed"}, "triaged"),
    "resolve": ("in_progress", {"sentence": SENTENCE, "photo_exempt_because": "The camera broke"}, "resolved"),
    "reject": ("triaged", {"reason_code": "not_ours", "sentence": "This is a county road."}, "rejected"),
    "close": ("triaged", {"reason_code": "nothing_found", "sentence": "There is no hole there."}, "closed"),
    "merge": ("triaged", None, "duplicate"),
    "unmerge": ("duplicate", {}, "triaged"),
    "reopen": ("closed", {"note": "The hole is there after all."}, "triaged"),
}


def at_start(name):
    """The report a decision starts from, and what is typed."""
    state, typed, _target = DECISIONS[name]
    if name == "merge":
        return with_other()
    return (submitted() if state == "submitted" else in_state(state)), typed


def test_every_move_an_officer_may_make_has_a_form_and_a_test():
    everything = Actor(kind="officer", name="Chief", user=user("chief"), teams=frozenset([Team.default().pk]))
    report = filed()
    open_to_officers = {edge.name for edge in lifecycle_of(Incident) if edge.permission(report, everything)}
    assert set(OFFERED) == open_to_officers - {"submit"} == set(DECISIONS)  # nobody sees a report before it is filed


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_is_made_and_written_with_the_officers_name(client, tara, name):
    report, typed = at_start(name)
    assert name in buttons(client.get(record_url(report)))
    assert client.get(do_url(report, name)).status_code == 200
    answer = decide(client, report, name, **typed)
    assert answer.status_code == 302, answer.content.decode()
    assert fresh(report).state == DECISIONS[name][2]
    line = Event.objects.filter(case=report, transition=name).latest("seq")
    assert (line.actor, line.actor_user) == ("Tara Nolan", tara)


@pytest.mark.parametrize("state", [word for word in Incident.State.values if word != "new"])
def test_the_record_shows_exactly_the_moves_that_are_open(client, tara, state):
    report = submitted() if state == "submitted" else in_state(state)
    options = engine.options(report, officer(tara))
    page = client.get(record_url(report))
    # The form itself satisfies the photo's guard, so “Fixed” is open.
    can_press = {
        one.name for one in options if one.permitted and not {r.code for r in one.reasons} - {"fix_shown"}
    } & set(OFFERED)
    assert buttons(page) - {"merge"} == can_press - {"merge"}
    assert ("merge" in buttons(page)) == ("merge" in can_press)


def test_what_stands_in_the_way_is_said_in_words(client, tara):
    report = factories.anonymous()
    page = client.get(record_url(report)).content.decode()
    assert "The reporter left no address: there is nobody to ask." in page
    assert "ask" not in buttons(client.get(record_url(report)))


@pytest.mark.parametrize("path", ["{pk}/change/", "{pk}/delete/", "add/"])
@pytest.mark.parametrize("superuser", [True, False])
def test_nobody_edits_adds_or_deletes(client, path, superuser):
    report, sam = filed(), user("sam")
    sam.is_superuser = superuser
    sam.save()
    client.force_login(sam)
    before = Incident.objects.filter(pk=report.pk).values().get()
    answer = client.post(queue_url(Incident) + path.format(pk=report.pk), {"state": "closed", "title": "x", "post": 1})
    assert answer.status_code == 403
    assert Incident.objects.filter(pk=report.pk).values().get() == before


def test_a_state_smuggled_into_a_decision_changes_nothing_else(client, tara):
    report = filed()
    decide(client, report, "ask", question="Which lane is it?", state="closed", votes=99, title="Mine")
    after = fresh(report)
    assert (after.state, after.votes, after.title) == ("needs_info", 0, report.title)


def test_a_stale_page_says_who_did_what_keeps_what_was_typed_and_can_be_sent_again(client, tara):
    report = filed()
    seen = report.revision
    desk.claim(report, actor=factories.officer("olga"))
    typed = {"revision": seen, "reason_code": "no_danger", "sentence": "It is within our standards."}
    answer = client.post(do_url(report, "reject"), typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Olga Nolan: Claimed" in page
    assert "It is within our standards." in page
    assert re.search(r'value="no_danger"[^>]*checked', page)
    assert fresh(report).state == "triaged"
    again = re.search(r'name="revision" value="(\d+)"', page)
    assert client.post(do_url(report, "reject"), typed | {"revision": again[1]}).status_code == 302
    assert fresh(report).state == "rejected"


def test_a_decision_that_a_colleague_made_first_shows_the_new_state_and_no_button(client, tara):
    report = filed()
    seen = report.revision
    fire(report, "reject", reason_code="not_ours", sentence="This is a county road.")
    page = client.post(do_url(report, "ask"), {"revision": seen, "question": "Which lane, please?"}).content.decode()
    assert "Do not take up" in page
    assert "Not taken up" in page
    assert "Which lane, please?" in page
    assert ">Send the question</button>" not in page


@pytest.mark.parametrize(
    ("state", "name", "typed", "sentence"),
    [
        ("triaged", "reject", {"sentence": "This is a county road."}, "Reason"),
        ("triaged", "reject", {"reason_code": "fixed", "sentence": "This is a county road."}, "fixed"),
        ("triaged", "reject", {"reason_code": "not_ours", "sentence": "No."}, "at least 10"),
        ("triaged", "close", {"reason_code": "not_ours", "sentence": "This is a county road."}, "not_ours"),
        ("triaged", "schedule", {"crew": "Ames garage", "planned_for": "2020-01-01"}, "Choose today or a later day."),
        ("triaged", "schedule", {"crew": "Ames garage", "planned_for": "soon"}, "Enter a valid date"),
        ("triaged", "dispatch", {}, "This field is required"),
        ("triaged", "merge", {"into": "IR-26-ZZZZZZ"}, "There is no report with this reference"),
        ("triaged", "merge", {}, "Choose a report, or write its reference."),
        ("triaged", "ask", {"question": "Eh?"}, "at least 10"),
        ("in_progress", "resolve", {"sentence": SENTENCE}, "“Fixed” needs a photo of the repair"),
        ("in_progress", "put_back", {"reason": "no"}, "at least 5"),
    ],
)
def test_a_form_that_lacks_something_says_so_and_changes_nothing(client, tara, state, name, typed, sentence):
    report = in_state(state)
    answer = decide(client, report, name, **typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert fresh(report).revision == report.revision


@pytest.mark.parametrize("name", DECISIONS)
def test_an_officer_of_another_team_sees_no_button_and_is_refused(client, name):
    report, typed = at_start(name)
    client.force_login(user("tom", team=Team.objects.create(code="west", name="West")))
    page = client.get(record_url(report))
    assert page.status_code == 200
    assert buttons(page) == set()
    assert "/desk/" not in page.content.decode()
    assert decide(client, report, name, **typed).status_code == 403
    assert fresh(report).revision == report.revision


def test_without_the_right_to_look_there_is_no_page(client):
    report = filed()
    client.force_login(user("vera", permissions=[]))
    pages = [record_url(report), do_url(report, "reject"), desk_url(report, "claim")]
    pages += [queue_url(Incident) + path for path in ("", "triage/", "map/", "map.geojson")]
    for url in pages:
        assert client.get(url).status_code == 403, url
    client.logout()
    for url in pages:
        assert client.get(url).status_code == 302, url


@pytest.mark.parametrize("path", ["do/nothing/", "do/submit/", "do/answer/", "desk/nothing/", "documents/1/"])
def test_what_officers_do_not_do_has_no_page(client, tara, path):
    report = filed()
    assert client.get(record_url(report).removesuffix("change/") + path).status_code == 404


@pytest.mark.parametrize("pk", ["0", "999999", "x", "9" * 30, "²"])
def test_a_report_that_does_not_exist_has_no_record(client, tara, pk):
    assert client.get(f"{queue_url(Incident)}{pk}/change/").status_code == 404


def test_hostile_text_is_shown_as_text(client, tara):
    bad = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    report = filed(description=bad, address='"><script>alert(2)</script>', name="<b onclick=alert(3)>hi</b>")
    for url in (record_url(report), queue_url(Incident), f"{queue_url(Incident)}triage/", f"{queue_url(Incident)}map/"):
        page = client.get(url).content.decode()
        for raw in ("<script>alert", "<img src=x", "<b onclick"):
            assert raw not in page, url
    assert "&lt;script&gt;alert(1)" in client.get(record_url(report)).content.decode()


def test_a_role_without_the_right_sees_no_person(client, tara):
    report = filed(description=f"Deep hole. Call me at {PHONE} or write to other@example.org.")
    report = fire(report, "ask", question="Which lane is it, please?")
    report = fire(report, "answer", factories.reporter(report), text="The left one, says Gertrude Bell.")
    seen = client.get(record_url(report)).content.decode()
    for person in (NAME, EMAIL, PHONE, "other@example.org", "Gertrude Bell"):
        assert person in seen
    tara.user_permissions.remove(*tara.user_permissions.filter(codename="view_contact"))
    page = client.get(record_url(report)).content.decode()
    page += client.get(f"{queue_url(Incident)}triage/").content.decode()
    for person in (NAME, EMAIL, PHONE, "other@example.org", "Gertrude Bell"):
        assert person not in page
    assert "Deep hole." in page


@pytest.mark.parametrize("state", ["triaged", "needs_info", "in_progress", "resolved", "duplicate"])
def test_a_record_takes_few_queries(client, tara, state, django_assert_max_num_queries):
    report = in_state(state)
    client.get(record_url(report))
    with django_assert_max_num_queries(32):
        assert client.get(record_url(report)).status_code == 200


def test_a_record_takes_no_more_queries_for_more_of_everything(client, tara, django_assert_max_num_queries):
    report = fire(filed(), "dispatch", crew="Ames garage", task="Patch it")
    for number in range(4):
        filed(latitude=42.0309 + number / 100_000)
        report.jobs.create(crew=f"Crew {number}", task="Signs")
        report.subscribers.create(email=f"p{number}@example.net")
    with django_assert_max_num_queries(32):
        assert client.get(record_url(report)).status_code == 200


def test_officers_read_their_own_words_for_what_the_reporter_is_asked(client, tara):
    report = in_state("needs_info")
    for url in (record_url(report), queue_url(Incident)):
        page = client.get(url).content.decode()
        assert "Waits for the reporter" in page
        assert "We have a question for you" not in page
    assert "<strong>The reporter</strong> must act next" in client.get(record_url(report)).content.decode()


def test_officers_open_again_what_reporters_call_not_fixed(client, tara):
    page = client.get(record_url(in_state("closed"))).content.decode()
    assert ">Open again</a>" in page
    assert ">Not fixed</a>" not in page


def test_what_is_done_most_comes_first(client, tara):
    names = re.findall(r'href="[^"]*/do/(\w+)/"', client.get(record_url(filed())).content.decode())
    assert names == [name for name in OFFERED if name in names]
