"""An office with work of every kind, and the list of all its pages, read from the site's addresses.

A page that somebody adds is in the list by itself. An address with an argument that nobody can fill in here is an
error: say in ``_fillings`` what belongs there.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any
from unittest import mock

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from incidents.lifecycle import State as IncidentState
from permits.lifecycle import State as PermitState
from permits.technical import reviews
from permits.technical.models import TechnicalTask
from tests.incidents import factories as incidents
from tests.permits import factories as permits
from workflow.actors import officer
from workflow.admin.cases import CaseAdmin
from workflow.contrib.rulebook.rules import groups
from workflow.models import Case, Document, RoutingRule, Team
from workflow.roles import sync_roles

PASSWORD = "correct horse battery"
LONG_WORD = "Wohnungsbaugenossenschaftsgeschäftsführungsversammlungsprotokoll" * 2
LONG_NAME = "Maximiliane-Alexandrina Wolfeschlegelsteinhausenbergerdorff of Saint-Germain-en-Laye-sur-Mer"
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
# A press, scripts, a redirect, and messages that are shown in a frame.
NOT_A_PAGE = frozenset({"logout", "jsi18n", "autocomplete", "view_on_site", "rulebook_mail", "bulk"})
OF_EACH_KIND = 1  # rows of each other table whose forms are looked at


@dataclass(kw_only=True)
class Office:
    """Signed-in clients by name, widest rights last; ``pages``: address to the name of who may open it."""

    clients: dict[str, Client] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def furnished() -> Office:
    """Cases in every state, a technical review in every state of its branches, teams, rules, officers of each role."""
    sync_roles()
    with (
        mock.patch("permits.services.document_bytes", return_value=permits.PDF),
        mock.patch("permits.letters.letter_bytes", return_value=permits.PDF),
    ):
        for place, state in enumerate(PermitState):
            permits.in_state(state, **permits.at(place))
    for state in ("submitted", *(state for state in IncidentState if state not in ("new", "submitted"))):
        incidents.filed() if state == "submitted" else incidents.in_state(state)
    _under_review()
    _awkward()
    manager = _person("mara", "District manager", *Team.objects.all(), last_name=LONG_NAME)
    office = Office(users={"manager": manager, "auditor": _person("ada", "Auditor")})
    office.users["chief"] = User.objects.create_superuser(
        "chief", "chief@dot.example.gov", PASSWORD, first_name="Cleo", last_name="Marsh"
    )
    for name, user in office.users.items():
        office.clients[name] = Client(raise_request_exception=False)
        office.clients[name].force_login(user)
    return office


def _person(username: str, role: str, *teams: Team, last_name: str = "Berg") -> User:
    user = User.objects.create_user(
        username, f"{username}@dot.example.gov", PASSWORD, first_name=username.capitalize(),
        last_name=last_name, is_staff=True,
    )  # fmt: skip
    # The same words name a role of permits and of incidents where it is one person's work.
    user.groups.set(Group.objects.filter(name=role))
    for team in teams or [Team.default()]:
        team.members.add(user)
    return User.objects.get(pk=user.pk)


def _under_review() -> None:
    """A permit with four specialists: one said yes with conditions, one no, one is late, one waits."""
    permit = permits.filed(structures_affected=True, environmental_review="pending", **permits.at(40))
    Case.objects.filter(pk=permit.pk).update(title=f"Bridge repair {LONG_WORD}"[:120])
    tasks = permits.open_tasks(permit)
    said = [("approve_with_conditions", ["C12"]), ("refuse", [])]
    for task, (word, conditions) in zip(tasks, said, strict=False):
        reviews.recommend(
            permit, task=task.pk, recommendation=word, conditions=conditions,
            comment=f"The bridge carries no more than 20 tons. {LONG_WORD}", actor=permits.specialist(task),
        )  # fmt: skip
    late = {"due_at": timezone.now() - timedelta(hours=3), "late_at": timezone.now()}
    TechnicalTask.objects.filter(pk=tasks[-1].pk).update(**late)


def _awkward() -> None:
    """Late, parked, long."""
    first, second, *_rest = Case.objects.filter(team__isnull=False, closed_at=None).order_by("pk")
    Case.objects.filter(pk=first.pk).update(due_at=timezone.now() - timedelta(days=2))
    reason = f"The map service did not answer 5 times: https://maps.example.gov/{LONG_WORD}"
    Case.objects.filter(pk=second.pk).update(parked_at=timezone.now(), parked_reason=reason)
    team = Team.objects.create(code="long", name=f"Bridge inspection and emergency works {LONG_WORD}"[:100])
    RoutingRule.objects.create(order=10, team=team, county="story", workflow="incident")


# -- the list of pages ------------------------------------------------------------------------------------------------


def list_pages(office: Office) -> None:
    """Fill ``office.pages`` and ``office.refused`` by asking for every address once, without a browser."""
    for address in [*dict.fromkeys(addresses())]:
        answers = {}
        fitting = ""
        for name in ("manager", "chief"):
            answers[name] = status, is_page = _ask(office.clients[name], address)
            if status == 200:
                fitting = name if is_page else ""
                break
        if fitting:
            office.pages[address] = fitting
        elif any(status >= 500 for status, _is_page in answers.values()):
            office.broken.append(address)
        elif all(status == 403 for status, _is_page in answers.values()):
            office.refused.append(address)


def _ask(client: Client, address: str) -> tuple[int, bool]:
    """(status, whether it is a page)."""
    answer = client.get(address)
    is_page = answer.get("Content-Type", "").startswith("text/html") and not answer.get("Content-Disposition")
    answer.close()
    return answer.status_code, is_page


def addresses() -> Iterator[str]:
    """Every address of the office, with what its arguments may be."""
    for route, name in _routes(get_resolver().url_patterns, ""):
        if name.split("_")[-1] in NOT_A_PAGE or name in NOT_A_PAGE or not route.startswith("admin/"):
            continue
        arguments = ARGUMENT.findall(route)
        for values in _fillings(name, arguments) if arguments else [()]:
            filled = route
            for argument, value in zip(arguments, values, strict=True):
                filled = re.sub(rf"<(?:\w+:)?{argument}>", str(value), filled)
            yield f"/{filled}"
    yield from _asked_otherwise()


def _routes(patterns: Sequence[Any], before: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and "(" not in route and pattern.name:
            yield route, pattern.name


def _asked_otherwise() -> Iterator[str]:
    """The same pages with a filter, a search, nothing found; and the lists of one app."""
    for queue in ("mine", "overdue", "parked", "closed"):
        yield f"/admin/workflow/case/?queue={queue}"
    for model in ("permits/roadpermit", "incidents/incident", "workflow/case"):
        yield f"/admin/{model}/?q=nothing+like+this"
    yield "/admin/permits/technicaltask/?queue=done"
    yield "/admin/permits/technicaltask/?queue=late"
    yield from (f"/admin/{app}/" for app in ("workflow", "permits", "incidents", "auth"))


def _fillings(name: str, arguments: Sequence[str]) -> list[tuple[Any, ...]]:
    """What the arguments of the address named ``name`` may be: (values in their order)."""
    if name in RULES_OF:
        return RULES_OF[name]()
    kind = next((one for one in admin.site._registry.values() if name.startswith(_prefix(one))), None)
    assert kind is not None, f"Say what belongs into {name}: {arguments}."
    if isinstance(kind, CaseAdmin):
        return _of_cases(kind, name.removeprefix(_prefix(kind)), arguments)
    keys = kind.model._default_manager.order_by("-pk").values_list("pk", flat=True)[:OF_EACH_KIND]
    known: Mapping[str, Callable[[], Any]] = {"object_id": lambda: keys, "id": lambda: keys, "pk": lambda: keys}
    unknown = set(arguments) - known.keys()
    assert not unknown, f"Say what {unknown} may be in {name}."
    return list(product(*(known[argument]() for argument in arguments)))


def _rules() -> list[tuple[str, str]]:
    """One rule of each page of rules: those with a preview first, as they have more to show."""
    chosen = [max(rules, key=lambda rule: rule.preview is not None) for _group, rules in groups().values() if rules]
    return [(rule.group.slug, rule.key) for rule in chosen]


RULES_OF: Mapping[str, Callable[[], list[tuple[Any, ...]]]] = {
    "rulebook_group": lambda: [(slug,) for slug in groups()],
    "rulebook_rule": lambda: [*_rules()],
}


def _prefix(kind: Any) -> str:
    return f"{kind.opts.app_label}_{kind.opts.model_name}_"


def _of_cases(kind: Any, page: str, arguments: Sequence[str]) -> list[tuple[Any, ...]]:
    """Records in every state; each decision and each piece of desk work on a case that is open to it."""
    if kind.model is Case:
        return [(Case.objects.filter(team__isnull=False).latest("pk").pk, *(["note"] * (len(arguments) - 1)))]
    filed = kind.model._default_manager.filter(team__isnull=False)
    one_a_state = {case.state: case for case in filed.order_by("pk")}
    if page in ("do", "desk"):
        names = [*kind.counter.decisions] if page == "do" else [work.name for work in kind.counter.desk]
        return [(_fitting(kind, one_a_state.values(), page, name).pk, name) for name in names]
    if "document_pk" in arguments:
        document = Document.objects.filter(case_id__in=filed.values("pk"), replaced_at=None).order_by("-pk").first()
        return [(document.case_id, document.pk)] if document else []
    assert len(arguments) == 1, f"Say what {arguments} may be on the page {page}."
    newest = filed.latest("pk")  # the one under technical review
    cases = {**{case.pk: case for case in one_a_state.values()}, newest.pk: newest} if page == "change" else {
        newest.pk: newest
    }  # fmt: skip
    return [(pk,) for pk in cases]


def _fitting(kind: Any, cases: Any, page: str, name: str) -> Any:
    """The case where the page has its form; any case where it says that it is not possible."""
    actor = officer(User.objects.get(username="chief"))
    ask = kind.counter.decision if page == "do" else kind.counter.desk_act
    acts = [(case, ask(case, actor, name)) for case in cases]
    return next((case for case, act in acts if act is not None and act.open), acts[0][0])
