"""Every button on a report's record x state x role: offered works, shut says why, missing is refused."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents import desk
from incidents.admin.acts import COUNTER
from incidents.lifecycle import State
from incidents.models import Incident
from tests.admin_pages import record_url
from tests.button_table import ButtonTable, signed_in
from tests.incidents import factories as make
from tests.incidents.every_state import just_filed, one_in_each_state, one_of_each_role
from tests.incidents.test_lifecycle_table import TABLE
from workflow import desk as office
from workflow import orchestrator
from workflow.claims import claim
from workflow.errors import PermanentFailure
from workflow.models import Team

pytestmark = pytest.mark.django_db
WORDS = "Long enough to help the person who reads it."
OTHER: dict[str, str] = {}  # the report to join with, and a team beside the one that has it


def first(name: str) -> Any:
    """The key of the first open thing of a report."""

    def of(report: Incident) -> dict[str, Any]:
        rows: Any = {"job": report.jobs.filter(done_at=None, cancelled_at=None), "photo": report.photos,
                     "update": report.updates}[name]  # fmt: skip
        found = rows.order_by("pk").first()
        return {name: found.pk if found else 0}

    return of


BUTTONS = ButtonTable(
    counter=COUNTER,
    moves=TABLE,
    works=["incidents.change_incident"],
    whole=State.TRIAGED,
    typed={
        **{name: {} for name in ("hand_over", "start_work", "unmerge", "claim", "release", "retry", "show")},
        "release_hold": {},
        "ask": {"question": WORDS},
        "schedule": {"planned_for": (timezone.localdate() + timedelta(days=9)).isoformat(), "crew": "Ames garage"},
        "dispatch": {"crew": "Ames garage", "task": "Fill the hole"},
        "put_back": {"reason": WORDS},
        "resolve": {"sentence": WORDS, "photo_exempt_because": "The camera was broken"},
        "reject": {"reason_code": "not_ours", "sentence": WORDS},
        "close": {"reason_code": "nothing_found", "sentence": WORDS},
        "merge": lambda report: {"into": OTHER["reference"]},
        "reopen": {"note": WORDS},
        "assign": lambda report: {"to": Team.default().members.order_by("pk").values_list("pk", flat=True)[0]},
        "recategorise": {"category": "debris"},
        "hand_to": lambda report: {"team": Team.objects.exclude(pk=report.team_id).order_by("pk")[0].pk},
        "add_job": {"crew": "Ames garage", "task": "Sweep the shoulder"},
        "finish_job": first("job"),
        "cancel_job": first("job"),
        "publish_photo": first("photo"),
        "keep_private": first("photo"),
        "publish_update": first("update"),
        "withdraw_update": first("update"),
        "hide": {"because": WORDS},
        "hold": {"because": WORDS},
        "note": {"text": WORDS},
        "message": {"text": WORDS},
    },
)


@pytest.fixture(scope="module")
def incidents(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Incident]]:
    with django_db_blocker.unblock(), one_in_each_state() as made:
        OTHER["reference"] = make.filed().reference
        yield made


@pytest.fixture(scope="module")
def browsers(incidents: dict[str, Incident]) -> dict[str, Any]:
    return signed_in(one_of_each_role(incidents))


def test_every_button_has_what_is_typed_for_it() -> None:
    BUTTONS.check_rows()


@pytest.mark.parametrize("state", [state for state in State.values if state != State.NEW])
def test_what_the_record_offers_is_what_the_door_takes(incidents: Any, browsers: Any, state: str) -> None:
    for role, (client, user) in browsers.items():
        BUTTONS.check_case(incidents[state], role, client, user)


def test_a_report_that_is_being_filed_has_no_record_and_no_buttons(incidents: Any, browsers: Any) -> None:
    report = incidents[State.NEW]
    for role, (client, _user) in browsers.items():
        assert client.get(record_url(report)).status_code == 404, role
        for button in BUTTONS.buttons:
            assert BUTTONS.press(report, button, client).status_code == 404, (role, button)


def busy() -> list[Incident]:
    """Reports with everything that work at the desk is about: jobs, photos, updates, holds; hidden, claimed, parked."""
    nina = make.officer("nina")
    plain, full = make.filed(), make.in_state("in_progress")
    desk.add_job(full, crew="Boone garage", task="Paint the line", actor=nina)
    make.photo(incident=full)
    make.photo(incident=full, is_public=True, moderated_at=timezone.now())
    for number, is_public in enumerate((False, True)):
        full.updates.create(
            key_id=make.integrator().key_id, update_id=str(number), status="open", is_public=is_public,
            description="The city looked at it.", updated_datetime=timezone.now(),
        )  # fmt: skip
    kept = make.filed()
    for change, words in ((desk.hide, {"because": WORDS}), (desk.hold, {"because": WORDS}), (office.claim, {})):
        change(kept, actor=nina, **words)
    return [make.fresh(one) for one in (plain, full, kept, stuck())]


def stuck() -> Incident:
    """Its check gave up."""
    report = just_filed()
    report.work.filter(step="submitReport").update(lease_until=None)
    orchestrator.fail(claim(report.work.get(step="submitReport").pk), PermanentFailure("The map is gone."))
    return report


def test_each_piece_of_work_at_the_desk_is_offered_to_somebody_and_works(incidents: Any, browsers: Any) -> None:
    cases, (client, user) = busy(), browsers["District manager"]
    nina = signed_in({"nina": make.officer("nina")})["nina"]
    offered: set[tuple[str, str]] = set()
    for case in cases:
        offered |= BUTTONS.check_case(case, "District manager", client, user)
        offered |= BUTTONS.check_case(case, "District manager", *nina)
    assert {button for button in BUTTONS.buttons if button[0] == "desk"} - offered == set()


def test_a_page_that_a_colleague_overtook_is_told_so_at_every_button(incidents: Any, browsers: Any) -> None:
    """The district manager looked; meanwhile somebody wrote a note."""
    client, user = browsers["District manager"]
    nina, told = make.officer("nina"), set()

    def meanwhile(case: Any) -> None:
        office.add_note(case, text="The city called.", actor=nina)

    for case in (*(report for state, report in incidents.items() if state != State.NEW), *busy()):
        told |= BUTTONS.check_stale(case, client, user, meanwhile)
    assert told >= set(COUNTER.decisions)
