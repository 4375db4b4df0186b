"""What is asked for, by whom, and who does it: the first three pages."""

from typing import Any

from django import forms
from django.conf import settings

from permits.application import choices
from permits.application.base import Section, given, refuse, require
from permits.application.fields import (
    ChoiceField,
    EmailField,
    PhoneField,
    TaxIdField,
    TextField,
    TickField,
    ZipField,
)
from permits.application.moments import LocalDateTimeField, TypedDateField
from permits.rules.words import Answers

PERSON = choices.ApplicantKind.PERSON
LICENCE_TOO_SHORT = "licence_expires_before_end"
AGENCY_MAY_OMIT = ("street", "city", "zip")  # we know where to find it


def licence_ends_too_early(answers: Answers) -> bool:
    """Whether the contractor's licence expires before the last day of the work."""
    expiry, end = answers.get("contractor_licence_expiry"), answers.get("end_at")
    return bool(answers.get("contractor_is_other") and expiry and end and expiry < end.date())


def by_agency(answers: Answers) -> bool:
    """Whether a public agency applies. It is asked less: what its feed of work zones does not tell, the safety check
    names and the reviewer asks for."""
    return answers.get("applicant_kind") == choices.ApplicantKind.AGENCY


def _is_organisation(answers: Answers) -> bool:
    return answers.get("applicant_kind") in set(choices.ApplicantKind) - {PERSON}


class TypeSection(Section):
    slug = "type"
    title = "What you want to do"
    intro = "Your answers here decide which questions follow."

    permit_type = ChoiceField(label="Kind of permit", choices=choices.PermitType, radio=True)
    is_emergency = TickField(
        label="This is an emergency",
        required=False,
        help_text="Life, health or service is at risk and work cannot wait for a permit. Call us first.",
    )
    emergency_reason = TextField(
        label="What happened", max_length=500, long=True, required=False, help_text="Only for an emergency."
    )
    emergency_started_at = LocalDateTimeField(
        label="When emergency work began", required=False, help_text="Only for an emergency, if work has begun."
    )
    work_type = ChoiceField(label="Type of work", choices=choices.WorkType)
    is_architectural_change = TickField(
        label="The work changes the lanes for good",
        required=False,
        help_text="For example a new turn lane, or a lane taken away.",
    )
    work_summary = TextField(
        label="What will be done",
        min_length=20,
        max_length=500,
        long=True,
        help_text="In one or two sentences. The public sees a text of ours instead.",
    )
    external_ref = TextField(
        label="Your job or project number", max_length=40, required=False, help_text="We print it on the permit."
    )
    conditions = (
        require(
            lambda a: a.get("is_emergency"),
            "emergency_reason",
            "Say what happened and why the work cannot wait.",
            "emergency_reason_needed",
        ),
    )


class ApplicantSection(Section):
    slug = "applicant"
    title = "Who applies"
    intro = "The permit is given to this person or organization."

    applicant_kind = ChoiceField(label="The applicant is", choices=choices.ApplicantKind, radio=True)
    organisation = TextField(
        label="Organization", max_length=120, required=False, help_text="The legal name. Not for a private person."
    )
    tax_id = TaxIdField(
        label="Employer identification number (EIN)",
        required=False,
        help_text="Like 42-1234567. Companies and utilities only; never a social security number.",
    )
    contact_name = TextField(
        label="Contact person", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    contact_email = EmailField(label="E-mail", help_text="The permit and all messages go to this address.")
    contact_phone = PhoneField(label="Phone", help_text="With area code, like 515-555-0100.")
    street = TextField(label="Street address", max_length=120, help_text="The mailing address.")
    city = TextField(label="City", max_length=80)
    state = ChoiceField(
        label="State", choices=[(code, code) for code in choices.STATES], initial=lambda: settings.STATE_CODE
    )
    zip = ZipField(label="ZIP code")
    acting_as = ChoiceField(label="You act as", choices=choices.ActingAs, radio=True)
    conditions = (
        require(_is_organisation, "organisation", "Enter the name of the organization.", "organisation_needed"),
        require(
            lambda a: a.get("applicant_kind") in (choices.ApplicantKind.COMPANY, choices.ApplicantKind.UTILITY),
            "tax_id",
            "Enter the employer identification number, like 42-1234567.",
            "tax_id_needed",
        ),
        refuse(
            lambda a: a.get("applicant_kind") == PERSON and given(a.get("tax_id")),
            "tax_id",
            "Leave this empty: we do not keep tax numbers of private persons.",
            "tax_id_not_wanted",
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if by_agency(self.data):
            for name in AGENCY_MAY_OMIT:
                self.fields[name].required = False


class ContractorSection(Section):
    slug = "contractor"
    title = "Who does the work"
    intro = "We call the on-site contact when something is wrong at the work zone, at any hour."

    contractor_is_other = TickField(label="Someone else does the work for the applicant", required=False)
    contractor_name = TextField(
        label="Contractor", max_length=120, required=False, help_text="Only if someone else does the work."
    )
    contractor_email = EmailField(
        label="Contractor’s e-mail", required=False, help_text="The contractor then gets the permit, too."
    )
    contractor_licence = TextField(label="Contractor’s license number", max_length=40, required=False)
    contractor_licence_expiry = TypedDateField(
        label="License valid until", required=False, help_text="Month/day/year. It must reach the end of the work."
    )
    onsite_name = TextField(label="On-site contact, reachable 24 hours", max_length=120)
    onsite_phone = PhoneField(label="Phone of the on-site contact", help_text="Answered day and night.")
    conditions = (
        *(
            require(lambda a: a.get("contractor_is_other"), field, sentence, code)
            for field, sentence, code in (
                ("contractor_name", "Enter the name of the contractor.", "contractor_name_needed"),
                ("contractor_licence", "Enter the contractor’s license number.", "contractor_licence_needed"),
                (
                    "contractor_licence_expiry",
                    "Enter the day until which the contractor’s license is valid.",
                    "licence_expiry_needed",
                ),
            )
        ),
        refuse(
            licence_ends_too_early,
            "contractor_licence_expiry",
            "The work ends on {end_at:%m/%d/%Y}, after the license expires. Enter the renewed license.",
            LICENCE_TOO_SHORT,
        ),
    )
