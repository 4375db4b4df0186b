"""No way but the engine sets a permit's state: whatever hand writes it, it does not land."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers as django_serializers
from django.core.exceptions import FieldDoesNotExist
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import Case as When_
from django.db.models import F, Value, When
from django.db.models.functions import Concat
from django.forms import modelform_factory
from django.test import Client
from django.urls import reverse
from rest_framework import serializers

from permits.lifecycle import State
from permits.models import RoadPermit
from tests.permits import factories as make
from workflow.models import Case, Event

pytestmark = pytest.mark.django_db

S = State
STOPPED = (AttributeError, ValueError, TypeError, DatabaseError, FieldDoesNotExist)


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def forced(permit: RoadPermit, **columns: Any) -> RoadPermit:
    """A loaded row whose memory says something else than the database."""
    permit.__dict__.update(columns)
    return permit


def assign(permit: RoadPermit) -> None:
    permit.state = S.IN_FORCE
    permit.save()


def move_and_save(permit: RoadPermit) -> None:
    """django-fsm's own way: the method, then save; no history, no permission, no guard."""
    permit.cancel()
    permit.save()


def write_form(permit: RoadPermit) -> None:
    form = modelform_factory(RoadPermit, fields=["state"])(data={"state": "approved"}, instance=permit)
    form.is_valid()
    form.save()


class OfEverything(serializers.ModelSerializer):
    class Meta:
        model = RoadPermit
        fields = "__all__"


def write_serializer(permit: RoadPermit) -> None:
    data = {"state": "approved", "title": "Typed by somebody"}
    serializer = OfEverything(permit, data=data, partial=True)
    serializer.is_valid(raise_exception=True)
    serializer.save()


def load_fixture(permit: RoadPermit) -> None:
    rows = json.loads(django_serializers.serialize("json", [Case.objects.get(pk=permit.pk)]))
    rows[0]["fields"] |= {"state": "approved", "revision": rows[0]["fields"]["revision"] + 1}
    for row in django_serializers.deserialize("json", json.dumps(rows)):
        row.save()


def of(manager: Any) -> Callable[[RoadPermit], Any]:
    return lambda permit: manager.filter(pk=permit.pk)


HERE, BASE, CASES = of(RoadPermit.objects), of(RoadPermit._base_manager), of(Case.objects)
PAST = of(Case._base_manager)
BY_CASE = When_(When(state="draft", then=Value("approved")), default=F("state"))
WAYS: dict[str, Callable[[RoadPermit], Any]] = {
    "assignment": assign,
    "assignment of a deferred state": lambda p: assign(RoadPermit.objects.defer("state").get(pk=p.pk)),
    "a transition method and save": move_and_save,
    "the memory of a row": lambda p: forced(p, state=S.APPROVED).save(),
    "the memory of a row, one field": lambda p: forced(p, state=S.APPROVED).save(update_fields=["state"]),
    "the memory of a row, with the next revision": lambda p: forced(p, state=S.APPROVED, revision=2).save(),
    "the memory of the base row": lambda p: forced(Case.objects.get(pk=p.pk), state=S.APPROVED).save(),
    "update": lambda p: HERE(p).update(state=S.APPROVED),
    "update of the base manager": lambda p: BASE(p).update(state=S.APPROVED),
    "update of the cases": lambda p: CASES(p).update(state=S.APPROVED),
    "update of the cases' base manager": lambda p: PAST(p).update(state=S.APPROVED),
    "update by an F expression": lambda p: HERE(p).update(state=Concat(F("state"), Value(""))),
    "update by a CASE expression": lambda p: HERE(p).update(state=BY_CASE),
    "update beside another column": lambda p: HERE(p).update(title="x", state=S.APPROVED),
    "update of the step": lambda p: HERE(p).update(step="issuePermit"),
    "update of the revision": lambda p: HERE(p).update(revision=F("revision") + 1),
    "update below our queryset": lambda p: CASES(p)._update([(Case._meta.get_field("state"), None, "approved")]),
    "bulk_update": lambda p: RoadPermit.objects.bulk_update([forced(p, state=S.APPROVED)], ["state"]),
    "bulk_update of the base": lambda p: Case.objects.bulk_update([forced(p, state=S.APPROVED)], ["state"]),
    "bulk_create that updates": lambda p: Case.objects.bulk_create(
        [Case(pk=p.pk, reference=p.reference, workflow="roadPermit", state=S.APPROVED)],
        update_conflicts=True, unique_fields=["id"], update_fields=["state"],
    ),
    "update_or_create": lambda p: RoadPermit.objects.update_or_create(pk=p.pk, defaults={"state": S.APPROVED}),
    "a fixture": load_fixture,
    "SQL": lambda p: sql("UPDATE workflow_case SET state = 'approved' WHERE id = %s", p.pk),
    "SQL with the next revision": lambda p: sql(
        "UPDATE workflow_case SET state = 'approved', revision = revision + 1 WHERE id = %s", p.pk
    ),
}  # fmt: skip
# Ways that end well, but leave the state as it was: the column is no field of theirs.
IGNORED: dict[str, Callable[[RoadPermit], Any]] = {
    "a model form": write_form,
    "a serializer of every field": write_serializer,
    "save_base": lambda p: forced(p, state=S.APPROVED).save_base(raw=True),  # writes the permit's own table only
}


def row(permit: RoadPermit) -> dict[str, Any]:
    return RoadPermit._base_manager.filter(pk=permit.pk).values().get()


@pytest.mark.parametrize("way", WAYS)
def test_no_way_moves_a_permit(way: str) -> None:
    permit = make.draft()
    before, lines = row(permit), Event.objects.count()
    with pytest.raises(STOPPED), transaction.atomic():
        WAYS[way](permit)
    assert row(permit) == before
    assert Event.objects.count() == lines


@pytest.mark.parametrize("way", IGNORED)
def test_what_a_form_or_serializer_is_told_about_the_state_does_not_land(way: str) -> None:
    permit = make.draft()
    try:
        with transaction.atomic():
            IGNORED[way](permit)
    except STOPPED:
        pass
    after = row(permit)
    assert (after["state"], after["revision"]) == ("draft", 1)


def test_a_fixture_file_cannot_set_a_state_either(tmp_path: Path) -> None:
    permit = make.draft()
    fixture = tmp_path / "permits.json"
    text = django_serializers.serialize("json", [Case.objects.get(pk=permit.pk), RoadPermit.objects.get(pk=permit.pk)])
    fixture.write_text(text.replace('"state": "draft"', '"state": "in_force"'))
    assert "in_force" in fixture.read_text()
    with pytest.raises(STOPPED), transaction.atomic():
        call_command("loaddata", str(fixture), verbosity=0)
    assert row(permit)["state"] == "draft"


BIRTHS: dict[str, Callable[[], Any]] = {
    "create": lambda: RoadPermit.objects.create(reference="RP-26-AAAAAA", workflow="roadPermit", state=S.IN_FORCE),
    "save": lambda: RoadPermit(reference="RP-26-AAAAAA", workflow="roadPermit", state=S.IN_FORCE).save(),
    "get_or_create": lambda: RoadPermit.objects.get_or_create(reference="RP-26-A", defaults={"state": S.IN_FORCE}),
    "update_or_create": lambda: RoadPermit.objects.update_or_create(
        reference="RP-26-A", defaults={"title": "x"}, create_defaults={"state": S.IN_FORCE}
    ),
    "bulk_create": lambda: RoadPermit.objects.bulk_create(
        [RoadPermit(reference="RP-26-A", workflow="roadPermit", state=S.IN_FORCE)]
    ),
    "bulk_create of the base": lambda: Case.objects.bulk_create(
        [Case(reference="RP-26-A", workflow="roadPermit", state=S.IN_FORCE)]
    ),
}


@pytest.mark.parametrize("birth", BIRTHS)
def test_a_permit_is_born_as_a_draft_only(birth: str) -> None:
    with pytest.raises(STOPPED), transaction.atomic():
        BIRTHS[birth]()
    assert not Case.objects.exists()


# -- over the web -----------------------------------------------------------------------------------------------------

FORGED = {"state": "approved", "_save": "Save", "revision": "1", "title": "Typed by somebody", "_state": "approved"}


@pytest.mark.parametrize("page", ["change", "add", "delete", "changelist"])
def test_a_forged_admin_form_changes_nothing(page: str, client: Client) -> None:
    permit = make.filed()
    root = make.user("root", is_superuser=True)
    client.force_login(root)
    before, number = row(permit), RoadPermit.objects.count()
    args = [] if page in ("add", "changelist") else [permit.pk]
    forged = {**FORGED, "action": "delete_selected", "_selected_action": permit.pk, "post": "yes"}
    answer = client.post(reverse(f"admin:permits_roadpermit_{page}", args=args), forged)
    assert answer.status_code in (200, 302, 403, 405)
    assert row(permit) == before
    assert RoadPermit.objects.count() == number


def test_a_state_in_the_data_of_a_move_is_no_way_either() -> None:
    from workflow.errors import InvalidData

    permit = make.filed()
    with pytest.raises(InvalidData):
        make.fire(permit, "refuse", reasons=["R20"], explanation=make.EXPLANATION, state="approved")
    assert row(permit)["state"] == "in_review"


def test_an_application_that_names_a_state_is_refused() -> None:
    from workflow.errors import InvalidData

    with pytest.raises(InvalidData):
        make.filed(state="in_force")
    assert not Case.objects.exists()
