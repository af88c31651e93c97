"""Card numbers: as people type them, as they are kept, as they are printed."""

from __future__ import annotations

import unicodedata


def card_key(number: str) -> str:
    """Return a card number as it is stored: people type spaces and dashes, scanners do not."""
    plain = unicodedata.normalize("NFKC", number)
    return "".join(letter for letter in plain if letter.isalnum()).upper()


def spaced(number: str) -> str:
    """Return a card number in groups of four, as it is printed on the card."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
