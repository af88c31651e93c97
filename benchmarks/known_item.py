"""Whether readers find what they know there is: ``python -m benchmarks.known_item``.

The catalogues of four libraries from the shared samples (``BIBLIOPOLIS_SAMPLES``) come in as any
library's does and lie in one index. Each question asks for one edition in the way people type:
its title, a surname and some words, an ISBN, with a slip, on the wrong keyboard, in Latin letters.
Counted is, rule by rule, how often it stands among the first ten that a visitor is shown.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyramid.request import Request
from pyramid.scripting import prepare
from sqlalchemy import select

from benchmarks.figures import Figures, compare, keep, last_kept
from bibliopolis import configure
from bibliopolis.catalogue.import_history import LibraryBatches
from bibliopolis.catalogue.import_run import ImportRun
from bibliopolis.catalogue.marc import read_records
from bibliopolis.catalogue.models import Record
from bibliopolis.cli.environment import writing
from bibliopolis.db import make_engine
from bibliopolis.libraries.models import Library
from bibliopolis.request_class import make_app
from bibliopolis.resources.access import Principals, visible_to
from bibliopolis.schema import migrate
from bibliopolis.search.documents import Query, Results
from bibliopolis.search.jobs import rebuild
from bibliopolis.search.services import Search

SITE = Path(__file__).resolve().parent.parent
QUESTIONS = Path("queries", "known-item", "queries.jsonl")
SOURCES: Mapping[str, Path] = {
    "ibis": Path("marc", "irbis-rusmarc", "ibis-demo-269.jsonl"),
    "nlr-test1": Path("marc", "irbis-rusmarc", "test1.iso"),
    "nlnz1000": Path("marc", "nlnz", "NLNZ_1000_example_marc.marc"),
    "uva2000": Path("marc", "solrmarc", "uva_001_2000.mrc"),
}
"""The library a question asks about, and the file with its catalogue."""

FACETS = ("kind", "language", "subject", "library", "year")
SHOWN = 10
NAME = "known-item"


@dataclass(frozen=True)
class Question:
    """What somebody types, by which rule it was made, and the records that answer it."""

    name: str
    source: str
    rule: str
    typed: str
    relevant: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """Where the known item stood (from 1; None: not among those shown), and what was said."""

    question: Question
    place: int | None
    results: Results
    milliseconds: float


def questions(samples: Path) -> list[Question]:
    """Return all questions."""
    lines = (samples / QUESTIONS).read_text(encoding="utf-8").splitlines()
    return [
        Question(one["qid"], one["source"], one["rule"], one["query"], tuple(one["relevant"]))
        for one in map(json.loads, lines)
    ]


def open_site(data: Path) -> Any:
    """Return a site whose database and index lie in this folder; they are made if need be."""
    url = f"sqlite:///{data / 'bibliopolis.sqlite'}"
    settings = {
        "bibliopolis.site": str(SITE),
        "bibliopolis.data": str(data),
        "bibliopolis.database": url,
        "bibliopolis.secret": "for measuring only",
    }
    engine = make_engine(url)
    migrate(engine, SITE)
    return make_app(configure(settings, {"bibliopolis.engine": engine}))


def take_in(registry: Any, samples: Path) -> None:
    """Import the catalogues, each into a library of its own, and index them."""
    for source, file in SOURCES.items():
        _import(registry, source, samples / file)
    with prepare(Request.blank("/"), registry=registry) as environment:
        rebuild(environment["request"])


def _import(registry: Any, code: str, file: Path) -> None:
    with writing(registry) as request:
        now = request.clock.now()
        library = Library(code=code, name={}, sort_key=code, created=now, changed=now)
        request.db.add(library)
        request.db.flush()  # to get its id
        ids = {code: library.id}
    operation = LibraryBatches.new_operation()

    @contextmanager
    def transaction() -> Iterator[LibraryBatches]:
        with writing(registry) as request:
            yield LibraryBatches.for_library(request, ids[code], ids, operation)

    ImportRun(transaction).run([file])


def known_items(db: Any, samples: Path) -> dict[tuple[str, str], int]:
    """Return the record of each (source, name of a relevant record)."""
    found = db.execute(select(Library.code, Record.control_number, Record.id).join(Library))
    by_number = {(row.code, row.control_number): row.id for row in found}
    # The export of IRBIS names its records beside their fields, not in one of them.
    for reading in read_records(samples / SOURCES["ibis"]):
        if reading.data is not None:
            name = f"mfn{json.loads(reading.raw)['mfn']}"
            by_number["ibis", name] = by_number["ibis", reading.data.control_number]
    return by_number


def ask(registry: Any, samples: Path, asked: Iterable[Question]) -> list[Answer]:
    """Ask as a visitor does who has not signed in."""
    anybody = visible_to(Principals())
    answers = []
    with writing(registry) as request:
        items = known_items(request.db, samples)
        search = request.find_service(Search)
        for question in asked:
            wanted = {items.get((question.source, name)) for name in question.relevant}
            began = time.thread_time()
            results = search.find(
                Query(visibility=anybody, text=question.typed, limit=SHOWN, facets=FACETS)
            )
            milliseconds = (time.thread_time() - began) * 1000
            places = [n for n, hit in enumerate(results.hits, 1) if hit.resource[1] in wanted]
            answers.append(Answer(question, next(iter(places), None), results, milliseconds))
    return answers


def figures_of(answers: Iterable[Answer]) -> Figures:
    """Return the percentage of questions answered, by rule and over all."""
    by_rule: dict[str, list[bool]] = defaultdict(list)
    answers = list(answers)
    for answer in answers:
        by_rule[answer.question.rule].append(answer.place is not None)
    figures = {
        f"{rule}, % in {SHOWN}": 100 * statistics.mean(found)
        for rule, found in sorted(by_rule.items())
    }
    places = [answer.place for answer in answers]
    figures[f"known items, % in {SHOWN}"] = 100 * statistics.mean(p is not None for p in places)
    figures["known items, % first"] = 100 * statistics.mean(p == 1 for p in places)
    times = [answer.milliseconds for answer in answers]
    figures["a search, ms of processor p50"] = statistics.median(times)
    figures["a search, ms of processor p95"] = statistics.quantiles(times, n=100)[94]
    return figures


def main() -> None:
    """Measure, and print what was not found if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.known_item", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder that keeps the site for the next time")
    parser.add_argument("--missed", action="store_true", help="list what was not found first")
    parser.add_argument("--keep", action="store_true", help="keep the figures for comparison")
    options = parser.parse_args()
    samples = Path(os.environ.get("BIBLIOPOLIS_SAMPLES") or SITE.parents[1] / "shared" / "data")
    with tempfile.TemporaryDirectory(prefix="bibliopolis-bench-") as temporary:
        data = options.data or Path(temporary)
        is_new = not (data / "bibliopolis.sqlite").exists()
        data.mkdir(parents=True, exist_ok=True)
        registry = open_site(data).registry
        if is_new:
            take_in(registry, samples)
        asked = questions(samples)
        ask(registry, samples, asked)  # what is read from disk is in memory afterwards
        answers = ask(registry, samples, asked)
    if options.missed:
        for answer in answers:
            _tell(answer)
    figures = figures_of(answers)
    print(compare(NAME, figures, last_kept(NAME)))
    if options.keep:
        keep(NAME, figures)


def _tell(answer: Answer) -> None:
    """Print a question that was not answered by the first record."""
    if answer.place == 1:
        return
    question, results = answer.question, answer.results
    said = ", ".join((*results.also_searched, results.did_you_mean or ""))
    print(
        f"{answer.place or '-':>2} of {results.total:<5} {question.rule:30} {question.name:14}"
        f" {question.typed}  [{said}] {'' if results.all_words else 'most words'}"
    )


if __name__ == "__main__":
    main()
