"""``python -m benchmarks.holds``: how long placing a hold takes, alone and behind 10,000 others.

A small site of its own in a temporary folder, on SQLite or on a PostgreSQL of its own; each hold is
placed by the service in a transaction that commits, as a request does, without HTTP and templates.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from pyramid.request import Request
from pyramid.scripting import prepare
from sqlalchemy import insert

from benchmarks.figures import Figures
from bibliopolis import configure
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.circulation.models import Hold
from bibliopolis.circulation.services import Holds
from bibliopolis.db import make_engine
from bibliopolis.libraries.models import Library
from bibliopolis.readers.models import Reader
from bibliopolis.request_class import make_app
from bibliopolis.schema import migrate

SITE = Path(__file__).resolve().parent.parent
QUEUE = 10_000
COPIES = 20
PLACED = 200
"""So many holds are timed; as many go before, to warm up."""


class SmallSite:
    """A library, a title in some copies, and readers without end."""

    def __init__(self, folder: Path, url: str | None) -> None:
        url = url or f"sqlite:///{folder / 'bibliopolis.sqlite'}"
        self.engine = make_engine(url)
        migrate(self.engine, SITE)
        settings = {
            "bibliopolis.site": str(SITE),
            "bibliopolis.data": str(folder),
            "bibliopolis.database": url,
            "bibliopolis.secret": "for measuring only",
        }
        self.app: Any = make_app(configure(settings, {"bibliopolis.engine": self.engine}))

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Give a request whose transaction commits."""
        request = Request.blank("/", method="POST")
        with prepare(request, registry=self.app.registry) as environment:
            prepared = environment["request"]
            with prepared.tm:
                yield prepared

    def fill(self, waiting: int) -> tuple[int, int, list[int]]:
        """Make a title for which so many wait; return record, library and readers without one."""
        with self.transaction() as request:
            db, now = request.db, request.clock.now()
            common = {"created": now, "changed": now}
            library = Library(
                code=f"l{waiting}", name={"en": "L"}, sort_key="l", is_pickup_point=True, **common
            )
            db.add(library)
            db.flush()
            record = Record(
                library_id=library.id, control_number=str(waiting), title="T", kind="book",
                sort_key="t", **common,
            )  # fmt: skip
            db.add(record)
            db.flush()
            here = {"library_id": library.id, "holding_library_id": library.id, **common}
            db.add_all(
                Item(record_id=record.id, barcode=f"{waiting}-{n}", status="lendable", **here)
                for n in range(COPIES)
            )
            readers = [
                Reader(name=f"R{n}", sort_key=f"r{n}", home_library_id=library.id, **common)
                for n in range(waiting + 2 * PLACED)
            ]
            db.add_all(readers)
            db.flush()
            ids = [reader.id for reader in readers]
            rows = [
                {
                    "state": "queued",
                    "reader_id": ids[n],
                    "record_id": record.id,
                    "pickup_library_id": library.id,
                    "cut_in_line": False,
                    "placed": now - timedelta(seconds=waiting - n),
                    "changed": now,
                }
                for n in range(waiting)
            ]
            db.execute(insert(Hold), rows)
            return record.id, library.id, ids[waiting:]

    def times(self, waiting: int) -> list[float]:
        """Return how many milliseconds each placing took."""
        record_id, library_id, readers = self.fill(waiting)
        times = []
        for reader_id in readers:
            began = time.perf_counter()
            with self.transaction() as request:
                request.find_service(Holds, context=None).place(record_id, reader_id, library_id)
            times.append(1000 * (time.perf_counter() - began))
        return times[PLACED:]


def measure_holds(url: str | None = None) -> Figures:
    """Return the milliseconds that placing takes, of twenty the slowest but one."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        site = SmallSite(Path(folder), url)
        for waiting, words in ((1, "placing a hold"), (QUEUE, f"placing one behind {QUEUE:,}")):
            figures[f"{words}, ms p95"] = quantiles(site.times(waiting), n=20)[-1]
        site.engine.dispose()
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.holds", description=__doc__)
    parser.add_argument("--database", help="the URL of an empty database; SQLite if not said")
    for name, value in measure_holds(parser.parse_args().database).items():
        sys.stdout.write(f"{name}: {value:.1f}\n")


if __name__ == "__main__":
    main()
