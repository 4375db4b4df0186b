"""Which officer may do what: one table. ``sync_roles`` writes it into Django's groups."""

from collections.abc import Mapping

from django.contrib.auth.models import Group, Permission

LOOK = (
    "permits.view_roadpermit",
    "workflow.view_event",
    "workflow.view_work",
    "workflow.view_document",
    "workflow.view_team",
    "workflow.view_routingrule",
)
WORK = (*LOOK, "permits.change_roadpermit", "workflow.view_contact", "workflow.retry_work")

# Officers act for the teams they are members of (Team.members); an auditor only looks, and sees no persons.
ROLES: Mapping[str, tuple[str, ...]] = {
    "Intake officer": (*WORK, "permits.intake_roadpermit"),
    "Safety reviewer": (*WORK, "permits.intake_roadpermit", "permits.review_roadpermit"),
    "Issuing officer": (*WORK, "permits.issue_roadpermit"),
    "Inspector": (*WORK, "permits.inspect_roadpermit"),
    "District manager": (
        *WORK,
        "permits.intake_roadpermit",
        "permits.review_roadpermit",
        "permits.issue_roadpermit",
        "permits.inspect_roadpermit",
        "permits.manage_roadpermit",
        "workflow.change_team",
        "workflow.add_routingrule",
        "workflow.change_routingrule",
        "workflow.delete_routingrule",
    ),
    "Auditor": LOOK,
}


def sync_roles() -> list[str]:
    """Make or mend the groups; answers one line a group that changed. Permissions given to a group beside the table
    are taken back: the table is the truth. Members stay as they are."""
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type").filter(
            content_type__app_label__in=["permits", "workflow"]
        )
    }
    changed = []
    for name, codes in ROLES.items():
        group, made = Group.objects.get_or_create(name=name)
        wanted = {known[code] for code in codes}
        if made or set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)
            changed.append(f"{name}: {len(wanted)} permissions")
    return changed
