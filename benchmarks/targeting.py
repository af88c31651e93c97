"""``python -m benchmarks.targeting``: how long the worker seeks copies for all holds of a city.

A PostgreSQL of its own is filled by its own means: 198 libraries in eighteen systems with rules of
their own, a million copies of 300,000 titles, a fifth of them on loan, and 100,000 holds for which
nothing has been looked for yet. Then a worker, in a process of its own, looks and works off what it
found, as it does every ten minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pyramid.request import Request
from pyramid.scripting import prepare
from sqlalchemy import func, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from benchmarks.figures import Figures, compare, keep, last_kept
from bibliopolis import configure
from bibliopolis.catalogue.models import Availability, Item, Record
from bibliopolis.catalogue.models import Sequence as Counter
from bibliopolis.circulation import jobs
from bibliopolis.circulation.models import CirculationRule, Hold, HoldTarget, Loan
from bibliopolis.clock import Clock
from bibliopolis.db import make_engine, make_session
from bibliopolis.libraries.models import Library
from bibliopolis.readers.models import Card, Reader
from bibliopolis.request_class import make_app
from bibliopolis.schema import migrate
from bibliopolis.worker import Worker

SITE = Path(__file__).resolve().parent.parent
NAME = "targeting"
SYSTEMS, LIBRARIES = 18, 198
COPIES, HOLDS = 1_000_000, 100_000
TITLES_PER_COPY = 0.3
BESTSELLERS = 50
"""Titles for each of which a hundredth of a hundredth of all wait."""
RULES: tuple[tuple[str, Any, int], ...] = (
    ("takes_part", False, 40),
    ("transit_range", 2, 7),
    ("from_other_libraries", "system", 11),
    ("loan_days", 14, 3),
    ("retarget_hours", 48, 5),
    ("hold_shelf_days", 5, 4),
)
"""Every so-manieth library has set this rule."""


def multiply(db: Session, model: Any, how_many: int, /, **values: str) -> None:
    """Make so many rows like the only one there is; ``values`` are SQL over ``n``, from 2 on."""
    table = model.__table__
    if "uid" in table.columns:
        values["uid"] = f"md5('{table.name}' || n)"
    columns = [column.name for column in table.columns if column.name != "id"]
    taken = ", ".join(f"({values[one]})" if one in values else f"one.{one}" for one in columns)
    db.execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {taken}"
            f" FROM (SELECT * FROM {table.name} ORDER BY id DESC LIMIT 1) AS one,"
            f" generate_series(2, {how_many}) AS counted(n) ORDER BY counted.n"
        )
    )


def fill(engine: Engine, copies: int, holds: int) -> None:
    """Make the city."""
    titles = int(copies * TITLES_PER_COPY)
    with make_session(engine, writes=True) as db, db.begin():
        now = Clock().now()
        when = {"created": now, "changed": now}
        top = Library(code="city", kind="network", name={"en": "City"}, sort_key="c", **when)
        db.add(top)
        db.flush()
        systems = [
            Library(
                code=f"s{n}", kind="system", name={"en": f"S{n}"}, sort_key=f"s{n}",
                parent_id=top.id, **when,
            )
            for n in range(SYSTEMS)
        ]  # fmt: skip
        db.add_all(systems)
        db.flush()
        libraries = [
            Library(
                code=f"l{n}", kind="library", name={"en": f"L{n}"}, sort_key=f"l{n:04}",
                parent_id=systems[n % SYSTEMS].id, is_pickup_point=True,
                settings={"opening_hours": "Mo-Su 09:00-21:00"}, **when,
            )
            for n in range(LIBRARIES)
        ]  # fmt: skip
        db.add_all(libraries)
        db.flush()
        for name, value, every in RULES:
            db.add_all(
                CirculationRule(library_id=one.id, name=name, value=value, changed=now)
                for one in libraries[::every]
            )
        first = libraries[0].id
        here = f"{first} + (n * 2654435761) % {LIBRARIES}"
        db.add(
            Record(
                library_id=first, control_number="1", title="T", kind="book", sort_key="t", **when
            )
        )
        db.flush()
        multiply(db, Record, titles, control_number="n::text")
        db.add(
            Item(
                record_id=1, library_id=first, holding_library_id=first, barcode="1",
                status="lendable", **when,
            )
        )  # fmt: skip
        db.flush()
        multiply(
            db, Item, copies,
            record_id=f"1 + n % {titles}", library_id=here, holding_library_id=here,
            barcode="n::text", status="CASE WHEN n % 50 = 0 THEN 'lost' ELSE 'lendable' END",
        )  # fmt: skip
        readers = holds // 2
        db.add(Reader(name="R", sort_key="r", home_library_id=first, **when))
        db.flush()
        multiply(db, Reader, readers, home_library_id=here, sort_key="'r' || n")
        db.add(Card(kind="library", number="1", reader_id=1))
        db.flush()
        multiply(db, Card, readers, number="n::text", reader_id="n")
        db.add(Loan(item_id=5, reader_id=1, library_id=first, opened=now, due=now.date()))
        db.flush()
        multiply(
            db, Loan, copies // 5,
            item_id="5 * n", reader_id=f"1 + n % {readers}", due="one.due + 14",
        )  # fmt: skip
        # A hundredth wait for bestsellers, the others for two titles in three.
        wanted = f"""CASE WHEN n % 100 = 0 THEN 1 + n / 100 % {BESTSELLERS}
            ELSE 1 + (n * 7919) % ({titles} * 2 / 3) END"""
        db.add(Hold(reader_id=1, record_id=1, pickup_library_id=first, placed=now, changed=now))
        db.flush()
        multiply(
            db, Hold, holds,
            reader_id=f"1 + n % {readers}", record_id=wanted,
            pickup_library_id=f"{first} + n % {LIBRARIES}",
            placed="one.placed - n * interval '1 minute'",
        )  # fmt: skip
        free = func.sum(1).filter(Item.status == "lendable", Loan.id.is_(None))
        counted = (
            select(Item.record_id, Item.holding_library_id, func.count(), func.coalesce(free, 0), 1)
            .outerjoin(Loan, Loan.item_id == Item.id)
            .group_by(Item.record_id, Item.holding_library_id)
        )
        names = ["record_id", "library_id", "total", "available", "sequence"]
        db.execute(Availability.__table__.insert().from_select(names, counted))
        db.add(Counter(name="availability", value=1))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def work(url: str, folder: Path) -> None:
    """Look for what is to be sought, work it off, and print what that took as JSON."""
    settings = {
        "bibliopolis.site": str(SITE),
        "bibliopolis.data": str(folder),
        "bibliopolis.database": url,
        "bibliopolis.secret": "for measuring only",
    }
    app: Any = make_app(configure(settings, {}))
    began = time.perf_counter()
    with prepare(Request.blank("/", method="POST"), registry=app.registry) as environment:
        request = environment["request"]
        with request.tm:
            jobs.look_for_copies(request)
    batches = Worker(app.registry).drain()
    figures = {
        "seconds": time.perf_counter() - began,
        "processor": time.process_time(),
        "batches": batches,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }
    sys.stdout.write(json.dumps(figures))


def measure_targeting(copies: int = COPIES, holds: int = HOLDS) -> Figures:
    """Return the minutes and the memory it takes; nothing where there is no PostgreSQL."""
    sys.path.insert(0, str(SITE / "tests"))
    from fixtures.postgres import running_cluster

    try:
        with running_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
            url = cluster.make_database()
            engine = make_engine(url)
            migrate(engine, SITE)
            fill(engine, copies, holds)
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.targeting", "--work", url, folder],
                check=True, stdout=subprocess.PIPE, cwd=SITE, env=os.environ,
            )  # fmt: skip
            told = json.loads(done.stdout)
            with make_session(engine, writes=False) as db:
                sought = db.scalar(select(func.count()).select_from(HoldTarget)) or 0
            engine.dispose()
    except LookupError:
        return {}
    words = f"seeking copies for {holds:,} holds"
    return {
        f"{words}, minutes": told["seconds"] / 60,
        f"{words}, processor s": told["processor"],
        f"{words}, MB at most": told["memory"],
        f"{words}, copies looked for": sought,
    }


def main() -> None:
    """Measure, print the figures beside the last ones kept, and keep them if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.targeting", description=__doc__)
    parser.add_argument("--copies", type=int, default=COPIES)
    parser.add_argument("--holds", type=int, default=HOLDS)
    parser.add_argument("--keep", action="store_true", help="keep the figures for comparison")
    parser.add_argument("--work", nargs=2, metavar=("DATABASE", "FOLDER"), help="do the work only")
    options = parser.parse_args()
    if options.work:
        work(options.work[0], Path(options.work[1]))
        return
    figures = measure_targeting(options.copies, options.holds)
    sys.stdout.write(compare(NAME, figures, last_kept(NAME)) + "\n")
    if options.keep:
        keep(NAME, figures)


if __name__ == "__main__":
    main()
