"""The documents a person may hold: the permit on one page, and the refusal letter.

Start here: fill a `PermitSheet` or a `LetterSheet` (sheets.py) and call `permit_pdf` or `letter_pdf` (documents.py).
How a page looks is in permit.typ, letter.typ and common.typ; what may be printed at all is in text.py.
"""

from permits.pdf.documents import letter_pdf, permit_pdf
from permits.pdf.sheets import LetterSheet, PermitSheet
from permits.pdf.typesetter import PdfError

__all__ = ["LetterSheet", "PdfError", "PermitSheet", "letter_pdf", "permit_pdf"]
