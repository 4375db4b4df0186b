"""What typed text becomes before it is printed: visible characters only, on lines that can be broken."""

import re
import unicodedata
from collections.abc import Iterator

# Longer text is cut here so that one field cannot keep the typesetter busy; the record holds all of it.
LONGEST_CHARACTERS = 5_000
CUT_NOTE = "… see the permit record"
# Stands for a character that none of the built-in fonts can draw (Chinese, Korean, Thai, emoji and others).
MISSING_GLYPH = "\u25a1"

# Characters the fonts inside the typesetter can draw, as inclusive ranges. PDF/UA refuses a page with a missing glyph,
# so the list is kept short of the truth; a test prints every character of it.
PRINTABLE_RANGES = (
    ("\u0020", "\u007e"),
    ("\u00a0", "\u00ac"),  # the soft hyphen (00ad) is invisible
    ("\u00ae", "\u0377"),  # Latin with accents, Greek
    ("\u037a", "\u037f"),
    ("\u0384", "\u038a"),
    ("\u038e", "\u03a1"),
    ("\u03a3", "\u0482"),  # Greek, Cyrillic
    ("\u048a", "\u04ff"),
    ("\u0531", "\u0556"),  # Armenian
    ("\u0561", "\u0587"),
    ("\u05b0", "\u05c3"),  # Hebrew
    ("\u05d0", "\u05ea"),
    ("\u0621", "\u063a"),  # Arabic
    ("\u0640", "\u0655"),
    ("\u0660", "\u066d"),
    ("\u0900", "\u097f"),  # Devanagari
    ("\u10d0", "\u10ff"),  # Georgian
    ("\u13a0", "\u13f5"),  # Cherokee
    ("\u1e00", "\u1eff"),  # Vietnamese and other Latin
    ("\u200c", "\u200d"),  # joiners that Persian and Hindi need
    ("\u2010", "\u2027"),  # dashes, quotation marks, ellipsis
    ("\u2030", "\u2040"),
    ("\u20a0", "\u20bf"),  # currency
    ("\u2100", "\u211e"),
    ("\u2153", "\u2184"),  # fractions, Roman numerals
    ("\u2190", "\u22ff"),  # arrows, mathematics
    ("\u25a0", "\u25ff"),
)
_MISSING = re.compile("[^" + "".join(f"{first}-{last}" for first, last in PRINTABLE_RANGES) + "]")

# A combining mark is drawn by the font of its letter, so a mark on a letter of another script has no glyph either.
_MARKED_LETTERS = (
    r"[A-Za-z\u00c0-\u02af\u0386-\u04ff\u1e00-\u1eff][\u0300-\u036f]{1,4}",  # Latin, Greek, Cyrillic
    r"[\u05d0-\u05ea][\u05b0-\u05bd\u05bf\u05c1\u05c2]{1,4}",  # Hebrew
    r"[\u0621-\u064a][\u064b-\u0655]{1,3}",  # Arabic
    r"[\u0904-\u0939\u0958-\u0961][\u0900-\u0903\u093a-\u0957\u0962\u0963\u200c\u200d]{1,6}",  # Devanagari
)
_MARKS = (
    "\u0300-\u036f\u05b0-\u05bd\u05bf\u05c1\u05c2\u064b-\u0655"
    "\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0951-\u0957\u0962\u0963"
)
_LETTER_OR_STRAY_MARK = re.compile(f"({'|'.join(_MARKED_LETTERS)})|[{_MARKS}]")

# A word longer than this may be broken, every few characters, where a line ends.
_LONGEST_WORD_CHARACTERS = 20
_BREAK_EVERY_CHARACTERS = 10
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD_CHARACTERS + 1},}}")
_ZERO_WIDTH_SPACE = "\u200b"
_JOINERS = "\u200c\u200d"


def printable(text: str) -> str:
    """Return `text` on one line, with visible characters only.

    White space and line ends become one space; NUL, other controls and direction overrides (which can make a name read
    as another) go; a character without a glyph becomes □; over 5,000 characters the rest is cut with a note.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split())
    line = "".join(character for character in line if _is_kept(character))
    line = _MISSING.sub(MISSING_GLYPH, line)
    line = _LETTER_OR_STRAY_MARK.sub(lambda found: found[1] or MISSING_GLYPH, line)
    if len(line) > LONGEST_CHARACTERS:
        line = line[:LONGEST_CHARACTERS].rstrip() + CUT_NOTE
    return breakable(line)


def breakable(line: str) -> str:
    """Put invisible break opportunities into words too long for a narrow column, such as addresses of web pages."""
    return _LONG_WORD.sub(lambda word: _ZERO_WIDTH_SPACE.join(_pieces(word[0])), line)


def _is_kept(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in {"Cc", "Cf"}


def _pieces(word: str) -> Iterator[str]:
    start = 0
    for end in range(1, len(word)):
        # An accent stays with its letter.
        if end - start >= _BREAK_EVERY_CHARACTERS and not unicodedata.category(word[end]).startswith("M"):
            yield word[start:end]
            start = end
    yield word[start:]
