"""What a program sends of a page, read by the rules of the form: fields, body, a note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyramid.request import Request

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.exact import problems_of
from bibliopolis.resources.forms import read_data, split
from bibliopolis.resources.types import ALL_LANGUAGES, ResourceType

from .blocks.base import Block, is_id
from .body import MOST
from .forms import BLOCKS, block_context
from .models import Revision

LAYOUT = "blocks_layout"
NOTE = "changeNote"
LONGEST_NOTE = 1000
Errors = dict[str, Any]


@dataclass(frozen=True)
class SentPage:
    """What is to be saved: the fields of a language, and those that belong to none."""

    data: dict[str, Any]
    shared: dict[str, Any] | None
    note: str


def read_page(
    request: Request,
    declared: ResourceType,
    language: str,
    sent: Mapping[str, Any],
    *,
    source: bool,
    working: Revision | None = None,
    shared: Revision | None = None,
) -> SentPage:
    """Return the page after a program's change; what was not sent stays as it is.

    ``source`` says whether the language is that of the original: only with it the fields that
    all languages share are changed. Everything wrong is told at once.
    """
    parts = (language, ALL_LANGUAGES) if source else (language,)
    before = {**(working.data if working else {}), **(shared.data if shared and source else {})}
    body = before.pop(BLOCKS, [])
    rest = {key: value for key, value in sent.items() if key not in (BLOCKS, LAYOUT, NOTE)}
    errors: Errors = {}
    data: dict[str, Any] = {}
    try:
        context = FieldContext.from_request(request, language, draft=True)
        data = read_data(declared, parts, rest, context, before)
    except InvalidInput as error:
        errors.update(error.errors)
    if BLOCKS in sent or LAYOUT in sent:
        body = _read_body(request, declared, sent, errors)
    note = _read_note(sent, errors)
    if errors:
        raise InvalidInput(_("Some fields need mending."), errors)
    own, common = split(declared, data, language)
    if declared.has(BLOCKS):
        own[BLOCKS] = body
    return SentPage(own, common if source else None, note)


def _read_note(sent: Mapping[str, Any], errors: Errors) -> str:
    note = sent.get(NOTE)
    errors.update(problems_of({"type": "string", "maxLength": LONGEST_NOTE}, note or "", NOTE))
    return note.strip() if isinstance(note, str) else ""


def _read_body(
    request: Request, declared: ResourceType, sent: Mapping[str, Any], errors: Errors
) -> list[Block]:
    """Return the blocks in their order, as a revision keeps them."""
    if not declared.has(BLOCKS):
        errors[BLOCKS] = _("There is no such field.")
        return []
    wrong = dict(
        (
            *problems_of(_BODY, sent.get(BLOCKS), BLOCKS),
            *problems_of(_LAYOUT, sent.get(LAYOUT), LAYOUT),
        )
    )
    if wrong:
        errors.update(wrong)
        return []
    blocks, order = sent[BLOCKS], sent[LAYOUT]["items"]
    if len(order) > MOST:
        errors[LAYOUT] = _("At most ${most} fit.", mapping={"most": MOST})
    elif len(set(order)) != len(order) or set(order) != set(blocks):
        errors[LAYOUT] = _("The order names each of the blocks once.")
    if LAYOUT in errors:
        return []
    return _read_blocks(request, [(one, blocks[one]) for one in order], errors)


def _read_blocks(
    request: Request, sent: list[tuple[str, dict[str, Any]]], errors: Errors
) -> list[Block]:
    context = block_context(request)
    types = request.registry["bibliopolis.types"].block_types
    read = []
    for name, block in sent:
        path = f"{BLOCKS}.{name}"
        if not isinstance(block, dict):
            errors[path] = _("This must be an object.")
            continue
        kind = block.get("@type")
        block_type = types.get(kind) if isinstance(kind, str) else None
        if not is_id(name):
            errors[path] = _("The id of a block is made of Latin letters and digits.")
        elif block_type is None:
            errors[f"{path}.@type"] = _("There is no such type.")
        else:
            members = {key: value for key, value in block.items() if key != "@type"}
            wrong = dict(problems_of(block_type.json_schema(), members, path))
            errors.update(wrong)
            if not wrong:
                one = {"id": name, "type": kind, **members}
                read.append(block_type.clean(block_type.sent(one, context)))
    for problem in context.problems:
        errors[f"{BLOCKS}.{problem.block}.{problem.key}"] = problem.text
    return read


_BODY: Mapping[str, Any] = {"type": "object"}
_LAYOUT: Mapping[str, Any] = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"type": "string"}}},
    "required": ["items"],
    "additionalProperties": False,
}
