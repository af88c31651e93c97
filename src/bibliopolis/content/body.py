"""Reading, changing and showing the list of blocks of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bibliopolis.parameters import whole_number
from bibliopolis.resources.types import ResourceTypes

from .blocks.base import Block, BlockContext, BlockForm, is_id
from .markup import VERSION

MOST = 200
ORDER = "block"


@dataclass(frozen=True)
class ShownBlock:
    """A block as the readers' page draws it."""

    id: str
    type: str
    template: str
    content: Any


@dataclass(frozen=True)
class Body:
    """What can be done with lists of blocks, with the block types of the site."""

    types: ResourceTypes

    def read(self, sent: Any, context: BlockContext) -> list[Block]:
        """Return the blocks of a form that was sent: ``block`` lists ``<id>:<type>`` in order."""
        blocks: list[Block] = []
        seen: set[str] = set()
        for entry in sent.getall(ORDER)[:MOST]:
            block_id, _colon, name = str(entry).partition(":")
            block_type = self.types.block_types.get(name)
            if block_type is not None and is_id(block_id) and block_id not in seen:
                seen.add(block_id)
                blocks.append(block_type.read(BlockForm(sent, block_id, context)))
        return blocks

    def clean(self, sent: Any) -> list[Block]:
        """Return the blocks of a client or a file, with nothing in them we do not know."""
        blocks = []
        for one in (sent if isinstance(sent, list) else [])[:MOST]:
            known = isinstance(one, Mapping) and self.types.block_types.get(str(one.get("type")))
            if known and is_id(str(one.get("id") or "")):
                blocks.append(known.clean(one))
        return blocks

    def stored(self, blocks: Sequence[Block]) -> list[Block]:
        """Return the blocks as a revision keeps them, without what was only half typed."""
        return [self.types.block_types[one["type"]].clean(one) for one in blocks]

    def apply(self, blocks: Sequence[Block], command: str) -> list[Block]:
        """Return the list after a submit.

        ``add:<type>:<position>``, ``up:<id>``, ``down:<id>``, ``copy:<id>``, ``remove:<id>``, and
        ``item-<verb>:<id>:<argument>`` for what a block type does itself.
        """
        changed = list(blocks)
        verb, _colon, rest = command.partition(":")
        target, _colon, argument = rest.partition(":")
        if verb == "add":
            self._add(changed, target, argument)
            return changed
        at = next((n for n, one in enumerate(changed) if one["id"] == target), None)
        if at is None:
            return changed
        block_type = self.types.block_types[changed[at]["type"]]
        if verb.startswith("item-"):
            changed[at] = block_type.command(changed[at], verb.removeprefix("item-"), argument)
        elif verb == "remove":
            del changed[at]
        elif verb == "copy" and len(changed) < MOST:
            changed.insert(at + 1, block_type.copy(changed[at]))
        elif verb in ("up", "down"):
            to = at + (1 if verb == "down" else -1)
            if 0 <= to < len(changed):
                changed[at], changed[to] = changed[to], changed[at]
        return changed

    def _add(self, blocks: list[Block], name: str, position: str) -> None:
        block_type = self.types.block_types.get(name)
        if block_type is None or len(blocks) >= MOST:
            return
        at = whole_number(position)
        end = len(blocks)
        blocks.insert(end if at is None else min(at, end), block_type.empty())

    def for_translator(self, blocks: Sequence[Block]) -> list[Block]:
        """Return the blocks of the source with their words still to be written."""
        block_types = self.types.block_types
        return [block_types[one["type"]].without_texts(one) for one in self.known(blocks)]

    def lines(self, block: Block) -> list[str]:
        """Return the words of a block, line by line."""
        return self.types.block_types[block["type"]].lines(block)

    def known(self, blocks: Any) -> list[Block]:
        """Return the blocks whose type this site still has."""
        return [one for one in blocks or () if one.get("type") in self.types.block_types]

    def show(
        self, blocks: Any, context: BlockContext, compiled: Mapping[str, Any] | None = None
    ) -> list[ShownBlock]:
        """Return what readers see; all resources on the page are fetched together.

        ``compiled`` is what was kept beside the blocks.
        """
        if compiled and compiled.get("version") == VERSION:
            context = replace(context, compiled=compiled["blocks"])
        known = self.known(blocks)
        wanted = [
            reference
            for one in known
            for reference in self.types.block_types[one["type"]].references(one)
        ]
        cards = context.cards(wanted) if wanted else {}
        shown = []
        for one in known:
            block_type = self.types.block_types[one["type"]]
            content = block_type.show(one, cards, context)
            if content is not None:
                shown.append(ShownBlock(one["id"], one["type"], block_type.template, content))
        return shown

    def compiled(self, blocks: Any) -> dict[str, Any]:
        """Return what a revision keeps beside its blocks, so that pages need not make it anew.

        ``version`` is that of the rules it was made by: what older ones made is not used.
        """
        made = {
            one["id"]: self.types.block_types[one["type"]].compiled(one)
            for one in self.known(blocks)
        }
        kept = {block_id: value for block_id, value in made.items() if value is not None}
        return {"version": VERSION, "blocks": kept} if kept else {}

    def words(self, blocks: Any) -> str:
        """Return all words of a body, for search."""
        return "\n".join(
            self.types.block_types[one["type"]].words(one) for one in self.known(blocks)
        )
