"""The workflow incident: what happens at each step, who does it, what leads on."""

from typing import Any

from incidents import catalogue, messages, services, watching
from incidents.lifecycle import FINAL
from incidents.lifecycle import State as S
from incidents.opening import open_report
from workflow.clock import Due, WorkingDays
from workflow.contrib.notifications.managers import tell_managers
from workflow.definition import Step, Timer, Workflow


def first_action(incident: Any) -> Due:
    """Until when somebody must have acted: two hours around the clock for what is dangerous."""
    return catalogue.category(incident.category).first_action


def repair(incident: Any) -> Due:
    return WorkingDays(catalogue.category(incident.category).repair_days)


INCIDENT = Workflow(
    name="incident",
    version=1,
    case="incidents.Incident",
    title="Incident report",
    prefix="IR",
    initial=S.NEW,
    begin="submit",
    open=open_report,
    final=FINAL,
    steps=(
        Step(
            name="submitReport",
            state=S.SUBMITTED,
            title="Received",
            service=services.CHECK_REPORT,
            then="hand_over",
            decisions=("hand_over", "reject", "merge"),
            due=first_action,
            awaits="Milepost",
        ),
        Step(
            name="triage",
            state=S.TRIAGED,
            title="With the right team",
            decisions=("schedule", "dispatch", "ask", "resolve", "reject", "close", "merge"),
            due=first_action,
            awaits="The team",
        ),
        Step(
            name="dispatchCrew",
            state=S.SCHEDULED,
            title="Repair planned",
            service=services.ORDER_WORK,
            then="start_work",
            decisions=("start_work", "schedule", "dispatch", "ask", "put_back", "resolve", "reject", "close", "merge"),
            due=repair,
            awaits="The crew",
        ),
        Step(
            name="repair",
            state=S.IN_PROGRESS,
            title="Crew at work",
            decisions=("resolve", "put_back", "close"),
            due=repair,
            awaits="The crew",
        ),
        Step(
            name="notifyReporter",
            state=S.RESOLVED,
            title="Fixed",
            service=services.NOTIFY_REPORTER,
            decisions=("reopen",),
            awaits="The reporter, if it is not fixed",
        ),
    ),
    waits=(
        Step(
            name="answerQuestion",
            state=S.NEEDS_INFO,
            title="We have a question for you",
            decisions=("answer", "reject", "close", "merge"),
            awaits="You",
            pauses=True,
        ),
    ),
    timers=(
        Timer(
            name="noAnswer",
            states=frozenset({S.NEEDS_INFO}),
            at=lambda incident: incident.info_due_at,
            fires="give_up_waiting",
        ),
    ),
    on_event=(messages.plan, tell_managers, watching.plan, services.order_added_jobs, services.close_cancelled_orders),
)
