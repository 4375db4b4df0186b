"""The record of a case, its decision pages and its files, inside the admin site. ``kind`` is its CaseAdmin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from workflow import engine
from workflow.actors import Actor, officer
from workflow.admin.acts import Act
from workflow.admin.decisions import DecisionForm
from workflow.admin.preview import Letter, letters_of
from workflow.admin.record import diagram, history, steps
from workflow.errors import NotAllowed, Reason, Stale, WorkflowError, WrongState
from workflow.models import Document
from workflow.tracker import timeline

if TYPE_CHECKING:
    from workflow.admin.cases import CaseAdmin

PREVIEW = "preview"  # name of the button that shows the messages instead of sending them
STATUS = {NotAllowed: 403, WrongState: 409, Stale: 409}


def record_page(request: HttpRequest, kind: CaseAdmin, pk: str) -> HttpResponse:
    """Everything about one case, read-only; the buttons lead through the engine."""
    case = case_or_404(request, kind, pk)
    actor = officer(request.user)
    events = timeline(case)
    desk = kind.counter.desk_for(case, actor)
    context = {
        **frame(request, kind, case),
        **kind.head(case, with_persons=sees_persons(request)),
        "timeline": history(case, events, fact=kind.fact, technical=kind.technical, state_name=kind.state_name),
        "steps": steps(case, events),
        "diagram": diagram(case, events, names=kind.state_names, citizen=kind.citizen),
        "decisions": kind.counter.decisions_for(case, actor),
        "desk": desk,
        "at": {act.name: act for act in desk},  # for buttons beside what they are about
        **kind.record(case, actor, events, with_persons=sees_persons(request)),
    }
    return TemplateResponse(request, kind.record_template, context)


def decision_page(request: HttpRequest, kind: CaseAdmin, pk: str, name: str) -> HttpResponse:
    """The form of one move of the lifecycle: ``…/do/approve/``."""
    case = case_or_404(request, kind, pk)
    actor = officer(request.user)
    return _act_page(request, kind, case, actor, kind.counter.decision(case, actor, name))


def desk_page(request: HttpRequest, kind: CaseAdmin, pk: str, name: str) -> HttpResponse:
    """The form of work at the desk: ``…/desk/note/``."""
    case = case_or_404(request, kind, pk)
    actor = officer(request.user)
    return _act_page(request, kind, case, actor, kind.counter.desk_act(case, actor, name))


def document(request: HttpRequest, kind: CaseAdmin, pk: str, document_pk: int) -> HttpResponseBase:
    """A file of this case, to be saved and never opened inside our pages: uploads are strangers' content."""
    case = case_or_404(request, kind, pk)
    return kind.hand_out(document_or_404(kind, case, document_pk))


def document_or_404(kind: CaseAdmin, case: Any, document_pk: int) -> Document:
    found = Document.objects.filter(case_id=case.pk, pk=document_pk).first()
    if found is None:
        raise Http404(f"There is no such document on this {kind.counter.noun}.")
    return found


def _act_page(request: HttpRequest, kind: CaseAdmin, case: Any, actor: Actor, act: Act | None) -> HttpResponse:
    if act is None:
        raise Http404("There is no such decision.")
    if request.method != "POST":
        first = {name: value for name in act.form.from_link if (value := request.GET.get(name))}
        form = act.form(case=case, initial=first)
        return _show(request, kind, case, act, form, status=200 if act.permitted else 403)
    form = act.form(request.POST, request.FILES, case=case)
    if not form.is_valid():
        if not act.permitted:
            return _show(request, kind, case, act, form, status=403)
        if form.rescue(actor):
            form = act.form(request.POST, case=case)
        return _show(request, kind, case, act, form, status=422)
    try:
        if PREVIEW in request.POST:
            return _preview(request, kind, case, actor, act, form)
        done = act.press(case, actor, form.cleaned_data["revision"], form.values())
    except WorkflowError as error:
        return _again(request, kind, actor, act, case.pk, error)
    came = f": {words}" if (words := act.came(done)) else f" is now: {kind.state_name(done.state)}"
    messages.success(request, f"{act.label}: done. {case.reference}{came}.")
    return HttpResponseRedirect(kind.address_after(request, case))


def _preview(
    request: HttpRequest, kind: CaseAdmin, case: Any, actor: Actor, act: Act, form: DecisionForm
) -> HttpResponse:
    """The page as it was typed, with the messages it would send. A file that was chosen is kept, as a page with an
    error keeps it; nothing else is written. Raises WorkflowError as the act itself would."""
    if form.rescue(actor):
        form = act.form(request.POST, case=case)
        form.is_valid()
    engine.expect(case, form.cleaned_data["revision"])
    letters = letters_of(kind, case, actor, act, form.values())
    return _show(request, kind, case, act, form, status=200, letters=letters)


def _again(
    request: HttpRequest, kind: CaseAdmin, actor: Actor, act: Act, pk: int, error: WorkflowError
) -> HttpResponse:
    """The page once more with everything typed and every reason, over the record as it is now."""
    case = kind.load(str(pk))
    assert case is not None, "a case is never deleted"
    again = kind.counter.act(case, actor, act.name) or act
    typed = request.POST.copy()
    typed["revision"] = str(case.revision)  # whoever reads the news below decides on the record as it is now
    form = again.form(typed, case=case)
    form.is_valid()
    for reason in error.reasons or [Reason(code=error.code, sentence=error.sentence)]:
        form.add_error(reason.field if reason.field in form.fields else None, reason.sentence)
    is_stale = isinstance(error, Stale)
    return _show(request, kind, case, again, form, status=STATUS.get(type(error), 422), is_stale=is_stale)


def _show(
    request: HttpRequest,
    kind: CaseAdmin,
    case: Any,
    act: Act,
    form: DecisionForm,
    *,
    status: int,
    is_stale: bool = False,
    letters: Sequence[Letter] | None = None,
) -> HttpResponse:
    context = {
        **frame(request, kind, case),
        **kind.head(case, with_persons=sees_persons(request)),
        "title": act.label,
        "act": act,
        "form": form,
        "is_stale": is_stale,
        "has_preview": kind.tells(act.name),
        "letters": letters,
        "decided_on": kind.decided_on(case) if act.name in kind.counter.decisions else None,
        **kind.seen_first(case, act.name),
        "back": kind.address_after(request, case),
    }
    return TemplateResponse(request, kind.act_template, context, status=status)


def sees_persons(request: HttpRequest) -> bool:
    return request.user.has_perm("workflow.view_contact")


def case_or_404(request: HttpRequest, kind: CaseAdmin, pk: str) -> Any:
    """Raises PermissionDenied for who may not look at this kind, Http404 when there is no such filed case."""
    if not kind.has_view_permission(request):
        raise PermissionDenied
    case = kind.load(pk)
    if case is None:
        raise Http404(f"There is no such {kind.counter.noun}.")
    return case


def frame(request: HttpRequest, kind: CaseAdmin, case: Any = None) -> dict[str, Any]:
    """What the admin's base templates need."""
    request.current_app = kind.admin_site.name
    about = {"original": case, "title": case.title, "subtitle": case.reference} if case is not None else {}
    return {
        **kind.admin_site.each_context(request),
        "opts": kind.opts,
        "noun": kind.counter.noun,
        "has_view_permission": True,
        "change": True,
        "is_popup": False,
        **about,
    }
