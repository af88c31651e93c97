"""``python -m benchmarks.holds``: how long placing a hold takes, alone and behind 10,000 others.

And how long it takes to give those 10,000 the opposite order, all of them being moved but one.

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
from itertools import count
from pathlib import Path
from statistics import quantiles
from typing import Any

from pyramid.request import Request
from pyramid.scripting import prepare
from sqlalchemy import event, insert, select

from benchmarks.figures import Figures
from bibliopolis import configure
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.circulation.models import Hold
from bibliopolis.circulation.services import Holds, Queues
from bibliopolis.db import make_engine
from bibliopolis.libraries.models import Library
from bibliopolis.readers.models import Reader
from bibliopolis.request_class import make_app
from bibliopolis.resources.access import Grant, Principals, Role
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
        self.numbers = count(1)
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
        number = next(self.numbers)
        with self.transaction() as request:
            db, now = request.db, request.clock.now()
            common = {"created": now, "changed": now}
            library = Library(
                code=f"l{number}", name={"en": "L"}, sort_key="l", is_pickup_point=True, **common
            )
            db.add(library)
            db.flush()
            record = Record(
                library_id=library.id, control_number=str(number), title="T", kind="book",
                sort_key="t", **common,
            )  # fmt: skip
            db.add(record)
            db.flush()
            here = {"library_id": library.id, "holding_library_id": library.id, **common}
            db.add_all(
                Item(record_id=record.id, barcode=f"{number}-{n}", status="lendable", **here)
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

    def reorder(self, waiting: int) -> tuple[float, int]:
        """Turn a whole queue round, as `PUT @queue` does; return seconds and statements."""
        record_id, _library_id, _readers = self.fill(waiting)
        said: list[str] = []

        def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            said.append(statement)

        with self.transaction() as request:
            uids = request.db.scalars(
                select(Hold.uid).where(Hold.record_id == record_id).order_by(Hold.placed.desc())
            ).all()
        event.listen(self.engine, "before_cursor_execute", listen)
        began = time.perf_counter()
        with self.transaction() as request:
            request.principals = Principals(grants=frozenset({Grant(Role.LIBRARIAN)}))
            order = [(uid, number) for number, uid in enumerate(uids, 1)]
            moved = request.find_service(Queues, context=None).arrange(record_id, order, "Fair.")
        seconds = time.perf_counter() - began
        event.remove(self.engine, "before_cursor_execute", listen)
        assert len(moved) == waiting - 1
        return seconds, len(said)


def measure_holds(url: str | None = None) -> Figures:
    """Return the milliseconds that placing takes, of twenty the slowest but one."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        site = SmallSite(Path(folder), url)
        for waiting, words in ((1, "placing a hold"), (QUEUE, f"placing one behind {QUEUE:,}")):
            figures[f"{words}, ms p95"] = quantiles(site.times(waiting), n=20)[-1]
        turned = f"turning a queue of {QUEUE:,} round"
        figures[f"{turned}, s"], figures[f"{turned}, statements"] = site.reorder(QUEUE)
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
