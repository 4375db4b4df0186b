"""Which officer may do what with incidents. ``workflow.roles.sync_roles`` writes it into Django's groups."""

from collections.abc import Mapping

from workflow import roles

LOOK = (*roles.LOOK, "incidents.view_incident", "incidents.view_category")
WORK = (*roles.WORK, "incidents.view_incident", "incidents.view_category", "incidents.change_incident")

ROLES: Mapping[str, tuple[str, ...]] = {
    "Triage officer": (*WORK, "incidents.triage_incident"),
    "Dispatcher": (*WORK, "incidents.triage_incident", "incidents.dispatch_incident"),
    "Crew leader": (*WORK, "incidents.repair_incident"),
    "District manager": (
        *WORK,
        "incidents.triage_incident",
        "incidents.dispatch_incident",
        "incidents.repair_incident",
        "incidents.manage_incident",
        "incidents.add_category",
        "incidents.change_category",
        "incidents.add_question",
        "incidents.change_question",
        "incidents.delete_question",
        "incidents.view_question",
        *roles.RULES,
        *roles.SEE_LOG,
        "workflow.change_team",
        "workflow.add_routingrule",
        "workflow.change_routingrule",
        "workflow.delete_routingrule",
    ),
    "Auditor": (*LOOK, *roles.SEE_RULES, *roles.SEE_LOG),
}
