"""What a kind of case adds to its decision pages and documents: which messages follow, what is decided on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.admin.preview import Letter
from workflow.models import Document


class Telling:
    """Part of CaseAdmin; a kind overrides what it knows better."""

    def whole(self, cases: Any) -> Any:
        """The rows of one case with what several parts of its pages ask for."""
        return cases

    def tells(self, name: str) -> bool:
        """Whether the act of this name sends somebody a message: then its page has a preview."""
        return False

    def letters(self, case: Any, *, since: int) -> Sequence[Letter]:
        """The messages planned since this line of the history, and those that follow by themselves. Only within
        ``workflow.rehearsal``: to learn of the latter it goes on with the case."""
        return ()

    def decided_on(self, case: Any) -> Mapping[str, Any]:
        """What a decision is about: ``what`` (words after “You decide on”) and ``changed`` (what is new since the
        first review, in words)."""
        return {"what": "the record", "changed": ()}

    def seen_first(self, case: Any, name: str) -> Mapping[str, Any]:
        """What the page of the act of this name shows above its form, for the kind's own template."""
        return {}

    def document_label(self, document: Document) -> str:
        """What a document is, in officers' words."""
        return document.kind.replace("_", " ").capitalize()
