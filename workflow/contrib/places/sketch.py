"""A small map sketch as SVG: where a place lies in its county. For the permit's PDF, pages and e-mail.

Presentation attributes only: our content security policy forbids inline styles, and the PDF maker reads no CSS.
"""

from dataclasses import dataclass
from math import cos, radians
from typing import Self
from xml.sax.saxutils import escape

from shapely import box, clip_by_rect
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from workflow.contrib.places.counties import Bounds, County, StateGeography, state

MARGIN = 0.06  # of the view, on each side
SMALL_PX = 14  # a place drawn smaller than this gets a ring around it, or nobody would find it
LABEL_SHARE = 0.06  # a neighbour with less of the view than this is not named
LAND, NEIGHBOUR, BORDER, INK, PLACE = "#fdf6e3", "#eef1f4", "#8a94a0", "#3c4650", "#b3261e"


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Degrees to pixels: equirectangular, longitude scaled by cos(latitude) of the view's middle."""

    view: Bounds
    width_px: float
    height_px: float

    @classmethod
    def fit(cls, bounds: Bounds, width_px: float, height_px: float) -> Self:
        """The smallest view with ``bounds`` and a margin in it that has the shape of the paper."""
        west, south, east, north = bounds
        middle_x, middle_y = (west + east) / 2, (south + north) / 2
        shrink = cos(radians(middle_y))
        tall = max(north - south, (east - west) * shrink * height_px / width_px, 1e-4) * (1 + 2 * MARGIN)
        wide = tall * width_px / height_px / shrink
        view = (middle_x - wide / 2, middle_y - tall / 2, middle_x + wide / 2, middle_y + tall / 2)
        return cls(view=view, width_px=width_px, height_px=height_px)

    def point(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Pixels from the left and from the top, to a tenth."""
        west, south, east, north = self.view
        x = (longitude - west) / (east - west) * self.width_px
        y = (north - latitude) / (north - south) * self.height_px
        return round(x, 1), round(y, 1)


def sketch(place: BaseGeometry, width_px: int, height_px: int) -> str:
    """An SVG document: the counties around ``place`` (degrees, WGS 84), its own lighter, and the place thick.

    Raises ValueError when there is nothing to draw or no room to draw it.
    """
    if place.is_empty or width_px <= 0 or height_px <= 0:
        raise ValueError("A map sketch needs a place and a size: give a shape that is not empty and pixels above 0.")
    ours = state()
    own = ours.touched_by(place) or [county for county in [ours.county_of(place)] if county]
    projection = Projection.fit(_joined_bounds([place, *(county.shape for county in own)]), width_px, height_px)
    title = f"Map sketch: the place in {_and([county.name for county in own])}" if own else "Map sketch: the place"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width_px}" height="{height_px}" '
            f'viewBox="0 0 {width_px} {height_px}">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width_px}" height="{height_px}" fill="#ffffff"/>',
            *_map(ours, own, projection),
            *_mark(place, projection),
            "</svg>",
        ]
    )


def outline_svg_path(shape: BaseGeometry, projection: Projection) -> str:
    """SVG path data of a line, an area or a collection of them; rings are closed, points draw nothing."""
    if hasattr(shape, "geoms"):
        return " ".join(path for path in (outline_svg_path(part, projection) for part in shape.geoms) if path)
    if shape.geom_type == "Polygon":
        return " ".join(
            f"{_line(ring, projection)}Z" for ring in (shape.exterior, *shape.interiors) if not ring.is_empty
        )
    return "" if shape.geom_type == "Point" else _line(shape, projection)


def _line(line: BaseGeometry, projection: Projection) -> str:
    points = [projection.point(x, y) for x, y, *_ in line.coords]
    # Points that fall on the same tenth of a pixel would only make the document longer.
    kept = [point for before, point in zip([None, *points], points, strict=False) if point != before]
    # A line that shrinks to one point is still drawn, as a dot by its round ends.
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in (kept if len(kept) > 1 else kept * 2))


def _map(ours: StateGeography, own: list[County], projection: Projection) -> list[str]:
    view = box(*projection.view)
    outlines, labels = [], []
    for county in sorted(ours.touched_by(view), key=lambda county: county in own):
        # Clipped a little outside the paper, so that the cut is not drawn as a border.
        visible = clip_by_rect(county.shape, *view.buffer(0.02).bounds)
        fill = LAND if county in own else NEIGHBOUR
        path = outline_svg_path(visible, projection)
        if path:
            outlines.append(f'<path d="{path}" fill="{fill}" stroke="{BORDER}" stroke-width="1"/>')
        on_paper = county.shape.intersection(view)
        if county in own or on_paper.area > LABEL_SHARE * view.area:
            labels.append(_label(county.name, on_paper.representative_point(), projection))
    return outlines + labels


def _label(text: str, at: Point, projection: Projection) -> str:
    x, y = projection.point(at.x, at.y)
    return (
        f'<text x="{x:g}" y="{y:g}" font-family="sans-serif" font-size="11" fill="{INK}" '
        f'text-anchor="middle">{escape(text)}</text>'
    )


def _mark(place: BaseGeometry, projection: Projection) -> list[str]:
    marks = []
    path = outline_svg_path(place, projection)
    if path:
        marks.append(
            f'<path d="{path}" fill="{PLACE}" fill-opacity="{0.3 if place.area else 0:g}" stroke="{PLACE}" '
            'stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>'
        )
    points = [part for part in getattr(place, "geoms", [place]) if part.geom_type == "Point"]
    for x, y in (projection.point(point.x, point.y) for point in points):
        marks.append(f'<circle cx="{x:g}" cy="{y:g}" r="5" fill="{PLACE}"/>')
    west, south, east, north = place.bounds
    (left, bottom), (right, top) = projection.point(west, south), projection.point(east, north)
    if max(right - left, bottom - top) < SMALL_PX:
        x, y = (left + right) / 2, (top + bottom) / 2
        marks.append(f'<circle cx="{x:g}" cy="{y:g}" r="{SMALL_PX}" fill="none" stroke="{PLACE}" stroke-width="2"/>')
    return marks


def _joined_bounds(shapes: list[BaseGeometry]) -> Bounds:
    west, south, east, north = zip(*(shape.bounds for shape in shapes), strict=True)
    return min(west), min(south), max(east), max(north)


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
