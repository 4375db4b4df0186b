"""How wide words are before anybody has drawn them."""

from __future__ import annotations

NARROW, WIDE = frozenset("fijlrtI.,:;'()| "), frozenset("mwMWABCDGHNOQRU—%")
# Of the font's size; a little more than the widest common sans-serif face (Verdana, DejaVu Sans) needs.
NARROW_EM, MIDDLE_EM, WIDE_EM = 0.42, 0.64, 0.9
BOLD = 1.09


def width_px(text: str, size_px: float, *, bold: bool = False) -> float:
    """An upper bound, so that no other face makes words touch."""
    wide = sum(NARROW_EM if c in NARROW else WIDE_EM if c in WIDE else MIDDLE_EM for c in text)
    return wide * size_px * (BOLD if bold else 1)
