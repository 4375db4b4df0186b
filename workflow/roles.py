"""Which officer may do what: one table, put together from those of the apps. ``sync_roles`` writes Django's groups."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import Group, Permission

# What every officer sees of the management layer; an auditor sees no persons.
LOOK = (
    "workflow.view_event",
    "workflow.view_work",
    "workflow.view_document",
    "workflow.view_team",
    "workflow.view_routingrule",
)
WORK = (*LOOK, "workflow.view_contact", "workflow.retry_work")
# Who saved which list, and what else officers did beside cases.
SEE_LOG = ("admin.view_logentry",)
# The rules of workflow.contrib.rulebook: who sees them and the log of changes, and who changes them.
SEE_RULES = ("rulebook.view_override", "rulebook.view_ownday", "rulebook.view_rulechange")
RULES = (
    *SEE_RULES,
    "workflow.add_team",
    "workflow.delete_team",
    "rulebook.change_override",
    "rulebook.add_ownday",
    "rulebook.change_ownday",
    "rulebook.delete_ownday",
)

_roles: dict[str, dict[str, None]] = {}


def register_roles(roles: Mapping[str, Sequence[str]]) -> None:
    """Add an app's table: name of the role -> permissions ("app.codename"). A role of two apps gets both."""
    for name, codes in roles.items():
        _roles.setdefault(name, {}).update(dict.fromkeys(codes))


def roles() -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(codes) for name, codes in _roles.items()}


def sync_roles() -> list[str]:
    """Make or mend the groups; answers one line a group that changed. Permissions given to a group beside the table
    are taken back: the table is the truth. Members stay as they are."""
    labels = {code.partition(".")[0] for codes in roles().values() for code in codes}
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type").filter(content_type__app_label__in=labels)
    }
    changed = []
    for name, codes in roles().items():
        group, made = Group.objects.get_or_create(name=name)
        wanted = {known[code] for code in codes}
        if made or set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)
            changed.append(f"{name}: {len(wanted)} permissions")
    return changed
