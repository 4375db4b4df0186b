"""An officer writes to the citizen of a case: a public line of its history, which the case's notices send out.

The counterpart, which only officers read, is ``workflow.desk.add_note``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow import engine
from workflow.actors import Actor
from workflow.desk import need_work, refused

SHORTEST, LONGEST = 5, 4000  # characters of a message


def write_to_citizen(
    case: Any,
    kind: str,
    *,
    text: str,
    actor: Actor,
    revision: int | None = None,
    can_be_reached: Callable[[Any], bool] = lambda case: True,
) -> Any:
    """``kind``: of the line of history, and the key of the notice. Raises NotAllowed, Refused (too short or long,
    nobody can be reached), Stale."""
    text = text.strip()
    if not SHORTEST <= len(text) <= LONGEST:
        raise refused("text_length", f"Write between {SHORTEST} and {LONGEST:,} characters.", field="text")

    def allowed(fresh: Any) -> None:
        need_work(fresh, actor)
        if not can_be_reached(fresh):
            raise refused("nobody_to_write_to", "There is no e-mail address or phone number to write to.")

    return engine.change(case, kind, actor=actor, apply=allowed, revision=revision, public=True, note=text)
