"""What must be true of the stored cases at every moment, asked of the database in sets.

``findings()`` runs every check, ours and those that apps registered (``registry.register_invariant``); nothing found is
the proof. Each check is one query or a few, whatever the number of cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, Min, OuterRef, Q

from workflow.definition import Workflow
from workflow.errors import UnknownWorkflow
from workflow.models import Case, Event, StartKey, Work, lease_end
from workflow.registry import lifecycle_of, registry

LONGEST_OVERDUE_LEASE = timedelta(minutes=5)
TRIGGERS = {
    "sqlite": frozenset({"case_state_has_history", "event_is_append_only", "event_is_never_deleted"}),
    "postgresql": frozenset({"case_state_has_history", "event_is_append_only"}),
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that must not be: a stable ``code``, the case it is about (or a table), and a sentence."""

    code: str
    reference: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.code} {self.reference}: {self.sentence}"


def findings() -> Iterator[Finding]:
    """Every finding of every check."""
    for check in (
        revision_is_the_number_of_lines, state_is_where_the_history_led, head_is_the_last_digest, chain_is_linked,
        only_edges_of_the_workflow, code_knows_every_case, one_work_a_visit, no_lease_is_forgotten, nothing_is_idle,
        work_is_of_this_visit, what_is_parked_is_seen, closed_is_final, every_case_has_its_own_row,
        every_key_has_its_case, triggers_are_there, *registry.invariants,
    ):  # fmt: skip
        yield from check()


def _rows(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _each(code: str, references: Iterable[str], sentence: str) -> Iterator[Finding]:
    return (Finding(code=code, reference=reference, sentence=sentence) for reference in references)


# -- a case is what its history says ----------------------------------------------------------------------------------


def revision_is_the_number_of_lines() -> Iterator[Finding]:
    for reference, revision, lines, last in _rows(
        """SELECT c.reference, c.revision, COALESCE(e.lines, 0), COALESCE(e.last, 0) FROM workflow_case c
           LEFT JOIN (SELECT case_id, COUNT(*) AS lines, MAX(seq) AS last, MIN(seq) AS first
                      FROM workflow_event GROUP BY case_id) e ON e.case_id = c.id
           WHERE e.lines IS NULL OR e.lines <> c.revision OR e.last <> c.revision OR e.first <> 1"""
    ):
        said = f"it is at revision {revision}; its history has {lines} lines, the last is {last}"
        yield Finding(code="history_gap", reference=reference, sentence=said)


def state_is_where_the_history_led() -> Iterator[Finding]:
    for reference, state, led in _rows(
        """SELECT c.reference, c.state, e.to_state FROM workflow_case c
           JOIN (SELECT case_id, MAX(seq) AS seq FROM workflow_event WHERE to_state <> '' GROUP BY case_id) l
             ON l.case_id = c.id
           JOIN workflow_event e ON e.case_id = c.id AND e.seq = l.seq WHERE e.to_state <> c.state"""
    ):
        yield Finding(
            code="state_without_history", reference=reference, sentence=f"it is {state}; its history led to {led}"
        )


def head_is_the_last_digest() -> Iterator[Finding]:
    bad = _rows(
        """SELECT c.reference FROM workflow_case c JOIN workflow_event e ON e.case_id = c.id AND e.seq = c.revision
           WHERE e.digest <> c.head"""
    )
    return _each("history_cut", (row[0] for row in bad), "its last line is not the one it was sealed with")


def chain_is_linked() -> Iterator[Finding]:
    for reference, seq in _rows(
        """SELECT c.reference, e.seq FROM (
             SELECT case_id, seq, previous, LAG(digest) OVER (PARTITION BY case_id ORDER BY seq) AS before
             FROM workflow_event) e JOIN workflow_case c ON c.id = e.case_id
           WHERE e.previous <> COALESCE(e.before, '')"""
    ):
        yield Finding(
            code="history_unlinked", reference=reference, sentence=f"line {seq} does not seal the line before it"
        )


def only_edges_of_the_workflow() -> Iterator[Finding]:
    """The moves that ever happened, each kind once, against the lifecycle of the case's own version."""
    moves = (
        Event.objects.filter(kind="transition")
        .values_list("case__workflow", "case__workflow_version", "transition", "from_state", "to_state")
        .annotate(times=Count("pk"), example=Min("case__reference"))
        .order_by()
    )
    for name, version, transition, source, target, times, example in moves:
        try:
            edges = {edge.name: edge for edge in lifecycle_of(registry.get(name, version).model)}
        except UnknownWorkflow:
            continue  # code_knows_every_case says so
        edge = edges.get(transition)
        if edge is None or source not in edge.sources or target not in edge.targets:
            said = f"{transition} from {source} to {target} is no move of {name} v{version} (made {times} times)"
            yield Finding(code="no_such_edge", reference=example, sentence=said)


def code_knows_every_case() -> Iterator[Finding]:
    kinds = Case.objects.values_list("workflow", "workflow_version", "state", "step")
    for name, version, state, step, example in kinds.annotate(example=Min("reference")).order_by():
        try:
            workflow = registry.get(name, version)
        except UnknownWorkflow as unknown:
            yield Finding(code="unknown_workflow", reference=example, sentence=unknown.sentence)
            continue
        known = workflow.by_state.get(state)
        if state not in workflow.model.State.values:
            yield Finding(code="unknown_state", reference=example, sentence=f"{name} v{version} has no state {state!r}")
        elif step != (known.name if known else "") and state != workflow.initial:
            said = f"in {state} the step of {name} v{version} is not {step!r}"
            yield Finding(code="wrong_step", reference=example, sentence=said)


# -- work -------------------------------------------------------------------------------------------------------------


def one_work_a_visit() -> Iterator[Finding]:
    twice = Work.objects.values("case__reference", "step", "visit").annotate(rows=Count("pk")).filter(rows__gt=1)
    for row in twice.order_by():
        said = f"{row['step']} visit {row['visit']} has {row['rows']} pieces of work"
        yield Finding(code="work_twice", reference=row["case__reference"], sentence=said)


def no_lease_is_forgotten() -> Iterator[Finding]:
    late = Work.objects.filter(outcome=Work.Outcome.OPEN, lease_until__lt=lease_end(-LONGEST_OVERDUE_LEASE))
    for reference, step in late.values_list("case__reference", "step"):
        said = f"the lease of {step} ended more than 5 minutes ago and nobody took it up: is a worker running?"
        yield Finding(code="lease_forgotten", reference=reference, sentence=said)


def nothing_is_idle() -> Iterator[Finding]:
    """Where a machine acts there is work; where only a machine can move the case on, it is open or parked."""
    for workflow in registry:
        for step in workflow.by_name.values():
            if step.service is None:
                continue
            alive = [Work.Outcome.OPEN, Work.Outcome.PARKED]
            waits = bool(step.decisions) or step.then is None
            wanted = list(Work.Outcome.values) if waits else alive
            work = Work.objects.filter(case=OuterRef("pk"), step=step.name, visit=OuterRef("step_visit"))
            idle = _cases(workflow).filter(~Exists(work.filter(outcome__in=wanted)), state=step.state)
            said = f"nothing is under way for {step.name}, which {'begins with' if waits else 'only'} a machine can do"
            yield from _each("idle", idle.values_list("reference", flat=True), said)


def work_is_of_this_visit() -> Iterator[Finding]:
    old = Work.objects.filter(kind=Work.Kind.STEP, outcome__in=[Work.Outcome.OPEN, Work.Outcome.PARKED])
    for reference, step in old.exclude(visit=F("case__step_visit")).values_list("case__reference", "step"):
        yield Finding(
            code="work_left_behind", reference=reference, sentence=f"{step} is still to be done, but it moved on"
        )


def what_is_parked_is_seen() -> Iterator[Finding]:
    parked = Exists(Work.objects.filter(case=OuterRef("pk"), outcome=Work.Outcome.PARKED))
    hidden = Case.objects.filter(parked, parked_at=None).values_list("reference", flat=True)
    yield from _each("parked_unseen", hidden, "its work gave up, but no officer's queue shows it")
    empty = Case.objects.filter(~parked, parked_at__isnull=False).values_list("reference", flat=True)
    yield from _each("parked_empty", empty, "the queue shows it as parked, but nothing is")


# -- rows that belong together ----------------------------------------------------------------------------------------


def _cases(workflow: Workflow) -> Any:
    return Case.objects.filter(workflow=workflow.name, workflow_version=workflow.version)


def closed_is_final() -> Iterator[Finding]:
    for workflow in registry:
        final = Q(state__in=workflow.final)
        odd = _cases(workflow).filter((final & Q(closed_at=None)) | (~final & Q(closed_at__isnull=False)))
        yield from _each("closed_or_not", odd.values_list("reference", flat=True), "its state and its closing disagree")


def every_case_has_its_own_row() -> Iterator[Finding]:
    for workflow in registry:
        own = workflow.model._base_manager.filter(pk=OuterRef("pk"))
        lone = _cases(workflow).filter(~Exists(own)).values_list("reference", flat=True)
        yield from _each("half_a_case", lone, f"it has no row of its own kind ({workflow.case})")


def every_key_has_its_case() -> Iterator[Finding]:
    lone = StartKey.objects.filter(~Exists(Case.objects.filter(pk=OuterRef("case_id"))) | Q(digest=""))
    for pk in lone.values_list("pk", flat=True):
        yield Finding(
            code="key_without_case", reference=f"start key {pk}", sentence="an Idempotency-Key started no case"
        )


def triggers_are_there() -> Iterator[Finding]:
    """Without them a console could move a case unseen."""
    return missing_triggers(TRIGGERS[connection.vendor], "no longer guards state and history", "workflow 0002")


def missing_triggers(names: frozenset[str], harm: str, migration: str) -> Iterator[Finding]:
    """Triggers that should be there: a table rebuilt by a migration on SQLite loses its own."""
    queries = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }
    there = {row[0] for row in _rows(queries[connection.vendor])}
    return _each("trigger_missing", sorted(names - there), f"the database {harm}: run migration {migration}")
