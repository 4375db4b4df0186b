"""Which documents an application needs, why, and until when. What a file may be: permits.rules.uploads."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from permits.rules.insurance import bond_amount, insurance_needed
from permits.rules.traffic import has_full_closure, needs_sealed_plan
from permits.rules.words import Answers, Labelled, decimal_of

# Deeper than this a trench must be shored or sloped (the figure of OSHA 29 CFR 1926 subpart P).
DEEP_EXCAVATION_FT = Decimal(5)


class DocumentKind(Labelled):
    """What a document is for."""

    SITE_PLAN = "site_plan", "Site plan or sketch"
    TRAFFIC_CONTROL_PLAN = "traffic_control_plan", "Traffic control plan"
    # Counts as a traffic control plan too.
    SEALED_TRAFFIC_CONTROL_PLAN = "sealed_traffic_control_plan", "Traffic control plan with an engineer's seal"
    INSURANCE_CERTIFICATE = "insurance_certificate", "Certificate of insurance"
    SURETY_BOND = "surety_bond", "Surety bond"
    AUTHORISATION_LETTER = "authorisation_letter", "Letter of authorisation"
    CONTRACTOR_LICENCE = "contractor_licence", "Contractor's licence"
    PEDESTRIAN_PLAN = "pedestrian_plan", "Plan of the pedestrian route"
    DETOUR_PLAN = "detour_plan", "Detour plan"
    STRUCTURAL_CALCULATIONS = "structural_calculations", "Structural or drainage calculations"
    ENVIRONMENTAL_CLEARANCE = "environmental_clearance", "Environmental clearance"
    ONE_CALL_TICKET = "one_call_ticket", "811 ticket (utility locate request)"
    AS_BUILT = "as_built", "As-built drawing"
    PHOTO = "photo", "Photo"
    OTHER = "other", "Other document"


class Before(Labelled):
    """The moment until which a document must be there."""

    SUBMISSION = "submission", "Before you submit"
    # The amount is known only when the application has been checked; nobody buys a bond for a draft.
    ISSUE = "issue", "Before the permit is issued"
    START = "start", "Before work starts"
    CLOSING = "closing", "Before the permit is closed"


@dataclass(frozen=True, kw_only=True)
class RequiredDocument:
    """A document this application needs, with a sentence that tells the applicant why."""

    kind: DocumentKind
    why: str
    before: Before


@dataclass(frozen=True, kw_only=True)
class _Rule:
    kind: DocumentKind
    applies: Callable[[Answers], bool]
    why: str
    before: Before = Before.SUBMISSION


def required_documents(answers: Answers) -> tuple[RequiredDocument, ...]:
    """The documents an application needs, in the order of the form."""
    return tuple(
        RequiredDocument(kind=rule.kind, why=rule.why, before=rule.before) for rule in RULES if rule.applies(answers)
    )


def satisfied_by(kind: DocumentKind) -> frozenset[DocumentKind]:
    """The kinds of upload that fulfil a requirement for ``kind``."""
    if kind is DocumentKind.TRAFFIC_CONTROL_PLAN:
        return frozenset({kind, DocumentKind.SEALED_TRAFFIC_CONTROL_PLAN})
    return frozenset({kind})


def deepest_ft(answers: Answers) -> Decimal:
    """Depth of the deepest excavation in feet, 0 without one."""
    rows = (answers.get("excavations") or []) if answers.get("excavation") else []
    return max((decimal_of(row.get("max_depth_ft")) for row in rows), default=Decimal(0))


def _needs_plain_plan(answers: Answers) -> bool:
    return answers.get("ttcp_kind") == "custom_plan" and not needs_sealed_plan(answers)


def _needs_calculations(answers: Answers) -> bool:
    commercial_driveway = answers.get("permit_type") == "driveway" and answers.get("land_use") in (
        "commercial",
        "industrial",
    )
    return bool(answers.get("structures_affected")) or commercial_driveway


RULES = (
    _Rule(
        kind=DocumentKind.SITE_PLAN,
        applies=lambda answers: True,
        why="Every application needs a plan or sketch of the place and the work.",
    ),
    _Rule(
        kind=DocumentKind.AUTHORISATION_LETTER,
        applies=lambda answers: answers.get("acting_as") == "agent",
        why="You apply for somebody else: add their letter that lets you.",
    ),
    _Rule(
        kind=DocumentKind.CONTRACTOR_LICENCE,
        applies=lambda answers: bool(answers.get("contractor_is_other")),
        why="A contractor does the work: add a copy of the licence.",
    ),
    _Rule(
        kind=DocumentKind.TRAFFIC_CONTROL_PLAN,
        applies=_needs_plain_plan,
        why="You chose a traffic control plan of your own: add it.",
    ),
    _Rule(
        kind=DocumentKind.SEALED_TRAFFIC_CONTROL_PLAN,
        applies=needs_sealed_plan,
        why="At 45 mph or more, or with a full closure, a professional engineer must seal the traffic control plan.",
    ),
    _Rule(
        kind=DocumentKind.PEDESTRIAN_PLAN,
        applies=lambda answers: answers.get("pedestrian_access") in ("alternate_route", "closed"),
        why="People on foot are affected: show their route, usable with a wheelchair (ADA).",
    ),
    _Rule(
        kind=DocumentKind.DETOUR_PLAN,
        applies=has_full_closure,
        why="A direction is closed: show the detour.",
    ),
    _Rule(
        kind=DocumentKind.STRUCTURAL_CALCULATIONS,
        applies=_needs_calculations,
        why="A structure or the drainage of the road is affected: add the calculations.",
    ),
    _Rule(
        kind=DocumentKind.ENVIRONMENTAL_CLEARANCE,
        applies=lambda answers: answers.get("environmental_review") == "cleared",
        why="You have an environmental clearance: add it.",
    ),
    _Rule(
        kind=DocumentKind.ENVIRONMENTAL_CLEARANCE,
        applies=lambda answers: answers.get("environmental_review") == "pending",
        why="The environmental review is still pending: add the clearance when you have it.",
        before=Before.ISSUE,
    ),
    _Rule(
        kind=DocumentKind.INSURANCE_CERTIFICATE,
        applies=insurance_needed,
        why="The work must be insured, with the State as additional insured.",
    ),
    _Rule(
        kind=DocumentKind.SURETY_BOND,
        applies=lambda answers: bond_amount(answers) > 0,
        why="Whoever digs in or crosses the road gives a bond for its repair.",
        before=Before.ISSUE,
    ),
    _Rule(
        kind=DocumentKind.ONE_CALL_TICKET,
        applies=lambda answers: bool(answers.get("excavation")),
        why="Call 811 before you dig, so that buried lines are marked.",
        before=Before.START,
    ),
    _Rule(
        kind=DocumentKind.AS_BUILT,
        applies=lambda answers: answers.get("permit_type") == "utility",
        why="The State keeps a record of what lies in its right-of-way: add the drawing of what was built.",
        before=Before.CLOSING,
    ),
)
