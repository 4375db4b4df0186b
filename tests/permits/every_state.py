"""One permit in each state and an officer of each role, made once for tests that put back what they change."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from django.db import transaction
from django.test import override_settings

from permits import files, services
from permits.lifecycle import State
from permits.models import RoadPermit
from permits.opening import open_draft
from permits.roles import ROLES
from tests.move_table import roles_of
from tests.permits import factories as make
from workflow import engine
from workflow.actors import SYSTEM, Actor
from workflow.registry import registry
from workflow.roles import sync_roles


@contextmanager
def one_in_each_state(folder: Path) -> Iterator[dict[str, RoadPermit]]:
    """State -> a permit walked there through the engine. Everything is rolled back at the end."""
    with (
        override_settings(MEDIA_ROOT=folder),
        mock.patch("permits.services.document_bytes", return_value=make.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=make.PDF),
        transaction.atomic(),
    ):
        sync_roles()
        made = {State.DRAFT: drafted(0)}
        made |= {state: make.in_state(state, **make.at(n)) for n, state in enumerate(State) if state != State.DRAFT}
        made[State.APPROVED] = with_pdf(made[State.APPROVED])
        yield {str(state): permit for state, permit in made.items()}
        transaction.set_rollback(True)


def one_of_each_role(permits: dict[str, RoadPermit]) -> dict[str, Actor]:
    """Everybody but the applicants, whose right hangs on the case."""
    keys = {"filed_with": make.integrator(), "without": make.integrator("permits:read")}
    return roles_of(permits["submitted"].team, ROLES, scope="permits:submit", **keys)


def drafted(place: int) -> RoadPermit:
    """A draft that an API key keeps, so that "the key that filed it" has a meaning there, too."""
    opening = open_draft(make.application(**make.at(place)), SYSTEM)
    return engine.open_case(registry.get("roadPermit"), opening, actor=make.integrator())


def with_pdf(permit: RoadPermit) -> RoadPermit:
    """The permit's document, as the machine would file it right before it issues."""
    stored = files.store_made(make.PDF, name="permit.pdf", key="0" * 32)

    def keep(case: Any) -> dict[str, Any]:
        return {"made": services.accept_pdf(case, stored)}

    return engine.change(permit, "document", actor=SYSTEM, apply=keep)
