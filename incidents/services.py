"""The services of the workflow incident: what machines do at each step."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from incidents import duplicates, messages, places, watching, work_orders
from incidents.models import Incident, Job
from workflow import nearby
from workflow.contrib.notifications.delivery import RETRY
from workflow.definition import Call, Result, Retry, Service
from workflow.following import task
from workflow.models import Event

# -- submitReport -----------------------------------------------------------------------------------------------------


def check_report(call: Call) -> Result:
    """Look for open reports of the same problem nearby, for the officer who triages."""
    incident = Incident.objects.get(pk=call.case_id)
    return {"nearby": [one.incident.reference for one in duplicates.near_to(incident)]}


def accept_check(incident: Any, result: Result) -> bool:
    incident.seen_nearby = list(result["nearby"])
    nearby.met(incident)
    return True


CHECK_REPORT = Service(
    name="checkReport",
    call=check_report,
    accept=accept_check,
    inline=True,
    doing="looks for reports of the same problem nearby",
)

# -- dispatchCrew -----------------------------------------------------------------------------------------------------


def order_work(call: Call) -> Result:
    """Order every open job from the work-order service; a job that is ordered already is moved to the new plan."""
    incident = Incident.objects.get(pk=call.case_id)
    jobs = incident.jobs.filter(done_at=None, cancelled_at=None)
    return {"orders": {str(job.uid): _order(incident, job, call) for job in jobs}}


def _order(incident: Any, job: Job, call: Call) -> str:
    # One key for one question: the same job on another visit of the step is a change of plan.
    key = str(uuid.uuid5(call.key, str(job.uid)))
    return work_orders.order(request_of(incident, job), key=key, deadline=call.deadline).number


def request_of(incident: Any, job: Job) -> dict[str, Any]:
    """What the work-order service is told of a job; no word about the reporter."""
    return {
        "job": str(job.uid),
        "case": incident.reference,
        "crew": job.crew,
        "task": job.task,
        "category": incident.category,
        "place": {
            "text": places.where(incident),
            "latitude": incident.latitude,
            "longitude": incident.longitude,
            "route": incident.route,
            "milepost": incident.milepost,
            "direction": incident.direction,
        },
        "planned_for": str(incident.planned_for or timezone.localdate()),
        "priority": incident.priority,
    }


def accept_orders(incident: Any, result: Result) -> bool:
    """Keep the numbers. The crew is at work when it was sent for today; a planned one begins on its day."""
    _keep_numbers(incident, result)
    return bool(incident.planned_for and incident.planned_for <= timezone.localdate())


def _keep_numbers(incident: Any, result: Result) -> None:
    for uid, number in result["orders"].items():
        incident.jobs.filter(uid=uid).update(order_number=number)


ORDER_WORK = Service(
    name="orderWork",
    call=order_work,
    accept=accept_orders,
    deadline=settings.WORK_ORDER_DEADLINE,
    retry=Retry(attempts=settings.WORK_ORDER_ATTEMPTS, base=timedelta(seconds=1), cap=timedelta(minutes=2)),
    doing="orders the work",
)


def order_job(call: Call) -> Result:
    """Order one job that was added while a crew was at work."""
    incident = Incident.objects.get(pk=call.case_id)
    job = incident.jobs.filter(uid=call.argument["job"], cancelled_at=None).first()
    return {"orders": {str(job.uid): _order(incident, job, call)} if job else {}}


def accept_job(incident: Any, result: Result) -> bool:
    _keep_numbers(incident, result)
    return True


ORDER_JOB = Service(
    name="orderJob",
    call=order_job,
    accept=accept_job,
    deadline=settings.WORK_ORDER_DEADLINE,
    retry=ORDER_WORK.retry,
    doing="orders another crew's work",
)


def order_added_jobs(incident: Any, event: Event) -> None:
    """A job added while a crew is at work is ordered by itself; before that, the dispatch orders all of them."""
    if event.kind == "job_added" and incident.state in (Incident.State.SCHEDULED, Incident.State.IN_PROGRESS):
        uid = event.data["job"]
        task(incident, name=f"job-{uid}", service=ORDER_JOB.name, argument={"job": uid})


def close_orders(call: Call) -> Result:
    """Close the orders of jobs that are not needed any more, so that no crew drives out for nothing. Each cancelled
    job, for one whose order was on its way may have arrived without our hearing of its number."""
    incident = Incident.objects.get(pk=call.case_id)
    jobs = list(incident.jobs.filter(cancelled_at__isnull=False, order_closed_at=None))
    for job in jobs:
        key = str(uuid.uuid5(call.key, str(job.uid)))
        work_orders.cancel(request_of(incident, job), key=key, deadline=call.deadline)
    return {"jobs": [str(job.uid) for job in jobs]}


def accept_closed(incident: Any, result: Result) -> bool:
    incident.jobs.filter(uid__in=result["jobs"]).update(order_closed_at=timezone.now())
    return True


CLOSE_ORDERS = Service(
    name="closeOrders",
    call=close_orders,
    accept=accept_closed,
    deadline=settings.WORK_ORDER_DEADLINE,
    retry=ORDER_WORK.retry,
    doing="tells the crews that they need not come",
)
CANCELLING = frozenset({"job_cancelled", "put_back", "reject", "close"})


def close_cancelled_orders(incident: Any, event: Event) -> None:
    """Whatever cancels jobs is followed by the word to the service."""
    if (event.transition or event.kind) not in CANCELLING:
        return
    if incident.jobs.filter(cancelled_at__isnull=False, order_closed_at=None).exists():
        task(incident, name=f"close-orders-{event.seq}", service=CLOSE_ORDERS.name, argument={})


# -- notifyReporter ---------------------------------------------------------------------------------------------------


def notify_reporter(call: Call) -> Result:
    """Deliver what the end of the report tells its reporter; a report without an address tells nobody."""
    return {"sent": messages.deliver_end(call.case_id)}


NOTIFY_REPORTER = Service(
    name="notifyReporter",
    call=notify_reporter,
    deadline=timedelta(seconds=40),
    retry=RETRY,
    doing="tells the reporter that it is fixed",
)

# Services that no step calls.
TASKS = (ORDER_JOB, CLOSE_ORDERS, *messages.TASKS, *watching.TASKS)
