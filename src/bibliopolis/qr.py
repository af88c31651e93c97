"""QR codes (ISO/IEC 18004) as the path of an SVG."""

from __future__ import annotations

from itertools import groupby

import segno

QUIET = 4
"""So many modules around the code stay white, or telephones do not see where it begins."""


def qr_path(text: str) -> tuple[str, int]:
    """Return the dark modules as a path, and the width of the view, in modules."""
    rows = segno.make(text, error="m", micro=False).matrix
    parts = []
    for y, row in enumerate(rows, QUIET):
        x = QUIET
        for dark, modules in groupby(row):
            width = len(list(modules))
            if dark:
                parts.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return "".join(parts), len(rows) + 2 * QUIET
