"""JSON-LD in the words of schema.org: what the page of the record says of itself, as a file."""

from __future__ import annotations

import json

from bibliopolis.catalogue.exports.facts import Facts
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.schema_org import words_of
from bibliopolis.publicity import CONTEXT, filled


def write(record: Record, facts: Facts) -> bytes:
    """Return the record as a document."""
    words = words_of(record, facts.title, facts.url)
    return json.dumps({"@context": CONTEXT, **filled(words)}, ensure_ascii=False, indent=2).encode()
