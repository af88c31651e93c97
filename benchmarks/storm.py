"""``python -m benchmarks.storm``: a minute of any steps, a process killed every three seconds.

Four processes of eight threads take all steps of `tests/fixtures/storm_steps.py` on a PostgreSQL of
their own: holds and their queues, loans, lockers, deliveries, closings, imports and joins. Counted
is what they did, what was refused, and what was begun anew; nothing may be broken. What PostgreSQL
says of deadlocks is printed.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figures, compare, keep, last_kept
from bibliopolis.db import make_engine
from bibliopolis.schema import migrate

SITE = Path(__file__).resolve().parent.parent
NAME = "storm"
SECONDS = 60.0


def measure_storm(seconds: float = SECONDS) -> Figures:
    """Return what came of the storm; nothing where there is no PostgreSQL."""
    sys.path.insert(0, str(SITE / "tests"))
    from fixtures.postgres import running_cluster
    from fixtures.weather import broken_promises, make_network, weather

    try:
        with running_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
            url = cluster.make_database()
            engine = make_engine(url)
            migrate(engine, SITE)
            make_network(engine)
            said = weather(url, Path(folder) / "said", seconds)
            broken = list(broken_promises(engine, said.placed))
            engine.dispose()
            deadlocks = deadlocks_in((cluster.folder / "log").read_text("utf-8", "replace"))
    except LookupError:
        return {}
    for one in (*broken, *said.faults, *deadlocks):
        sys.stderr.write(f"{one}\n")
    return {
        "storm, steps taken": said.verbs["done"] + said.verbs["placed"],
        "storm, holds placed": said.verbs["placed"],
        "storm, steps refused": said.verbs["refused"],
        "storm, steps begun anew": said.verbs["again"],
        "storm, deadlocks": len(deadlocks),
        "storm, processes killed": said.killed,
        "storm, faults shown": len(said.faults),
        "storm, promises broken": len(broken),
    }


def deadlocks_in(log: str) -> list[str]:
    """Return what a server has written of each deadlock: who waited for whom, doing what."""
    told: list[str] = []
    for line in log.splitlines():
        if "deadlock detected" in line:
            told.append(line)
        elif told and re.search("DETAIL|CONTEXT|STATEMENT|^\\s", line):
            told[-1] += f"\n{line}"
    return told


def main() -> None:
    """Measure, print the figures beside the last ones kept, and keep them if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--keep", action="store_true", help="keep the figures for comparison")
    options = parser.parse_args()
    figures = measure_storm(options.seconds)
    sys.stdout.write(compare(NAME, figures, last_kept(NAME)) + "\n")
    if options.keep:
        keep(NAME, figures)


if __name__ == "__main__":
    main()
