"""Extractors that let ``pybabel`` read page templates and declarations; see babel.cfg.

Nothing here runs in a site: lingua is among the developers' tools only. Run as a program, the
module fills the catalogue of the language the texts are written in: it is always complete.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import yaml
from babel.messages.pofile import read_po, write_po

Message = tuple[int, str | None, str | tuple[str, ...], list[str]]

TEXTS = frozenset({"title", "description", "label", "help", "placeholder"})
# A vocabulary's terms: every value is a text, whatever its key.
MAPPINGS_OF_TEXTS = frozenset({"terms"})
DOCTYPE = re.compile(rb"<!doctype html>", re.IGNORECASE)


def extract_chameleon(
    fileobj: IO[bytes],
    keywords: Iterable[str],
    comment_tags: Iterable[str],
    options: dict[str, str],
) -> Iterator[Message]:
    """Yield the messages of a page template, as lingua's parser finds them."""
    from lingua.extractors.xml import ChameleonExtractor

    extractor = ChameleonExtractor()
    extractor.config = dict(extractor.default_config)
    settings = SimpleNamespace(domain=options["domain"], keywords=[], comment_tag=None)
    # The parser takes a doctype for bad markup and says so.
    text = BytesIO(DOCTYPE.sub(b"", fileobj.read()))
    for message in extractor(fileobj.name, settings, text):
        comments = [message.comment] if message.comment else []
        yield message.location[1], None, message.msgid, comments


def extract_declaration(
    fileobj: IO[bytes],
    keywords: Iterable[str],
    comment_tags: Iterable[str],
    options: dict[str, str],
) -> Iterator[Message]:
    """Yield what a YAML declaration says to people: the values of its titles and descriptions."""
    document = yaml.compose(fileobj, Loader=yaml.SafeLoader)
    if document is not None:
        yield from _texts(document)


def _texts(node: Any, all_values: bool = False) -> Iterator[Message]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(value, yaml.ScalarNode):
                if (all_values or key.value in TEXTS) and value.value.strip():
                    yield value.start_mark.line + 1, None, value.value, []
            else:
                yield from _texts(value, key.value in MAPPINGS_OF_TEXTS)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _texts(value)


def fill_source_language(path: Path) -> int:
    """Give every text without a translation its own words; return how many there were.

    What somebody has put otherwise stays: a catalogue may say a thing better than the code.
    """
    with path.open("rb") as stream:
        catalogue = read_po(stream)
    filled = 0
    for message in catalogue:
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.id and (message.fuzzy or not all(strings)):
            message.string = message.id
            message.flags.discard("fuzzy")
            filled += 1
    catalogue.fuzzy = False
    with path.open("wb") as stream:
        write_po(stream, catalogue, width=0)
    return filled


if __name__ == "__main__":
    fill_source_language(Path(sys.argv[1]))
