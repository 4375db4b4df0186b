"""Runs the typst compiler on our templates. Data go in as JSON and images, so no typed text is ever evaluated."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import typst

TEMPLATES = Path(__file__).parent

# Only the fonts inside the compiler: the bytes are then the same on each machine, also on one without fonts.
_FONTS = typst.Fonts(include_system_fonts=False)

# What the compiler or a template says -> the stable code and the sentence for the officer.
_KNOWN_FAILURES = (
    (
        "does-not-fit",
        "document_does_not_fit",
        "The permit does not fit on one page. Shorten or merge its conditions, or move some of them to an attachment.",
    ),
    (
        "failed to parse SVG",
        "map_sketch_unreadable",
        "The map sketch of this permit cannot be read. Draw it again from the work area, or print without it.",
    ),
)


class PdfError(Exception):
    """A document that could not be made. `code` is stable; `message` says what to do; the cause is chained."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def typeset(
    template: str, sheet: Mapping[str, object], *, images: Mapping[str, str] | None = None, made_at: datetime
) -> bytes:
    """Return PDF/UA-1 bytes; equal arguments give equal bytes.

    `images` are SVG texts by name. Raises `PdfError` with a code of `_KNOWN_FAILURES` or `pdf_engine_failed`.
    """
    try:
        return typst.compile(
            TEMPLATES / template,
            root=TEMPLATES,
            font_paths=_FONTS,
            ignore_system_fonts=True,
            sys_inputs={"sheet": json.dumps(sheet), **(images or {})},
            pdf_standards=["ua-1"],
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as failure:
        raise _explained(failure) from failure
    except BaseException as failure:
        # A panic of the compiler is no Exception and would end a worker that catches only those.
        if type(failure).__name__ != "PanicException":
            raise
        raise _explained(failure) from failure


def _explained(failure: BaseException) -> PdfError:
    for words, code, message in _KNOWN_FAILURES:
        if words in str(failure):
            return PdfError(code, message)
    return PdfError(
        "pdf_engine_failed",
        f"The document could not be typeset ({failure}). Try again; if it fails again, tell support.",
    )
