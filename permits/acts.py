"""Everything an officer can press on a permit's record: its decisions and the work at its desk."""

from __future__ import annotations

from typing import Any

from permits import desk
from permits.decisions import DECISIONS, PaymentForm, SettleForm, WaiveForm, WriteForm, recommend_form
from permits.inspections import acts as inspections
from permits.technical import reviews
from permits.technical.specialties import ADVISE, Specialty
from workflow.actors import Actor
from workflow.admin.acts import ASSIGN, CLAIM, MAIN, NOTE, RELEASE, RETRY, Counter, DeskWork
from workflow.desk import may_work


def _fee_open(permit: Any, actor: Actor) -> bool:
    unpaid = permit.fee_total > 0 and permit.fee_settled_at is None
    return unpaid and not permit.is_closed and desk.may(permit, actor, desk.PAYMENT)


PAYMENT = DeskWork(
    name="payment",
    label="Record payment",
    description="The whole fee was paid.",
    door=desk.record_payment,
    sensible=_fee_open,
    form=PaymentForm,
)
SETTLE_CONFLICT = DeskWork(
    name="settle_conflict",
    label="Settle conflict",
    description="Both works can go ahead.",
    door=desk.settle_conflict,
    sensible=lambda permit, actor: not permit.is_closed and desk.may(permit, actor, desk.CONFLICT),
    form=SettleForm,
    listed=False,
)
WAIVE_DOCUMENTS = DeskWork(
    name="waive_documents",
    label="Waive documents",
    description="Decide without what is missing.",
    door=desk.waive_documents,
    sensible=lambda permit, actor: not permit.is_closed and desk.may(permit, actor, desk.DOCUMENTS),
    form=WaiveForm,
)


MESSAGE = DeskWork(
    name="message",
    label="Message to the applicant",
    description="The applicant gets it, and reads it on the tracking page.",
    door=desk.write_to_applicant,
    sensible=may_work,
    form=WriteForm,
)


def _recommends(specialty: Specialty) -> DeskWork:
    def waits(permit: Any, actor: Actor) -> bool:
        if actor.kind != "officer" or not actor.has(ADVISE) or permit.state not in reviews.UNDER_REVIEW:
            return False
        tasks = (task for task in reviews.tasks_once(permit) if task.specialty == specialty and task.is_open)
        return any(reviews.may_advise(task, actor) for task in tasks)

    return DeskWork(
        name=f"recommend_{specialty}",
        label=f"{specialty.label} recommendation",
        description="Say what you recommend. The decision stays with the safety reviewer.",
        door=reviews.recommend,
        sensible=waits,
        form=recommend_form(specialty),
        tone=MAIN,
    )


COUNTER = Counter(
    noun="permit",
    decisions=DECISIONS,
    desk=(
        *map(_recommends, Specialty),
        *inspections.ALL,
        CLAIM,
        RELEASE,
        RETRY,
        ASSIGN,
        PAYMENT,
        SETTLE_CONFLICT,
        WAIVE_DOCUMENTS,
        MESSAGE,
        NOTE,
    ),
)
