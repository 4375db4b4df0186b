"""What insurance a permit needs and how large the bond must be. Amounts are US dollars; docs/rules.md#documents."""

from datetime import date
from decimal import Decimal

from permits.rules.words import Answers, Problem, decimal_of

GENERAL_LIABILITY_PER_OCCURRENCE = Decimal(1_000_000)
GENERAL_LIABILITY_AGGREGATE = Decimal(2_000_000)
AUTO_LIABILITY = Decimal(1_000_000)
PROFESSIONAL_LIABILITY = Decimal(1_000_000)  # of whoever designs the traffic control plan
BOND_PER_OVERHEAD_CROSSING = Decimal(2_500)
BOND_PER_OVERHEAD_CROSSING_LIMITED_ACCESS = Decimal(5_000)
BOND_PER_UNDERGROUND_LANE = Decimal(5_000)
BOND_FLOOR = Decimal(1_000)
BOND_HELD_YEARS = 2
# Interstates and other freeways: nobody enters them except at interchanges.
LIMITED_ACCESS_CLASSES = (1, 2)


def insurance_needed(answers: Answers) -> bool:
    """Everybody needs a certificate but a private person who does not dig, and agencies, which insure themselves."""
    kind = answers.get("applicant_kind")
    return kind != "agency" and (kind != "person" or bool(answers.get("excavation")))


def bond_needed(answers: Answers) -> bool:
    """Whoever digs in or crosses the road gives a bond; agencies do not."""
    crosses = (answers.get("overhead_crossings") or 0) or (answers.get("underground_crossing_lanes") or 0)
    return answers.get("applicant_kind") != "agency" and bool(answers.get("excavation") or crosses)


def bond_amount(answers: Answers) -> Decimal:
    """The bond in dollars, 0 if none is needed.

    Crossings by their number; without crossings the full cost of the work in the right-of-way; never below the floor.
    """
    if not bond_needed(answers):
        return Decimal(0)
    limited_access = answers.get("functional_class") in LIMITED_ACCESS_CLASSES
    per_crossing = BOND_PER_OVERHEAD_CROSSING_LIMITED_ACCESS if limited_access else BOND_PER_OVERHEAD_CROSSING
    overhead = (answers.get("overhead_crossings") or 0) * per_crossing
    underground = (answers.get("underground_crossing_lanes") or 0) * BOND_PER_UNDERGROUND_LANE
    return max(overhead + underground or decimal_of(answers.get("est_cost_in_row")), BOND_FLOOR)


def cover_problems(answers: Answers, *, valid_to: date) -> list[Problem]:
    """Why insurance and bond do not cover a permit that ends on ``valid_to``; an empty list if they do."""
    problems = _insurance_problems(answers, valid_to) if insurance_needed(answers) else []
    asked, given = bond_amount(answers), decimal_of(answers.get("bond_amount_usd"))
    if given < asked:
        sentence = f"The bond must be at least ${asked:,.0f}; ${given:,.0f} is on file. Send a higher bond."
        problems.append(Problem(code="bond_too_low", sentence=sentence))
    return problems


def _insurance_problems(answers: Answers, valid_to: date) -> list[Problem]:
    problems = []
    if decimal_of(answers.get("insurance_general_usd")) < GENERAL_LIABILITY_PER_OCCURRENCE:
        sentence = (
            f"General liability must be at least ${GENERAL_LIABILITY_PER_OCCURRENCE:,} per occurrence. "
            "Send a certificate with the State as additional insured."
        )
        problems.append(Problem(code="insurance_too_low", sentence=sentence))
    expires = answers.get("insurance_expires")
    if expires is None or expires < valid_to:
        sentence = f"The insurance must last until the permit ends on {valid_to:%Y-%m-%d}. Send a newer certificate."
        problems.append(Problem(code="insurance_too_short", sentence=sentence))
    return problems
