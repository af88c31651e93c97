"""Two revisions side by side: by field and by block, words that went and words that came."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import _
from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.types import ResourceType, ResourceTypes

_PIECES = re.compile(r"\s+|[^\s]+")
MANY = 4000
"""Longer texts are compared as wholes: comparing word by word takes the square of the length."""


@dataclass(frozen=True)
class Piece:
    """A run of words: ``same``, ``del`` or ``ins``."""

    kind: str
    text: str


@dataclass(frozen=True)
class Row:
    """A field or a block before and after."""

    title: Any
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        """Say whether anything differs."""
        return any(piece.kind != "same" for piece in (*self.before, *self.after))


def lines_of(
    declared: ResourceType, data: Mapping[str, Any], request: Request
) -> list[tuple[str, Any, str]]:
    """Return (key, title, plain text) of every filled field and block of a revision."""
    context = FieldContext.from_request(request)
    lines = [
        (one.name, one.title, context.kind(one).words(data[one.name]))
        for one in declared.fields.values()
        if data.get(one.name) is not None
    ]
    block_types = request.find_service(ResourceTypes).block_types
    for number, block in enumerate(data.get("blocks") or (), start=1):
        block_type = block_types.get(block.get("type"))
        if block_type is not None:
            title = _(
                "Block ${number}: ${type}", mapping={"number": number, "type": block_type.title}
            )
            words = block_type.words(block)
            shown = " ".join(filter(None, (words, str(block.get("filename") or ""))))
            references = ", ".join(block_type.references(block))
            lines.append(
                (f"block:{block['id']}", title, "\n".join(filter(None, (shown, references))))
            )
    return lines


def compare(
    declared: ResourceType, before: Mapping[str, Any], after: Mapping[str, Any], request: Request
) -> list[Row]:
    """Return a row for each field and block of either revision, in the order of the newer."""
    old = {key: (title, text) for key, title, text in lines_of(declared, before, request)}
    new = {key: (title, text) for key, title, text in lines_of(declared, after, request)}
    rows = []
    for key in (*new, *(one for one in old if one not in new)):
        title = (new.get(key) or old[key])[0]
        rows.append(Row(title, *_difference(old.get(key, ("", ""))[1], new.get(key, ("", ""))[1])))
    return rows


def _difference(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    if before == after:
        same = (Piece("same", before),)
        return same, same
    if len(before) + len(after) > MANY * 10:
        return (Piece("del", before),), (Piece("ins", after),)
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) + len(new) > MANY:
        return (Piece("del", before),), (Piece("ins", after),)
    left: list[Piece] = []
    right: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        was, now = "".join(old[start:end]), "".join(new[first:last])
        if kind == "equal":
            left.append(Piece("same", was))
            right.append(Piece("same", now))
        else:
            left.extend([Piece("del", was)] if was else [])
            right.extend([Piece("ins", now)] if now else [])
    return tuple(left), tuple(right)
