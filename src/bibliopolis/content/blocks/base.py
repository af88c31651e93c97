"""What a block type can do, and how its part of the editor's form is read."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bibliopolis.i18n import _
from bibliopolis.resources.fields.texts import clean_text

Block = dict[str, Any]
PREFIX = "block"
LONGEST = 20_000


def new_id() -> str:
    """Return an id for a block or an item; the same block keeps it in every language."""
    return uuid.uuid4().hex[:10]


def is_id(text: str) -> bool:
    """Say whether this can be the id of a block: ids come back from forms and clients."""
    return 0 < len(text) <= 32 and text.isascii() and text.isalnum()


@dataclass(frozen=True)
class BlockProblem:
    """What is wrong in a block; ``key`` names the control the message belongs to."""

    block: str
    key: str
    text: Any


@dataclass
class BlockContext:
    """What block types may ask while a form is read or a page is shown."""

    media: Any
    reference_of: Callable[[str], str | None]
    cards: Callable[[Sequence[str]], Mapping[str, Any]] = lambda _references: {}
    problems: list[BlockProblem] = field(default_factory=list)
    compiled: Mapping[str, Any] = field(default_factory=dict)
    """What blocks were made into when they were saved, by their ids."""


class BlockForm:
    """The controls of one block: ``block-<id>-<key>`` in the form that was sent."""

    def __init__(self, sent: Any, block_id: str, context: BlockContext) -> None:
        self.sent = sent
        self.block_id = block_id
        self.context = context

    def name(self, key: str) -> str:
        """Return the name of a control."""
        return f"{PREFIX}-{self.block_id}-{key}"

    def text(self, key: str, longest: int = LONGEST, one_line: bool = False) -> str:
        """Return what was typed; too much of it is a problem, and nothing is cut off."""
        value = self.sent.get(self.name(key), "")
        text = clean_text(value, one_line) if isinstance(value, str) else ""
        if len(text) > longest:
            self.problem(
                key,
                _(
                    "This is ${length} characters long; at most ${most} fit.",
                    mapping={"length": len(text), "most": longest},
                ),
            )
        return text

    def checked(self, key: str) -> bool:
        """Say whether a box was ticked."""
        return bool(self.sent.get(self.name(key)))

    def upload(self, key: str) -> Any:
        """Return the file that was chosen, or None."""
        value = self.sent.get(self.name(key))
        return value if getattr(value, "filename", None) else None

    def item_ids(self) -> Iterator[str]:
        """Return the ids of the block's items, in their order."""
        for value in self.sent.getall(self.name("item")):
            if isinstance(value, str) and is_id(value):
                yield value

    def problem(self, key: str, text: Any) -> None:
        """Say what is wrong."""
        self.context.problems.append(BlockProblem(self.block_id, key, text))


class BlockType:
    """The base of block types; ``name`` is kept in the revision and never renamed once used."""

    name = ""
    title: Any = ""
    icon = "file-text"
    template = ""
    """What readers see; gets ``block`` (what `show` returned)."""

    editor = ""
    """What editors fill in; gets ``block``, ``name(key)``, ``number``, ``problems``."""

    texts: tuple[str, ...] = ()
    """The keys that are words of a language; the rest of the block is the same in all."""

    def empty(self) -> Block:
        """Return a new block."""
        return {"id": new_id(), "type": self.name, **dict.fromkeys(self.texts, "")}

    def read(self, form: BlockForm) -> Block:
        """Return the block as it was filled in; say by ``form.problem`` what cannot be kept."""
        return {"id": form.block_id, "type": self.name, **{k: form.text(k) for k in self.texts}}

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of what programs read and send, without ``@type``."""
        return {
            "type": "object",
            "properties": {key: {"type": "string", "maxLength": LONGEST} for key in self.texts},
            "additionalProperties": False,
        }

    def sent(self, block: Block, context: BlockContext) -> Block:
        """Return a block of a program, whose members have been checked against the schema.

        What cannot be kept is told by ``context.problems``.
        """
        return self.clean(block)

    def clean(self, block: Mapping[str, Any]) -> Block:
        """Return a stored or sent block with nothing in it but what the type knows."""
        return {
            "id": block["id"],
            "type": self.name,
            **{key: clean_text(str(block.get(key) or "")) for key in self.texts},
        }

    def command(self, block: Block, verb: str, argument: str) -> Block:
        """Return the block after a submit of its own, such as adding an item."""
        return block

    def copy(self, block: Block) -> Block:
        """Return a copy with an id of its own."""
        return {**block, "id": new_id()}

    def without_texts(self, block: Block) -> Block:
        """Return the block as a translator finds it: the words are still to be written."""
        return {**block, **dict.fromkeys(self.texts, "")}

    def lines(self, block: Block) -> list[str]:
        """Return the words of a block as a translator reads them beside their own."""
        texts = (str(block.get(key) or "") for key in self.texts)
        return [line for text in texts for line in text.splitlines() if line.strip()]

    def references(self, block: Block) -> Sequence[str]:
        """Return the resources the block shows, so that all of a page are fetched together."""
        return ()

    def compiled(self, block: Block) -> Any:
        """Return as JSON what is made of the block once and for all, or None; see `show`."""
        return None

    def show(self, block: Block, cards: Mapping[str, Any], context: BlockContext) -> Any:
        """Return what the readers' template draws, or None to leave the block out.

        ``context.compiled`` may have what `compiled` returned, and need not.
        """
        return block

    def words(self, block: Block) -> str:
        """Return the block's words for search."""
        return " ".join(str(block.get(key) or "") for key in self.texts)
