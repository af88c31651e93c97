"""The editor's form of a page: declared fields by deform, the body by block types.

Every button of the form sends all of it (``do`` says which was pressed), so that adding or moving
a block loses nothing that was typed; only ``save`` and the steps of the workflow keep anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import deform
from pyramid.request import Request

from bibliopolis.parts import Problem, form_problems
from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.forms import fields_in, form_of, schema_of, split
from bibliopolis.resources.interfaces import IMediaStore
from bibliopolis.resources.types import ALL_LANGUAGES, ResourceType, ResourceTypes

from .blocks.base import PREFIX, Block, BlockContext, BlockProblem
from .body import Body
from .cards import REGISTRY, cards_for, reference_of
from .models import Revision
from .tree import Tree

BLOCKS = "blocks"


def block_context(request: Request) -> BlockContext:
    """Return what block types may ask in this request."""

    def page_id(path: str) -> int | None:
        node = request.find_service(Tree).by_path(path)
        return node.id if node is not None else None

    return BlockContext(
        media=request.find_service(IMediaStore),
        reference_of=lambda text: reference_of(text, request.registry[REGISTRY], page_id),
        cards=lambda references: cards_for(request, references),
    )


@dataclass
class PageForm:
    """The form while a page is drawn: fields, blocks, and what is wrong with them."""

    fields: deform.Form
    blocks: list[Block]
    has_blocks: bool
    context: BlockContext
    data: dict[str, Any] = field(default_factory=dict)
    shared: dict[str, Any] | None = None
    is_valid: bool = True
    slug: str = ""
    note: str = ""
    comment: str = ""
    extra: list[Problem] = field(default_factory=list)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return all that is wrong, with the ids of the controls."""
        return (
            *form_problems(self.fields),
            *(Problem("", one.text, control_id(one.block, one.key)) for one in self._of_blocks),
            *self.extra,
        )

    def problems_of(self, block_id: str) -> Mapping[str, Any]:
        """Return what is wrong with a block, by control."""
        return {one.key: one.text for one in self._of_blocks if one.block == block_id}

    @property
    def _of_blocks(self) -> Sequence[BlockProblem]:
        return self.context.problems


def control_id(block_id: str, key: str) -> str:
    """Return the name and id of a block's control."""
    return f"{PREFIX}-{block_id}-{key}"


@dataclass(frozen=True)
class PageForms:
    """Make forms of one type, in one language; ``parts`` are the language and perhaps ``*``."""

    request: Request
    type: ResourceType
    language: str
    parts: tuple[str, ...]

    @classmethod
    def of(cls, request: Request, declared: ResourceType, language: str, source: bool) -> PageForms:
        """Return the forms of a type; those of the source language edit what all share."""
        parts = (language, ALL_LANGUAGES) if source else (language,)
        return cls(request, declared, language, parts)

    @property
    def body(self) -> Body:
        """Return what can be done with blocks."""
        return Body(self.request.find_service(ResourceTypes))

    @property
    def shares(self) -> bool:
        """Say whether the form has fields that belong to all languages."""
        return ALL_LANGUAGES in self.parts and bool(fields_in(self.type, (ALL_LANGUAGES,)))

    def empty(self) -> PageForm:
        """Return the form of a new page."""
        return self.filled(None, None)

    def filled(
        self,
        revision: Revision | None,
        shared: Revision | None,
        blocks: Sequence[Block] | None = None,
    ) -> PageForm:
        """Return the form of a saved page; ``blocks`` stand in for those of the revision."""
        fields = self._fields()
        own = dict(revision.data) if revision else {}
        both = {**own, **(shared.data if shared and self.shares else {})}
        known = {one.name for one in fields_in(self.type, self.parts)}
        fields.set_appstruct({key: value for key, value in both.items() if key in known})
        return PageForm(
            fields=fields,
            blocks=list(blocks) if blocks is not None else self.body.known(own.get(BLOCKS)),
            has_blocks=self.type.has(BLOCKS),
            context=block_context(self.request),
        )

    def posted(self) -> PageForm:
        """Return the form as it was sent, checked."""
        sent = self.request.POST
        fields = self._fields()
        context = block_context(self.request)
        blocks = self.body.read(sent, context) if self.type.has(BLOCKS) else []
        form = PageForm(
            fields=fields,
            blocks=blocks,
            has_blocks=self.type.has(BLOCKS),
            context=context,
            slug=_word(sent, "slug"),
            note=_word(sent, "note"),
            comment=_word(sent, "comment"),
        )
        try:
            filled = fields.validate(list(sent.items()))
        except deform.ValidationFailure:
            form.is_valid = False
            return form
        # A form that was sent whole shows what it keeps: texts as they were cleaned.
        fields.set_appstruct(filled)
        form.data, shared = split(self.type, filled, self.language)
        form.shared = shared if self.shares else None
        if self.type.has(BLOCKS):
            form.data[BLOCKS] = self.body.stored(blocks)
        form.is_valid = not context.problems
        return form

    def apply(self, form: PageForm, command: str) -> None:
        """Change the list of blocks as a button asked."""
        form.blocks = self.body.apply(form.blocks, command)

    def _fields(self) -> deform.Form:
        context = FieldContext.from_request(self.request, self.language, draft=True)
        schema = schema_of(self.type, self.parts, context)
        return form_of(schema, self.request.form_renderer, formid="page")


def _word(sent: Any, name: str) -> str:
    value = sent.get(name, "")
    return value.strip() if isinstance(value, str) else ""
