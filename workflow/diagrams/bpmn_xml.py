"""The elements that every BPMN 2.0 document here is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from xml.etree import ElementTree as ET

SPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}
for _prefix, _space in SPACES.items():
    ET.register_namespace(_prefix, _space)


class HasBounds(Protocol):
    """A rectangle on the paper, in pixels."""

    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...


def qualified(prefixed: str) -> str:
    """``bpmn:process`` with its name space written out."""
    prefix, _, tag = prefixed.partition(":")
    return f"{{{SPACES[prefix]}}}{tag}"


def root_of(name: str, version: int) -> ET.Element:
    """The outermost element of the document about ``name``."""
    target = f"urn:milepost:workflow:{name}"
    about = {"id": f"definitions_{name}", "targetNamespace": target, "exporter": "Milepost"}
    return ET.Element(qualified("bpmn:definitions"), {**about, "exporterVersion": str(version)})


def child(parent: ET.Element, prefixed: str, attributes: Mapping[str, str] | None = None) -> ET.Element:
    return ET.SubElement(parent, qualified(prefixed), dict(attributes or {}))


def document(element: ET.Element, lines: Sequence[str]) -> None:
    """What the standard calls documentation; nothing for no lines."""
    if lines:
        child(element, "bpmn:documentation").text = "\n".join(lines)


def bounds(element: ET.Element, box: HasBounds) -> None:
    sizes = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    child(element, "dc:Bounds", {name: f"{size:g}" for name, size in sizes.items()})


def waypoints(element: ET.Element, points: Iterable[tuple[float, float]]) -> None:
    for x, y in points:
        child(element, "di:waypoint", {"x": f"{x:g}", "y": f"{y:g}"})


def text_of(root: ET.Element) -> str:
    """The whole document."""
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
