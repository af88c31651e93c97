"""Books and pages chosen by hand, each with a note: the heart of a reading collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bibliopolis.i18n import _
from bibliopolis.resources.fields.texts import clean_text

from ..cards import split_reference
from ..markup import to_html, to_words
from .base import Block, BlockContext, BlockForm, BlockProblem, BlockType, is_id, new_id

MOST = 100


class ResourceList(BlockType):
    """A heading and a list of ``{"id", "ref", "note"}``; ``ref`` is ``record:12``."""

    name = "resources"
    title = _("Books and pages")
    icon = "bookshelf"
    template = "content/blocks/resources.pt"
    editor = "content/blocks/resources_editor.pt"
    texts = ("heading",)

    def empty(self) -> Block:
        """Return an empty list."""
        return {**super().empty(), "items": []}

    def read(self, form: BlockForm) -> Block:
        """Return the list with what was added; an address that leads nowhere is told."""
        items = [
            {
                "id": one,
                "ref": form.text(f"{one}-ref", 60, one_line=True),
                "note": form.text(f"{one}-note", 5000),
            }
            for one in form.item_ids()
        ]
        block: Block = {
            "id": form.block_id,
            "type": self.name,
            "heading": form.text("heading", 200, one_line=True),
            "items": [one for one in items if one["ref"]][:MOST],
        }
        wanted = form.text("new", 1000, one_line=True)
        if wanted:
            reference = form.context.reference_of(wanted)
            if reference is None or not form.context.cards([reference]):
                block["new"] = wanted
                form.problem(
                    "new",
                    _("Nothing was found for “${text}”.", mapping={"text": wanted}),
                )
            elif len(block["items"]) < MOST:
                block["items"].append({"id": new_id(), "ref": reference, "note": ""})
        return block

    def clean(self, block: Mapping[str, Any]) -> Block:
        """Return only what a list has."""
        items = block.get("items")
        return {
            **super().clean(block),
            "items": [
                {
                    "id": one["id"] if is_id(str(one.get("id") or "")) else new_id(),
                    "ref": str(one["ref"])[:60],
                    "note": clean_text(str(one.get("note") or ""))[:5000],
                }
                for one in (items if isinstance(items, list) else [])[:MOST]
                if isinstance(one, Mapping) and one.get("ref")
            ],
        }

    def json_schema(self) -> dict[str, Any]:
        """Return also the list, each of it a reference with a note."""
        schema = super().json_schema()
        item = {
            "type": "object",
            "properties": {
                "id": {"type": "string", "maxLength": 32},
                "ref": {"type": "string", "maxLength": 60},
                "note": {"type": "string", "maxLength": 5000},
            },
            "required": ["ref"],
            "additionalProperties": False,
        }
        items = {"type": "array", "maxItems": MOST, "items": item}
        return {**schema, "properties": {**schema["properties"], "items": items}}

    def sent(self, block: Block, context: BlockContext) -> Block:
        """Take the list; what it names must be of a kind that can be listed."""
        items = block.get("items", [])
        if len(items) > MOST:
            told = _("At most ${most} fit.", mapping={"most": MOST})
            context.problems.append(BlockProblem(block["id"], "items", told))
            return block
        for number, one in enumerate(items):
            # Addresses are for people: each would be looked up in the tree by itself.
            if split_reference(one["ref"]) is None or context.reference_of(one["ref"]) is None:
                told = _("Nothing was found for “${text}”.", mapping={"text": one["ref"]})
                context.problems.append(BlockProblem(block["id"], f"items.{number}.ref", told))
        return self.clean(block)

    def command(self, block: Block, verb: str, argument: str) -> Block:
        """Move or remove one of the items."""
        items = list(block["items"])
        at = next((n for n, one in enumerate(items) if one["id"] == argument), None)
        if at is None:
            return block
        if verb == "remove":
            del items[at]
        else:
            to = at + {"up": -1, "down": 1}.get(verb, 0)
            if 0 <= to < len(items):
                items[at], items[to] = items[to], items[at]
        return {**block, "items": items}

    def copy(self, block: Block) -> Block:
        """Return a copy whose items have ids of their own."""
        items = [{**one, "id": new_id()} for one in block.get("items", ())]
        return {**super().copy(block), "items": items}

    def without_texts(self, block: Block) -> Block:
        """Return the list with its notes still to be written."""
        items = [{**one, "note": ""} for one in block.get("items", ())]
        return {**super().without_texts(block), "items": items}

    def lines(self, block: Block) -> list[str]:
        """Return the heading and the notes, in the order of the items."""
        notes = [str(one.get("note") or "") for one in block.get("items", ())]
        return [*super().lines(block), *(note for note in notes if note)]

    def references(self, block: Block) -> Sequence[str]:
        """Return what the list shows."""
        return [str(one["ref"]) for one in block.get("items", ())]

    def show(self, block: Block, cards: Mapping[str, Any], context: BlockContext) -> Any:
        """Return the items whose resource is there for this visitor, numbered as they stand."""
        found = [
            {"card": cards[one["ref"]], "note": to_html(str(one.get("note") or ""))}
            for one in block.get("items", ())
            if one.get("ref") in cards
        ]
        if not found:
            return None
        return {"heading": block.get("heading"), "items": found}

    def words(self, block: Block) -> str:
        """Return the heading and the notes."""
        notes = (to_words(str(one.get("note") or "")) for one in block.get("items", ()))
        return " ".join((str(block.get("heading") or ""), *notes))
