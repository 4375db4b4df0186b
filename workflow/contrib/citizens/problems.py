"""An error summary over more than one form, or over other pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from workflow.contrib.uswds.forms import UswdsForm


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One line of the summary. ``href``: a place on this page or another page; empty where there is none to go to."""

    text: str
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Problems:
    """What stands in the way; in a page's context under the name ``form``, so that its title says “Error:” too."""

    lines: Sequence[Problem] = ()

    @classmethod
    def of(cls, forms: Iterable[UswdsForm], more: Iterable[Problem] = ()) -> Self:
        """The errors of ``forms`` in their order, after ``more``."""
        links = (link for form in forms for link in form.error_links)
        lines = [Problem(text=link.text, href=f"#{link.target}" if link.target else "") for link in links]
        return cls(lines=[*more, *lines])

    @property
    def errors(self) -> bool:
        return bool(self.lines)
