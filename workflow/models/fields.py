"""The state of a case as a guarded column."""

from typing import Any

from django.db import models
from django_fsm import FSMField


class StateField(FSMField):
    """An FSM state that only the engine moves.

    django-fsm stops an assignment; it lets ``create(state=…)`` and ``update(state=…)`` through. Here an insert takes
    the model's initial state only, ``CaseQuerySet.update`` refuses the column, and a trigger of the database refuses
    a state without its history row, whoever writes it (migration 0002).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["protected"] = True
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        state = super().pre_save(model_instance, add)
        initial = getattr(model_instance, "initial_state", "")
        if not add:
            return state
        if state not in ("", initial):
            raise ValueError(f"A case begins in {initial!r}, not {state!r}: only the engine moves it from there.")
        self.set_state(model_instance, initial)
        return initial
