"""Work at the desk: who works on it, payment, conflicts, waivers, notes, parked work, files, roles."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from permits.models import Conflict, RoadPermit
from permits.roles import ROLES
from tests.admin_pages import desk_url, last, page_url, press, record_url
from tests.permits import factories
from tests.permits.factories import PDF, filed, fresh, user, with_documents
from tests.permits.test_admin_queue import parked
from workflow.models import Team
from workflow.roles import roles, sync_roles

pytestmark = pytest.mark.django_db
REASON = "Both contractors agreed on different weeks."


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rita(client):
    made = user("rita")
    client.force_login(made)
    return made


def test_claim_and_release_are_buttons_on_the_record(client, rita):
    permit = filed()
    assert desk_url(permit, "claim") in client.get(record_url(permit)).content.decode()
    assert press(client, permit, "claim").status_code == 302
    permit = fresh(permit)
    assert permit.assignee == rita
    assert (last(permit).kind, last(permit).actor) == ("claimed", "Rita Reyes")
    page = client.get(record_url(permit)).content.decode()
    assert desk_url(permit, "claim") not in page
    assert press(client, permit, "release").status_code == 302
    assert fresh(permit).assignee is None


def test_a_stale_claim_says_who_was_first(client, rita):
    permit = filed()
    factories.officer("olga")
    from workflow import desk

    desk.claim(permit, actor=factories.officer("olga"))
    answer = press(client, permit, "claim")
    assert answer.status_code == 409
    assert "Olga Reyes: Claimed" in answer.content.decode()
    assert fresh(permit).assignee.username == "olga"


def test_a_case_is_handed_to_a_colleague_of_the_team_only(client, rita):
    permit, olga = filed(), user("olga")
    outsider = user("otto", team=Team.objects.create(code="west", name="West"))
    assert press(client, permit, "assign", to=outsider.pk).status_code == 422
    assert press(client, permit, "assign", to=olga.pk).status_code == 302
    assert fresh(permit).assignee == olga
    assert last(permit).data == {"to": "Olga Reyes"}


def test_a_payment_is_recorded_once_with_its_receipt(client, rita):
    permit = filed()
    assert press(client, permit, "payment").status_code == 422
    assert press(client, permit, "payment", receipt="CHK 20117").status_code == 302
    permit = fresh(permit)
    assert permit.fee_settled_at is not None
    assert last(permit).data == {"amount": "$160.00", "receipt": "CHK 20117"}
    answer = press(client, permit, "payment", receipt="CHK 20118")
    assert answer.status_code == 422
    assert "No fee is open" in answer.content.decode()


def test_a_conflict_is_settled_with_a_reason_and_a_name(client, rita):
    first, second = filed(), filed()
    conflict = Conflict.objects.get(permit=second, other=first)
    assert conflict.blocking
    assert f"?conflict={conflict.pk}" in client.get(record_url(second)).content.decode()
    assert press(client, second, "settle_conflict", conflict=conflict.pk, because="ok").status_code == 422
    assert press(client, second, "settle_conflict", conflict=conflict.pk, because=REASON).status_code == 302
    conflict.refresh_from_db()
    assert (conflict.settled_because, conflict.settled_by) == (REASON, rita)
    assert last(second).data == {"with": first.reference, "because": REASON}


def test_a_conflict_of_another_permit_cannot_be_settled_here(client, rita):
    filed()
    second, third = filed(), filed()
    foreign = Conflict.objects.filter(permit=third).first()
    assert press(client, second, "settle_conflict", conflict=foreign.pk, because=REASON).status_code == 422
    foreign.refresh_from_db()
    assert foreign.settled_because == ""


def test_missing_documents_are_waived_with_a_reason(client, rita):
    permit = filed()
    assert "Missing: " in client.get(record_url(permit)).content.decode()
    assert press(client, permit, "waive_documents", because="On file with the district already.").status_code == 302
    page = client.get(record_url(permit)).content.decode()
    assert "On file with the district already." in page
    assert "Missing: " not in page


def test_a_note_is_for_officers_only(client, rita):
    permit = filed()
    assert press(client, permit, "note", text="Called the utility; they will move the pole.").status_code == 302
    assert (last(permit).note, last(permit).public) == ("Called the utility; they will move the pole.", False)
    assert "they will move the pole" in client.get(record_url(permit)).content.decode()


def test_parked_work_is_shown_with_its_reason_and_sent_on(client, rita):
    permit = parked(filed(checked=False))
    page = client.get(record_url(permit)).content.decode()
    assert "The check cannot read the map." in page
    assert press(client, permit, "retry").status_code == 302
    assert fresh(permit).parked_at is None
    assert desk_url(permit, "retry") not in client.get(record_url(permit)).content.decode()


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("claim", {}), ("assign", {}), ("payment", {"receipt": "1"}), ("waive_documents", {"because": REASON}),
        ("note", {"text": "Hello"}), ("retry", {}),
    ],
)  # fmt: skip
def test_another_team_may_do_none_of_it(client, name, typed):
    permit = filed()
    client.force_login(user("tom", team=Team.objects.create(code="west", name="West")))
    answer = press(client, permit, name, **typed)
    assert answer.status_code in (403, 422)
    assert fresh(permit).revision == permit.revision
    assert client.get(desk_url(permit, name)).status_code == 403


@pytest.mark.parametrize(("name", "typed"), [("payment", {"receipt": "1"}), ("waive_documents", {"because": REASON})])
def test_nobody_smooths_the_way_for_an_application_of_their_own(client, name, typed):
    permit = filed(contact_email="rita@dot.example.gov")
    client.force_login(user("rita"))
    answer = press(client, permit, name, **typed)
    assert "Nobody decides on an application of their own" in answer.content.decode()
    assert fresh(permit).revision == permit.revision


# -- files ------------------------------------------------------------------------------------------------------------


def file_url(permit, document):
    return page_url(permit, "document", document.pk)


def test_a_file_is_handed_out_to_be_saved_and_never_to_run(client, rita):
    permit = with_documents(filed())
    document = permit.documents.first()
    answer = client.get(file_url(permit, document))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == f'attachment; filename="{document.name}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer["Cache-Control"]


def test_a_file_is_handed_out_only_to_who_may_look_at_its_record(client, rita):
    permit, other = with_documents(filed()), filed()
    document = permit.documents.first()
    assert client.get(file_url(other, document)).status_code == 404
    client.force_login(user("vera", permissions=[]))
    assert client.get(file_url(permit, document)).status_code == 403
    client.logout()
    assert client.get(file_url(permit, document)).status_code == 302


# -- roles ------------------------------------------------------------------------------------------------------------


def test_the_roles_are_written_as_the_table_says_and_a_second_run_changes_nothing(capsys):
    call_command("sync_roles")
    assert f"{len(roles())} roles" in capsys.readouterr().out
    found = {
        group.name: {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.all()}
        for group in Group.objects.filter(name__in=roles())
    }
    assert found == {name: set(codes) for name, codes in roles().items()}
    Group.objects.get(name="Auditor").permissions.clear()
    assert sync_roles() == [f"Auditor: {len(roles()['Auditor'])} permissions"]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_opens_the_queue_and_its_own_decisions(client, role):
    sync_roles()
    permit = factories.ready()
    made = user("nora", permissions=[])
    made.user_permissions.clear()
    made.groups.add(Group.objects.get(name=role))
    client.force_login(made)
    page = client.get(record_url(permit)).content.decode()
    decides = {"approve": "permits.review_roadpermit", "request_information": "permits.intake_roadpermit"}
    for name, permission in decides.items():
        assert (f"/do/{name}/" in page) == (permission in ROLES[role])
    assert (desk_url(permit, "note") in page) == (role not in ("Auditor", "Specialist"))
    assert RoadPermit.objects.count() == 1
