"""Every button of a record x role: what is offered works, what is shut says why, what is missing is refused.

The record and the door are asked apart, so that neither can promise what the other does not keep. For any workflow.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.db import transaction
from django.template.response import TemplateResponse
from django.test import Client

from tests.admin_pages import last, page_url, record_url
from tests.move_table import MoveTable
from workflow.actors import Actor
from workflow.admin.acts import Counter
from workflow.tracker import label_of

type Typed = Mapping[str, Any] | Callable[[Any], Mapping[str, Any]]
OFFERED = re.compile(r'(?:href|action)="[^"]*/(do|desk)/(\w+)/[^"]*"')


@dataclass(frozen=True, kw_only=True)
class ButtonTable:
    """``typed``: what an officer fills in for a button, or a function of the case. ``moves``: the table of the doors.
    ``works``: who holds none of these permissions has no button to be told about. ``whole``: the state in which every
    decision that is not offered is sent to the page all the same; elsewhere the table of moves has asked the engine.
    ``at_any_revision``: desk work to which it does not matter what colleagues did meanwhile."""

    counter: Counter
    moves: MoveTable
    typed: Mapping[str, Typed]
    works: Sequence[str]
    whole: str
    at_any_revision: Collection[str] = ()

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """("do", "approve"), ("desk", "claim"): every button there is."""
        return [
            *(("do", name) for name in self.counter.decisions),
            *(("desk", work.name) for work in self.counter.desk),
        ]

    def check_rows(self) -> None:
        """A new button fails here until somebody says what is typed for it."""
        missing = {name for _page, name in self.buttons} - set(self.typed)
        assert not missing, f"Say in `typed` what an officer fills in for: {sorted(missing)}"
        spare = set(self.typed) - {name for _page, name in self.buttons}
        assert not spare, f"There is no such button any more: {sorted(spare)}"

    def check_case(self, case: Any, role: str, client: Client, user: Any) -> set[tuple[str, str]]:
        """One case as one role finds it; answers what was offered, each of which was pressed."""
        page = client.get(record_url(case))
        assert page.status_code == 200, role
        offered = {(kind, name) for kind, name in OFFERED.findall(page.content.decode()) if name}
        assert offered <= set(self.buttons), role
        shut = {("do", act.name): act.reasons for act in page.context["decisions"] if not act.open}
        assert not offered & set(shut), f"{role}: shut and offered {offered & set(shut)}"
        self.check_table(case, role, offered | set(shut))
        before = self.moves.picture(case)
        for button in self.buttons:
            where = f"{role}: {button} on a case in {case.state}"
            if button in offered:
                self.check_offered(case, button, client, user, where)
            elif button in shut:
                self.check_shut(case, button, client, shut[button], where)
            elif button[0] == "desk" or case.state == self.whole:
                self.check_missing(case, button, client, user, where)
        assert self.moves.picture(case) == before, role
        return offered

    def check_offered(self, case: Any, button: tuple[str, str], client: Client, user: Any, where: str) -> None:
        """It works as the record says: one line of history with the officer's name."""
        with transaction.atomic():
            if button[0] == "do":
                assert client.get(page_url(case, *button)).status_code == 200, where
            answer = self.press(case, button, client)
            assert answer.status_code == 302, f"{where} gave {answer.status_code}: {errors_of(answer)}"
            line = last(case)
            assert (line.seq > case.revision, line.actor_user) == (True, user), where
            transaction.set_rollback(True)

    def check_shut(self, case: Any, button: tuple[str, str], client: Client, reasons: Any, where: str) -> None:
        """The door refuses with the very sentences that stand beside the button."""
        answer = self.press(case, button, client)
        assert answer.status_code == 422, f"{where} gave {answer.status_code}"
        for reason in reasons:
            assert html.escape(reason.sentence) in answer.content.decode(), where

    def check_missing(self, case: Any, button: tuple[str, str], client: Client, user: Any, where: str) -> None:
        """Not you: 403. Not now: 409 for a move, and words why not for work at the desk."""
        with mock.patch.object(TemplateResponse, "rendered_content", ""):  # thousands of pages that nobody reads here
            answer = self.press(case, button, client)
        if not any(user.has_perm(permission) for permission in self.works):
            allowed: tuple[int, ...] = (403,)
        else:
            by_engine = button[0] == "do" and self.counter.decisions[button[1]].press is None
            allowed = (403, 409) if by_engine else (403, 409, 422)
        assert answer.status_code in allowed, f"{where} gave {answer.status_code}: {errors_of(answer)}"

    def check_stale(self, case: Any, client: Client, user: Any, meanwhile: Callable[[Any], Any]) -> set[str]:
        """Each button pressed on a page that a colleague overtook: told who did what, all that was typed is there, and
        nothing changed; answers what was pressed."""
        told = set()
        for button in sorted(self.offered(case, client) - {("desk", name) for name in self.at_any_revision}):
            with transaction.atomic():
                meanwhile(case)
                news, before = last(case), self.moves.picture(case)
                answer = self.press(case, button, client)
                page, typed = html.unescape(answer.content.decode()), self.filled_in(case, button)
                assert answer.status_code == 409, f"{button}: {answer.status_code} {errors_of(answer)}"
                assert f"{news.actor}: {label_of(case, news)}" in page, button
                lost = [text for text in typed.values() if isinstance(text, str) and text not in page]
                assert not lost, f"{button}: what was typed is gone: {lost}"
                assert self.moves.picture(case) == before, button
                transaction.set_rollback(True)
            told.add(button[1])
        return told

    def offered(self, case: Any, client: Client) -> set[tuple[str, str]]:
        return {(kind, name) for kind, name in OFFERED.findall(client.get(record_url(case)).content.decode())}

    def check_table(self, case: Any, role: str, offered: set[tuple[str, str]]) -> None:
        """A decision stands on the record, open or shut, exactly where the table of moves lets this role move."""
        shown = {name for kind, name in offered if kind == "do"}
        may = {
            name
            for name in self.counter.decisions
            if self.moves.expected(role, name, case.state, guards_hold=True) is None
        }
        assert shown == may, f"{role} on a case in {case.state}"

    def press(self, case: Any, button: tuple[str, str], client: Client) -> Any:
        return client.post(page_url(case, *button), {"revision": case.revision, **self.filled_in(case, button)})

    def filled_in(self, case: Any, button: tuple[str, str]) -> Mapping[str, Any]:
        typed = self.typed[button[1]]
        return typed(case) if callable(typed) else typed


def signed_in(actors: Mapping[str, Actor]) -> dict[str, tuple[Client, Any]]:
    """Role -> a browser of its own and its user, for everybody who has an account."""
    found = {}
    for role, actor in actors.items():
        if actor.user is not None:
            client = Client()
            client.force_login(actor.user)
            found[role] = (client, actor.user)
    return found


def errors_of(answer: Any) -> Any:
    form = (getattr(answer, "context_data", None) or {}).get("form")
    return form.errors.as_text() if form else answer.content[:300]
