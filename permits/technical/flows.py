"""The flow of a technical review, drawn as it runs: split to the specialists, join when the last has spoken.

Only the graph is here. Nothing in it calls a service or writes a permit: permits.technical.reviews does what follows,
under the permit's lock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from viewflow import this
from viewflow.workflow import nodes
from viewflow.workflow.base import Flow
from viewflow.workflow.lock import SelectForUpdateLock

from permits.technical.models import TechnicalReview, TechnicalTask
from permits.technical.specialties import Specialty


def _asked(specialty: Specialty) -> Callable[[Any], bool]:
    return lambda activation: specialty in activation.process.specialties


def _advice(specialty: Specialty) -> Any:
    # A node of viewflow wants a view; ours is the permit's own record in the officers' admin.
    node: Any = nodes.View(None)
    return node.Annotation(title=specialty.label).Next(this.join)


class TechnicalReviewFlow(Flow):
    """Technical review"""

    process_class = TechnicalReview
    task_class = TechnicalTask
    # The permit's row is locked before the process's: whoever comes second waits, nobody fails.
    lock_impl = SelectForUpdateLock(nowait=False, attempts=1)

    start = nodes.StartHandle(this.open_review).Next(this.split)
    split = (
        nodes.Split()
        .Always(this.traffic)
        .Next(this.structures, case=_asked(Specialty.STRUCTURES))
        .Next(this.utilities, case=_asked(Specialty.UTILITIES))
        .Next(this.environment, case=_asked(Specialty.ENVIRONMENT))
    )
    traffic = _advice(Specialty.TRAFFIC)
    structures = _advice(Specialty.STRUCTURES)
    utilities = _advice(Specialty.UTILITIES)
    environment = _advice(Specialty.ENVIRONMENT)
    join = nodes.Join().Next(this.end)
    end = nodes.End()

    def open_review(self, activation: Any, *, permit: Any, specialties: list[str]) -> Any:
        review = activation.process
        review.permit, review.revision, review.specialties = permit, permit.application_revision, specialties
        return review
