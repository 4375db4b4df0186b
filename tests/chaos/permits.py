"""Permits under faults: filed, decided by an officer as soon as the safety finding is there, in force, all told."""

import json
from typing import Any

from tests.chaos.journal import note_calls
from tests.chaos.scenario import Scenario


def start() -> str:
    from permits.application.example import example
    from workflow.actors import Actor
    from workflow.engine import start_workflow

    who = Actor(kind="applicant", name="Dana Whitfield")
    return str(start_workflow("roadPermit", example(), actor=who).id)


def finished(reference: str) -> bool:
    """In force and every message delivered. On the way the officer decides: a person's part of the walk."""
    from permits.models import RoadPermit
    from workflow.models import Work

    permit = RoadPermit.objects.get(reference=reference)
    if permit.state == "in_review" and permit.safety.get("verdict"):
        decide(permit)
    undone = permit.work.exclude(kind=Work.Kind.TIMER).filter(outcome=Work.Outcome.OPEN)
    return permit.state == "in_force" and not undone.exists()


def decide(permit: Any) -> None:
    from permits import desk
    from permits.technical import reviews
    from workflow import actors, engine
    from workflow.errors import WorkflowError

    rita = actors.officer(_officer())
    try:
        if permit.fee_settled_at is None:
            permit = desk.record_payment(permit, receipt="1182", actor=rita)
        permit = desk.waive_documents(permit, because="Seen at the counter", actor=rita)
        for task in reviews.tasks_of(permit):
            if task.is_open:
                permit = reviews.recommend(permit, task=task.pk, recommendation="approve", actor=rita)
        why = {"override_reason": "Talked through on site; the layout is on file."}
        engine.fire(permit, "approve", actor=rita, revision=permit.revision, data=why)
    except WorkflowError:
        return  # a machine wrote its line meanwhile: look again


def _officer() -> Any:
    from django.contrib.auth.models import User

    made, _ = User.objects.get_or_create(username="rita", defaults={"is_superuser": True, "last_name": "Reyes"})
    return made


PERMITS = Scenario(
    name="tests.chaos.permits:PERMITS",
    steps=("submitApplication", "reviewSafety", "issuePermit", "notifyApplicant"),
    moves=("submit", "accept", "approve", "issue", "take_effect"),
    start=start,
    finished=finished,
    prepare=note_calls,
)


def main() -> None:
    """What the database and the disk hold at the end, as JSON."""
    import django

    django.setup()
    from django.conf import settings

    from permits import files
    from permits.models import RoadPermit
    from workflow.contrib.notifications.models import Message
    from workflow.models import Document

    documents = Document.objects.filter(kind="permit").values_list("case__reference", "storage_name", "sha256")
    print(
        json.dumps(
            {
                "documents": [[case, str(files.path_of(name)), digest] for case, name, digest in documents],
                "messages": list(
                    Message.objects.order_by("pk").values_list(
                        "event__transition", "role", "status", "message_id", "address"
                    )
                ),
                "safety": list(RoadPermit.objects.values_list("safety__revision", "application_revision")),
                "outbox": str(settings.MAILERS["default"]["OPTIONS"]["file_path"]),
            },
            default=str,
        )
    )


if __name__ == "__main__":
    main()
