"""Reads and writes JSON for the eye without changing what it says: repeated members and number spellings survive."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

WIDTH = 68  # characters: what fits beside a second column
_string = json.JSONEncoder(ensure_ascii=False).encode


class Literal(str):
    """A number as the sender spelled it."""

    __slots__ = ()


class Members(NamedTuple):
    """An object's members in the sender's order, repeated names included."""

    pairs: list[tuple[str, Any]]


def read(text: str) -> Any:
    """The JSON value in `text`, objects as Members and numbers as Literal; ValueError where it is not JSON."""
    try:
        return json.loads(
            text, object_pairs_hook=Members, parse_int=Literal, parse_float=Literal, parse_constant=Literal
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def compact(value: Any) -> str:
    """One line."""
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, Members):
        return "{" + ", ".join(f"{_string(name)}: {compact(member)}" for name, member in value.pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(compact(item) for item in value) + "]"
    return _string(value)


def pretty(value: Any, indent: str = "", name: str = "") -> str:
    """Several lines, but whatever fits on one line stays on one line."""
    line = f"{indent}{name}{compact(value)}"
    if len(line) <= WIDTH or not isinstance(value, Members | list):
        return line
    opening, closing = "{}" if isinstance(value, Members) else "[]"
    items = [
        pretty(item, indent + "  ", f"{_string(key)}: ") if isinstance(value, Members) else pretty(item, indent + "  ")
        for key, item in (value.pairs if isinstance(value, Members) else enumerate(value))
    ]
    return f"{indent}{name}{opening}\n" + ",\n".join(items) + f"\n{indent}{closing}"
