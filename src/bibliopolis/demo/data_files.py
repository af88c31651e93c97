"""The files the demo is written in: strict YAML, and one table of books."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

from bibliopolis import declarations

FOLDER = Path(__file__).parent / "data"


@cache
def read(name: str) -> dict[str, Any]:
    """Return the content of ``data/<name>.yaml``."""
    content = declarations.read(FOLDER / f"{name}.yaml").data()
    assert isinstance(content, dict)
    return content


@cache
def books() -> tuple[dict[str, str], ...]:
    """Return the rows of the table of books; cells are parted by ``|``, values by ``;``."""
    with (FOLDER / "records.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE))
