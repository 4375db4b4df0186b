"""Which workflows and services there are. An instance, so that a test can make its own."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, Protocol, cast

from django.core.exceptions import ImproperlyConfigured

from workflow.actors import Permission
from workflow.definition import Diagram, Edge, Service, Workflow
from workflow.errors import UnknownWorkflow
from workflow.soundness import check

type Invariant = Callable[[], Iterable[Any]]
type Sweep = Callable[[], int]
type Forgetting = Callable[[bool], Iterable[str]]


class Companion(Protocol):
    """Threads of their own beside a worker's."""

    def start(self) -> Any: ...

    def stop(self, *, within: timedelta) -> bool: ...


class Registry:
    """Workflows by name and version, services by name, and the short request types that lead to a workflow."""

    def __init__(self) -> None:
        self._workflows: dict[tuple[str, int], Workflow] = {}
        self._services: dict[str, Service] = {}
        self._types: dict[str, str] = {}
        self._scopes: dict[str, str] = {}
        self._diagrams: dict[str, Diagram] = {}
        self.invariants: list[Invariant] = []
        self.forgettings: list[Forgetting] = []
        self.sweeps: dict[str, Sweep] = {}
        self.companions: list[Callable[[], Companion]] = []

    def register_workflow(self, workflow: Workflow, *, request_type: str = "") -> Workflow:
        """Check and add a definition. Raises ImproperlyConfigured with every fault of it at once."""
        model = workflow.model
        faults = check(workflow, lifecycle_of(model), model.State.values)
        if (workflow.name, workflow.version) in self._workflows:
            faults.append("This name and version is registered already.")
        if faults:
            raise ImproperlyConfigured(f"Workflow {workflow.name} v{workflow.version}: " + " ".join(faults))
        self._workflows[workflow.name, workflow.version] = workflow
        for step in workflow.by_name.values():
            if step.service is not None:
                self.register_service(step.service)
        if request_type:
            self._types[request_type] = workflow.name
        return workflow

    def register_service(self, service: Service) -> Service:
        known = self._services.setdefault(service.name, service)
        if known is not service:
            raise ImproperlyConfigured(f"Two services are named {service.name!r}.")
        return service

    def register_diagram(self, diagram: Diagram) -> Diagram:
        """Add a drawing beside those of the workflows. Raises ImproperlyConfigured for a name that is taken."""
        if diagram.name in self._diagrams or diagram.name in {name for name, _version in self._workflows}:
            raise ImproperlyConfigured(f"There is a diagram {diagram.name!r} already.")
        self._diagrams[diagram.name] = diagram
        return diagram

    def register_invariant(self, invariant: Invariant) -> Invariant:
        """Add a check of your own to ``check_invariants``: it yields workflow.invariants.Finding."""
        self.invariants.append(invariant)
        return invariant

    def register_sweep(self, name: str, sweep: Sweep) -> Sweep:
        """Add what workers look for every minute; it answers how much it did. Two may run it at once: it must be its
        own guard."""
        self.sweeps[name] = sweep
        return sweep

    def register_companion(self, make: Callable[[], Companion]) -> None:
        """Add what runs beside the worker in every process that has one; any number of them may run at once."""
        self.companions.append(make)

    def register_forgetting(self, forgetting: Forgetting) -> Forgetting:
        """Add what ``manage.py forget`` takes out: called with ``dry_run``, it does it (or does nothing) and yields one
        line a piece, “the persons of RP-26-7K3QXM”, that names nobody."""
        self.forgettings.append(forgetting)
        return forgetting

    def register_scopes(self, scopes: Mapping[str, str]) -> None:
        """Add what API keys may be allowed: scope -> what it opens, in words for whoever issues keys."""
        for name, meaning in scopes.items():
            if self._scopes.setdefault(name, meaning) != meaning:
                raise ImproperlyConfigured(f"The scope {name!r} is registered with another meaning already.")

    @property
    def scopes(self) -> Mapping[str, str]:
        """Every scope of API keys, with what it opens."""
        return self._scopes

    def get(self, name: str, version: int | None = None) -> Workflow:
        """The definition of that version, or the newest. Raises UnknownWorkflow."""
        if version is None:
            version = max((v for n, v in self._workflows if n == name), default=0)
        try:
            return self._workflows[name, version]
        except KeyError:
            raise UnknownWorkflow(f"There is no workflow {name!r} version {version}.") from None

    def diagram(self, name: str) -> Diagram | None:
        """A drawing that an app registered; None for a name that no app did."""
        return self._diagrams.get(name)

    @property
    def diagrams(self) -> Sequence[Diagram]:
        """What ``register_diagram`` was called with, by name."""
        return [self._diagrams[name] for name in sorted(self._diagrams)]

    def service(self, name: str) -> Service:
        try:
            return self._services[name]
        except KeyError:
            raise UnknownWorkflow(f"There is no service {name!r}.") from None

    def workflow_for(self, request_type: str) -> Workflow:
        """Router, first half: request type -> workflow."""
        if request_type not in self._types:
            raise UnknownWorkflow(
                f"There is no request type {request_type!r}; there are: {', '.join(sorted(self._types))}."
            )
        return self.get(self._types[request_type])

    def __iter__(self) -> Iterator[Workflow]:
        return iter(self._workflows.values())


def lifecycle_of(model: Any) -> Sequence[Edge]:
    """The moves of a case model, read from its FSM field: the code is the only source."""
    return _lifecycle_of(model)


@cache
def _lifecycle_of(model: Hashable) -> Sequence[Edge]:
    field = cast(Any, model)._meta.get_field("state")
    found: dict[str, dict[str, Any]] = {}
    for transition in field.get_all_transitions(model):
        new: dict[str, Any] = {"sources": [], "targets": [], "guards": [], "permissions": [], "transition": transition}
        edge = found.setdefault(transition.name, new)
        edge["permissions"].append(transition.permission)
        edge["guards"] += [guard for guard in transition.conditions if guard not in edge["guards"]]
        edge["sources"].append(str(transition.source))
        targets = getattr(transition.target, "allowed_states", None) or [transition.target or transition.source]
        edge["targets"] += [str(target) for target in targets]
    return tuple(
        Edge(
            name=name,
            sources=tuple(dict.fromkeys(edge["sources"])),
            targets=tuple(dict.fromkeys(edge["targets"])),
            # One source without a permission is a hole, whatever the other sources say: show that one.
            permission=next((p for p in edge["permissions"] if not isinstance(p, Permission)), edge["permissions"][0]),
            guards=tuple(edge["guards"]),
            label=edge["transition"].custom.get("label", name.replace("_", " ").capitalize()),
            description=" ".join((edge["transition"].method.__doc__ or "").split()),
        )
        for name, edge in found.items()
    )


registry = Registry()
register_workflow = registry.register_workflow
get = registry.get
