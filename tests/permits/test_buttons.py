"""Every button on a permit's record x state x role: offered works, shut says why, missing is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from permits import applications
from permits.acts import COUNTER
from permits.inspections import checklist, photos, recording
from permits.inspections import desk as inspecting
from permits.inspections.models import Inspection
from permits.lifecycle import State
from permits.models import RoadPermit
from permits.technical import reviews
from permits.technical.specialties import ADVISE, Specialty
from tests.admin_pages import record_url
from tests.button_table import ButtonTable, Typed, signed_in
from tests.permits import factories as make
from tests.permits.every_state import one_in_each_state, one_of_each_role
from tests.permits.move_data import WORDS
from tests.permits.test_admin_queue import parked
from tests.permits.test_inspections import upload
from tests.permits.test_lifecycle_table import TABLE
from workflow import desk
from workflow.models import Team

pytestmark = pytest.mark.django_db
REASON = {"reason": WORDS}


def recommendation(specialty: str) -> Typed:
    def of(permit: RoadPermit) -> dict[str, Any]:
        task = reviews.open_task(permit, specialty)
        return {"task": task.pk if task else 0, "recommendation": "approve"}

    return of


def open_conflict(permit: RoadPermit) -> dict[str, Any]:
    conflict = permit.conflicts.filter(settled_because="").first()
    return {"conflict": conflict.pk if conflict else 0, "because": WORDS}


def inspected(permit: RoadPermit) -> dict[str, Any]:
    """Everything on the checklist is as it should be."""
    kind = "final" if permit.state == State.COMPLETED else "routine"
    items = checklist.items_for(kind, applications.answers_of(permit))
    found = {"result": "fail", "defects": WORDS} if recording.owes(permit) else {"result": "pass"}
    return {**found, **{f"item_{item.code}": "yes" for item in items}}


def planned(permit: RoadPermit) -> dict[str, Any]:
    final = permit.inspections.filter(state="planned", kind__in=Inspection.ENDS_WORK).first()
    kind = final.kind if final else "final" if permit.state == State.COMPLETED else "routine"
    return {"kind": kind, "planned_for": timezone.localdate().isoformat(), "inspection": final.pk if final else ""}


def called_off(permit: RoadPermit) -> dict[str, Any]:
    row = permit.inspections.filter(state="planned").first()
    return {"inspection": row.pk if row else 0, "because": WORDS}


def colleague(permit: RoadPermit) -> dict[str, Any]:
    return {"to": Team.default().members.order_by("pk").values_list("pk", flat=True)[0]}


BUTTONS = ButtonTable(
    counter=COUNTER,
    moves=TABLE,
    works=["permits.change_roadpermit", ADVISE],
    whole=State.IN_REVIEW,
    at_any_revision=[f"recommend_{specialty}" for specialty in Specialty],
    typed={
        **{name: {} for name in ("accept", "issue", "start_work", "stop_work", "claim", "release", "retry")},
        **dict.fromkeys(("revert_start", "revert_stop", "resume"), REASON),
        "suspend": {**REASON, "code": "S10"},
        **{f"recommend_{specialty}": recommendation(specialty) for specialty in Specialty},
        "request_information": {"text_1": WORDS},
        "approve": {"conditions": ["C01"], "override_reason": WORDS},
        "refuse": {"reasons": ["R20"], "explanation": WORDS},
        "pass_inspection": {"remarks": WORDS},
        "fail_inspection": {"defects": WORDS},
        "inspect": inspected,
        "plan_inspection": planned,
        "cancel_inspection": called_off,
        "reinspection_payment": {"receipt": "CHK 20118"},
        "revoke": {"reasons": ["R50"], "explanation": WORDS},
        "reopen": {"grounds": WORDS},
        "assign": colleague,
        "payment": {"receipt": "CHK 20117"},
        "settle_conflict": open_conflict,
        "waive_documents": {"because": WORDS},
        "message": {"text": WORDS},
        "note": {"text": WORDS},
    },
)


@pytest.fixture(scope="module")
def permits(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[dict[str, RoadPermit]]:
    with django_db_blocker.unblock(), one_in_each_state(tmp_path_factory.mktemp("files")) as made:
        photos.keep(made[State.COMPLETED], upload(), by="Ivan")  # a fail shows one
        yield made


@pytest.fixture(scope="module")
def browsers(permits: dict[str, RoadPermit]) -> dict[str, Any]:
    return signed_in(one_of_each_role(permits))


def test_every_button_has_what_is_typed_for_it() -> None:
    BUTTONS.check_rows()


@pytest.mark.parametrize("state", [state for state in State.values if state != State.DRAFT])
def test_what_the_record_offers_is_what_the_door_takes(permits: Any, browsers: Any, state: str) -> None:
    for role, (client, user) in browsers.items():
        BUTTONS.check_case(permits[state], role, client, user)


def test_a_draft_has_no_record_and_no_buttons_for_anybody(permits: Any, browsers: Any) -> None:
    draft = permits[State.DRAFT]
    for role, (client, _user) in browsers.items():
        assert client.get(record_url(draft)).status_code == 404, role
        for button in BUTTONS.buttons:
            assert BUTTONS.press(draft, button, client).status_code == 404, (role, button)
    assert make.fresh(draft).revision == draft.revision


def busy() -> RoadPermit:
    """In review with everything that work at the desk is about: a conflict, open tasks, an open fee; and claimed."""
    make.filed(**make.at(40))
    return make.filed(**make.at(40))


def inspected_cases(team: Team) -> list[RoadPermit]:
    """Work under way with an inspection planned, and finished work that failed and owes a fee."""
    ivan = make.officer("ivan", permissions=("view", "change", "inspect"), team=team)
    running, owing = make.in_state("active", **make.at(70)), make.in_state("completed", **make.at(80))
    inspecting.plan(running, kind="routine", planned_for=timezone.localdate(), inspector=None, actor=ivan)
    inspecting.inspect(owing, result="fail", defects=WORDS, uploads=[upload()], actor=ivan)
    photos.keep(owing, upload(colour="blue"), by="Ivan")
    return [running, owing]


def test_each_piece_of_work_at_the_desk_is_offered_to_somebody_and_works(permits: Any, browsers: Any) -> None:
    permit, stuck = busy(), parked(make.filed(checked=False, **make.at(50)))
    claimed = desk.claim(make.filed(**make.at(60)), actor=make.officer("nina", team=permit.team))
    nina, spec = Client(), Client()
    nina.force_login(make.user("nina", team=permit.team))
    expert = make.user("expert", permissions=("view", "advise"), team=Team.objects.get(code="technical-traffic"))
    for task in make.open_tasks(permit):
        task.team.members.add(expert)
    spec.force_login(expert)
    offered = BUTTONS.check_case(permit, "Specialist", spec, expert)
    for case in (permit, stuck, claimed, *inspected_cases(permit.team)):
        offered |= BUTTONS.check_case(make.fresh(case), "District manager", nina, make.user("nina", team=permit.team))
    asked = {f"recommend_{task.specialty}" for task in make.open_tasks(permit)}
    left = {name for kind, name in BUTTONS.buttons if kind == "desk" and (kind, name) not in offered}
    assert left == {name for name in left if name.startswith("recommend_")} - asked


def test_a_page_that_a_colleague_overtook_is_told_so_at_every_button(permits: Any, browsers: Any) -> None:
    """The district manager looked; meanwhile somebody wrote a note."""
    client, user = browsers["District manager"]
    nina, told = make.officer("nina", team=permits[State.SUBMITTED].team), set()

    def meanwhile(case: Any) -> None:
        desk.add_note(case, text="The utility called.", actor=nina)

    for case in (*(permit for state, permit in permits.items() if state != State.DRAFT), busy()):
        told |= BUTTONS.check_stale(case, client, user, meanwhile)
    assert told >= set(COUNTER.decisions)


def test_a_decision_on_a_case_that_moved_shows_where_it_is_and_keeps_the_text(permits: Any, browsers: Any) -> None:
    """The page of every decision in review, after a colleague refused."""
    client, permit = browsers["District manager"][0], permits[State.IN_REVIEW]
    offered = [button for button in BUTTONS.offered(permit, client) if button[0] == "do"]
    nina = make.officer("nina", team=permit.team)
    assert len(offered) >= 3
    for button in offered:
        with transaction.atomic():
            make.fire(permit, "refuse", nina, reasons=["R20"], explanation=WORDS)
            answer = BUTTONS.press(permit, button, client)
            page = answer.content.decode()
            assert (answer.status_code, "Nina Reyes: Refuse" in page, "Refused" in page) == (409, True, True), button
            assert WORDS in page or button[1] == "accept", button
            transaction.set_rollback(True)
