"""One queue over every kind of case: the same columns, filters and bulk work, each line leading to its own record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import SafeString

from workflow.admin.acts import Counter
from workflow.admin.bulk import Offer
from workflow.admin.cases import FILTERS, CaseAdmin
from workflow.admin.paging import Paged
from workflow.admin.queue import StateFilter
from workflow.registry import registry

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of case that somebody may see: its admin and the names of its workflows."""

    queue: CaseAdmin
    workflows: frozenset[str]

    @property
    def word(self) -> str:
        """As addresses name it: ``?kind=incident``."""
        return str(self.queue.opts.model_name)

    @property
    def title(self) -> str:
        """As people name it: "Incidents"."""
        return str(self.queue.opts.verbose_name_plural).capitalize()

    @property
    def url(self) -> str:
        return self.queue.address("changelist")


def kinds_of(site: AdminSite) -> list[Kind]:
    """Every kind that has a queue of its own, in the order of the registry."""
    found = []
    for model in dict.fromkeys(one.model for one in registry):
        queue = site._registry.get(model)
        if isinstance(queue, CaseAdmin):
            names = frozenset(one.name for one in registry if one.model is model)
            found.append(Kind(queue=queue, workflows=names))
    return found


def kinds_seen(site: AdminSite, request: HttpRequest) -> list[Kind]:
    """The kinds this officer may look at."""
    return [kind for kind in kinds_of(site) if kind.queue.has_view_permission(request)]


def workflows_of(kinds: Iterable[Kind]) -> list[str]:
    return sorted(name for kind in kinds for name in kind.workflows)


def of_workflows(queryset: QuerySet[Any], names: Sequence[str]) -> QuerySet[Any]:
    """Cases of these workflows. Said so that no index on ``workflow`` is taken: the list is read in the order of its
    deadlines and stops after a page, while that index would bring every open case, to be sorted."""
    found: QuerySet[Any] = queryset.alias(_kind=Coalesce("workflow", Value(""))).filter(_kind__in=names)
    return found


class KindFilter(admin.SimpleListFilter):
    """By kind of case."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.kinds = {kind.word: kind for kind in kinds_seen(model_admin.admin_site, request)}
        return [(word, kind.title) for word, kind in self.kinds.items()]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        kind = self.kinds.get(self.value() or "")
        return of_workflows(queryset, workflows_of([kind])) if kind else queryset


class OwnRows(Paged):
    """A page of cases, each as its own kind: one query a kind on the page."""

    def shown(self, rows: Sequence[Any]) -> Any:
        queue: Any = self.model_admin
        return queue.as_own_kinds(rows)


class AllWork(CaseAdmin):
    """The queue over all kinds. A site registers it for ``Case``."""

    counter = Counter(noun="case", decisions={}, desk=())
    tones = {}
    citizen = "The citizen"
    list_display = ("kind", "case", "where", "badge", "due", "who")
    list_filter = (FILTERS[0], KindFilter, *(one for one in FILTERS[1:] if one is not StateFilter))
    begins = ("route",)

    def __init__(self, model: Any, admin_site: AdminSite) -> None:
        super().__init__(model, admin_site)
        self._queues: dict[str, CaseAdmin] = {}

    # -- who sees what ------------------------------------------------------------------------------------------------
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(kinds_seen(self.admin_site, request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {}  # the first screen leads to it; the list of tables below needs no second link

    def has_work_permission(self, request: HttpRequest) -> bool:
        return any(kind.queue.has_work_permission(request) for kind in kinds_seen(self.admin_site, request))

    def offers(self, request: HttpRequest) -> list[Offer]:
        """What each kind offers, named by its kind; the page of the decision leaves out the other kinds' cases."""
        kinds = kinds_seen(self.admin_site, request)
        return [
            replace(one, key=f"{kind.word}-{one.key}", label=f"{kind.title}: {one.label}")
            for kind in kinds
            for one in kind.queue.offers(request)
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        seen = workflows_of(kinds_seen(self.admin_site, request))
        return of_workflows(super().get_queryset(request), seen)

    # -- the list -----------------------------------------------------------------------------------------------------
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OwnRows

    @property
    def list_title(self) -> str:
        return "All work"

    def as_own_kinds(self, cases: Sequence[Any]) -> list[Any]:
        """The same cases in the same order, each as a row of its own kind."""
        own: dict[int, Any] = {}
        named = sorted(cases, key=lambda case: case.workflow)
        for name, few in groupby(named, key=lambda case: case.workflow):
            queue = self._queue_of(name)
            rows: Any = queue.model._default_manager.select_related(*queue.list_select_related).only(*queue.shown)
            own |= {row.pk: row for row in rows.filter(pk__in=[case.pk for case in few])}
        return [own[case.pk] for case in cases if case.pk in own]

    def _queue_of(self, workflow: str) -> CaseAdmin:
        if workflow not in self._queues:  # asked for every line of an export
            self._queues |= {name: kind.queue for kind in kinds_of(self.admin_site) for name in kind.workflows}
        return self._queues[workflow]

    def kind_of(self, case: Any) -> CaseAdmin:
        return self._queue_of(case.workflow)

    @admin.display(description="kind")
    def kind(self, case: Any) -> str:
        return str(self.kind_of(case).opts.verbose_name).capitalize()

    @admin.display(description="case")
    def case(self, case: Any) -> SafeString:
        return self.kind_of(case).case(case)

    @admin.display(description="where")
    def where(self, case: Any) -> SafeString:
        return self.kind_of(case).where(case)

    @admin.display(description="state")
    def badge(self, case: Any) -> SafeString:
        return self.kind_of(case).badge(case)

    # -- one case -----------------------------------------------------------------------------------------------------
    def load(self, pk: str) -> Any:
        """None: every page about a case belongs to its own kind, which says who may see it."""
        return None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A case is looked at as its own kind."""
        found = self.get_queryset(request).filter(Q(pk=object_id) if object_id.isdecimal() else Q(pk__in=[])).first()
        if found is None:
            return HttpResponseRedirect(self.address("changelist"))
        return HttpResponseRedirect(self.kind_of(found).address("change", found.pk))
