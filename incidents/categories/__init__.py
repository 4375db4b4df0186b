"""What can be reported, as it comes with the product. Officers change it afterwards in the admin, not here."""

from typing import Any

from incidents.categories import beside, roadside, roadway
from incidents.categories.texts import CategoryText, QuestionText, Value

__all__ = ["CATEGORIES", "CategoryText", "QuestionText", "Value", "load"]

CATEGORIES: tuple[CategoryText, ...] = (
    *roadway.CATEGORIES,
    *roadside.TRAFFIC_CONTROL,
    *roadside.STRUCTURES,
    *beside.LIGHTING,
    *beside.VEGETATION,
    *beside.WORK_ZONES,
    *beside.NOT_OURS,
)
COLUMNS = (
    "code", "group", "name", "description", "keywords", "safety", "first_action_hours", "first_action_days",
    "repair_days", "duplicate_radius_m", "stop",
)  # fmt: skip
QUESTION_COLUMNS = ("code", "text", "datatype", "required", "variable", "hint")


def load(category_model: Any, question_model: Any) -> int:
    """Write the categories that are not there yet, with their questions; answers how many it made. What is there stays
    as officers left it, a question they took away too. Four queries; two at once do no harm. The models come as
    arguments so that a migration can give its own."""
    known = set(category_model.objects.values_list("code", flat=True))
    orders = {text.code: 10 * number for number, text in enumerate(CATEGORIES, start=1)}
    texts = [text for text in CATEGORIES if text.code not in known]
    rows = [
        category_model(order=orders[text.code], **{name: getattr(text, name) for name in COLUMNS}) for text in texts
    ]
    category_model.objects.bulk_create(rows, ignore_conflicts=True)
    made = category_model.objects.in_bulk([text.code for text in texts], field_name="code")
    questions = [
        question_model(
            category=made[text.code],
            order=order,
            **{name: getattr(question, name) for name in QUESTION_COLUMNS},
            values=[value.as_json() for value in question.values],
        )
        for text in texts
        for order, question in enumerate(text.questions, start=1)
    ]
    question_model.objects.bulk_create(questions, ignore_conflicts=True)
    return len(texts)
