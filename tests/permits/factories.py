"""Road permits for tests, walked through the real engine: nothing here writes a state by hand."""

import uuid
from collections.abc import Iterable
from datetime import date, timedelta

from django.contrib.auth.models import Permission as DjangoPermission
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from permits import files, guards
from permits.application.example import example
from permits.lifecycle import State
from permits.models import RoadPermit
from permits.opening import open_draft
from permits.rules.documents import Before
from permits.technical import reviews
from permits.technical.models import OPEN, TechnicalTask
from tests import walking
from workflow import actors, engine, orchestrator
from workflow.actors import SYSTEM, Actor
from workflow.claims import claim
from workflow.models import ApiKey, Document, Team, Work
from workflow.registry import registry

DESK = ("view", "change", "intake", "review", "issue", "inspect", "manage")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def application(**changes):
    """A whole application as a client sends it, two months ahead; ``changes`` replace answers."""
    return {**example(timezone.localdate()), **changes}


def soon(**changes):
    """An application whose work begins today, so that it can be started; an emergency needs no notice."""
    today = timezone.localdate()
    return (
        application(
            is_emergency=True,
            emergency_reason="A water main broke below the road and floods it.",
            one_call_ticket="552611234",
            start_at=f"{today}T00:00",
            end_at=f"{today + timedelta(days=11)}T16:00",
            insurance_expires=date(today.year + 2, 3, 31).isoformat(),
            contractor_licence_expiry=date(today.year + 2, 6, 30).isoformat(),
        )
        | changes
    )


def at(place: int):
    """Answers that put the work 550 m times ``place`` north of the example, so that it meets no other."""
    answers, north = application(), 0.005 * place

    def move(line):
        return {**line, "coordinates": [[lon, lat + north] for lon, lat in line["coordinates"]]}

    impacts = [{**impact, "centerline": move(impact["centerline"])} for impact in answers["impacts"]]
    return {"area": move(answers["area"]), "impacts": impacts}


def integrator(*scopes):
    """The actor of an API key: files whole applications."""
    key = ApiKey.objects.filter(name="tests").first() or ApiKey.issue("tests", ["permits:submit"])[0]
    return Actor(kind="integrator", name="Tests", key_id=key.pk, scopes=frozenset(scopes or ["permits:submit"]))


def user(username="rita", *, permissions: Iterable[str] = DESK, team=None, **values):
    """A user of the admin with desk permissions (``view`` is permits.view_roadpermit) in ``team``."""
    first = username.capitalize()
    values = {
        "is_staff": True,
        "first_name": first,
        "last_name": "Reyes",
        "email": f"{username}@dot.example.gov",
    } | values
    made, created = User.objects.get_or_create(username=username, defaults=values)
    if created:
        made.set_password("correct horse battery")
        made.save()
    codenames = [f"{name}_roadpermit" for name in permissions]
    made.user_permissions.set(
        DjangoPermission.objects.filter(content_type__app_label="permits", codename__in=codenames)
        | DjangoPermission.objects.filter(
            content_type__app_label="workflow", codename__in=["retry_work", "view_contact"]
        )
    )
    (team or Team.default()).members.add(made)
    return User.objects.get(pk=made.pk)  # without the permissions it remembers


def officer(username="rita", **values) -> Actor:
    """The actor of ``user(...)``."""
    return actors.officer(user(username, **values))


def filed(*, actor=None, checked=True, **changes) -> RoadPermit:
    """An application as filed by an API key; ``checked``: its local check and the safety service have answered."""
    with walking.by_hand():
        case = engine.start_workflow("roadPermit", application(**changes), actor=actor or integrator()).case
    return drain(case) if checked else fresh(case)


def draft(**changes) -> RoadPermit:
    """A draft of the form."""
    opening = open_draft(application(**changes), SYSTEM)
    return engine.open_case(registry.get("roadPermit"), opening, actor=Actor(kind="applicant", name="Applicant"))


def drain(case) -> RoadPermit:
    """Do the case's due work as a worker would, until none is left."""
    walking.drain(case)
    return fresh(case)


def fresh(case) -> RoadPermit:
    return RoadPermit.objects.get(pk=case.pk)


def with_documents(permit) -> RoadPermit:
    """Every required document of the application, as the applicant uploads it."""
    for kind in guards.missing_documents(permit, before=frozenset({Before.SUBMISSION})):
        upload = SimpleUploadedFile(f"{kind}.pdf", PDF, content_type="application/pdf")

        def keep(case, upload=upload, kind=kind):
            files.store_upload(case, upload, kind=kind, added_by="Applicant")
            return {"kind": kind}

        engine.change(permit, "document", actor=actors.applicant(permit), apply=keep)
    return fresh(permit)


def paid(permit) -> RoadPermit:
    """The fee is settled."""

    def settle(case):
        case.fee_settled_at = timezone.now()

    engine.change(permit, "payment", actor=officer("fatima", team=permit.team), apply=settle)
    return fresh(permit)


def ready(**changes) -> RoadPermit:
    """In review with everything a decision needs."""
    return advised(paid(with_documents(filed(**changes))))


def advised(permit, recommendation="approve", **said) -> RoadPermit:
    """Every specialist who was asked has spoken."""
    for task in open_tasks(permit):
        reviews.recommend(permit, task=task.pk, recommendation=recommendation, actor=specialist(task), **said)
    return fresh(permit)


def open_tasks(permit):
    """The specialists' tasks that wait for an answer."""
    tasks = TechnicalTask.objects.filter(process__permit=permit, status__in=OPEN).exclude(specialty="")
    return list(tasks.order_by("pk"))


def specialist(task, **values) -> Actor:
    """A member of the team that a task belongs to, who may do nothing but advise."""
    return officer(f"{task.specialty}-expert", permissions=("view", "advise"), team=task.team, **values)


def fire(permit, transition, actor=None, **data) -> RoadPermit:
    """One move by an officer of the permit's team who may do everything, or by ``actor``."""
    if transition == "fail_inspection":
        with_photo(permit)
    with walking.by_hand():
        engine.fire(permit, transition, actor=actor or officer("olga", team=permit.team), data=data)
    return fresh(permit)


def with_photo(permit) -> Document:
    """A photo of a defect waits for its inspection."""
    values = {"kind": "inspection_photo", "name": "p.jpg", "storage_name": f"p-{uuid.uuid4().hex}", "size": 1}
    return Document.objects.create(case_id=permit.pk, content_type="image/jpeg", sha256="0", **values)


def in_state(state, **changes) -> RoadPermit:
    """A permit walked to ``state`` through the engine."""
    return WAYS[State(state)](**changes)


EXPLANATION = "The traffic control plan leaves no room for people on foot."


def info_requested(**changes):
    return fire(filed(**changes), "request_information", items=[{"field": "contact_phone", "text": "Which number?"}])


def approved(**changes):
    permit = ready(**changes)
    against = {"override_reason": EXPLANATION} if permit.safety.get("verdict") == "fail" else {}
    return fire(permit, "approve", conditions=["C01", "C10"], **against)


def in_force(**changes):
    return drain(approved(**soon(**changes)))


def issued(**changes):
    """Issued by hand right after the document was made, before anybody was told."""
    permit = approved(**changes)
    work = Work.objects.get(case_id=permit.pk, step="issuePermit", outcome=Work.Outcome.OPEN)
    with walking.by_hand():
        orchestrator.run_one(claim(work.pk), gate=orchestrator.never)
    return fresh(permit)


def active(**changes):
    return fire(in_force(**changes), "start_work")


def expired(**changes):
    permit = in_force(**changes)
    RoadPermit.objects.filter(pk=permit.pk).update(end_at=timezone.now() - timedelta(minutes=1))
    return fire(permit, "expire", SYSTEM)


WAYS = {
    State.DRAFT: draft,
    State.SUBMITTED: lambda **changes: filed(checked=False, **changes),
    State.INFO_REQUESTED: info_requested,
    State.IN_REVIEW: ready,
    State.APPROVED: approved,
    State.ISSUED: issued,
    State.IN_FORCE: in_force,
    State.ACTIVE: active,
    State.SUSPENDED: lambda **changes: fire(active(**changes), "suspend", reason="The signs are missing."),
    State.COMPLETED: lambda **changes: fire(active(**changes), "stop_work"),
    State.REFUSED: lambda **changes: fire(filed(**changes), "refuse", reasons=["R20"], explanation=EXPLANATION),
    State.CANCELLED: lambda **changes: (lambda permit: fire(permit, "cancel", actors.applicant(permit)))(
        filed(**changes)
    ),
    State.EXPIRED: expired,
    State.REVOKED: lambda **changes: fire(in_force(**changes), "revoke", reasons=["R50"], explanation=EXPLANATION),
    State.CLOSED: lambda **changes: fire(in_state("completed", **changes), "pass_inspection"),
}
