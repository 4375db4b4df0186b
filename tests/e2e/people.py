"""An office and what surrounds it, for stories told in a browser: its people, mail, the worker, the clock."""

from __future__ import annotations

import email
import email.policy
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, Page

from permits.technical import reviews
from permits.technical.models import TechnicalTask
from workflow import worker
from workflow.models import Team

type OpenPage = Callable[..., Page]
type Axe = Callable[[Page], None]
PASSWORD = "correct horse battery"
ADMIN = "/admin/"
PICTURES = os.environ.get("PICTURES")  # a folder: every page that is looked at is kept there, at both widths
WIDTHS = (1280, 375)


def officer(name: str, role: str, *, team: Team | None = None) -> User:
    """ "Rita Reyes" logs in as rita: one role, as its group says, in one team (default: the front desk)."""
    first, last = name.split()
    username = first.lower()
    made = User.objects.create_user(
        username, f"{username}@dot.example.gov", PASSWORD, first_name=first, last_name=last, is_staff=True
    )
    made.groups.add(Group.objects.get(name=role))
    (team or Team.default()).members.add(made)
    return made


@dataclass
class Office:
    """``page`` and ``axe`` are the fixtures; ``outbox``: where mails are files."""

    page: OpenPage
    axe: Axe
    outbox: Path
    base_url: str
    seen: list[str] = field(default_factory=list)

    def logs_in(self, user: User) -> Page:
        """At the log-in page, with a password."""
        opened = self.page()
        opened.goto(f"{ADMIN}login/?next={ADMIN}")
        self.look(opened, "log-in")
        opened.get_by_label("Username").fill(user.username)
        opened.get_by_label("Password").fill(PASSWORD)
        press(opened.get_by_role("button", name="Log in"))
        opened.get_by_role("heading", name="Your work").wait_for()
        return opened

    def sits_down(self, user: User) -> Page:
        """A colleague who logged in earlier today."""
        client, opened = Client(), self.page()
        client.force_login(user)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.base_url}
        opened.context.add_cookies([cookie])
        return opened

    def look(self, opened: Page, name: str) -> None:
        """The page has no finding and fits both screens; its pictures are kept where somebody asked for them."""
        number = len(self.seen) + 1
        self.seen.append(name)
        self.axe(opened)
        for width in reversed(WIDTHS):
            opened.set_viewport_size({"width": width, "height": 900})
            if PICTURES:
                opened.screenshot(path=f"{PICTURES}/{number:02}-{name}-{width}.png", full_page=True)
            wide = opened.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, f"{name} is {wide} px too wide at {width}"

    def works_off(self) -> None:
        """The worker does what is due: services answer, documents are made, mails go out."""
        worker.drain()

    def mail_to(self, address: str, about: str) -> EmailMessage:
        """The newest mail to ``address`` with ``about`` in its subject."""
        files = sorted(self.outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
        found = [mail for mail in mails if address in str(mail["To"]) and about in str(mail["Subject"])]
        assert found, f"No mail to {address} about {about!r}: {[str(mail['Subject']) for mail in mails]}"
        return found[0]


def press(target: Locator) -> None:
    """A link or a button that leads to another page, which is there afterwards."""
    with target.page.expect_navigation():
        target.click()


def words_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(mail: EmailMessage) -> str:
    """The first address in the mail's text."""
    found = re.search(r"https?://\S+", words_of(mail))
    assert found, words_of(mail)
    return found[0]


def deadline_passes(task: TechnicalTask) -> None:
    """As if an hour had gone by since the specialist's last moment."""
    reviews._unwatch(task.process.permit, task)
    task.due_at = timezone.now() - timedelta(hours=1)
    task.save(update_fields=["due_at"])
    reviews._watch(task.process.permit, task)


def technical_team(specialty: Any) -> Team:
    return reviews.team_of(specialty)
