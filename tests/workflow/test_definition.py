"""A definition checks itself before anything runs: each fault is a sentence."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.parcels.models import CLERK, Parcel, State
from tests.parcels.services import CHECK, stub
from tests.parcels.workflow import EXPRESS, PARCEL
from workflow.actors import BY_SYSTEM
from workflow.definition import Edge, Service, Step, Timer, Workflow
from workflow.errors import UnknownWorkflow
from workflow.registry import Registry, lifecycle_of, registry
from workflow.soundness import check

EDGES = lifecycle_of(Parcel)
INSPECT = PARCEL.by_name["inspectParcel"]


def faults(workflow: Workflow = PARCEL, edges: Any = EDGES) -> list[str]:
    return check(workflow, edges, State.values)


def with_step(**values: Any) -> Workflow:
    """The parcel workflow with another second step."""
    return replace(PARCEL, steps=(PARCEL.steps[0], replace(INSPECT, **values), *PARCEL.steps[2:]))


def with_edge(name: str, **values: Any) -> list[Edge]:
    return [replace(edge, **values) if edge.name == name else edge for edge in EDGES]


def timer(**values: Any) -> Workflow:
    given: dict[str, Any] = {"name": "t", "states": frozenset({State.ASKED}), "at": lambda p: None, "fires": "lapse"}
    return replace(PARCEL, timers=(Timer(**{**given, **values}),))


lonely = Service(name="lonely", call=lambda call: {})

FAULTS: dict[str, Callable[[], list[str]]] = {
    "names the unknown state 'moon'": lambda: faults(with_step(state="moon")),
    "Two steps have the name 'checkParcel'": lambda: faults(with_step(name="checkParcel")),
    "Two steps have the state 'received'": lambda: faults(with_step(state=State.RECEIVED)),
    "has neither a service nor a decision": lambda: faults(with_step(service=None, then=None, decisions=())),
    "The workflow has no steps": lambda: faults(replace(PARCEL, steps=())),
    "The workflow names the unknown state 'limbo'": lambda: faults(replace(PARCEL, initial="limbo")),
    "The workflow names the unknown state 'heaven'": lambda: faults(replace(PARCEL, final=frozenset({"heaven"}))),
    "Transition sort names no permission": lambda: faults(edges=with_edge("sort", permission=None)),
    "Transition reject names no permission": lambda: faults(edges=with_edge("reject", permission="parcels.handle")),
    "Transition sort names the unknown state '*'": lambda: faults(edges=with_edge("sort", sources=("*",))),
    "has a condition that is no Guard": lambda: faults(edges=with_edge("sort", guards=(lambda parcel: True,))),
    "Step printLabel is unreachable": lambda: faults(edges=with_edge("release", targets=(State.DELIVERED,))),
    "State 'delivered' is neither final nor left": lambda: faults(replace(PARCEL, final=frozenset({State.RETURNED}))),
    "names the unknown transition 'fly'": lambda: faults(with_step(decisions=("fly",))),
    "names 'deliver', which does not start in 'inspection'": lambda: faults(with_step(then="deliver")),
    "says then 'release' but has no service": lambda: faults(with_step(service=None)),
    "says then 'reject', which Milepost itself may not fire": lambda: faults(with_step(then="reject")),
    "has a service that leads nowhere": lambda: faults(with_step(service=lonely, then=None, decisions=())),
    "Timer t fires the unknown transition 'fly'": lambda: faults(timer(fires="fly")),
    "Timer t would fire 'lapse' in received,": lambda: faults(timer(states=frozenset({State.RECEIVED}))),
    "Timer t fires 'answer', which Milepost itself may not fire": lambda: faults(timer(fires="answer")),
    "The workflow begins with 'sort'": lambda: faults(replace(PARCEL, begin="sort")),
    "The workflow begins with 'nothing'": lambda: faults(replace(PARCEL, begin="nothing")),
}


@pytest.mark.parametrize("sentence", FAULTS)
def test_each_fault_is_found_and_said(sentence: str) -> None:
    assert any(sentence in fault for fault in FAULTS[sentence]()), FAULTS[sentence]()


@pytest.mark.parametrize("workflow", list(registry), ids=lambda workflow: f"{workflow.name}-{workflow.version}")
def test_every_registered_workflow_is_sound(workflow: Workflow) -> None:
    assert check(workflow, lifecycle_of(workflow.model), workflow.model.State.values) == []


def test_registering_reports_all_faults_at_once_and_keeps_nothing() -> None:
    fresh = Registry()
    broken = replace(PARCEL, begin="nothing", final=frozenset({"heaven"}))
    with pytest.raises(ImproperlyConfigured, match=r"heaven.*nothing"):
        fresh.register_workflow(broken)
    with pytest.raises(UnknownWorkflow):
        fresh.get("parcel")


def test_a_name_and_version_is_registered_once() -> None:
    fresh = Registry()
    fresh.register_workflow(PARCEL)
    with pytest.raises(ImproperlyConfigured, match="registered already"):
        fresh.register_workflow(PARCEL)


def test_a_case_stays_on_its_version_while_new_ones_take_the_newest() -> None:
    fresh = Registry()
    fresh.register_workflow(PARCEL)
    second = fresh.register_workflow(replace(PARCEL, version=2, title="Parcel, new style"))
    assert fresh.get("parcel") is second
    assert fresh.get("parcel", 1) is PARCEL
    with pytest.raises(UnknownWorkflow, match="version 3"):
        fresh.get("parcel", 3)


def test_a_request_type_leads_to_its_workflow() -> None:
    assert registry.workflow_for("parcel").name == "parcel"
    with pytest.raises(UnknownWorkflow, match=r"there are: .*parcel"):
        registry.workflow_for("pigeon")


def test_two_services_cannot_have_one_name() -> None:
    fresh = Registry()
    fresh.register_workflow(PARCEL)
    fresh.register_service(CHECK)
    with pytest.raises(ImproperlyConfigured, match="parcelCheck"):
        fresh.register_service(replace(CHECK, deadline=CHECK.deadline * 2))


def test_waits_bring_their_services_too() -> None:
    asks = Service(name="asks", call=lambda call: stub.call("asks", call))
    fresh = Registry()
    fresh.register_workflow(replace(PARCEL, waits=(replace(PARCEL.waits[0], service=asks),)))
    assert fresh.service("asks") is asks


def test_the_lifecycle_is_read_from_the_code() -> None:
    edges = {edge.name: edge for edge in EDGES}
    assert edges["release"].label == "Release the parcel"
    assert edges["release"].description == "Let it go on."
    assert [guard.code for guard in edges["release"].guards] == ["postage_missing", "weight_missing", "own_parcel"]
    assert edges["answer"].targets == ("received", "inspection")
    assert set(edges["withdraw"].sources) == {"received", "inspection", "asked", "labelling"}


def test_permissions_join_in_words_and_in_effect() -> None:
    either = CLERK | BY_SYSTEM
    assert either.who == "a clerk of the team or Milepost itself"


def test_an_inline_variant_shares_all_but_its_first_step() -> None:
    assert [step.name for step in EXPRESS.steps] == [step.name for step in PARCEL.steps]
    assert isinstance(EXPRESS.steps[0], Step)
    assert EXPRESS.steps[0].service is not PARCEL.steps[0].service
