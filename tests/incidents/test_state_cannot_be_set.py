"""No way but the engine sets an incident's state, and none leaves an end without its reason.

What holds for every kind of case is tested in tests/workflow/test_state_guard.py; here is what incidents add.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, transaction
from django.forms import modelform_factory
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from incidents.models import Incident
from tests.incidents import factories as make
from tests.workflow.test_invariants import sql
from workflow.errors import InvalidData
from workflow.models import Case, Event

pytestmark = pytest.mark.django_db

S = Incident.State
STOPPED = (AttributeError, ValueError, TypeError, DatabaseError, FieldDoesNotExist)


def move_and_save(incident: Incident) -> None:
    """django-fsm's own way: the method, then save; no history, no permission."""
    incident.photo_exempt_because = "The camera was broken"
    incident.resolve(sentence="The hole is patched.", photo_exempt_because="The camera was broken")
    incident.save()


def forced(incident: Incident) -> Incident:
    """A loaded row whose memory says something else than the database."""
    incident.__dict__["state"] = S.RESOLVED
    return incident


def assign(incident: Incident) -> None:
    incident.state = S.RESOLVED


WAYS: dict[str, Callable[[Incident], Any]] = {
    "assignment": assign,
    "a transition method and save": move_and_save,
    "the memory of a row": lambda case: forced(case).save(),
    "update of the public ones": lambda case: Incident.objects.public().update(state=S.RESOLVED),
    "update of the unsettled ones": lambda case: Incident.objects.unsettled().update(state=S.RESOLVED),
    "update of the base manager": lambda case: Incident._base_manager.all().update(state=S.RESOLVED),
    "bulk_update": lambda case: Incident.objects.bulk_update([forced(case)], ["state"]),
    "SQL": lambda case: sql("UPDATE workflow_case SET state = 'resolved' WHERE id = %s", case.pk),
    "create": lambda case: Incident.objects.create(reference="IR-26-AAAAAA", workflow="incident", state=S.RESOLVED),
}


def row(incident: Incident) -> dict[str, Any]:
    return Incident._base_manager.filter(pk=incident.pk).values().get()


@pytest.mark.parametrize("way", WAYS)
def test_no_way_moves_an_incident(way: str) -> None:
    case = make.filed()
    before, lines = row(case), Event.objects.count()
    with pytest.raises(STOPPED), transaction.atomic():
        WAYS[way](case)
    assert row(case) == before
    assert (Event.objects.count(), Case.objects.count()) == (lines, 1)


def test_what_a_form_is_told_about_the_state_does_not_land() -> None:
    case = make.filed()
    try:
        with transaction.atomic():
            form = modelform_factory(Incident, fields=["state"])(data={"state": "resolved"}, instance=case)
            form.is_valid()
            form.save()
    except STOPPED:
        pass
    assert row(case)["state"] == S.TRIAGED


END = {"reason_code": "fixed", "public_sentence": "It is fixed.", "ended_at": timezone.now()}


@pytest.mark.parametrize("missing", END)
def test_the_database_takes_no_end_without_reason_sentence_and_moment(missing: str) -> None:
    case = make.filed()
    nothing = None if missing == "ended_at" else ""
    with pytest.raises(DatabaseError), transaction.atomic():
        Incident.objects.filter(pk=case.pk).update(status="closed", **(END | {missing: nothing}))
    assert row(case)["status"] == "open"


@pytest.mark.parametrize("page", ["change", "add", "delete", "changelist"])
def test_a_forged_admin_form_changes_nothing(page: str, client: Client) -> None:
    case = make.filed()
    client.force_login(_root())
    before, number = row(case), Incident.objects.count()
    args = [] if page in ("add", "changelist") else [case.pk]
    forged = {"state": "resolved", "_state": "resolved", "status": "closed", "votes": "99", "_save": "Save",
              "action": "delete_selected", "_selected_action": case.pk, "post": "yes"}  # fmt: skip
    answer = client.post(reverse(f"admin:incidents_incident_{page}", args=args), forged)
    assert answer.status_code in (200, 302, 403, 405)
    assert row(case) == before
    assert Incident.objects.count() == number


def _root() -> Any:
    user = make.user("root")
    user.is_superuser = True
    user.save()
    return user


@pytest.mark.parametrize("name", ["state", "status", "votes", "reason_code", "team", "priority"])
def test_a_report_that_names_what_is_ours_is_refused(name: str) -> None:
    with pytest.raises(InvalidData) as refused:
        make.filed(**{name: "resolved"})
    assert [(reason.code, reason.field) for reason in refused.value.reasons] == [("unknown_field", name)]
    assert not Case.objects.exists()


def test_a_state_in_the_data_of_a_move_is_no_way_either() -> None:
    case = make.filed()
    with pytest.raises(InvalidData):
        make.fire(case, "dispatch", crew="Ames garage", state="resolved")
    assert row(case)["state"] == S.TRIAGED
