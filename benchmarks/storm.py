"""``python -m benchmarks.storm``: a minute of any steps, a process killed every three seconds.

Four processes of eight threads place, cancel, lend, take in, renew, lose, import, delete and join
on a PostgreSQL of their own. Counted is what they did and what was refused; nothing may be broken.
"""

from __future__ import annotations

import argparse
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
    except LookupError:
        return {}
    for one in (*broken, *said.faults):
        sys.stderr.write(f"{one}\n")
    return {
        "storm, steps taken": said.verbs["done"] + said.verbs["placed"],
        "storm, holds placed": said.verbs["placed"],
        "storm, steps refused": said.verbs["refused"],
        "storm, processes killed": said.killed,
        "storm, faults shown": len(said.faults),
        "storm, promises broken": len(broken),
    }


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
