"""Who is away and who stands in. A case stays with whoever it was given to: the substitute sees it, may release it and
decides with rights of their own. Nothing is moved, so nothing has to be moved back.

One substitute an absence, and no chain: a substitute who is away in these days is refused. Who falls away later
(the substitute falls ill) stands in for nobody meanwhile; then it is as if nobody did, and the page says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.dateformat import format as format_date

from workflow.actors import Actor, name_of
from workflow.errors import NotAllowed, Reason, Refused
from workflow.models import Case, Delegation, Team
from workflow.registry import registry
from workflow.writing import writing


@dataclass(frozen=True, kw_only=True)
class Arranged:
    """An absence that was entered, and what whoever entered it must know: sentences."""

    delegation: Delegation
    warnings: tuple[str, ...]


def arrange(*, absent: User, substitute: User, first_day: date, last_day: date, actor: Actor) -> Arranged:
    """Enter an absence (local days, both included). Raises NotAllowed, Refused with every reason at once."""
    if not may_enter_for(actor, absent):
        raise NotAllowed("You may enter your own absence, and those of the members of the teams you manage.")
    with writing():
        # Two who enter at once wait here for each other; in the order of the ids, so that neither waits for ever.
        list(User.objects.select_for_update().filter(pk__in=[absent.pk, substitute.pk]).order_by("pk"))
        if reasons := [*_wrong_days(first_day, last_day), *_wrong_person(absent, substitute, first_day, last_day)]:
            raise Refused(reasons)
        made = Delegation.objects.create(
            absent=absent, substitute=substitute, first_day=first_day, last_day=last_day, made_by=actor.user
        )
        _note(made, actor, ADDITION, f"{name_of(absent)} is away {days_of(made)}; {name_of(substitute)} stands in")
    return Arranged(delegation=made, warnings=(*uncovered([made])[made.pk], *_left_alone(made)))


def end(delegation: Delegation, *, actor: Actor) -> Delegation:
    """Call an absence off, or end it early: from now on nobody stands in. Raises NotAllowed, Refused (it is over)."""
    with writing():
        found = Delegation.objects.select_for_update().get(pk=delegation.pk)
        if not (may_enter_for(actor, found.absent) or found.made_by_id == actor.user.pk):
            raise NotAllowed("Only who is away, who entered it, or a manager of the team may end an absence.")
        if found.ended_at is not None or found.last_day < timezone.localdate():
            raise Refused([Reason(code="absence_over", sentence="This absence is over already: look at the list.")])
        found.ended_at = timezone.now()
        found.save(update_fields=["ended_at"])
        _note(found, actor, CHANGE, f"The absence of {name_of(found.absent)}, {days_of(found)}, was ended")
    return found


# -- who may -----------------------------------------------------------------------------------------------------------


def manages(actor: Actor) -> bool:
    """Whether this officer manages a kind of case (“permits.manage_roadpermit”)."""
    kinds = {workflow.model._meta for workflow in registry}
    return actor.everywhere or any(actor.has(f"{kind.app_label}.manage_{kind.model_name}") for kind in kinds)


def members_for(actor: Actor) -> Any:
    """Whose absences this officer may enter: one's own, and as a manager those of the own teams' members."""
    people = User.objects.filter(is_active=True).order_by("last_name", "first_name", "username")
    if actor.everywhere:
        return people.filter(Q(pk__in=Team.members.through.objects.values("user_id")) | Q(pk=actor.user.pk))
    if manages(actor):
        members = Team.members.through.objects.filter(team_id__in=actor.teams).values("user_id")
        return people.filter(Q(pk__in=members) | Q(pk=actor.user.pk))
    return people.filter(pk=actor.user.pk)


def may_enter_for(actor: Actor, absent: User) -> bool:
    return actor.kind == "officer" and bool(members_for(actor).filter(pk=absent.pk).exists())


# -- what is refused ---------------------------------------------------------------------------------------------------


def _wrong_days(first_day: date, last_day: date) -> Iterable[Reason]:
    if first_day < timezone.localdate():
        sentence = "The first day is over already: choose today or a later day."
        yield Reason(code="day_in_past", sentence=sentence, field="first_day")
    if last_day < first_day:
        sentence = "The last day comes before the first: put the later day last."
        yield Reason(code="days_backward", sentence=sentence, field="last_day")


def _wrong_person(absent: User, substitute: User, first_day: date, last_day: date) -> Iterable[Reason]:
    if absent.pk == substitute.pk:
        sentence = "Nobody stands in for oneself: choose a colleague."
        yield Reason(code="own_substitute", sentence=sentence, field="substitute")
        return
    if not substitute.is_active:
        sentence = f"{name_of(substitute)} does not work here any more: choose somebody else."
        yield Reason(code="not_active", sentence=sentence, field="substitute")
    if not teams_of(substitute) & teams_of(absent):
        sentence = f"{name_of(substitute)} shares no team with {name_of(absent)}, and could not work on these cases."
        yield Reason(code="no_common_team", sentence=sentence, field="substitute")
    if known := _between(first_day, last_day).filter(absent=absent).select_related("substitute").first():
        sentence = (
            f"{name_of(absent)} is away {days_of(known)} already, and {name_of(known.substitute)} stands in: "
            "end that absence first, or choose other days."
        )
        yield Reason(code="absences_overlap", sentence=sentence, field="first_day")
    if away := _between(first_day, last_day).filter(absent=substitute).select_related("substitute").first():
        sentence = (
            f"{name_of(substitute)} is away, too, {days_of(away)} ({name_of(away.substitute)} stands in): "
            "choose somebody who is here."
        )
        yield Reason(code="substitute_away", sentence=sentence, field="substitute")


def _between(first_day: date, last_day: date) -> Any:
    return Delegation.objects.filter(first_day__lte=last_day, last_day__gte=first_day, ended_at=None)


# -- what must be known ------------------------------------------------------------------------------------------------


def uncovered(delegations: Sequence[Delegation]) -> Mapping[int, list[str]]:
    """By absence, a sentence for each team whose cases nobody covers, because the substitute is no member of it.
    Three queries whatever the number."""
    people = {pk for one in delegations for pk in (one.absent_id, one.substitute_id)}
    teams: dict[int, set[int]] = {pk: set() for pk in people}
    for user, team in Team.members.through.objects.filter(user_id__in=people).values_list("user_id", "team_id"):
        teams[user].add(team)
    names = dict(Team.objects.values_list("pk", "name"))
    kept = Case.objects.open().filter(assignee_id__in={one.absent_id for one in delegations}).order_by()
    counted = kept.values_list("assignee_id", "team_id").annotate(number=Count("pk"))
    left = {(who, team): number for who, team, number in counted}
    return {
        one.pk: [
            f"{name_of(one.substitute)} is not in the team {names[team]}: nobody covers its cases "
            f"({left.get((one.absent_id, team), 0)} open now). "
            "Hand them over, or ask a manager to add the substitute to the team."
            for team in sorted(teams[one.absent_id] - teams[one.substitute_id])
        ]
        for one in delegations
    }


def _left_alone(delegation: Delegation) -> list[str]:
    """Whom the absent was to stand in for in these days: they have nobody then."""
    standing = _between(delegation.first_day, delegation.last_day).filter(substitute_id=delegation.absent_id)
    return [
        f"{name_of(delegation.absent)} was to stand in for {name_of(other.absent)} ({days_of(other)}): nobody does "
        "while both are away. End that absence and enter it with another substitute."
        for other in standing.select_related("absent")
    ]


# -- who stands in now -------------------------------------------------------------------------------------------------


def absentees_of(user: Any) -> list[Delegation]:
    """Those whom ``user`` stands in for today. One query."""
    held = Delegation.objects.on().filter(substitute=user.pk, substitute__is_active=True).select_related("absent")
    return list(held)


def stands_in(user: Any, absent_id: int | None) -> bool:
    """Whether ``user`` stands in for this officer today."""
    return absent_id is not None and Delegation.objects.on().filter(substitute=user.pk, absent=absent_id).exists()


def away_now(people: Collection[int] | None = None) -> Mapping[int, Delegation]:
    """Who is away today, of ``people`` or of all: id -> the absence, with both names. One query."""
    held = Delegation.objects.on().select_related("absent", "substitute")
    if people is not None:
        held = held.filter(absent__in=people)
    return {one.absent_id: one for one in held}


def stand_in_of(user: Any) -> Any:
    """Who gets what is meant for ``user`` today: themselves; away, the substitute; None when that one is away, too, or
    has left. At most two queries."""
    if (absence := away_now([user.pk]).get(user.pk)) is None:
        return user if user.is_active else None
    substitute = absence.substitute
    return substitute if substitute.is_active and not away_now([substitute.pk]) else None


# -- in words ----------------------------------------------------------------------------------------------------------


def day_words(day: date) -> str:
    """“December 4”, with the year when it is another one."""
    return format_date(day, "F j" if day.year == timezone.localdate().year else "F j, Y")


def days_of(delegation: Delegation) -> str:
    """“from November 30 to December 4”, or “on December 4”."""
    first, last = day_words(delegation.first_day), day_words(delegation.last_day)
    return f"on {first}" if delegation.first_day == delegation.last_day else f"from {first} to {last}"


def away_words(delegation: Delegation) -> str:
    """“Olga Reyes is away until December 4; Sam Lee stands in”."""
    return f"{name_of(delegation.absent)} is {until_words(delegation)}"


def until_words(delegation: Delegation) -> str:
    """“away until December 4; Sam Lee stands in”."""
    return f"away until {day_words(delegation.last_day)}; {name_of(delegation.substitute)} stands in"


def with_holders(cases: Iterable[Any], viewer: Any) -> None:
    """Give each case of a page ``held``: who has it in words for ``viewer``, in place of the bare name. One query."""
    cases = list(cases)
    away = away_now({case.assignee_id for case in cases if case.assignee_id is not None})
    for case in cases:
        case.held = _held(case, away.get(case.assignee_id), viewer)


def _held(case: Any, absence: Delegation | None, viewer: Any) -> str:
    if case.assignee is None:
        return "nobody"
    if not case.assignee.is_active:
        return f"nobody active ({name_of(case.assignee)} has left)"
    if absence is None:
        return name_of(case.assignee)
    if absence.substitute_id == viewer.pk:
        return f"for {name_of(absence.absent)} until {day_words(absence.last_day)}"
    return f"{name_of(absence.absent)} ({until_words(absence)})"


def about_assignee(case: Any) -> str:
    """What the record says beside the assignee: away and who stands in, or no longer active; else nothing. One query
    where somebody has the case."""
    if case.assignee is None or case.is_closed:
        return ""
    if not case.assignee.is_active:
        return f"Nobody active has this case: {name_of(case.assignee)} does not work here any more. Hand it over."
    absence = away_now([case.assignee_id]).get(case.assignee_id)
    return f"{away_words(absence)}." if absence else ""


def teams_of(user: Any) -> set[int]:
    return set(Team.objects.filter(members=user.pk).values_list("pk", flat=True))


def _note(delegation: Delegation, actor: Actor, flag: int, sentence: str) -> None:
    """Who did what and when, in the admin's own log."""
    LogEntry.objects.log_actions(actor.user.pk, [delegation], flag, sentence, single_object=True)
