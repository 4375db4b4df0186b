"""Inspections: planned by themselves and by inspectors, done with a checklist, passed and failed."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from permits.inspections import checklist, desk, photos, recording
from permits.inspections.models import Inspection
from permits.invariants import CHECKS
from permits.models import RoadPermit
from permits.rules.inspections import FINAL_INSPECTION_DAYS, SuspensionCode
from tests.permits import factories as make
from tests.permits.move_data import WORDS
from workflow import actors, engine
from workflow.contrib.notifications.models import Message
from workflow.contrib.storage import path_of
from workflow.errors import InvalidData, NotAllowed, Refused
from workflow.models import Document, Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def upload(name: str = "defect.jpg", colour: str = "red") -> SimpleUploadedFile:
    """A picture as a phone takes it, with the position in it."""
    out, exif = BytesIO(), Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (42.0, 1.0, 0.0), 3: "W", 4: (93.0, 37.0, 0.0)})
    Image.new("RGB", (64, 48), colour).save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def inspector(permit: RoadPermit) -> Any:
    return make.officer("ivan", permissions=("view", "change", "inspect"), team=permit.team)


def inspect(permit: RoadPermit, **said: Any) -> Any:
    return desk.inspect(permit, actor=inspector(permit), **said)


def planned(permit: RoadPermit) -> Inspection:
    return permit.inspections.get(state="planned")


def codes(refused: Any) -> set[str]:
    return {reason.code for reason in refused.value.reasons}


def failed(permit: RoadPermit, **said: Any) -> RoadPermit:
    inspect(permit, result="fail", defects=WORDS, uploads=[upload()], **said)
    return make.fresh(permit)


def test_finished_work_gets_its_final_inspection_planned_within_days() -> None:
    permit = make.in_state("completed")
    row = planned(permit)
    assert (row.kind, row.inspector) == ("final", None)
    assert row.planned_for == recording.working_day_in(FINAL_INSPECTION_DAYS)
    make.fire(permit, "revert_stop", reason=WORDS)
    assert not permit.inspections.filter(state="planned").exists()


def test_passing_closes_the_permit_with_its_inspection() -> None:
    permit = make.in_state("completed")
    make.fire(permit, "pass_inspection", inspector(permit), remarks="Even and clean.")
    row = permit.inspections.get()
    assert (row.state, row.result, row.remarks) == ("done", "pass", "Even and clean.")
    assert row.done_by == inspector(permit).user
    assert [f for check in CHECKS for f in check()] == []


def test_a_permit_finished_before_there_were_plans_gets_its_row_when_it_passes() -> None:
    permit = make.in_state("completed")
    permit.inspections.all().delete()
    assert make.fire(permit, "pass_inspection").state == "closed"
    assert permit.inspections.get().result == "pass"


def test_a_closed_permit_whose_inspection_did_not_pass_is_found() -> None:
    permit = make.in_state("closed")
    permit.inspections.update(result="fail", defects=WORDS)
    assert {f.code for check in CHECKS for f in check()} == {"closed_without_pass", "fail_without_photo"}


def test_a_fail_without_a_photo_is_refused_by_the_door() -> None:
    permit = make.in_state("completed")
    with pytest.raises(Refused) as refused:
        engine.fire(permit, "fail_inspection", actor=inspector(permit), data={"defects": WORDS})
    assert codes(refused) == {"photo_of_defect"}
    stranger = make.in_state("completed", **make.at(40))
    other = photos.keep(stranger, upload(), by="Ivan")
    with pytest.raises(Refused) as refused:
        engine.fire(permit, "fail_inspection", actor=inspector(permit), data={"defects": WORDS, "photos": [other.pk]})
    assert codes(refused) == {"photo_of_defect"}


def test_a_fail_plans_the_reinspection_with_its_fee_and_tells_the_holder_the_defect() -> None:
    permit = make.in_state("completed")
    day = timezone.localdate() + timedelta(days=7)
    permit = failed(permit, again_on=day.isoformat())
    assert permit.state == "completed"
    done, again = permit.inspections.get(state="done"), planned(permit)
    assert (done.result, done.defects, done.photos.count()) == ("fail", WORDS, 1)
    assert (again.kind, again.planned_for, again.follows, again.fee) == ("reinspection", day, done, Decimal(75))
    line = Event.objects.filter(case_id=permit.pk).latest("seq")
    assert (line.transition, line.data["photos"]) == ("fail_inspection", [done.photos.get().pk])
    told = Message.objects.filter(event=line).first()
    assert told is not None
    assert WORDS in told.text
    assert "$75" in told.text
    assert f"{day:%B} {day.day}" in told.text


def test_a_reinspection_passes_only_when_its_fee_is_paid() -> None:
    permit = failed(make.in_state("completed"))
    with pytest.raises(Refused) as refused:
        inspect(permit, result="pass")
    assert codes(refused) == {"reinspection_paid"}
    clerk = make.officer("fatima", permissions=("view", "change", "issue"), team=permit.team)
    with pytest.raises(NotAllowed):
        desk.record_payment(permit, receipt="CHK 1", actor=inspector(permit))
    desk.record_payment(permit, receipt="CHK 1", actor=clerk)
    inspect(make.fresh(permit), result="pass")
    assert make.fresh(permit).state == "closed"
    assert [row.kind for row in permit.inspections.filter(result="pass")] == ["reinspection"]


def test_an_agency_pays_nothing_for_a_reinspection_and_an_agreement_pays_later() -> None:
    permit = make.in_state("completed")
    for answers, fee, settled in (({"applicant_kind": "agency"}, 0, False), ({"billing": "deferred"}, 75, True)):
        RoadPermit.objects.filter(pk=permit.pk).update(application={**permit.application, **answers})
        permit.inspections.filter(state="planned").update(state="cancelled")
        row = planned(failed(make.fresh(permit)))
        assert (row.fee, row.fee_settled_at is not None, row.owes) == (fee, settled, False)


def test_a_pass_with_a_no_in_its_checklist_is_refused() -> None:
    permit = make.in_state("completed")
    rows = [{"item": "cleared", "answer": "no", "remark": "Two barrels left."}]
    with pytest.raises(Refused) as refused:
        inspect(permit, result="pass", checklist=rows)
    assert codes(refused) == {"checklist_says_no"}
    assert planned(permit).kind == "final"


@pytest.mark.parametrize(
    "rows", ["text", [{"item": "x", "answer": "yes"}], [{"item": "signs", "answer": "maybe"}], [1]]
)
def test_a_checklist_that_makes_no_sense_is_refused(rows: Any) -> None:
    permit = make.in_state("completed")
    with pytest.raises((Refused, InvalidData)):
        engine.fire(permit, "pass_inspection", actor=inspector(permit), data={"checklist": rows})


def test_a_routine_inspection_is_recorded_without_moving_the_permit() -> None:
    permit = make.in_state("active")
    inspect(permit, result="pass", checklist=[{"item": "signs", "answer": "yes"}])
    assert make.fresh(permit).state == "active"
    row = permit.inspections.get()
    assert (row.kind, row.result) == ("routine", "pass")
    assert Event.objects.filter(case_id=permit.pk, kind="inspected").get().data["checklist"][0]["item"] == "signs"


def test_a_routine_fail_needs_defects_and_a_photo() -> None:
    permit = make.in_state("active")
    for said in ({"defects": "short", "uploads": [upload()]}, {"defects": WORDS}):
        permit.documents.filter(kind=photos.KIND).delete()
        with pytest.raises(Refused):
            inspect(permit, result="fail", **said)
    assert not permit.inspections.exists()


def test_danger_stops_the_work_in_the_same_breath() -> None:
    permit = make.in_state("active")
    inspect(permit, result="stop", suspend_code="S20", defects=WORDS, uploads=[upload()])
    permit = make.fresh(permit)
    assert (permit.state, permit.inspections.get().result) == ("suspended", "fail")
    line = Event.objects.filter(case_id=permit.pk).latest("seq")
    assert (line.transition, line.data) == ("suspend", {"reason": WORDS, "code": "S20"})
    told = Message.objects.filter(event=line).first()
    assert told is not None
    assert SuspensionCode("S20").label in told.text


def test_an_unknown_reason_stops_nothing() -> None:
    permit = make.in_state("active")
    with pytest.raises(Refused):
        inspect(permit, result="stop", suspend_code="S99", defects=WORDS, uploads=[upload()])
    assert make.fresh(permit).state == "active"
    assert not permit.inspections.exists()


def test_photos_stay_when_the_rest_is_refused_and_lose_where_they_were_taken() -> None:
    permit = make.in_state("completed")
    with pytest.raises(Refused):
        inspect(permit, result="fail", defects="short", uploads=[upload(), upload("two.jpg", "blue")])
    kept = list(photos.waiting(permit))
    assert len(kept) == 2
    assert not any(photo.public for photo in kept)
    assert not any(Image.open(path_of(photo.storage_name)).getexif() for photo in kept)
    inspect(permit, result="fail", defects=WORDS)
    assert permit.inspections.get(state="done").photos.count() == 2
    assert Document.objects.filter(kind=photos.KIND, public=True).count() == 2
    assert not photos.waiting(permit).exists()


def test_the_same_photo_twice_is_one_and_what_is_no_photo_is_refused() -> None:
    permit = make.in_state("active")
    assert photos.keep(permit, upload(), by="Ivan") == photos.keep(permit, upload(), by="Ivan")
    with pytest.raises(photos.RefusedPhoto):
        photos.keep(permit, SimpleUploadedFile("x.jpg", make.PDF), by="Ivan")


def test_who_may_not_inspect_leaves_no_photo_behind() -> None:
    permit = make.in_state("active")
    stranger = make.officer("sven", permissions=("view", "change", "review"), team=permit.team)
    with pytest.raises(NotAllowed):
        desk.inspect(permit, result="pass", uploads=[upload()], actor=stranger)
    assert not photos.waiting(permit).exists()


def test_nobody_inspects_the_own_work() -> None:
    permit = make.in_state("active")
    owner = make.officer("own", permissions=("inspect",), team=permit.team, email=permit.answer("contact_email"))
    with pytest.raises(Refused) as refused:
        desk.inspect(permit, result="pass", actor=owner)
    assert codes(refused) == {"not_own_case"}


def test_an_inspector_plans_moves_and_cancels() -> None:
    permit = make.in_state("active")
    ivan, day = inspector(permit), timezone.localdate() + timedelta(days=2)
    desk.plan(permit, kind="hold_point", planned_for=day, inspector=ivan.user, actor=ivan)
    row = planned(permit)
    assert (row.kind, row.planned_for, row.inspector) == ("hold_point", day, ivan.user)
    desk.plan(permit, kind="hold_point", planned_for=day, inspector=None, inspection=row.pk, actor=ivan)
    assert planned(permit).inspector is None
    desk.cancel(permit, inspection=row.pk, because="Not needed any more.", actor=ivan)
    row.refresh_from_db()
    assert row.state == "cancelled"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"planned_for": timezone.localdate() - timedelta(days=1)}, "day_out_of_range"),
        ({"kind": "final"}, "kind_does_not_fit"),
        ({"inspection": 999_999}, "inspection_not_planned"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(changes: Any, code: str) -> None:
    permit = make.in_state("active")
    plan = {"kind": "routine", "planned_for": timezone.localdate(), "inspector": None, **changes}
    with pytest.raises(Refused) as refused:
        desk.plan(permit, actor=inspector(permit), **plan)
    assert codes(refused) == {code}


def test_an_inspector_of_another_team_or_without_the_role_is_not_sent() -> None:
    permit = make.in_state("active")
    clerk = make.user("clara", permissions=("view", "change"), team=permit.team)
    with pytest.raises(Refused) as refused:
        desk.plan(permit, kind="routine", planned_for=timezone.localdate(), inspector=clerk, actor=inspector(permit))
    assert codes(refused) == {"not_an_inspector"}


def test_the_final_inspection_is_not_cancelled_and_not_planned_twice() -> None:
    permit = make.in_state("completed")
    with pytest.raises(Refused) as refused:
        desk.cancel(permit, inspection=planned(permit).pk, because="No time.", actor=inspector(permit))
    assert codes(refused) == {"inspection_needed"}
    with pytest.raises(Refused):
        desk.plan(permit, kind="final", planned_for=timezone.localdate(), inspector=None, actor=inspector(permit))


@pytest.mark.parametrize("end", ["revoke", "stop_work"])
def test_what_is_over_is_not_inspected_on_the_way_any_more(end: str) -> None:
    permit = make.in_state("active")
    ivan = inspector(permit)
    desk.plan(permit, kind="routine", planned_for=timezone.localdate(), inspector=None, actor=ivan)
    data = {"reasons": ["R50"], "explanation": WORDS} if end == "revoke" else {}
    make.fire(permit, end, **data)
    assert not permit.inspections.filter(state="planned", kind="routine").exists()


def test_the_checklist_asks_what_the_work_calls_for() -> None:
    digs = {"excavation": True, "permit_type": "utility", "excavations": [{"max_depth_ft": 7}]}
    during = {item.code for item in checklist.items_for("routine", digs)}
    assert {"permit_on_site", "traffic_control", "signs", "utility_marks", "shoring"} <= during
    assert {"surface", "cleared"} <= {item.code for item in checklist.items_for("final", digs)}
    assert "backfill" in {item.code for item in checklist.items_for("hold_point", digs)}
    assert "surface" not in {item.code for item in checklist.items_for("final", {})}
    assert len({item.code for item in checklist.ITEMS}) == len(checklist.ITEMS)


def test_the_applicants_link_takes_no_part_in_an_inspection() -> None:
    permit = make.in_state("completed")
    with pytest.raises(NotAllowed):
        engine.fire(permit, "pass_inspection", actor=actors.applicant(permit))
