"""What data a transition takes, read from its signature: described for clients and checked before it is fired."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from workflow.errors import InvalidData, Reason

type Schema = dict[str, Any]

_SIMPLE: dict[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (NoneType,),
    "array": (list,),
    "object": (dict,),
}


def data_schema(model: type, transition: str) -> Schema:
    """JSON Schema of the ``data`` of a transition of ``model``."""
    method = inspect.unwrap(getattr(model, transition))
    hints = get_type_hints(method)
    taken = {n: p for n, p in inspect.signature(method).parameters.items() if p.kind is p.KEYWORD_ONLY}
    return {
        "type": "object",
        "properties": {name: _schema(hints[name]) for name in taken},
        "required": [name for name, parameter in taken.items() if parameter.default is parameter.empty],
        "additionalProperties": False,
    }


def check_data(model: type, transition: str, data: Mapping[str, Any]) -> None:
    """Raises InvalidData with a reason for each value that is missing, unknown or of another type. A transition that
    ``model`` does not have is left to the engine."""
    if getattr(getattr(model, transition, None), "_django_fsm", None) is None:
        return
    schema = data_schema(model, transition)
    reasons = [
        _reason("unknown_field", name, "takes no such value; remove it")
        for name in data
        if name not in schema["properties"]
    ]
    reasons += [_reason("required", name, "is missing; send it") for name in schema["required"] if name not in data]
    reasons += [
        _reason("wrong_type", name, f"must be {_in_words(inner)}")
        for name, inner in schema["properties"].items()
        if name in data and not _fits(data[name], inner)
    ]
    if reasons:
        raise InvalidData(reasons)


def _reason(code: str, name: str, what: str) -> Reason:
    return Reason(code=code, sentence=f"“{name[:80]}” {what}.", field=name)


def _schema(hint: Any) -> Schema:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(one) for one in arguments]}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1])}
    if origin is not None and issubclass(origin, Sequence):
        return {"type": "array", "items": _schema(arguments[0])}
    return {"type": _SIMPLE[hint]} if hint in _SIMPLE else {}


def _fits(value: Any, schema: Schema) -> bool:
    if "anyOf" in schema:
        return any(_fits(value, one) for one in schema["anyOf"])
    if "type" not in schema:
        return True
    kinds = _TYPES[schema["type"]]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return False
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return all(_fits(one, schema.get("items") or schema.get("additionalProperties") or {}) for one in inner)


def _in_words(schema: Schema) -> str:
    if "anyOf" in schema:
        return " or ".join(_in_words(one) for one in schema["anyOf"])
    words = {"array": "a list", "object": "an object", "string": "text", "null": "null"}
    said = words.get(schema["type"], f"a {schema['type']}")
    within = schema.get("items") or schema.get("additionalProperties")
    return f"{said} of {_in_words(within)}" if within and "type" in within else said
