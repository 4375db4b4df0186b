"""The inspector's day in the admin: the list, the checklist page, the record, and who sees what."""

import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from permits.inspections import desk, photos
from permits.models import RoadPermit
from tests.admin_pages import desk_url, do_url, record_url
from tests.permits import factories as make
from tests.permits.move_data import WORDS
from tests.permits.test_inspections import inspector, upload
from workflow.models import Team
from workflow.roles import sync_roles

pytestmark = pytest.mark.django_db
TODAY, LIST = "/admin/permits/inspection/today/", "/admin/permits/inspection/"


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def signed_in(role: str = "Inspector", username: str = "ivan", team: Team | None = None) -> Client:
    """Somebody with the role as ``sync_roles`` writes it."""
    sync_roles()
    user = make.user(username, permissions=[], team=team)
    user.user_permissions.clear()
    user.groups.set(Group.objects.filter(name=role))
    if role == "Auditor":
        user.milepost_teams.clear()
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client, **asked: str) -> list[str]:
    """References in the order of the day list."""
    page = client.get(TODAY, asked)
    assert page.status_code == 200
    return [stop.permit.reference for _county, stops in page.context["groups"] for stop in stops]


def ticks(permit: RoadPermit, client: Client, **changes: Any) -> dict[str, Any]:
    """A checklist page as it is sent, everything answered with yes."""
    form = client.get(desk_url(permit, "inspect")).context["form"]
    answers = {f"item_{item.code}": "yes" for item in form.items}
    return {"revision": permit.revision, **answers, "result": "pass", **changes}


def test_the_day_shows_work_on_the_road_stopped_work_and_what_waits_for_its_inspection() -> None:
    client = signed_in()
    assert "Nothing to drive to today" in client.get(TODAY).content.decode()
    running, stopped = make.in_state("active"), make.in_state("suspended", **make.at(40))
    finished, in_force = make.in_state("completed", **make.at(60)), make.in_force(**make.at(80))
    make.filed(**make.at(100))
    assert set(shown(client)) == {one.reference for one in (running, stopped, finished, in_force)}
    content = client.get(TODAY).content.decode()
    for words in ("Work under way", "Suspended:", "Final inspection due", "May start today"):
        assert words in content


def test_the_day_goes_along_the_road() -> None:
    client = signed_in()
    north, south = make.in_state("active", **make.at(1)), make.in_state("active")
    for permit, mile in ((north, 12.5), (south, 3.0)):
        RoadPermit.objects.filter(pk=permit.pk).update(milepost=mile)
    assert shown(client) == [south.reference, north.reference]


def test_a_permit_of_tomorrow_and_another_teams_are_not_in_the_day() -> None:
    client = signed_in()
    make.drain(make.approved())
    other = make.in_state("active", **make.at(40))
    RoadPermit.objects.filter(pk=other.pk).update(team=Team.objects.create(code="far", name="Far"))
    assert shown(client) == []
    assert shown(signed_in("Auditor", "ana")) == [other.reference]


def test_the_day_is_narrowed_to_a_county_and_to_ones_own() -> None:
    client = signed_in()
    mine, other = make.in_state("active"), make.in_state("active", **make.at(1))
    ivan = inspector(mine)
    desk.plan(mine, kind="routine", planned_for=timezone.localdate(), inspector=ivan.user, actor=ivan)
    assert shown(client, whose="mine") == [mine.reference]
    assert set(shown(client, county=mine.county)) == {mine.reference, other.reference}
    assert shown(client, county="nowhere") == []


def test_the_contact_on_site_is_for_roles_that_see_persons() -> None:
    permit = make.in_state("active")
    phone = permit.answer("onsite_phone")
    assert phone in signed_in().get(TODAY).content.decode()
    assert phone not in signed_in("Auditor", "ana").get(TODAY).content.decode()


def test_the_day_costs_the_same_for_few_and_for_many(django_assert_max_num_queries: Any) -> None:
    client = signed_in()
    make.in_state("active")
    client.get(TODAY)
    with django_assert_max_num_queries(12) as few:
        client.get(TODAY)
    for place in (40, 60, 80):
        make.in_state("completed", **make.at(place))
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert len(shown(client)) == 4


def test_an_inspector_passes_the_final_inspection_from_the_day_list() -> None:
    client, permit = signed_in(), make.in_state("completed")
    answer = client.post(f"{desk_url(permit, 'inspect')}?then=today", ticks(permit, client))
    assert answer.status_code == 302
    assert answer["Location"] == TODAY
    assert make.fresh(permit).state == "closed"


def test_an_error_page_keeps_what_was_ticked_typed_and_uploaded() -> None:
    client, permit = signed_in(), make.in_state("active")
    typed = ticks(permit, client, result="fail", defects="short", remark_signs="One is down.", photos=upload())
    answer = client.post(desk_url(permit, "inspect"), typed)
    content = answer.content.decode()
    assert answer.status_code == 422
    assert "One is down." in content
    assert "1 photo is kept already" in content
    assert photos.waiting(permit).count() == 1
    again = {**typed, "defects": WORDS}
    del again["photos"]
    assert client.post(desk_url(permit, "inspect"), again).status_code == 302
    assert permit.inspections.get().photos.count() == 1


def test_a_stale_page_keeps_everything_too() -> None:
    client, permit = signed_in(), make.in_state("active")
    typed = ticks(permit, client, result="fail", defects=WORDS, photos=upload(), revision=permit.revision - 1)
    answer = client.post(desk_url(permit, "inspect"), typed)
    assert answer.status_code == 409
    assert WORDS in answer.content.decode()
    assert photos.waiting(permit).count() == 1


def test_what_is_no_photo_is_named_and_nothing_is_recorded() -> None:
    client, permit = signed_in(), make.in_state("active")
    broken = SimpleUploadedFile("plan.pdf", make.PDF)
    answer = client.post(desk_url(permit, "inspect"), ticks(permit, client, photos=broken))
    assert answer.status_code == 422
    assert "plan.pdf:" in answer.content.decode()
    assert not permit.inspections.exists()


def test_danger_is_one_choice_on_the_same_page() -> None:
    client, permit = signed_in(), make.in_state("active")
    typed = ticks(permit, client, result="stop", defects=WORDS, photos=upload())
    assert client.post(desk_url(permit, "inspect"), typed).status_code == 422
    typed |= {"suspend_code": "S20", "revision": make.fresh(permit).revision}
    del typed["photos"]
    assert client.post(desk_url(permit, "inspect"), typed).status_code == 302
    assert make.fresh(permit).state == "suspended"


def test_the_short_form_fails_with_a_photo_and_not_without() -> None:
    client, permit = signed_in(), make.in_state("completed")
    typed = {"revision": permit.revision, "defects": WORDS}
    assert client.post(do_url(permit, "fail_inspection"), typed).status_code == 422
    assert client.post(do_url(permit, "fail_inspection"), {**typed, "photos": upload()}).status_code == 302
    content = client.get(record_url(permit)).content.decode()
    assert WORDS in content
    assert "Fee $75" in content
    assert "Photo 1 of this inspection" in content


def test_the_case_file_holds_the_photo_the_defects_and_the_checklist() -> None:
    client, permit = signed_in(), make.in_state("completed")
    typed = ticks(permit, client, result="fail", defects=WORDS, photos=upload(), item_roadside="no")
    assert client.post(desk_url(permit, "inspect"), typed).status_code == 302
    packed: Any = client.post(f"/admin/permits/roadpermit/{permit.pk}/file/")
    archive = zipfile.ZipFile(BytesIO(b"".join(packed.streaming_content)))
    names = archive.namelist()
    assert any(name.endswith("inspection-1.jpg") for name in names)
    history = archive.read(next(name for name in names if name.endswith("history.csv"))).decode()
    assert WORDS in history
    assert "Ditch, grass and drainage are as before: no" in history


def test_suspending_names_a_reason_of_the_list() -> None:
    client, permit = signed_in(), make.in_state("active")
    url = do_url(permit, "suspend")
    assert client.post(url, {"revision": permit.revision, "reason": WORDS}).status_code == 422
    assert client.post(url, {"revision": permit.revision, "reason": WORDS, "code": "S10"}).status_code == 302
    assert "Traffic control missing" in client.get(record_url(permit)).content.decode()


def test_the_auditor_reads_and_changes_nothing() -> None:
    permit = make.in_state("active")
    ivan = inspector(permit)
    desk.plan(permit, kind="routine", planned_for=timezone.localdate(), inspector=ivan.user, actor=ivan)
    client = signed_in("Auditor", "ana")
    assert permit.reference in client.get(LIST).content.decode()
    day = client.get(TODAY).content.decode()
    assert permit.reference in day
    assert "/desk/inspect/" not in day
    for name in ("inspect", "plan_inspection", "cancel_inspection", "reinspection_payment"):
        assert client.post(desk_url(permit, name), {"revision": permit.revision}).status_code == 403


def test_the_list_knows_mine_overdue_and_done() -> None:
    client, permit = signed_in(), make.in_state("completed")
    ivan = inspector(permit)
    row = permit.inspections.get()
    for which, there in (("", True), ("today", False), ("mine", False), ("overdue", False), ("done", False)):
        assert (permit.reference in client.get(LIST, {"which": which}).content.decode()) is there, which
    permit.inspections.update(planned_for=timezone.localdate() - timedelta(days=1), inspector=ivan.user)
    for which in ("today", "mine", "overdue"):
        assert permit.reference in client.get(LIST, {"which": which}).content.decode(), which
    make.fire(permit, "pass_inspection", ivan)
    assert permit.reference in client.get(LIST, {"which": "done"}).content.decode()
    assert client.get(f"{LIST}{row.pk}/change/")["Location"] == record_url(permit)


def test_who_may_not_look_at_permits_sees_no_inspections(client: Client) -> None:
    assert client.get(TODAY).status_code == 302
    nobody = make.user("nobody", permissions=[])
    nobody.user_permissions.clear()
    client.force_login(nobody)
    assert client.get(TODAY).status_code == 403


def test_the_list_costs_the_same_for_few_and_for_many(django_assert_max_num_queries: Any) -> None:
    client = signed_in()
    make.in_state("completed")
    client.get(LIST)
    with django_assert_max_num_queries(14) as few:
        client.get(LIST)
    for place in (40, 60):
        make.in_state("completed", **make.at(place))
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(LIST)


def test_an_inspectors_first_screen_counts_inspections_and_leads_to_the_day(client):
    permit = make.in_state("completed")
    inspector = make.user("ines", permissions=("view", "change", "inspect"), team=permit.team)
    permit.inspections.update(inspector=inspector, planned_for=timezone.localdate())
    client.force_login(inspector)
    page = client.get("/admin/").content.decode()
    assert 'href="/admin/permits/inspection/?which=today"><b>1</b> Mine today</a>' in page
    assert 'href="/admin/permits/inspection/today/">My day</a>' in page


def test_who_does_not_inspect_has_no_inspections_on_the_first_screen(client):
    client.force_login(make.user("rene", permissions=("view", "change", "review")))
    assert "My day" not in client.get("/admin/").content.decode()
