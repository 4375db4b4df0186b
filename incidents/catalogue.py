"""The catalogue of what can be reported, read from its tables; officers edit those in the admin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.apps import apps
from django.db.models import Max

from incidents.categories import load
from incidents.models.catalogue import Category, Group, Question
from workflow.errors import InvalidData, Reason


class UnknownCategory(InvalidData):
    """There is no such category."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Catalogue:
    """All categories in their order, also those that are no longer offered (old reports are named by them)."""

    categories: Sequence[Category]
    questions: Sequence[Question]

    @cached_property
    def by_code(self) -> Mapping[str, Category]:
        return {category.code: category for category in self.categories}

    @cached_property
    def _questions(self) -> Mapping[int, Sequence[Question]]:
        found: dict[int, list[Question]] = {}
        for question in self.questions:
            found.setdefault(question.category_id, []).append(question)
        return found

    @property
    def offered(self) -> list[Category]:
        return [category for category in self.categories if category.is_active]

    def groups(self) -> list[tuple[Group, list[Category]]]:
        """What is offered, by group; no empty group."""
        rows = [(group, [one for one in self.offered if one.group == group]) for group in Group]
        return [(group, found) for group, found in rows if found]

    def questions_of(self, code: str) -> Sequence[Question]:
        category = self.by_code.get(code)
        return self._questions.get(category.pk, ()) if category else ()

    def name(self, code: str) -> str:
        category = self.by_code.get(code)
        return category.name if category else code.replace("_", " ").capitalize()

    def search(self, text: str) -> list[Category]:
        """What is offered and has every word of ``text`` in its name, keywords, description or group."""
        words = text.lower().split()
        return [category for category in self.offered if all(word in _words_of(category) for word in words)]


def catalogue() -> Catalogue:
    """The catalogue as it is now. Two queries."""
    categories = list(Category.objects.all())
    if not categories:  # an emptied database: what we ship with comes back
        load(Category, Question)
        categories = list(Category.objects.all())
    return Catalogue(categories=categories, questions=list(Question.objects.order_by("category_id", "order", "pk")))


def category(code: str) -> Category:
    """One category by its code. Raises UnknownCategory."""
    found = Category.objects.filter(code=code).first() or catalogue().by_code.get(code)
    if found is None:
        reason = Reason(code="unknown_category", sentence="We have no such category: choose one of the list.",
                        field="category")  # fmt: skip
        raise UnknownCategory([reason])
    return found


def changeset() -> datetime | None:
    """When a category or a question was changed last. Two queries."""
    moments = [
        apps.get_model(f"incidents.{name}").objects.aggregate(last=Max("updated_at"))["last"]
        for name in ("Category", "Question")
    ]
    return max((moment for moment in moments if moment is not None), default=None)


def _words_of(category: Category) -> str:
    return f"{category.name} {category.keywords} {category.description} {category.get_group_display()}".lower()
