"""The technical review drawn: its flow as SVG and BPMN 2.0, and where each branch of one review stands.

Read from TechnicalReviewFlow: a node more there is a branch more here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from permits.technical.flows import TechnicalReviewFlow
from permits.technical.models import TechnicalTask
from permits.technical.reviews import ESCALATION, is_late, state_of
from permits.technical.specialties import ASKED_WHEN, DAYS, Specialty
from workflow.definition import Diagram
from workflow.desk import name_of
from workflow.diagrams.branches import Branch, Fork
from workflow.diagrams.branches_bpmn import branches_bpmn
from workflow.diagrams.branches_svg import branches_svg

NAME = "technicalReview"
GATEWAY = "PARALLEL_GATEWAY"
ABOUT = (
    "It runs while a road permit is in review, from the impact index on that the rules name.",
    "The permit is decided when every specialist who was asked has spoken; a refusal need not wait.",
    "When the permit leaves review, what still runs is called off in the same transaction.",
)


def fork() -> Fork:
    """The flow itself."""
    return _fork([_branch(node, conditional=conditional) for node, conditional in _branches()])


def live(tasks: Sequence[TechnicalTask]) -> SafeString:
    """Where each branch of one review stands, for a place inside a page; empty without a review. No query, when
    ``owner`` and ``team`` are loaded."""
    if not tasks:
        return SafeString("")
    found = {task.specialty: task for task in tasks}
    branches = [_standing(_branch(node, conditional=False), found.get(node.name)) for node, _ in _branches()]
    return mark_safe(branches_svg(_fork(branches), inline=True))  # noqa: S308 -- the drawing escapes what it prints


def _fork(branches: Sequence[Branch]) -> Fork:
    days = [due.n for due in DAYS.values()]
    return Fork(
        name=NAME,
        title=str(TechnicalReviewFlow.process_title),
        version=1,
        house="Milepost",
        begins="The permit comes into review",
        ends="All have spoken",
        due=f"{min(days)} to {max(days)} working days, by the class of the permit",
        escalation=ESCALATION,
        about=ABOUT,
        branches=branches,
    )


def _branches() -> Iterator[tuple[Any, bool]]:
    """The nodes between the split and the join, in the order of the flow; whether each is asked on a condition only.

    Raises ImproperlyConfigured for a flow of another shape: nothing of it may be missing in the drawing."""
    flow: Any = TechnicalReviewFlow.instance
    nodes = list(flow.nodes())
    split = next(node for node in nodes if node.task_type == GATEWAY and len(list(node._outgoing())) > 1)
    edges = list(split._outgoing())
    joins = {edge.dst for one in edges for edge in one.dst._outgoing()}
    around = [node for node in nodes if node.task_type in ("START", "END")]
    if len(joins) != 1 or len(nodes) != len(edges) + len(around) + 2:
        raise ImproperlyConfigured("The technical review is no split into tasks and one join any more: draw it anew.")
    return ((edge.dst, edge.edge_class == "cond_true") for edge in edges)


def _branch(node: Any, *, conditional: bool) -> Branch:
    specialty = Specialty(node.name)
    return Branch(
        key=node.name,
        title=str(node.task_title),
        performer=specialty.team_name,
        asked_when=ASKED_WHEN.get(specialty, "") if conditional else "",
    )


def _standing(branch: Branch, task: TechnicalTask | None) -> Branch:
    """The branch of one review."""
    if task is None:
        return replace(branch, state="Not asked", tone="over", is_idle=True)
    state, tone = state_of(task)
    return replace(branch, state=state, tone=tone, notes=_notes(task), is_late=is_late(task))


def _notes(task: TechnicalTask) -> list[str]:
    """Who, and until or since when."""
    who = [name_of(task.owner) or f"Nobody yet, {task.team}"]
    if task.recommended_at:
        return [*who, date_format(localtime(task.recommended_at), "M j, Y, H:i")]
    if not task.is_open or task.due_at is None:
        return who
    told = ["The district manager was told"] if task.late_at else []
    return [*who, f"Due {date_format(localtime(task.due_at), 'M j, Y, H:i')}", *told]


DIAGRAM = Diagram(
    name=NAME,
    title="Technical review",
    part_of="roadPermit",
    svg=lambda: branches_svg(fork()),
    bpmn=lambda: branches_bpmn(fork()),
)
