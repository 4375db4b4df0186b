"""A draft: what was typed, word for word, and what of it can be read already.

``permit.typed`` keeps each page as the browser sent it, right or wrong; ``permit.application`` keeps the answers that
are valid so far, in the one shape every other part of the program reads. At submission the first is emptied.
"""

from datetime import date
from typing import Any

from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils import timezone

from permits import applications
from permits.application.base import Section
from permits.application.sections import section_asking, section_of
from permits.application.validate import Verdict, from_json, to_json, validate
from permits.models import RoadPermit
from permits.opening import open_draft
from permits.rules.deadlines import classify
from permits.rules.words import Answers
from workflow import engine
from workflow.actors import Actor
from workflow.contrib.citizens.typed import as_posted, typed_part
from workflow.errors import InvalidData, WrongState
from workflow.registry import registry
from workflow.writing import writing

KEPT = ("typed", "application", "title", "updated_at")


def begin() -> RoadPermit:
    """Open an empty draft. Its history begins here; what is typed into it later is kept without a line each."""
    who = Actor(kind="applicant", name="Applicant")
    permit: RoadPermit = engine.open_case(registry.get("roadPermit"), open_draft({}, who), actor=who)
    return permit


def keep(permit: RoadPermit, section: type[Section], posted: QueryDict) -> RoadPermit:
    """Store one page as it was typed. Raises WrongState when the draft has been submitted meanwhile.

    A plain save under the lock and no event: nobody else works on a draft, and a line of history for each press of
    “Save and continue” would bury the lines that matter and keep every slip of the hand forever.
    """
    with writing():
        fresh: RoadPermit = engine.lock(permit.pk)
        _must_be_draft(fresh)
        fresh.typed = fresh.typed | {section.slug: typed_part(section.base_fields, posted)}
        answers = validate(values_of(fresh)).answers
        fresh.application = _untouched(fresh) | to_json(answers)
        fresh.title = applications.title_of(answers)
        fresh.updated_at = timezone.now()
        fresh.save(update_fields=KEPT)
    return fresh


def submit(permit: RoadPermit, *, actor: Actor, address: str | None) -> RoadPermit:
    """File the draft. Sent twice, the second finds it filed. Raises InvalidData or Refused, and changes nothing."""
    with writing():
        fresh: RoadPermit = engine.lock(permit.pk)
        if fresh.state != RoadPermit.State.DRAFT:
            return fresh
        verdict = examine(fresh)
        if verdict.errors:
            raise InvalidData(applications.reasons_of(verdict))
        applications.fill(fresh, verdict.answers)
        fresh.typed, fresh.signed_from = {}, address
        fresh.save()
        filed: RoadPermit = engine.fire(fresh, "submit", actor=actor)
    return filed


def examine(permit: RoadPermit) -> Verdict:
    """Every fault of the draft as it was typed, the minimum notice included."""
    return validate(values_of(permit), earliest_start=earliest_start)


def earliest_start(answers: Answers) -> date:
    """The first day for work of this kind when the application is filed now."""
    day: date = applications.first_start(classify(answers, applications.index_of(answers)))
    return day


def values_of(permit: RoadPermit) -> dict[str, Any]:
    """The draft as one mapping of field to raw value: typed pages as typed, other answers as stored."""
    values = dict(permit.application)
    for slug, typed in permit.typed.items():
        data = as_posted(typed)
        fields = section_of(slug).base_fields
        values |= {name: field.widget.value_from_datadict(data, {}, name) for name, field in fields.items()}
    return values


def form_of(permit: RoadPermit, section: type[Section], answers: Answers, *, checked: bool) -> Section:
    """The page as it was left; ``checked``: with what is wrong on it."""
    if section.slug not in permit.typed:
        stored = {name: permit.application[name] for name in section.base_fields if name in permit.application}
        return section(initial=from_json(stored), answers=answers)
    form = section(data=as_posted(permit.typed[section.slug]), answers=answers)
    if not checked:
        # Somebody who comes back to go on is not met with a list of what they have not done yet.
        vars(form)["_errors"] = ErrorDict(renderer=form.renderer)
    return form


def _untouched(permit: RoadPermit) -> dict[str, Any]:
    """Stored answers of pages that have not been typed: another kind of permit may ask for them again."""
    return {
        name: value
        for name, value in permit.application.items()
        if (section := section_asking(name)) is not None and section.slug not in permit.typed
    }


def _must_be_draft(permit: RoadPermit) -> None:
    if permit.state != RoadPermit.State.DRAFT:
        sentence = "This application has been submitted already: your last page was not added to it."
        raise WrongState(sentence, allowed=engine.options_from(permit))
