"""``make bench SIZE=…``: how a whole site behaves with so many records.

Generated records are put into a data folder of their own (kept for the next run), the index is
built, and then are measured: the pages that most people read, over HTTP; writing by REST; an
import; and the search page in this process, over queries of many kinds. With ``SIZE=0`` the site is
the demo alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import Figures, compare, keep, last_kept
from benchmarks.holds import measure_holds
from benchmarks.importing import measure_importing
from benchmarks.matching import measure_matching
from benchmarks.search_page import count_queries, measure_search_page
from benchmarks.storm import measure_storm
from benchmarks.targeting import measure_targeting
from benchmarks.web_process import PAGES, measure_first_search, measure_web, measure_writing
from bibliopolis.search.whoosh.schema import SCHEMA_VERSION

SITE = Path(__file__).resolve().parent.parent
COMPLETE = "complete"
LARGE = 100_000
"""From so many records on the work on a whole city's holds is measured, too: it takes minutes."""
DEMO = 500
"""So many records the demo has."""


def bibliopolis(*arguments: str) -> float:
    """Run a command of the site and return how many seconds it took."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bibliopolis", *arguments], cwd=SITE, check=True)
    return time.perf_counter() - began


def make_city(data: Path, size: int, figures: Figures) -> None:
    """Make a data folder with so many records; one that was not completed is begun anew."""
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    bibliopolis("migrate")
    seconds = bibliopolis("demo", "--records", str(size))
    if size:
        figures["records made, a second"] = size / seconds
    seconds = bibliopolis("reindex")
    figures["documents indexed, a second"] = (size + DEMO) / seconds
    (data / COMPLETE).touch()


def bring_up_to_date(data: Path) -> None:
    """Bring a kept folder to the newest schema and index, which pages would be without else."""
    bibliopolis("migrate")
    current = data / "index" / "current"
    if not current.exists() or not current.read_text().startswith(f"v{SCHEMA_VERSION}-"):
        bibliopolis("reindex")


def megabytes(path: Path) -> float:
    """Return the size of a file or of all files below a folder."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files) / 1e6


def main() -> None:
    """Measure, print the figures beside the last ones kept, and keep them if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", type=int, default=10_000, help="how many records")
    parser.add_argument("--rounds", type=int, default=10, help="how often each page is asked for")
    parser.add_argument("--seconds", type=int, default=5, help="how long wrk asks for a page")
    parser.add_argument("--keep", action="store_true", help="keep the figures for comparison")
    parser.add_argument("--anew", action="store_true", help="make the records again")
    options = parser.parse_args()

    data = SITE / "build" / f"bench-{options.size}"
    os.environ["BIBLIOPOLIS_DATA"] = str(data)
    figures: Figures = {}
    if options.anew or not (data / COMPLETE).exists():
        make_city(data, options.size, figures)
    else:
        bring_up_to_date(data)
    figures |= measure_first_search(data)
    figures |= measure_web(data, seconds=options.seconds)
    figures |= count_queries(PAGES)
    figures |= measure_writing(data)
    figures |= measure_importing(data, size=options.size)
    figures |= measure_holds()
    figures |= measure_storm()
    if options.size >= LARGE:
        figures |= measure_targeting()
    samples = os.environ.get("BIBLIOPOLIS_SAMPLES")
    if samples:
        figures |= measure_matching(Path(samples))
    figures |= measure_search_page(rounds=options.rounds)
    figures["database, MB"] = megabytes(data / "bibliopolis.sqlite")
    figures["index, MB"] = megabytes(data / "index")

    print(compare(options.size, figures, last_kept(options.size)))
    if options.keep:
        keep(options.size, figures)


if __name__ == "__main__":
    main()
