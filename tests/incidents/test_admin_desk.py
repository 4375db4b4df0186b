"""Work at the desk of a report: its repair photo, merges, jobs, photos, team, category, holds, notes, roles."""

from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from incidents.admin.acts import COUNTER
from incidents.roles import ROLES
from tests.admin_pages import buttons, decide, desk_url, do_url, last, press, record_url
from tests.incidents import factories
from tests.incidents.factories import filed, fire, fresh, in_state, user
from workflow.models import Team
from workflow.roles import sync_roles

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


def picture(colour="green"):
    content = BytesIO()
    Image.new("RGB", (640, 480), colour).save(content, "JPEG")
    return SimpleUploadedFile("patch.jpg", content.getvalue(), content_type="image/jpeg")


# -- the repair and its photo -----------------------------------------------------------------------------------------


def test_a_repair_ends_with_its_photo_in_one_post(client, tara):
    report = in_state("in_progress")
    assert decide(client, report, "resolve", sentence=SENTENCE, photo=picture()).status_code == 302
    report = fresh(report)
    assert (report.state, report.public_sentence, report.photo_exempt_because) == ("resolved", SENTENCE, "")
    (photo,) = report.photos.all()
    assert (photo.kind, photo.is_public) == ("repair", False)


def test_a_photo_that_was_sent_with_an_incomplete_page_is_kept(client, tara):
    report = in_state("in_progress")
    answer = decide(client, report, "resolve", sentence="Done.", photo=picture())
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 photo of the repair on the record already" in page
    assert "Done." in page
    assert decide(client, fresh(report), "resolve", sentence=SENTENCE).status_code == 302
    assert fresh(report).photos.count() == 1


def test_a_photo_is_kept_when_a_colleague_was_faster_and_added_once(client, tara):
    report = in_state("in_progress")
    seen = report.revision
    press(client, report, "note", text="Call the city first.")
    answer = client.post(do_url(report, "resolve"), {"revision": seen, "sentence": SENTENCE, "photo": picture()})
    assert answer.status_code == 409
    assert SENTENCE in answer.content.decode()
    assert decide(client, fresh(report), "resolve", sentence=SENTENCE, photo=picture()).status_code == 302
    assert fresh(report).photos.count() == 1


@pytest.mark.parametrize("sentence", [SENTENCE, "Short"])
def test_a_file_that_is_no_picture_is_refused_in_words(client, tara, sentence):
    report = in_state("in_progress")
    bad = SimpleUploadedFile("patch.jpg", b"%PDF-1.4 not a picture", content_type="image/jpeg")
    answer = decide(client, report, "resolve", sentence=sentence, photo=bad)
    assert answer.status_code == 422
    assert 'id="id_photo_error"' in answer.content.decode()
    assert (fresh(report).state, fresh(report).photos.count()) == ("in_progress", 0)


def test_an_officer_without_the_right_leaves_no_photo(client):
    report = in_state("in_progress")
    client.force_login(user("tim", permissions=["view", "change", "triage"]))
    assert decide(client, report, "resolve", sentence=SENTENCE, photo=picture()).status_code == 403
    assert decide(client, report, "resolve", sentence="", photo=picture()).status_code == 403
    assert fresh(report).photos.count() == 0


def test_other_crews_jobs_must_be_done_first(client, tara):
    report = in_state("in_progress")
    press(client, report, "add_job", crew="Sign shop", task="New sign")
    assert "resolve" not in buttons(client.get(record_url(report)))
    assert "Other crews still have jobs here" in client.get(record_url(report)).content.decode()
    job = report.jobs.get(crew="Sign shop")
    assert press(client, fresh(report), "finish_job", job=job.pk).status_code == 302
    assert "resolve" in buttons(client.get(record_url(report)))


# -- joining reports --------------------------------------------------------------------------------------------------


def test_a_report_nearby_is_offered_to_be_joined_and_comes_apart_again(client, tara):
    first = filed()
    second = filed(latitude=42.0309, email="second@example.net")
    page = client.get(record_url(second)).content.decode()
    assert f"?near={first.reference}" in page
    form = client.get(do_url(second, "merge"), {"near": first.reference}).content.decode()
    assert f'value="{first.reference}"' in form
    assert "checked" in form
    assert decide(client, second, "merge", near=first.reference).status_code == 302
    assert (fresh(second).state, fresh(second).duplicate_of_id) == ("duplicate", first.pk)
    assert fresh(first).votes == 1
    assert "Joined with this report</h2>" in client.get(record_url(first)).content.decode()
    assert first.reference in client.get(record_url(second)).content.decode()
    assert decide(client, fresh(second), "unmerge").status_code == 302
    assert (fresh(second).state, fresh(first).votes) == ("triaged", 0)


def test_a_link_may_name_a_report_that_is_not_near(client, tara):
    far, report = filed(latitude=42.6, route="US-20"), filed()
    page = client.get(do_url(report, "merge"), {"near": far.reference}).content.decode()
    assert f'value="{far.reference}"' in page
    assert decide(client, report, "merge", into=f" {far.reference.lower()} ").status_code == 302
    assert fresh(report).duplicate_of_id == far.pk


@pytest.mark.parametrize("which", ["itself", "ended", "joined"])
def test_what_cannot_be_joined_is_refused_with_the_reason(client, tara, which):
    report = filed(latitude=42.2)
    other = {"itself": lambda: report, "ended": lambda: in_state("rejected"), "joined": lambda: in_state("duplicate")}
    answer = decide(client, report, "merge", into=other[which]().reference)
    assert answer.status_code == 422
    assert fresh(report).state == "triaged"


# -- photos, jobs, team, category -------------------------------------------------------------------------------------


def test_a_photo_is_published_and_taken_back(client, tara):
    report = filed()
    photo = factories.photo(incident=report)
    assert "not looked at" in client.get(record_url(report)).content.decode()
    assert press(client, report, "publish_photo", photo=photo.pk).status_code == 302
    photo.refresh_from_db()
    assert (photo.is_public, photo.moderated_by) == (True, tara)
    assert press(client, fresh(report), "keep_private", photo=photo.pk).status_code == 302
    photo.refresh_from_db()
    assert photo.is_public is False
    assert last(report).data == {"photo": photo.token[:8], "public": False}


def test_who_sees_no_persons_sees_only_photos_that_are_public(client, tara):
    report = filed()
    shown = factories.photo(incident=report, is_public=True, moderated_at=timezone.now())
    private = factories.photo(incident=report)
    tara.user_permissions.remove(*tara.user_permissions.filter(codename="view_contact"))
    page = client.get(record_url(report)).content.decode()
    assert shown.token in page
    assert private.token not in page
    assert "1 photo not public and not shown to your role." in page


def test_a_photo_of_another_report_is_not_published_here(client, tara):
    report, other = filed(), filed(latitude=42.5)
    photo = factories.photo(incident=other)
    assert press(client, report, "publish_photo", photo=photo.pk).status_code == 422
    photo.refresh_from_db()
    assert photo.is_public is False


def test_a_job_is_added_and_cancelled(client, tara):
    report = in_state("scheduled")
    assert press(client, report, "add_job", crew="Sign shop", task="New sign").status_code == 302
    job = report.jobs.get(crew="Sign shop")
    assert "Sign shop" in client.get(record_url(report)).content.decode()
    assert press(client, fresh(report), "cancel_job", job=job.pk).status_code == 302
    job.refresh_from_db()
    assert job.cancelled_at is not None
    assert press(client, fresh(report), "cancel_job", job=job.pk).status_code == 422


def test_a_new_category_brings_its_clock_and_its_team(client, tara):
    report = filed(answers={"size": "plate"})
    assert press(client, report, "recategorise", category="signal_dark").status_code == 302
    after = fresh(report)
    assert (after.category, after.safety, after.answers) == ("signal_dark", True, {"size": "plate"})
    assert after.due_at < report.due_at
    page = client.get(record_url(after)).content.decode()
    assert "Emergency" in page
    assert "<dt>Size</dt><dd>plate</dd>" in page
    assert press(client, after, "recategorise", category="nonsense").status_code == 422


def test_a_report_goes_to_another_team_and_leaves_its_assignee(client, tara):
    report = filed()
    press(client, report, "claim")
    west = Team.objects.create(code="west", name="West")
    assert press(client, fresh(report), "hand_to", team=fresh(report).team_id).status_code == 422
    assert press(client, fresh(report), "hand_to", team=west.pk).status_code == 302
    after = fresh(report)
    assert (after.team, after.assignee) == (west, None)
    assert last(report).data["to"] == "West"


def test_a_report_is_hidden_with_a_reason_and_shown_again(client, tara):
    report = filed()
    assert press(client, report, "hide", because="").status_code == 422
    assert press(client, report, "hide", because="Names a neighbour").status_code == 302
    page = client.get(record_url(report)).content.decode()
    assert "Names a neighbour" in page
    assert desk_url(report, "show") in page
    assert press(client, fresh(report), "show").status_code == 302
    assert fresh(report).hidden_because == ""


def test_a_legal_hold_is_set_and_ended_also_after_the_end(client, tara):
    report = in_state("rejected")
    assert press(client, report, "hold", because="Claim 26-114 is open").status_code == 302
    assert "Claim 26-114 is open" in client.get(record_url(report)).content.decode()
    assert press(client, fresh(report), "release_hold").status_code == 302
    assert fresh(report).legal_hold == ""


def test_a_note_is_for_officers_only(client, tara):
    report = filed()
    assert press(client, report, "note", text="The city says it is theirs.").status_code == 302
    assert (last(report).note, last(report).public) == ("The city says it is theirs.", False)


def test_a_claim_that_came_late_says_who_was_first(client, tara):
    from workflow import desk

    report = filed()
    desk.claim(report, actor=factories.officer("olga"))
    answer = press(client, report, "claim")
    assert answer.status_code == 409
    assert "Olga Nolan: Claimed" in answer.content.decode()


TYPED = {
    "recategorise": {"category": "debris"}, "add_job": {"crew": "A", "task": "B"}, "hide": {"because": "A name"},
    "hold": {"because": "Claim 26-114 is open"}, "note": {"text": "Hello"},
}  # fmt: skip


@pytest.mark.parametrize("name", [work.name for work in COUNTER.desk])
def test_another_team_may_do_none_of_it(client, name):
    report = in_state("scheduled")
    photo = factories.photo(incident=report)
    west = Team.objects.create(code="west", name="West")
    client.force_login(user("tom", team=west))
    typed = TYPED.get(name, {}) | {"photo": photo.pk, "job": report.jobs.get().pk, "team": west.pk, "to": 1}
    answer = press(client, report, name, **typed)
    assert answer.status_code in (403, 422)
    assert fresh(report).revision == report.revision
    assert client.get(desk_url(report, name)).status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_every_role_opens_the_record_and_its_own_decisions(client, role):
    sync_roles()
    report = filed()
    made = user("nora", permissions=[])
    made.user_permissions.clear()
    made.groups.add(Group.objects.get(name=role))
    client.force_login(made)
    page = client.get(record_url(report)).content.decode()
    decides = {"reject": "incidents.triage_incident", "dispatch": "incidents.dispatch_incident"}
    for name, permission in decides.items():
        assert (f"/do/{name}/" in page) == (permission in ROLES[role])
    assert (desk_url(report, "note") in page) == (role != "Auditor")


def test_an_answer_a_job_and_an_end_are_on_the_record(client, tara):
    report = fire(filed(), "ask", question="Which lane is it, please?")
    report = fire(report, "answer", factories.reporter(report), text="The left lane.")
    report = fire(report, "dispatch", crew="Ames garage", task="Patch it")
    page = client.get(record_url(report)).content.decode()
    for words in ("Which lane is it, please?", "The left lane.", "Ames garage", "Patch it", "US-69"):
        assert words in page
    assert f"planned for {timezone.localdate():%b %-d, %Y}" in page
    report = fire(report, "resolve", sentence=SENTENCE, photo_exempt_because="The camera broke")
    page = client.get(record_url(report)).content.decode()
    assert SENTENCE in page
    assert "No photo: The camera broke" in page
