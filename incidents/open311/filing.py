"""A report over Open311: the same checks and the same door of the engine as for everybody else."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.utils import timezone

from incidents import catalogue, photos, reporting
from incidents.catalogue import Catalogue
from incidents.models import Open311Request, Report
from incidents.models.catalogue import Datatype
from incidents.open311.errors import Fault, bad, refusal, unless_fine
from incidents.open311.form import Form
from incidents.open311.parameters import Parameters
from incidents.open311.render import Document, Many
from workflow import engine
from workflow.actors import Actor
from workflow.contrib.storage import RefusedUpload
from workflow.errors import InvalidData, Reason
from workflow.models import ApiKey
from workflow.registry import registry
from workflow.writing import writing

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=5)  # the same body from the same key within it is the same report
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,80})\](?:\[\d{0,3}\])?")
# What the rest of Milepost calls it -> the parameter it came in.
_SENT_AS = {"category": "service_code", "latitude": "lat", "longitude": "long", "address": "address_string",
            "name": "first_name", "photos": "media"}  # fmt: skip


def file(form: Form, actor: Actor) -> Document:
    """File a report, or find the one the same body made a moment ago. Raises Refusal with every fault."""
    if (known := _again(form, actor)) is not None:
        return _filed(known, form)
    services = catalogue.catalogue()
    data = _data(form.values, services)
    _check(data, form.values, services)
    with _pictures(form) as tokens, writing():
        # One at a time for a key, so that a body sent twice at once is found. It keeps nobody from reading the key.
        ApiKey.objects.select_for_update(no_key=True).get(pk=actor.key_id or 0)
        incident = _again(form, actor)
        if incident is None:
            incident = _start({**data, "photos": tokens}, actor)
            Open311Request.objects.create(key_id=actor.key_id or 0, digest=form.digest, incident=incident)
    return _filed(incident, form)


def token_document(token: str) -> Document:
    """What became of a token: the id as soon as there is one. Raises Refusal."""
    found = Open311Request.objects.filter(token=token.lower()).select_related("incident").first()
    if found is None:
        raise refusal(404, "unknown_token", "There is no such token. Check that you copied all of it.", field="token")
    entry = {"service_request_id": found.incident.reference} if found.incident else {}
    return Document("service_requests", Many("request", [{**entry, "token": found.token}]))


def _again(form: Form, actor: Actor) -> Any:
    since = timezone.now() - AGAIN
    sent = Open311Request.objects.filter(key=actor.key_id, digest=form.digest, created_at__gte=since)
    found = sent.select_related("incident").order_by("-pk").first()
    return found.incident if found else None


def _data(sent: Parameters, services: Catalogue) -> dict[str, Any]:
    """The parameters as the data of a report. What was not sent is not in it."""
    code = sent.text("service_code")
    data: dict[str, Any] = {
        "category": code,
        "description": sent.text("description"),
        "latitude": sent.text("lat"),
        "longitude": sent.text("long"),
        "address": sent.text("address_string"),
        "name": f"{sent.text('first_name')} {sent.text('last_name')}".strip(),
        "email": sent.text("email"),
        "phone": sent.text("phone"),
    }
    return {name: value for name, value in data.items() if value} | {
        "answers": _answers(sent, services.questions_of(code), code),
        "channel": "open311",
    }


def _answers(sent: Parameters, questions: Sequence[Any], code: str) -> dict[str, Any]:
    given: dict[str, list[str]] = {}
    for name, value in sent.pairs:
        if (found := _ATTRIBUTE.fullmatch(name)) and value.strip():
            given.setdefault(found[1], []).append(value.strip())
    asked = {question.code: question for question in questions}
    if unknown := given.keys() - asked.keys():
        log.info("%d attributes that %r does not have were left out", len(unknown), code[:40])
    answers: dict[str, Any] = {}
    for name, values in given.items():
        if name not in asked:
            continue
        several = asked[name].datatype == Datatype.MULTI
        answers[name] = values if several else values[0]
        if not several and len(set(values)) > 1:
            sent.fault("several_answers", f"“{asked[name].text}”: send one answer.", f"attribute[{name}]")
    return answers


def _check(data: Mapping[str, Any], sent: Parameters, services: Catalogue) -> None:
    """Raises Refusal with everything that is wrong, before a picture is looked at."""
    reasons = reporting.check(data, services).errors
    unless_fine([*map(fault_of, _placed(reasons, sent)), *sent.faults])


def _placed(reasons: Sequence[Reason], sent: Parameters) -> Iterator[Reason]:
    for reason in reasons:
        if reason.code == "place_missing":
            sentence = "Say where it is: send lat and long, or address_string."
            if sent.text("address_id"):
                sentence = "We have no address ids. Send lat and long, or address_string."
            yield Reason(code=reason.code, sentence=sentence, field="latitude")
        elif reason.code == "unknown_category" and not sent.text("service_code"):
            yield Reason(code="service_missing", sentence="Send a service_code. See services.xml.", field="category")
        else:
            yield reason


def fault_of(reason: Reason) -> Fault:
    """One entry of ``errors``: an unknown service is a 404, everything else a 400."""
    top, _, inner = reason.field.partition(".")
    field = f"attribute[{inner}]" if top == "answers" and inner else _SENT_AS.get(top, top)
    if reason.code == "unknown_category":
        return Fault(status=404, reason="unknown_service", sentence=reason.sentence, field=field)
    return bad(reason.code, reason.sentence, field)


@contextmanager
def _pictures(form: Form) -> Iterator[list[str]]:
    """The pictures, kept while the report is filed: an unfinished report holds them, which is forgotten with them."""
    if not form.files:
        yield []
        return
    holder = Report.objects.create()
    try:
        yield list(dict.fromkeys(keep_pictures(form, report=holder)))
    finally:
        holder.delete()  # those that were filed have left it


def keep_pictures(form: Form, **holder: Any) -> list[str]:
    """The tokens of the pictures of a form, kept for a report or an incident. Raises Refusal."""
    if len(form.files) > reporting.MOST_PHOTOS:
        raise refusal(400, "too_many_photos", f"Send at most {reporting.MOST_PHOTOS} pictures.", field="media")
    tokens = []
    for name, upload in form.files:
        try:
            tokens.append(photos.keep(upload, **holder).photo.token)
        except RefusedUpload as error:
            raise refusal(400, error.code, error.sentence, field=name[:40]) from None
    return tokens


def _start(data: Mapping[str, Any], actor: Actor) -> Any:
    try:
        return engine.start_workflow(registry.workflow_for("incident").name, data, actor=actor).case
    except InvalidData as error:
        unless_fine(map(fault_of, error.reasons))
        raise


def _filed(incident: Any, form: Form) -> Document:
    entry = {"service_request_id": incident.reference, "service_notice": _notice(incident, form), "account_id": None}
    return Document("service_requests", Many("request", [entry]))


def _notice(incident: Any, form: Form) -> str:
    by = f"{timezone.localtime(incident.expected_at):%A, %B %-d, %-I:%M %p}" if incident.expected_at else ""
    notes = [f"We will look at it by {by}."] if by else []
    if form.values.text("media_url"):
        notes.append("We take pictures as files, not by media_url.")
    return " ".join(notes)
