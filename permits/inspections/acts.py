"""The inspectors' buttons on a permit's record."""

from __future__ import annotations

from typing import Any

from permits.inspections import desk, forms
from permits.inspections.models import Inspection
from permits.lifecycle import State as S
from workflow.actors import Actor
from workflow.admin.acts import GRAVE, MAIN, Decision, DeskWork


def _cancellable(permit: Any, actor: Actor) -> bool:
    planned = permit.inspections.filter(state=Inspection.State.PLANNED, kind__in=desk.DURING)
    return desk.may_inspect(permit, actor) and planned.exists()


INSPECT = DeskWork(
    name="inspect",
    label="Inspect",
    description="Go through the checklist at the site, add photos, and say what you found.",
    door=desk.inspect,
    sensible=desk.may_inspect,
    form=forms.InspectForm,
    tone=MAIN,
)
PLAN_INSPECTION = DeskWork(
    name="plan_inspection",
    label="Plan inspection",
    description="It stands in the day list of that day.",
    door=desk.plan,
    sensible=desk.may_inspect,
    form=forms.PlanForm,
)
CANCEL_INSPECTION = DeskWork(
    name="cancel_inspection",
    label="Cancel inspection",
    description="It leaves the day list.",
    door=desk.cancel,
    sensible=_cancellable,
    form=forms.CancelForm,
    listed=False,
)
REINSPECTION_PAYMENT = DeskWork(
    name="reinspection_payment",
    label="Record reinspection fee",
    description="The fee of the reinspection was paid.",
    door=desk.record_payment,
    sensible=lambda permit, actor: (
        permit.state == S.COMPLETED and desk.may(permit, actor, desk.PAYMENT) and desk.open_fee(permit) is not None
    ),
    form=forms.ReceiptForm,
)
ALL = (INSPECT, PLAN_INSPECTION, CANCEL_INSPECTION, REINSPECTION_PAYMENT)


def _fail(permit: Any, actor: Actor, revision: int, values: Any) -> Any:
    return desk.fail(permit, actor=actor, revision=revision, **values)


FAIL = Decision(
    "The permit holder mends the defects, pays the reinspection, and you inspect again.",
    forms.FailForm,
    GRAVE,
    press=_fail,
    settles=frozenset({"photo_of_defect"}),
)
SUSPEND = Decision(
    "The permit holder must stop the work. The public page of the permit says so at once.", forms.SuspendForm, GRAVE
)
