"""The demo's incidents: believable, whole, never in the future, and nothing about them breaks an invariant."""

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from incidents.answers import check_answers
from incidents.catalogue import catalogue
from incidents.demo import loading, people, reports, roads, stages, story
from incidents.demo.rules import TEAMS
from incidents.models import Incident, Merge, Photo
from permits.demo import people as permit_people
from workflow import worker
from workflow.api.authentication import living_key
from workflow.contrib.notifications.models import Message
from workflow.contrib.places.counties import counties, county_at
from workflow.invariants import findings
from workflow.management.commands import load_demo
from workflow.models import Event

S = Incident.State
HARMLESS = {"trigger_missing"}  # tests/conftest.py takes one away on SQLite


@pytest.fixture
def few(monkeypatch: Any) -> None:
    """One incident of each fate, two places that several people reported."""
    monkeypatch.setattr(stages, "STAGES", [replace(stage, count=1, votes=2) for stage in stages.STAGES])
    monkeypatch.setattr(stages, "CLUSTERS", stages.CLUSTERS[2:4])
    monkeypatch.setattr(load_demo, "loaders", lambda: [loading.load])


@pytest.mark.django_db(transaction=True)
def test_the_demo_loads_once_and_leaves_a_sound_database(few: None, capsys: Any) -> None:
    call_command("load_demo")
    made = Incident.objects.count()
    assert made == len(stages.STAGES) + 7
    assert "incidents and 7 officers made" in capsys.readouterr().out
    assert [str(finding) for finding in findings() if finding.code not in HARMLESS] == []
    assert set(Incident.objects.values_list("state", flat=True)) == set(S) - {S.NEW, S.SUBMITTED}
    assert not Event.objects.filter(at__gt=timezone.now()).exists()
    assert not Photo.objects.filter(created_at__gt=timezone.now()).exists()
    assert not Message.objects.exclude(status="sent").exists()
    assert Merge.objects.filter(undone_at=None).count() == 4
    assert Incident.objects.exclude(parked_at=None).count() == 1
    assert not Incident.objects.filter(team__code="front-desk").exists()
    assert in_the_order_of_reporting()
    call_command("load_demo")
    assert "there already" in capsys.readouterr().out
    assert Incident.objects.count() == made
    assert worker.drain() == 0


def in_the_order_of_reporting() -> bool:
    moments = list(Incident.objects.order_by("pk").values_list("created_at", flat=True))
    return moments == sorted(moments)


def test_nothing_urgent_is_left_lying() -> None:
    for stage in stages.STAGES:
        if stage.urgent is not False:
            assert stage.filed == (0, 0) or stage.walk in (stages._at_work, stages._fixed, stages._closed)
    assert not any(reports.KINDS[category].urgent for category, *_ in stages.CLUSTERS)


@pytest.mark.django_db(transaction=True)
def test_the_story_ends_with_a_repair_and_everybody_told() -> None:
    said: list[str] = []
    incident = story.tell(said.append)
    assert incident.state == S.RESOLVED
    text = "\n".join(said)
    for part in ("submitReport", "triage", "dispatchCrew", "order WO-", "repair", "notifyReporter", incident.reference):
        assert part in text
    assert text.count("it is fixed") == 2


def test_three_hundred_incidents_of_a_hundred_and_twenty_days() -> None:
    assert sum(stage.count for stage in stages.STAGES) + sum(cluster[4] for cluster in stages.CLUSTERS) == 300
    assert min(stage.filed[0] for stage in stages.STAGES) == -120
    assert all(joined < count for *_, count, joined in stages.CLUSTERS)


@pytest.mark.parametrize("route", roads.ROUTES)
def test_a_route_runs_within_the_state_from_its_first_mile_to_its_last(route: str) -> None:
    ways, markers = roads.ROUTES[route]
    miles = [mile for mile, _, _ in markers]
    assert miles == sorted(set(miles))
    for tenth in range(round(miles[0]), round(miles[-1]) + 1):
        place = roads.spot(route, float(tenth), ways[0])
        assert county_at(place.latitude, place.longitude), f"{route} mile {tenth} at {place.latitude} {place.longitude}"


def test_the_demo_reaches_every_county_of_the_state() -> None:
    rng = random.Random(1)
    places = [roads.anywhere(rng) for _ in range(4000)]
    seen = {county.slug for place in places if (county := county_at(place.latitude, place.longitude))}
    assert seen == {county.slug for county in counties()}


@pytest.mark.django_db
@pytest.mark.parametrize("code", reports.KINDS)
def test_what_people_answer_in_the_demo_is_what_the_category_asks(code: str) -> None:
    known, kind = catalogue(), reports.KINDS[code]
    assert not known.by_code[code].stop
    assert known.by_code[code].safety == kind.urgent
    assert set(kind.answers) <= {question.code for question in known.questions_of(code)}
    for values in product(*kind.answers.values()):
        given = {name: value for name, value in zip(kind.answers, values, strict=True) if value}
        cleaned, faults = check_answers(known.questions_of(code), given)
        assert not faults
        assert set(cleaned) == set(given)


def test_every_team_of_the_demo_has_crews_and_officers() -> None:
    codes = {code for code, _ in TEAMS}
    assert set(people.CREWS) == set(people.WEST + people.EAST + people.TRADES) == codes


def test_no_officer_of_the_demo_works_for_two_apps_under_one_name() -> None:
    logins = [row[0] for row in (*people.OFFICERS, *permit_people.OFFICERS)]
    assert len(logins) == len(set(logins))


@pytest.mark.django_db
def test_officers_have_their_roles_and_the_open311_key_works() -> None:
    made: Mapping[str, User] = people.office()
    people.office()  # again, as every `make demo` does
    assert set(made) == {row[0] for row in people.OFFICERS} | {"admin"}
    assert made["tess"].has_perm("incidents.triage_incident")
    assert made["devi"].has_perm("incidents.dispatch_incident")
    assert made["carl"].has_perm("incidents.repair_incident")
    key = living_key(people.KEY_TEXT)
    assert (key.name, key.scopes) == (people.KEY_NAME, ["open311:write"])


def test_nobody_in_the_demo_can_be_reached() -> None:
    rng = random.Random(2)
    for _ in range(200):
        person = people.person(rng)
        assert not person["email"] or person["email"].endswith("@mail.example")
        assert not person["phone"] or person["phone"].startswith("515-555-01")
