"""Money, other reviews, and the declaration: the last two pages."""

from permits.application import choices
from permits.application.base import Section, refuse, require
from permits.application.fields import ChoiceField, MoneyField, TextField, TickField, YesNoField
from permits.application.moments import TypedDateField

_KIND, _BILLING = choices.ApplicantKind, choices.Billing


class MoneySection(Section):
    slug = "money"
    title = "Cost, insurance and other reviews"
    intro = "The bond, if one is needed, goes by the cost of the work in the right-of-way."

    est_cost_in_row = MoneyField(
        label="Cost of the work in the right-of-way, in US dollars", help_text="An estimate is enough."
    )
    billing = ChoiceField(label="How you pay the fees", choices=choices.Billing, radio=True)
    billing_reason = TextField(
        label="Agreement number or reason",
        max_length=300,
        required=False,
        help_text="If you do not pay now.",
    )
    insurance_general_usd = MoneyField(
        label="General liability insurance for one occurrence, in US dollars",
        required=False,
        help_text="At least $1,000,000 before the permit is issued.",
    )
    insurance_expires = TypedDateField(label="Insurance valid until", required=False)
    bond_amount_usd = MoneyField(
        label="Surety bond, in US dollars", required=False, help_text="If you have one for this work."
    )
    environmental_review = ChoiceField(label="Environmental review", choices=choices.EnvironmentalReview, radio=True)
    railroad_within_50ft = YesNoField(label="Is a railroad within 50 feet?")
    structures_affected = YesNoField(label="Are bridges, walls or culverts affected?")
    collaboration_consent = YesNoField(
        label="May we give your contact to others who plan work at the same place?",
        help_text="So that the road is opened once and not twice.",
    )
    conditions = (
        refuse(
            lambda a: (
                a.get("billing") == _BILLING.DEFERRED and a.get("applicant_kind") not in (_KIND.UTILITY, _KIND.AGENCY)
            ),
            "billing",
            "Only utilities and public agencies with an agreement can be billed later. Choose “Pay now”.",
            "deferred_not_allowed",
        ),
        refuse(
            lambda a: a.get("billing") == _BILLING.EXEMPT and a.get("applicant_kind") != _KIND.AGENCY,
            "billing",
            "Only public agencies are exempt from fees. Choose “Pay now”.",
            "exempt_not_allowed",
        ),
        require(
            lambda a: a.get("billing") in (_BILLING.DEFERRED, _BILLING.EXEMPT),
            "billing_reason",
            "Enter the number of your agreement, or why you are exempt.",
            "billing_reason_needed",
        ),
        require(
            lambda a: a.get("insurance_general_usd") is not None,
            "insurance_expires",
            "Enter the day until which the insurance is valid.",
            "insurance_expiry_needed",
        ),
    )


class DeclarationSection(Section):
    slug = "declaration"
    title = "Declaration"
    intro = "Whoever signs answers for the whole application."

    declaration = TickField(
        label="What I have said is true, and I will follow the conditions of the permit",
        help_text="False statements can cost you the permit.",
        error_messages={"required": "Tick the box to declare that the application is true."},
    )
    signer_name = TextField(label="Your name", max_length=120)
    signer_title = TextField(
        label="Your position", max_length=120, required=False, help_text="Not for a private person."
    )
    conditions = (
        require(
            lambda a: a.get("applicant_kind") not in (None, "", _KIND.PERSON),
            "signer_title",
            "Enter your position in the organization.",
            "signer_title_needed",
        ),
    )
