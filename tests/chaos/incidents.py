"""Incidents under faults: reported, a crew sent by an officer, repaired, everybody told."""

import json
from typing import Any

from tests.chaos.journal import note_calls
from tests.chaos.scenario import Scenario

REPORT = {
    "category": "pothole",
    "description": "Deep hole in the right lane.",
    "latitude": 42.0308,
    "longitude": -93.6319,
    "route": "US-69",
    "direction": "NB",
    "name": "Walter Hale",
    "email": "walter.hale@example.net",
    "channel": "form",
}


def start() -> str:
    from workflow.actors import Actor
    from workflow.engine import start_workflow

    return str(start_workflow("incident", REPORT, actor=Actor(kind="applicant", name="Reporter")).id)


def finished(reference: str) -> bool:
    """Fixed and every message delivered. On the way officers send the crew and say that it is done."""
    from incidents.models import Incident
    from workflow.models import Work

    incident = Incident.objects.get(reference=reference)
    if incident.state == "triaged":
        act(incident, "dispatch", crew="Ames garage")
    if incident.state == "in_progress":
        act(incident, "resolve", sentence="The hole is patched.", photo_exempt_because="Night work")
    undone = incident.work.exclude(kind=Work.Kind.TIMER).filter(outcome=Work.Outcome.OPEN)
    return incident.state == "resolved" and not undone.exists()


def act(incident: Any, move: str, **data: str) -> None:
    from django.contrib.auth.models import User

    from workflow import actors, engine
    from workflow.errors import WorkflowError

    tara, _ = User.objects.get_or_create(username="tara", defaults={"is_superuser": True, "last_name": "Nolan"})
    try:
        engine.fire(incident, move, actor=actors.officer(tara), revision=incident.revision, data=data)
    except WorkflowError:
        return  # a machine wrote its line meanwhile: look again


INCIDENTS = Scenario(
    name="tests.chaos.incidents:INCIDENTS",
    steps=("submitReport", "dispatchCrew", "notifyReporter"),
    moves=("submit", "hand_over", "dispatch", "start_work", "resolve"),
    start=start,
    finished=finished,
    prepare=note_calls,
)


def main() -> None:
    """What the database and the disk hold at the end, as JSON."""
    import django

    django.setup()
    from django.conf import settings

    from incidents.models import Job
    from workflow.contrib.notifications.models import Message

    jobs = Job.objects.values_list("incident__reference", "uid", "order_number", "done_at")
    messages = Message.objects.order_by("pk").values_list("event__transition", "role", "status", "message_id")
    print(
        json.dumps(
            {
                "jobs": list(jobs),
                "messages": list(messages),
                "outbox": str(settings.MAILERS["default"]["OPTIONS"]["file_path"]),
            },
            default=str,
        )
    )


if __name__ == "__main__":
    main()
