"""What a browser would send from a page: every form of it, filled in as well as somebody can who does not read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

WORDS = "Long enough to help the person who reads it."
UNSENT = ("submit", "button", "file", "image", "reset")


@dataclass
class Form:
    """``choices``: of each select; the first that is not empty is sent."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)

    def filled(self, **instead: str) -> dict[str, list[str]]:
        chosen = {name: [next(filter(None, values), "")] for name, values in self.choices.items()}
        return {**self.fields, **chosen, **{name: [value] for name, value in instead.items()}}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.inside: Form | None = None
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.inside = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self.inside)
        elif self.inside is None:
            return
        elif tag == "input" and name and given.get("type", "text") not in UNSENT:
            self._input(self.inside, name, given)
        elif tag == "textarea" and name:
            self.area = name
            self.inside.fields[name] = [WORDS]
        elif tag == "select" and name:
            self.select = name
            self.inside.choices[name] = []
        elif tag == "option" and self.select:
            self.inside.choices[self.select].append(given.get("value", ""))
        elif tag == "button" and name:
            self.inside.fields[name] = [given.get("value", "")]

    @staticmethod
    def _input(form: Form, name: str, given: dict[str, str]) -> None:
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind == "checkbox":
            form.fields.setdefault(name, []).append(value or "on")
        elif kind == "radio":
            form.fields.setdefault(name, [value])
        else:
            form.fields[name] = [value or {"number": "1", "date": "2027-03-01"}.get(kind, WORDS)]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.area and self.inside is not None and data.strip():
            self.inside.fields[self.area] = [data]
        self.area = ""


def presses(page: str, address: str) -> list[tuple[str, dict[str, list[str]]]]:
    """(address, data) of every form that is posted; where a list offers actions, one for each action."""
    reader = _Reader()
    reader.feed(page)
    found = []
    for form in reader.forms:
        if form.method == "post":
            actions = [action for action in form.choices.get("action", []) if action] or [""]
            for action in actions:
                instead = {"action": action} if action else {}
                found.append((urljoin(address, form.action or address), form.filled(**instead)))
    return found
