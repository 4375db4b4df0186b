"""The pages of the application in their order. Everything else reads this list.

| you want | look at |
|---|---|
| a question, a help text, a rule | the section's class |
| what a kind of answer accepts | ``fields``, ``moments``, ``shapes``, ``rows`` |
| to check an application | ``validate.validate`` |
| to show one | ``review.review_rows`` |
"""

from permits.application.base import Section
from permits.application.closing import DeclarationSection, MoneySection
from permits.application.people import ApplicantSection, ContractorSection, TypeSection
from permits.application.place_and_time import LocationSection, TimeSection
from permits.application.traffic import TrafficSection
from permits.application.work import DrivewaySection, EventSection, ExcavationSection, FacilitySection
from permits.rules.words import Answers

SECTIONS: tuple[type[Section], ...] = (
    TypeSection,
    ApplicantSection,
    ContractorSection,
    LocationSection,
    TimeSection,
    TrafficSection,
    ExcavationSection,
    FacilitySection,
    DrivewaySection,
    EventSection,
    MoneySection,
    DeclarationSection,
)


def sections_for(answers: Answers) -> tuple[type[Section], ...]:
    """The pages an applicant with these answers is asked."""
    return tuple(section for section in SECTIONS if section.applies(answers))


def section_of(slug: str) -> type[Section]:
    """The page of that slug. Raises LookupError if there is none."""
    for section in SECTIONS:
        if section.slug == slug:
            return section
    raise LookupError(f"There is no page “{slug}”.")


def section_asking(field: str) -> type[Section] | None:
    """The page that asks for a field; None if no page does."""
    return next((section for section in SECTIONS if field in section.base_fields), None)
