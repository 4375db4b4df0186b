"""The workflow roadPermit: what happens at each step, who does it, what leads on."""

from datetime import datetime
from typing import Any

from permits import applications, messages, second_approval, services
from permits.book import deadlines
from permits.inspections import recording
from permits.lifecycle import FINAL
from permits.lifecycle import State as S
from permits.opening import open_application
from permits.technical import reviews
from workflow.clock import WorkingDays
from workflow.contrib.notifications.managers import tell_managers
from workflow.definition import Step, Timer, Workflow


def _when_late(permit: Any) -> str | None:
    """Silence approves where the policy of its type says so; in every other step the managers are told."""
    return "deem" if permit.state == S.IN_REVIEW and deadlines.is_deemed(permit.category) else None


def _deemed_at(permit: Any) -> datetime | None:
    return permit.due_at if deadlines.is_deemed(permit.category) else None


ROAD_PERMIT = Workflow(
    name="roadPermit",
    version=1,
    case="permits.RoadPermit",
    title="Road permit",
    prefix="RP",
    initial=S.DRAFT,
    begin="submit",
    open=open_application,
    final=FINAL,
    after_pause=deadlines.after_pause,  # docs/rules.md: so much is left for us after an answer came in
    steps=(
        Step(
            name="submitApplication",
            state=S.SUBMITTED,
            title="Application received",
            service=services.CHECK_APPLICATION,
            then="accept",
            decisions=("accept", "request_information"),
            due=deadlines.completeness_due,
            awaits="Permit office",
        ),
        Step(
            name="reviewSafety",
            state=S.IN_REVIEW,
            title="Safety review",
            service=services.SAFETY_SERVICE,
            decisions=("approve", "refuse", "request_information"),
            due=applications.decision_due,
            awaits="Safety reviewer",
        ),
        Step(
            name="issuePermit",
            state=S.APPROVED,
            title="Permit is being issued",
            service=services.MAKE_PERMIT_PDF,
            then="issue",
            decisions=("issue",),
            due=WorkingDays(1),
            awaits="Permit office",
        ),
        Step(
            name="notifyApplicant",
            state=S.ISSUED,
            title="Permit is being sent",
            service=services.NOTIFY_APPLICANT,
            then="take_effect",
            due=WorkingDays(1),
            awaits="Permit office",
        ),
    ),
    waits=(
        Step(
            name="provideInformation",
            state=S.INFO_REQUESTED,
            title="We have a question for you",
            decisions=("provide_information", "cancel"),
            awaits="You",
            pauses=True,
        ),
    ),
    timers=(
        Timer(name="lapse", states=frozenset({S.INFO_REQUESTED}), at=lambda permit: permit.info_due_at, fires="lapse"),
        Timer(name="deem", states=frozenset({S.IN_REVIEW}), at=_deemed_at, fires="deem"),
        Timer(
            name="expire",
            states=frozenset({S.APPROVED, S.ISSUED, S.IN_FORCE}),
            at=lambda permit: permit.end_at,
            fires="expire",
        ),
        Timer(
            name="overrun",
            states=frozenset({S.ACTIVE}),
            at=lambda permit: None if permit.overrun else permit.end_at,
            fires="mark_overrun",
        ),
    ),
    when_late=_when_late,
    on_event=(
        recording.follow,
        messages.plan,
        tell_managers,
        services.ask_again,
        second_approval.take_back,
        reviews.follow,
    ),
)
