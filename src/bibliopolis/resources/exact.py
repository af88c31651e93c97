"""Whether a value that a program sent is of the kind its schema says; nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bibliopolis.i18n import _

Problems = Iterator[tuple[str, Any]]

_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_WORDS: Mapping[str, Any] = {
    "string": _("This must be text."),
    "integer": _("This must be a whole number."),
    "boolean": _("This must be true or false."),
    "array": _("This must be a list."),
    "object": _("This must be an object."),
}


def problems_of(schema: Mapping[str, Any], value: Any, path: str = "") -> Problems:
    """Tell the path and the reason of each value of the wrong kind, and of unknown members."""
    kind = str(schema.get("type"))
    if kind in _KINDS and not _is(kind, value):
        yield path, _WORDS[kind]
        return
    if kind == "array" and "items" in schema:
        for number, one in enumerate(value):
            yield from problems_of(schema["items"], one, _below(path, str(number)))
    if kind == "object":
        known = schema.get("properties", {})
        for name, one in value.items():
            if name in known:
                yield from problems_of(known[name], one, _below(path, name))
            elif schema.get("additionalProperties") is False:
                yield _below(path, name), _("There is no such member.")
        for name in schema.get("required", ()):
            if name not in value:
                yield _below(path, name), _("This must be filled in.")
    if kind == "string":
        yield from _of_text(schema, value, path)


def _of_text(schema: Mapping[str, Any], value: str, path: str) -> Problems:
    longest = schema.get("maxLength")
    if longest is not None and len(value) > longest:
        yield (
            path,
            _(
                "This is ${length} characters long; at most ${most} fit.",
                mapping={"length": len(value), "most": longest},
            ),
        )


def _is(kind: str, value: Any) -> bool:
    # In Python true is a number; in JSON it is none.
    if kind != "boolean" and isinstance(value, bool):
        return False
    return isinstance(value, _KINDS[kind])


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
