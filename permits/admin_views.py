"""The record, its decision pages and its files, inside the admin site."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from permits import acts
from permits.acts import Act
from permits.decisions import DecisionForm
from permits.files import path_of
from permits.models import RoadPermit
from permits.record import head, load, record
from workflow.actors import Actor, officer
from workflow.errors import NotAllowed, Reason, Stale, WorkflowError, WrongState
from workflow.models import Document

STATUS = {NotAllowed: 403, WrongState: 409, Stale: 409}


def record_page(request: HttpRequest, model_admin: Any, pk: str) -> HttpResponse:
    """Everything about one permit, read-only; the buttons lead through the engine."""
    permit = _permit_or_404(request, model_admin, pk)
    actor = officer(request.user)
    context = {
        **_frame(request, model_admin, permit),
        **record(permit, with_persons=_sees_persons(request)),
        "decisions": acts.decisions_for(permit, actor),
        "desk": acts.desk_for(permit, actor),
        "subtitle": permit.reference,
    }
    return TemplateResponse(request, "admin/permits/roadpermit/change_form.html", context)


def decision_page(request: HttpRequest, model_admin: Any, pk: str, name: str) -> HttpResponse:
    """The form of one move of the lifecycle: ``…/do/approve/``."""
    permit = _permit_or_404(request, model_admin, pk)
    actor = officer(request.user)
    return _act_page(request, model_admin, permit, actor, acts.decision(permit, actor, name))


def desk_page(request: HttpRequest, model_admin: Any, pk: str, name: str) -> HttpResponse:
    """The form of work at the desk: ``…/desk/payment/``."""
    permit = _permit_or_404(request, model_admin, pk)
    actor = officer(request.user)
    return _act_page(request, model_admin, permit, actor, acts.desk_act(permit, actor, name))


def document(request: HttpRequest, model_admin: Any, pk: str, document_pk: int) -> HttpResponseBase:
    """A file of this permit, to be saved and never opened inside our pages: uploads are strangers' content."""
    permit = _permit_or_404(request, model_admin, pk)
    found = Document.objects.filter(case_id=permit.pk, pk=document_pk).first()
    if found is None:
        raise Http404("There is no such document on this permit.")
    try:
        content = path_of(found.storage_name).open("rb")
    except OSError:
        raise Http404(f"The file of “{found.name}” is not on this server.") from None
    response = FileResponse(content, as_attachment=True, filename=found.name, content_type=found.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def _act_page(
    request: HttpRequest, model_admin: Any, permit: RoadPermit, actor: Actor, act: Act | None
) -> HttpResponse:
    if act is None:
        raise Http404("There is no such decision.")
    if request.method != "POST":
        first = {"conflict": request.GET.get("conflict")}
        form = act.form(permit=permit, initial={name: value for name, value in first.items() if value})
        return _show(request, model_admin, permit, act, form, status=200 if act.permitted else 403)
    form = act.form(request.POST, permit=permit)
    if not form.is_valid():
        return _show(request, model_admin, permit, act, form, status=422 if act.permitted else 403)
    try:
        done = act.press(permit, actor, form.cleaned_data["revision"], form.values())
    except WorkflowError as error:
        return _again(request, model_admin, actor, act, permit.pk, error)
    words = f"{act.label}: done. {permit.reference} is now {done.state_label.lower()}."
    messages.success(request, words)
    return HttpResponseRedirect(reverse("admin:permits_roadpermit_change", args=[permit.pk]))


def _again(
    request: HttpRequest, model_admin: Any, actor: Actor, act: Act, pk: int, error: WorkflowError
) -> HttpResponse:
    """The page once more with everything typed and every reason, over the record as it is now."""
    permit = load(str(pk))
    assert permit is not None, "a case is never deleted"
    again = acts.decision(permit, actor, act.name) or acts.desk_act(permit, actor, act.name) or act
    typed = request.POST.copy()
    typed["revision"] = str(permit.revision)  # whoever reads the news below decides on the record as it is now
    form = again.form(typed, permit=permit)
    form.is_valid()
    for reason in error.reasons or [Reason(code=error.code, sentence=error.sentence)]:
        form.add_error(reason.field if reason.field in form.fields else None, reason.sentence)
    is_stale = isinstance(error, Stale)
    return _show(request, model_admin, permit, again, form, status=STATUS.get(type(error), 422), is_stale=is_stale)


def _show(
    request: HttpRequest,
    model_admin: Any,
    permit: RoadPermit,
    act: Act,
    form: DecisionForm,
    *,
    status: int,
    is_stale: bool = False,
) -> HttpResponse:
    context = {
        **_frame(request, model_admin, permit),
        **head(permit, with_persons=_sees_persons(request)),
        "title": act.label,
        "subtitle": permit.reference,
        "act": act,
        "form": form,
        "is_stale": is_stale,
    }
    return TemplateResponse(request, "admin/permits/roadpermit/act.html", context, status=status)


def _sees_persons(request: HttpRequest) -> bool:
    return request.user.has_perm("workflow.view_contact")


def _permit_or_404(request: HttpRequest, model_admin: Any, pk: str) -> RoadPermit:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    permit = load(pk)
    if permit is None:
        raise Http404("There is no such permit.")
    return permit


def _frame(request: HttpRequest, model_admin: Any, permit: RoadPermit) -> dict[str, Any]:
    """What the admin's base templates need."""
    request.current_app = model_admin.admin_site.name
    return {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "original": permit,
        "title": permit.title,
        "has_view_permission": True,
        "change": True,
        "is_popup": False,
    }
