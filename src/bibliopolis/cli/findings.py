"""What ``bibliopolis check`` finds."""

from __future__ import annotations

from dataclasses import dataclass

ERROR = "error"
REMARK = "remark"


@dataclass(frozen=True)
class Finding:
    """One line for the operator; what ``stops`` leaves the rest of the site unlooked at."""

    kind: str
    text: str
    stops: bool = False


def error(text: str, *, stops: bool = False) -> Finding:
    """Return something that has to be mended."""
    return Finding(ERROR, text, stops)


def remark(text: str) -> Finding:
    """Return something that is to be known."""
    return Finding(REMARK, text)
