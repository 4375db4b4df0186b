"""How long a text message is, as providers count it."""

from __future__ import annotations

from dataclasses import dataclass

# The alphabet of GSM 03.38; characters of its extension count twice. Anything else makes the whole message UCS-2.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWICE = frozenset("^{}\\[~]|€")
GSM_ALONE, GSM_PART, UCS_ALONE, UCS_PART = 160, 153, 70, 67


@dataclass(frozen=True, kw_only=True)
class Length:
    """``characters`` as typed; ``parts``: how many messages are paid for; ``odd``: characters that make it longer."""

    characters: int
    parts: int
    odd: str


def length_of(text: str) -> Length:
    """The length of a text message."""
    odd = "".join(dict.fromkeys(letter for letter in text if letter not in BASIC and letter not in TWICE))
    if odd:
        units, alone, part = len(text.encode("utf-16-be")) // 2, UCS_ALONE, UCS_PART
    else:
        units, alone, part = len(text) + sum(letter in TWICE for letter in text), GSM_ALONE, GSM_PART
    return Length(characters=len(text), parts=1 if units <= alone else -(-units // part), odd=odd)
