"""What deform's widgets need to work without a script.

Attributes that name help and errors, and buttons that change a sequence on the server.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import colander
import peppercorn

GROUPS = frozenset(
    {"checkbox_choice", "radio_choice", "datetimeinput", "dateparts", "mapping", "sequence"}
)
"""Templates of several controls: they get a legend instead of a label."""

SEQUENCE_BUTTON = "__sequence__"


def control(field: Any, css: str, *, suffix: str = "", **more: Any) -> dict[str, Any]:
    """Return the attributes of a control: id, class, what describes it, whether it is wrong."""
    described = []
    if field.description:
        described.append(f"help-{field.oid}")
    if field.error is not None and any(field.error.messages()):
        described.append(f"error-{field.oid}")
    attributes: dict[str, Any] = {
        "id": f"{field.oid}{suffix}",
        "class": f"{css} is-invalid" if field.error is not None else css,
        "aria-describedby": " ".join(described) or None,
        "aria-invalid": "true" if field.error is not None else None,
        "aria-required": "true" if field.required else None,
        **more,
        **(getattr(field.widget, "attributes", None) or {}),
    }
    return {
        name: value
        for name, value in attributes.items()
        if value is not None and value is not False
    }


def is_group(field: Any) -> bool:
    """Say whether the widget has several controls."""
    return field.widget.template in GROUPS


def press_sequence_button(form: Any, controls: Iterable[tuple[str, Any]]) -> bool:
    """Do what a pressed button of a sequence asks; False if none was pressed.

    The buttons stand in the stream of controls where the item they belong to ends. Afterwards
    the form holds what was entered, changed; show it again without validating it::

        controls = list(request.POST.items())
        if press_sequence_button(form, controls):
            return {"form": form.render()}
    """
    sent = list(controls)
    place = next((n for n, (name, _value) in enumerate(sent) if name == SEQUENCE_BUTTON), None)
    if place is None:
        return False
    verb = sent[place][1]
    path, count = _path(sent[:place])
    rest = [pair for pair in sent if pair[0] != SEQUENCE_BUTTON]
    pstruct = peppercorn.parse(rest)
    items = pstruct
    for step in path:
        items = items[step]
    _change(items, verb, count - 1)
    try:
        form.cstruct = form.widget.deserialize(form, pstruct)
    except colander.Invalid as error:
        form.cstruct = error.value
    return True


def _path(before: list[tuple[str, Any]]) -> tuple[list[Any], int]:
    """Return the way to the sequence that is open at the end, and how many items it has."""
    path: list[Any] = []
    counts: list[int] = []
    kinds: list[str] = []
    for name, value in before:
        if name == "__end__":
            path.pop()
            counts.pop()
            kinds.pop()
        elif name == "__start__":
            named, _colon, kind = str(value).rpartition(":")
            inside = kinds and kinds[-1] == "sequence"
            path.append(counts[-1] if inside else named)
            if inside:
                counts[-1] += 1
            counts.append(0)
            kinds.append(kind)
        elif kinds and kinds[-1] == "sequence":
            counts[-1] += 1
    return path, counts[-1] if counts else 0


def _change(items: list[Any], verb: str, index: int) -> None:
    if verb == "add":
        items.append(colander.null)
    elif not 0 <= index < len(items):
        return
    elif verb == "remove":
        del items[index]
    elif verb == "up" and index > 0:
        items[index - 1], items[index] = items[index], items[index - 1]
    elif verb == "down" and index + 1 < len(items):
        items[index + 1], items[index] = items[index], items[index + 1]
