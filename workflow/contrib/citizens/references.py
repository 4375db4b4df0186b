"""References as people type them, and addresses that know by the prefix which kind of case is meant."""

from django.urls.converters import get_converters, register_converter

from workflow.models.case import ALPHABET
from workflow.tracker import REFERENCE

LONGEST_TYPED = 24
# Read out on the phone, O becomes 0 and I becomes 1: the alphabet of references leaves these letters out.
_HEARD = str.maketrans({letter: "0" if letter == "O" else "1" for letter in "OIL" if letter not in ALPHABET})


def as_stored(reference: str) -> str:
    """A typed reference as we write them; empty when it cannot be one."""
    prefix, _, rest = "".join(reference.upper().split()).partition("-")
    found = f"{prefix}-{rest.translate(_HEARD)}"
    return found if REFERENCE.fullmatch(found) else ""


def prefix_of(reference: str) -> str:
    """``RP`` of ``RP-26-7K3QXM``."""
    return reference.partition("-")[0]


def add_converter(prefix: str) -> str:
    """Let an address take references of one kind only; answers the converter's name, to be used in the module of the
    addresses: ``f"track/<{add_converter("RP")}:reference>/"``. Any other reference is an ordinary 404."""
    letters = "".join(f"[{letter.upper()}{letter.lower()}]" for letter in prefix)
    name = f"{prefix.lower()}_reference"
    if name not in get_converters():  # several modules of addresses may ask for the same
        regex = f"{letters}-[0-9A-Za-z-]{{1,13}}"
        register_converter(type(f"{prefix}Reference", (_Reference,), {"regex": regex}), name)
    return name


class _Reference:
    regex = ""

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
