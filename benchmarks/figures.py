"""The figures of a run: printed beside the last ones kept, and kept in ``results/``."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MILLION = 1_000_000
RESULTS = Path(__file__).parent / "results"

Figures = dict[str, float]

RULES = (
    "diacritics_dropped",
    "inflected_genitive",
    "isbn_digits",
    "isbn_hyphens",
    "surname_plus_title_words",
    "title_exact",
    "title_lower_nopunct",
    "title_words_then_surname_lower",
    "translit_latin",
    "typo_deletion",
    "typo_transposition",
    "wrong_keyboard_layout",
)
"""By which the questions for known items were made."""

AT_LEAST = {
    "records imported, a second": 1000,
    "content page, a second": 250,
    "listing, a second": 200,
    "search, a second": 150,
    "JSON page, a second": 500,
    "same editions, precision %": 99.5,
    "same editions, recall %": 93,
    **{f"{rule}, % in 10": 85 for rule in RULES},
    "known items, % in 10": 97,
}
AT_MOST = {
    "start to the first page, s": 2,
    "search page, ms p95": 60,
    "import, MB at most": 400,
    "placing a hold, ms p95": 50,
    "placing one behind 10,000, ms p95": 50,
    "turning a queue of 10,000 round, s": 10,
    "turning a queue of 10,000 round, statements": 300,
    "storm, faults shown": 0,
    "storm, promises broken": 0,
    "seeking copies for 100,000 holds, minutes": 10,
    "seeking copies for 100,000 holds, MB at most": 500,
}
"""What the portal promises, in one process on two cores that do nothing else."""
WITH_A_MILLION = {
    "search page, ms p95": 200,
    "first search, s": 10,
    "memory with all columns, MB": 700,
}
"""What it promises with a million records and more."""
WITH_THE_DEMO = {"memory, MB": 150}
"""What it promises with the demo alone: an index in memory grows with what is in it."""
WITH_A_CITY = {"documents indexed, a second": 500}
"""What it promises where starting the command is no part of the time."""


def last_kept(size: int | str) -> dict[str, Any] | None:
    """Return what was kept for this size, or under this name, or None."""
    path = RESULTS / f"{size}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def keep(size: int | str, figures: Figures) -> None:
    """Keep the figures; those that this run did not measure stay as they were."""
    before = (last_kept(size) or {}).get("figures", {})
    RESULTS.mkdir(exist_ok=True)
    kept = {
        "day": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "figures": {name: round(value, 2) for name, value in (before | figures).items()},
    }
    text = json.dumps(kept, indent=2, ensure_ascii=False) + "\n"
    (RESULTS / f"{size}.json").write_text(text, encoding="utf-8")


def compare(size: int | str, figures: Figures, kept: dict[str, Any] | None) -> str:
    """Return a table of the figures, with the last ones kept and the change in percent."""
    before = kept["figures"] if kept else {}
    width = max(map(len, figures))
    since = f"   {kept['day']}, {kept['machine']}" if kept else "   nothing kept yet"
    at_most = AT_MOST | (WITH_THE_DEMO if size == 0 else {})
    if isinstance(size, int) and size >= MILLION:
        at_most |= WITH_A_MILLION
    at_least = AT_LEAST | (WITH_A_CITY if size else {})
    lines = [
        f"{size} records" if isinstance(size, int) else size,
        f"{'':{width}} {'now':>10}{since}",
    ]
    for name, value in figures.items():
        line = f"{name:{width}} {value:10.1f}"
        if before.get(name):
            change = (value - before[name]) / before[name] * 100
            line += f" {before[name]:10.1f} {change:+6.0f} %"
        if name in at_least:
            line += f"   at least {at_least[name]}: {_verdict(value >= at_least[name])}"
        if name in at_most:
            line += f"   at most {at_most[name]}: {_verdict(value <= at_most[name])}"
        lines.append(line)
    return "\n".join(lines)


def shortfalls(figures: Figures) -> dict[str, float]:
    """Return the figures that are not as promised."""
    return {
        name: value
        for name, value in figures.items()
        if value < AT_LEAST.get(name, value) or value > AT_MOST.get(name, value)
    }


def _verdict(kept: bool) -> str:
    return "kept" if kept else "FALLS SHORT"
