"""Address x role: every address of the admin site, read from the resolver, has its row; a new one without a row fails.

Whatever the answer: no visit changes a row of the database, nothing that an auditor sends does, and nobody without
``workflow.view_contact`` reads a person's name or address. Pages of /api/ have theirs in test_api_access.py.
"""

from collections.abc import Collection, Iterator
from io import BytesIO
from typing import Any
from unittest import mock
from zipfile import ZipFile

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.template.response import TemplateResponse
from django.test import Client, override_settings
from django.utils import timezone

from permits.inspections.models import Inspection
from tests.admin_access import (
    ANONYMOUS,
    CHIEF,
    CITIZEN,
    CLERK,
    FAR,
    Row,
    addresses,
    changed,
    digests,
    everybody,
    filled,
    standard_arguments,
)
from tests.incidents import factories as incidents
from tests.permits import factories as permits
from tests.pressing import presses
from workflow.contrib.rulebook.models import OwnDay, RuleChange
from workflow.contrib.webhooks import telling
from workflow.contrib.webhooks.models import Endpoint
from workflow.models import ApiKey, Delegation, RoutingRule, SavedFilter, Team
from workflow.roles import roles

pytestmark = pytest.mark.django_db
ADDRESSES = addresses()

# -- who is who -------------------------------------------------------------------------------------------------------

DESK = {"Intake officer", "Safety reviewer", "Issuing officer", "Inspector"}
CREWS = {"Triage officer", "Dispatcher", "Crew leader"}
MANAGERS = {"District manager", FAR, CHIEF}
PERMITS = {*DESK, "Specialist", "Auditor", *MANAGERS}
INCIDENTS = {*CREWS, "Auditor", *MANAGERS}
OFFICERS = PERMITS | INCIDENTS
RULES = {"Auditor", *MANAGERS}
STAFF = OFFICERS | {CLERK}
HERE = {"District manager", CHIEF}  # of the team, or of every team
NOBODY: Collection[str] = ()
# An inspector's own teams only: another team's is not there.
ELSEWHERE = Row(get={200: PERMITS - {FAR}, 302: {FAR}}, post={200: PERMITS - {FAR}, 302: {FAR}})
LED_ON = Row(else_get=302, else_post=302)  # to the page it is about, which says who may look


def standard(
    name: str,
    look: Collection[str],
    *,
    change: Collection[str] = NOBODY,
    add: Collection[str] = NOBODY,
    delete: Collection[str] = NOBODY,
) -> dict[str, Row]:
    """The pages that Django makes for a table. An empty form that is sent shows its faults: 200."""
    app, _, model = name.partition("_")
    return {
        f"{name}_changelist": Row(get={200: look}, post={200: look}),
        f"{name}_add": Row(get={200: add}, post={200: add}),
        f"{name}_history": Row(get={200: look}, post={200: look}),
        f"{name}_delete": Row(get={200: delete}, post={200: delete}),
        f"{name}_change": Row(get={200: look}, post={200: change}),
        f"{app}/{model}/<path:object_id>/": LED_ON,
    }


def of_cases(
    name: str, look: Collection[str], *, do: Collection[str], desk: Collection[str], file: int, many: Collection[str]
) -> dict[str, Row]:
    """A queue and its records. ``do``: who may ask the citizen; ``desk``: who may write a note; an empty form is a 422.
    ``file``: what a document of the case answers; ``many``: who may decide on many, and is led back without any."""
    handed_out = Row(get={file: look}, post={file: look})
    return {
        **standard(name, look),
        f"{name}_do": Row(get={200: do}, post={422: do}),
        f"{name}_desk": Row(get={200: desk}, post={422: desk}),
        f"{name}_document": handed_out,
        f"{name}_view": handed_out,
        f"{name}_picture": Row(get={404: look}, post={404: look}),  # the tests' PDF has no page to draw
        f"{name}_file": Row(post={200: look}),
        f"{name}_bulk": Row(get={302: many}, post={302: many}),
        f"{name}_export_csv": Row(get={200: look}, post={405: look}),
        f"{name}_export_xlsx": Row(get={200: look}, post={405: look}),
        # Lists: the superuser's, shared with the default team. An auditor may keep some: that changes no case.
        f"{name}_saved": Row(get={302: look}, post={422: look}),
        f"{name}_saved_open": Row(get={302: {*look} - {FAR}, 404: {FAR}}, post={405: look}),
        f"{name}_saved_remove": Row(get={405: look}, post={302: {CHIEF}, 404: {*look} - {CHIEF}}),
    }


NOT_HERE = Row(get={404: OFFICERS}, post={404: OFFICERS})  # a case is looked at as its own kind
ASKERS = {"Intake officer", "Safety reviewer", *HERE}
TRIAGERS = {"Triage officer", "Dispatcher", *HERE}
REVIEWERS = {"Safety reviewer", *MANAGERS}  # another team's hear of each case that it is not theirs
TABLE: dict[str, Row] = {
    # -- the site itself
    "index": Row(get={200: STAFF}, post={200: STAFF}),
    "login": Row(get={200: {ANONYMOUS, CITIZEN}}, post={200: STAFF | {ANONYMOUS, CITIZEN}}, else_get=302),
    "logout": Row(get={405: STAFF}, post={200: STAFF}),
    "password_change": Row(get={200: STAFF}, post={200: STAFF}),
    "password_change_done": Row(get={200: STAFF}, else_post=405),
    "autocomplete": Row(else_post=405),
    "jsi18n": Row(get={200: STAFF}, else_post=405),
    "view_on_site": LED_ON,
    "app_list": Row(get={200: PERMITS}, post={200: PERMITS}, else_get=404, else_post=404),
    "(?P<url>.*)$": Row(else_get=404, else_post=404),
    # -- queues and records
    **of_cases("permits_roadpermit", PERMITS, do=ASKERS, desk=DESK | HERE, file=200, many=REVIEWERS),
    **of_cases("incidents_incident", INCIDENTS, do=TRIAGERS, desk=CREWS | HERE, file=404, many=TRIAGERS | {FAR}),
    **of_cases("workflow_case", OFFICERS, do=NOBODY, desk=NOBODY, file=404, many=REVIEWERS),
    **dict.fromkeys(
        (f"workflow_case_{page}" for page in ("do", "desk", "document", "view", "picture", "file")), NOT_HERE
    ),
    "workflow_case_change": LED_ON,
    # The newest case is a report: who sees no reports has nothing to look at and is led to the first screen.
    "workflow_case_history": Row(get={200: INCIDENTS}, post={200: INCIDENTS}, else_get=302, else_post=302),
    "incidents_incident_triage": Row(get={200: INCIDENTS}, post={200: INCIDENTS}),
    "incidents_incident_map": Row(get={200: INCIDENTS}, post={200: INCIDENTS}),
    "incidents_incident_points": Row(get={200: INCIDENTS}, post={200: INCIDENTS}),
    **standard("permits_technicaltask", PERMITS),
    "permits_technicaltask_change": LED_ON,
    **standard("permits_inspection", PERMITS),
    "permits_inspection_history": ELSEWHERE,
    "permits_inspection_change": LED_ON,
    "permits_inspection_today": Row(get={200: PERMITS}, post={200: PERMITS}),
    # -- what happened, and what machines do
    **standard("workflow_event", OFFICERS),
    **standard("workflow_work", OFFICERS),
    **standard("admin_logentry", RULES),
    # -- how the office is arranged
    **standard("workflow_delegation", OFFICERS),
    "workflow_delegation_changelist": Row(get={200: OFFICERS}, post={422: OFFICERS}),
    "workflow_delegation_change": LED_ON,
    "workflow_delegation_end": Row(get={302: OFFICERS}, post={302: {CHIEF}}),  # whose absence it is
    **standard("workflow_team", OFFICERS, change=MANAGERS, add=MANAGERS, delete=MANAGERS),
    "workflow_team_dry_run": Row(get={200: OFFICERS}, post={200: OFFICERS}),
    **standard("workflow_routingrule", OFFICERS, change=MANAGERS, add=MANAGERS, delete=MANAGERS),
    "workflow_routingrule_dry_run": Row(get={200: MANAGERS}, post={200: MANAGERS}),
    **standard("incidents_category", INCIDENTS, change=MANAGERS, add=MANAGERS),
    # -- rules
    **standard("rulebook_ownday", RULES, change=MANAGERS, add=MANAGERS, delete=MANAGERS),
    **standard("rulebook_rulechange", RULES),
    "rulebook_override_changelist": Row(get={200: RULES}, post={200: RULES}),
    "rulebook_group": Row(get={200: RULES}, post={422: MANAGERS}),
    "rulebook_rule": Row(get={200: RULES}, post={422: MANAGERS}),
    "rulebook_mail": Row(get={200: RULES}, post={422: RULES}),  # a preview
    # -- accounts and keys
    **standard("auth_group", {CHIEF}, change={CHIEF}, add={CHIEF}, delete={CHIEF}),
    **standard("auth_user", {CHIEF}, change={CHIEF}, add={CHIEF}, delete={CHIEF}),
    "auth_user_password_change": Row(get={200: {CHIEF}}, post={200: {CHIEF}}),
    **standard("workflow_apikey", {CHIEF}, add={CHIEF}),
    **standard("webhooks_endpoint", {CHIEF}),
    **standard("webhooks_delivery", {CHIEF}),
}
# The persons of the permit and of the report; the example of our own pages is nobody.
SOMEBODY = {"contact_name": "Petra Quillfeather", "contact_email": "petra.quill@example.net",
            "contact_phone": "515-555-0173", "onsite_name": "Omar Finchley", "street": "9 Gull Lane"}  # fmt: skip
PERSONS = (*SOMEBODY.values(), "+15155550173", "(515) 555-0173", incidents.NAME, incidents.EMAIL, incidents.PHONE)


def test_every_address_has_its_row_and_no_row_is_too_many() -> None:
    missing = {name: route for name, route in ADDRESSES.items() if name not in TABLE}
    assert not missing, f"Add a row to TABLE that says who may open these, and who may send to them: {missing}"
    spare = set(TABLE) - set(ADDRESSES)
    assert not spare, f"These addresses are gone; take their rows out of TABLE: {sorted(spare)}"


def test_every_role_is_somebody_of_the_table() -> None:
    missing = set(roles()) - OFFICERS
    assert not missing, f"Say in DESK, CREWS or MANAGERS what these roles may open: {sorted(missing)}"


# -- the office -------------------------------------------------------------------------------------------------------


def furnished() -> tuple[dict[str, Client], dict[str, dict[str, Any]]]:
    """Somebody of every role, and at least one row of every table that has pages."""
    people = everybody()
    permits.filed(**permits.at(0))
    permit = permits.with_documents(permits.filed(**permits.at(0), **SOMEBODY))
    incidents.filed()
    chief, today = User.objects.get(is_superuser=True), timezone.localdate()
    RoutingRule.objects.create(order=10, team=Team.default(), county="story", workflow="incident")
    Delegation.objects.create(
        absent=chief, substitute=User.objects.exclude(pk=chief.pk)[0], made_by=chief, first_day=today, last_day=today
    )
    OwnDay.objects.create(date=today, name="Snow")
    Inspection.objects.create(permit=permit, kind="routine", planned_for=today)
    RuleChange.objects.create(who=chief, name="Chief", area="other", key="x", what="Something")
    lists = {
        name: SavedFilter.objects.create(
            owner=chief, queue=name.partition("_")[2], name="Overdue", query="queue=overdue", shared_with=Team.default()
        )
        for name in ("permits_roadpermit", "incidents_incident", "workflow_case")
    }
    LogEntry.objects.log_actions(chief.pk, [permit], CHANGE, "Looked at it", single_object=True)
    endpoint = Endpoint.objects.create(key=ApiKey.objects.all()[0], url="https://example.org/hooks")
    telling.trial(endpoint)
    message = {"slug": "messages", "key": "permits.message.submit"}
    return people, {
        **standard_arguments(permit, permit.documents.first()),
        "permits_roadpermit_do": {"name": "request_information"},
        "incidents_incident_do": {"name": "ask"},
        "workflow_case_do": {"name": "ask"},
        "desk": {"name": "note"},
        "permits_roadpermit_bulk": {"name": "approve"},
        "incidents_incident_bulk": {"name": "hand_to"},
        "workflow_case_bulk": {"name": "roadpermit-approve"},
        **{f"{name}_saved_{page}": {"pk": one.pk} for name, one in lists.items() for page in ("open", "remove")},
        "rulebook_group": {"slug": "fees"},
        "rulebook_rule": message,
        "rulebook_mail": {**message, "number": 0},
        "app_list": {"address": "/admin/permits/"},
        "(?P<url>.*)$": {"address": "/admin/nothing/here/"},
    }


@pytest.fixture(scope="module")
def office(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder), transaction.atomic():
        yield *furnished(), folder
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def files_of_the_office(request: Any, settings: Any) -> None:
    if "office" in request.fixturenames:
        settings.MEDIA_ROOT = request.getfixturevalue("office")[2]


# -- the proof --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ADDRESSES)
def test_everybody_gets_what_the_table_says_and_a_visit_changes_nothing(office: Any, name: str) -> None:
    people, known, _folder = office
    address, before = filled(name, ADDRESSES[name], known), digests()
    told = {role: ask(client, role, address) for role, client in people.items()}
    assert told == {role: TABLE[name].expected("GET", role) for role in people}
    logged = ["django_admin_log"] if "_export_" in name else []  # who took which list stands in the log
    assert changed(before) == logged


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_empty_form_gets_no_further_than_the_table_says(office: Any, name: str) -> None:
    people, known, _folder = office
    address = filled(name, ADDRESSES[name], known)
    told = {role: send(client, address, {}) for role, client in people.items()}
    assert told == {role: TABLE[name].expected("POST", role) for role in people}


@pytest.mark.parametrize("name", [name for name in ADDRESSES if name not in ("logout", "password_change")])
def test_nothing_that_an_auditor_sends_changes_anything(office: Any, name: str) -> None:
    """Every form and every action of the page as the superuser is shown it, filled in."""
    people, known, _folder = office
    address, auditor = filled(name, ADDRESSES[name], known), people["Auditor"]
    page = people[CHIEF].get(address)
    forms = presses(read(page), address)
    before = digests()
    for where, data in [(address, {"revision": ["0"]}), *forms]:
        if where in ("/admin/logout/", "/admin/password_change/"):
            continue
        with transaction.atomic():
            send(auditor, where, data, rolled_back=False)
            written = changed(before)
            transaction.set_rollback(True)
        taken = where.endswith("/file/") or "_export_" in name  # the history and the log say who took what along
        assert not written or taken, f"{where}: an auditor wrote {written}"


def test_what_an_auditor_cannot_do_the_superuser_can_with_the_same_press(office: Any) -> None:
    """Else the test above would hold because nothing was filled in right."""
    people, known, _folder = office
    address = filled("permits_roadpermit_desk", ADDRESSES["permits_roadpermit_desk"], known)
    before, (where, data) = digests(), presses(people[CHIEF].get(address).content.decode(), address)[-1]
    with transaction.atomic():
        send(people[CHIEF], where, data, rolled_back=False)
        assert "workflow_event" in changed(before)
        transaction.set_rollback(True)


READERS = (CHIEF, "Auditor", "Specialist", CLERK)  # whose pages are made; of the others the status counts


def ask(client: Client, role: str, address: str) -> int:
    """The status; who may not read about persons must not."""
    if role not in READERS:
        with mock.patch.object(TemplateResponse, "rendered_content", ""):
            answer = client.get(address)
            read(answer)
            return int(answer.status_code)
    answer = client.get(address)
    text = read(answer)
    if role != CHIEF:
        assert [word for word in PERSONS if word in text] == [], f"{role} reads about persons at {address}"
    return int(answer.status_code)


def read(answer: Any) -> str:
    content: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as found:
            content = b"".join(found.read(one) for one in found.namelist())
    return content.decode(errors="replace")


def send(client: Client, address: str, data: Any, *, rolled_back: bool = True) -> int:
    """The status of a POST; log-ins and log-outs are forgotten, and so is what was written."""
    cookies = client.cookies.copy()
    with transaction.atomic(), mock.patch.object(TemplateResponse, "rendered_content", ""):
        answer = client.post(address, data)
        read(answer)
        transaction.set_rollback(rolled_back)
    client.cookies = cookies
    return int(answer.status_code)
