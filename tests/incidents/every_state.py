"""One report in each state and an officer of each role, made once for tests that put back what they change."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from incidents.lifecycle import State
from incidents.models import Incident
from incidents.opening import open_report
from incidents.roles import ROLES
from tests import walking
from tests.incidents import factories as make
from tests.move_table import roles_of
from workflow import engine
from workflow.actors import Actor
from workflow.registry import registry
from workflow.roles import sync_roles


@contextmanager
def one_in_each_state() -> Iterator[dict[str, Incident]]:
    """State -> a report walked there by the moves people make. Everything is rolled back at the end."""
    with transaction.atomic():
        sync_roles()
        made = {State.NEW: stored_only(), State.SUBMITTED: just_filed()}
        made |= {state: make.in_state(state, actor=make.integrator()) for state in State if state not in made}
        yield {str(state): incident for state, incident in made.items()}
        transaction.set_rollback(True)


def one_of_each_role(incidents: dict[str, Incident]) -> dict[str, Actor]:
    """Everybody but the reporters, whose right hangs on the case."""
    keys = {"filed_with": make.integrator(), "without": make.integrator("incidents:read")}
    return roles_of(incidents["submitted"].team, ROLES, scope="incidents:submit", **keys)


def stored_only() -> Incident:
    """In the state that exists only within the transaction that files it."""
    actor = make.integrator()
    return engine.open_case(registry.get("incident"), open_report(make.report(channel="api"), actor), actor=actor)


def just_filed() -> Incident:
    """Filed; nobody looked for others nearby yet."""
    with walking.by_hand():
        case = engine.start_workflow("incident", make.report(channel="api"), actor=make.integrator()).case
    return make.fresh(case)
