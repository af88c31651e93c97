"""Bytes of a record as text that a person can mend in a form, and back, byte for byte.

Marks between fields are control characters, which no form shows: they stand as their pictures
(U+241D, U+241E, U+241F), as do all other control characters but the end of a line.
"""

from __future__ import annotations

from bibliopolis.catalogue.marc.code_pages import likely_page, looks_cyrillic

LONGEST_TO_MEND = 20_000
"""So many bytes still fit a form; longer ones are mended elsewhere and sent again."""
PICTURES = {code: 0x2400 + code for code in range(0x20) if code != 0x0A}
PICTURES[0x7F] = 0x2421
BACK = {picture: code for code, picture in PICTURES.items()}


def as_text(raw: bytes) -> tuple[str, str]:
    """Return the text of bytes, and the name of the encoding they were read in."""
    guessed = likely_page(raw, None, None) if looks_cyrillic(raw) else None
    for name in ("utf-8", guessed, "latin-1"):
        if name is None:
            continue
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        if as_bytes(text.translate(PICTURES), name) == raw:
            return text.translate(PICTURES), name
    return raw.decode("latin-1").translate(PICTURES), "latin-1"


def as_bytes(text: str, encoding: str) -> bytes:
    """Return the bytes of a text from a form; ``UnicodeEncodeError`` where there are none."""
    return text.replace("\r\n", "\n").translate(BACK).encode(encoding)
