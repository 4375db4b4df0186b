"""Which officer may do what with road permits. ``workflow.roles.sync_roles`` writes it into Django's groups."""

from collections.abc import Mapping

from workflow import roles

LOOK = (*roles.LOOK, "permits.view_roadpermit")
WORK = (*roles.WORK, "permits.view_roadpermit", "permits.change_roadpermit")

# Officers act for the teams they are members of (Team.members); an auditor only looks, and sees no persons.
ROLES: Mapping[str, tuple[str, ...]] = {
    "Intake officer": (*WORK, "permits.intake_roadpermit"),
    "Safety reviewer": (*WORK, "permits.intake_roadpermit", "permits.review_roadpermit"),
    "Specialist": (*LOOK, "permits.advise_roadpermit"),  # which specialty: the team technical-<specialty>
    "Issuing officer": (*WORK, "permits.issue_roadpermit"),
    "Inspector": (*WORK, "permits.inspect_roadpermit"),
    "District manager": (
        *WORK,
        "permits.intake_roadpermit",
        "permits.review_roadpermit",
        "permits.issue_roadpermit",
        "permits.inspect_roadpermit",
        "permits.manage_roadpermit",
        *roles.RULES,
        *roles.SEE_LOG,
        "workflow.change_team",
        "workflow.add_routingrule",
        "workflow.change_routingrule",
        "workflow.delete_routingrule",
    ),
    "Auditor": (*LOOK, *roles.SEE_RULES, *roles.SEE_LOG),
}
