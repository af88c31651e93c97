"""Small repairs of catalogue punctuation and of characters that belong into no text."""

from __future__ import annotations

import re
from unicodedata import normalize

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufdd0]+")
BLANKS = re.compile(r"\s+")
# Marks of direction around a text are for a card; a page sets directions itself.
AT_THE_ENDS = " \u200e\u200f\u202a\u202b\u202c"
SEPARATOR = re.compile(r"(?:\s+[/:;=,]|[,;:=]|\s*[／：；＝，،؛])+\s*$")
STOP_AFTER_WORD = re.compile(r"(?<=[\w)\]»”\"][\w)\]»”\"][\w)\]»”\"])\.$")


def clean(text: str) -> str:
    """Return the text on one line, without control characters and doubled blanks."""
    return BLANKS.sub(" ", CONTROL.sub(" ", text)).strip(AT_THE_ENDS)


def printable(text: str) -> str:
    """Return the text in NFC as it is written, only without control characters."""
    return normalize("NFC", CONTROL.sub("", text))


def bare(text: str) -> str:
    """Return the text without the punctuation that introduces the next area of a card."""
    return SEPARATOR.sub("", clean(text)).strip(AT_THE_ENDS)


def unstopped(text: str) -> str:
    """Return the text without separators and without a full stop that ends no abbreviation."""
    return STOP_AFTER_WORD.sub("", bare(text))


STOP_AFTER_NUMBER = re.compile(r"(?<=[0-9])\.$")


def unpunctuated(text: str) -> str:
    """Return the text of a dialect whose fields have no punctuation between them.

    There a full stop at the end belongs to an abbreviation, unless it follows a number.
    """
    return STOP_AFTER_NUMBER.sub("", bare(text))


def unbracketed(text: str) -> str:
    """Return the text without the square brackets of a cataloguer's own addition."""
    return without_brackets(unstopped(text))


def without_brackets(text: str) -> str:
    """Return the text without the square brackets around it, or a single one of a pair."""
    if text.startswith("[") and text.endswith("]") and text.count("[") == 1:
        return text[1:-1].strip()
    if text.count("[") != text.count("]"):
        return text.strip("[] ")
    return text


def distinct(values: list[str]) -> tuple[str, ...]:
    """Return the values that are not empty, each once, in their order."""
    return tuple(dict.fromkeys(value for value in values if value))
