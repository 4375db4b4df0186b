"""Answer the questions of an information request, and correct what they are about, on one page."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from permits import applications
from permits.application.base import Section
from permits.application.sections import section_asking
from permits.application.validate import from_json, to_json
from permits.lifecycle import State
from permits.models import RoadPermit
from permits.views import doors
from permits.views.documents import UploadForm, files_of, form_for, keep_uploads
from permits.views.steps import track_url
from workflow import engine
from workflow.contrib.citizens.problems import Problem, Problems
from workflow.contrib.uswds.forms import UswdsForm
from workflow.errors import WorkflowError

LONGEST_ANSWER = 4000


class AnswersForm(UswdsForm):
    """One answer for each question: ``answer_0``, ``answer_1`` …"""

    visit = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, items: Iterable[dict[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, _item in enumerate(items):
            self.fields[f"answer_{number}"] = forms.CharField(
                label=f"Your answer to question {number + 1}",
                max_length=LONGEST_ANSWER,
                widget=forms.Textarea({"rows": 4}),
                error_messages={"required": "Answer this question; one short sentence is enough."},
            )

    def answers(self) -> dict[str, str]:
        """By number of the item, as the workflow takes them."""
        return {
            name.removeprefix("answer_"): text for name, text in self.cleaned_data.items() if name.startswith("answer_")
        }


class Page:
    """The forms of one request for information: the answers, the named fields of the application, uploads."""

    def __init__(self, permit: RoadPermit, request: HttpRequest) -> None:
        sent = request.POST if request.method == "POST" else None
        self.permit, self.sent = permit, sent
        self.also = list(dict.fromkeys(sent.getlist("also"))) if sent is not None else []
        items = permit.info_items
        self.answers = AnswersForm(sent, items=items, initial={"visit": permit.step_visit})
        named = [str(item["field"]).split(".")[0] for item in items]
        self.parts = parts_of(permit, [*named, *self.also], sent)
        self.uploads: UploadForm = form_for(permit, request if sent is not None else None, only_missing=named)
        for field in self.uploads.fields.values():
            field.required = False  # the answer may be sent without them
        self.items = [
            {
                "text": item["text"],
                "answer": self.answers[f"answer_{number}"],
                "fields": self._fields(named[:number], name),
            }
            for number, (item, name) in enumerate(zip(items, named, strict=True))
        ]

    def _fields(self, shown: list[str], name: str) -> list[Any]:
        """The form field an item names, where it is named first."""
        return [] if name in shown else [form[name] for form in self.parts if name in form.fields]

    def extra(self) -> list[Any]:
        """Fields that no question names but that a correction made wrong."""
        named = {str(item["field"]).split(".")[0] for item in self.permit.info_items}
        return [form[name] for form in self.parts for name in form.fields if name in self.also and name not in named]

    def forms(self) -> list[UswdsForm]:
        return [*self.parts, self.answers, self.uploads]

    def are_valid(self) -> list[bool]:
        """Asked of every form, so that every error is shown at once."""
        return [form.is_valid() for form in self.forms()]

    def changes(self) -> dict[str, Any]:
        """The corrected answers as JSON, without those that stayed as they were."""
        new: dict[str, Any] = {}
        for form in self.parts:
            new |= {name: value for name, value in to_json(form.cleaned_data).items() if name in form.fields}
        return {name: value for name, value in new.items() if value != self.permit.application.get(name)}

    def ask_also(self, names: Iterable[str]) -> None:
        """Show these fields, too, with what the application says now."""
        wanted = [name for name in names if section_asking(name) and name not in self.also]
        shown = {name for form in self.parts for name in form.fields}
        self.also += [name for name in wanted if name not in shown]
        self.parts += parts_of(self.permit, [name for name in wanted if name not in shown], None)


def parts_of(permit: RoadPermit, names: Iterable[str], sent: Any) -> list[Section]:
    """For each section that asks one of ``names`` its form with those fields alone."""
    answers = applications.answers_of(permit)
    wanted: dict[type[Section], set[str]] = {}
    for name in names:
        if (section := section_asking(name)) is not None:
            wanted.setdefault(section, set()).add(name)
    forms_of_sections = []
    for section, fields in wanted.items():
        stored = {name: permit.application[name] for name in fields if name in permit.application}
        form = section(data=sent, initial=from_json(stored), answers=answers)
        for name in [name for name in form.fields if name not in fields]:
            del form.fields[name]
        forms_of_sections.append(form)
    return forms_of_sections


@doors.by_link
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, permit: RoadPermit) -> HttpResponse:
    """Files that are fine are kept at once; everything else is sent together."""
    if permit.state != State.INFO_REQUESTED and (request.method != "POST" or _is_answered(permit, request)):
        messages.info(request, "There is no open question at the moment.")
        return redirect(track_url(permit))
    page, problems = Page(permit, request), list[Problem]()
    if request.method == "POST":
        if permit.state == State.INFO_REQUESTED:
            keep_uploads(permit, page.uploads)
        if not (problems := _send(page)):
            messages.success(request, "Thank you. Your answers have arrived and we go on.")
            return redirect(track_url(permit))
    context = {
        "permit": permit,
        "page": page,
        "form": Problems.of(page.forms() if request.method == "POST" else [], problems),
        "files": files_of(permit),
        "by": date_format(timezone.localtime(permit.info_due_at), "l, F j, Y") if permit.info_due_at else "",
        "is_open": permit.state == State.INFO_REQUESTED,
    }
    return render(request, "permits/track/reply.html", context)


def _is_answered(permit: RoadPermit, request: HttpRequest) -> bool:
    """The same answers sent twice, by a second click."""
    given = [str(request.POST.get(f"answer_{n}", "")).strip() for n, _ in enumerate(permit.info_items)]
    return [item["answer"].replace("\r\n", "\n") for item in permit.info_items] == [
        text.replace("\r\n", "\n") for text in given
    ]


def _send(page: Page) -> list[Problem]:
    """Empty when it is done. What stands at a field is said by its form."""
    permit = page.permit
    if permit.state != State.INFO_REQUESTED:
        return [Problem(text="We no longer wait for an answer: copy your text if you need it, and call us.")]
    if not all(page.are_valid()):
        return [Problem(text="Nothing was sent yet. Correct what is marked below.")]
    if page.answers.cleaned_data.get("visit") != permit.step_visit:
        return [Problem(text="The questions have changed since you opened this page. Read them again, then send.")]
    data = {"answers": page.answers.answers(), "changes": page.changes()}
    try:
        engine.fire(permit, "provide_information", actor=doors.actor_of(permit), data=data)
    except WorkflowError as refused:
        page.ask_also(reason.field.split(".")[0] for reason in refused.reasons)
        return [_problem(reason.sentence, reason.field) for reason in refused.reasons] or [
            Problem(text=refused.sentence)
        ]
    return []


def _problem(sentence: str, field: str) -> Problem:
    section = section_asking(field.split(".")[0])
    label = section.base_fields[field.split(".")[0]].label if section else ""
    return Problem(text=f"{label} — {sentence}" if label else sentence)
