r"""Bytes of a record as text that a person can mend in a form, and back, byte for byte.

Marks between fields are control characters, which no form shows: they stand as their hexadecimal
numbers, ``\1D``, ``\1E`` and ``\1F``, as do all control characters but the end of a line. (The
pictures that Unicode has for them are empty in many fonts.)
"""

from __future__ import annotations

import re

from bibliopolis.catalogue.marc.code_pages import likely_page, looks_cyrillic

LONGEST_TO_MEND = 20_000
"""So many bytes still fit a form; longer ones are mended elsewhere and sent again."""
NUMBER = re.compile(r"\\([0-9A-F]{2})")
# A backslash that would be taken for the beginning of a number is written as one.
UNSHOWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]|\\(?=[0-9A-F]{2})")


def as_text(raw: bytes) -> tuple[str, str]:
    """Return the text of bytes, and the name of the encoding they were read in."""
    guessed = likely_page(raw, None, None) if looks_cyrillic(raw) else None
    for name in filter(None, ("utf-8", guessed)):
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        return _shown(text), name
    return _shown(raw.decode("latin-1")), "latin-1"


def _shown(text: str) -> str:
    return UNSHOWN.sub(lambda found: f"\\{ord(found.group()):02X}", text)


def as_bytes(text: str, encoding: str) -> bytes:
    """Return the bytes of a text from a form; ``UnicodeEncodeError`` where there are none."""
    plain = text.replace("\r\n", "\n")
    return NUMBER.sub(lambda found: chr(int(found.group(1), 16)), plain).encode(encoding)
