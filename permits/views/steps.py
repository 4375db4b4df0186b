"""The pages of the form in their order, and how far each has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from permits import guards
from permits.application.sections import sections_for
from permits.application.validate import Verdict
from permits.models import RoadPermit
from permits.rules.documents import Before
from workflow.tracker import tracking_token

DOCUMENTS, REVIEW, LAST_SECTION = "documents", "review", "declaration"

# For the progress bar, where a whole title has no room.
SHORT = {
    "type": "Kind",
    "applicant": "You",
    "contractor": "Crew",
    "location": "Place",
    "time": "Time",
    "traffic": "Traffic",
    "excavation": "Digging",
    "facility": "Facility",
    "driveway": "Driveway",
    "event": "Event",
    "money": "Cost",
    "declaration": "Sign",
    DOCUMENTS: "Files",
    REVIEW: "Check",
}
WORDS = {"done": "complete", "attention": "something to correct", "todo": "not complete yet"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One page of the form. ``status``: done, attention (something typed is wrong), todo."""

    slug: str
    title: str
    status: str

    @property
    def short(self) -> str:
        return SHORT[self.slug]

    @property
    def words(self) -> str:
        return WORDS[self.status]


def steps_of(permit: RoadPermit, verdict: Verdict) -> list[Step]:
    """The pages this applicant is asked; documents come before the signature, for it covers them. One query."""
    wrong = {error.section for error in verdict.errors}
    steps = []
    for section in sections_for(verdict.answers):
        if section.slug == LAST_SECTION:
            steps.append(_documents(permit))
        status = "done" if section.slug not in wrong else "attention" if section.slug in permit.typed else "todo"
        steps.append(Step(slug=section.slug, title=section.title, status=status))
    ready = all(step.status == "done" for step in steps)
    return [*steps, Step(slug=REVIEW, title="Check your answers and submit", status="done" if ready else "todo")]


def _documents(permit: RoadPermit) -> Step:
    missing = guards.missing_documents(permit, before=frozenset({Before.SUBMISSION}))
    return Step(slug=DOCUMENTS, title="Documents", status="todo" if missing else "done")


def place_of(steps: Sequence[Step], slug: str) -> int | None:
    """The index of a page; None if this applicant is not asked it."""
    return next((number for number, step in enumerate(steps) if step.slug == slug), None)


def progress(steps: Sequence[Step], slug: str) -> dict[str, Any]:
    """What the templates need to show how far one is."""
    return {"steps": steps, "names": [step.short for step in steps], "current": place_of(steps, slug)}


def first_open(steps: Sequence[Step]) -> str:
    """Where to go on: the first page that is not done, else the last."""
    return next((step.slug for step in steps if step.status != "done"), REVIEW)


def page_url(permit: RoadPermit, slug: str, *, checked: bool = False) -> str:
    """The path of a page of the draft; ``checked``: it shows what is wrong, and leads back to the review."""
    path = reverse("permits:apply_page", args=[permit.reference, tracking_token(permit), slug])
    return f"{path}?check=1" if checked else path


def resume_url(permit: RoadPermit) -> str:
    """The full address to come back to a draft, from SITE_URL and never from a request's Host."""
    return settings.SITE_URL + reverse("permits:resume", args=[permit.reference, tracking_token(permit)])


def track_url(permit: RoadPermit, page: str = "tracking", *more: object) -> str:
    """The path of a page about a filed application: tracking, reply, files, act, file, done."""
    return reverse(f"permits:{page}", args=[permit.reference, tracking_token(permit), *more])
