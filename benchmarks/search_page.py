"""Pages asked for in this process, through the WSGI interface: the search page, and queries."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import urlencode

from sqlalchemy import Engine, event, func, select
from webtest import TestApp

from benchmarks.figures import Figures
from bibliopolis.catalogue.models import Record

TITLES = 24
LISTS = [
    f"/ru/catalogue/@@browse?{urlencode(chosen)}"
    for by in ("author", "subject", "library")
    for chosen in ({"by": by}, {"by": by, "starts": "Б"}, {"by": by, "starts": "П"})
]
FILTERS: tuple[dict[str, str], ...] = (
    {"kind": "book"},
    {"lang": "ru"},
    {"avail": "city"},
    {"from": "1950", "to": "2000"},
    {"sort": "newest"},
    {"page": "3"},
)


def measure_search_page(*, rounds: int) -> Figures:
    """Return percentiles over all queries, and what the costliest page asks of the database."""
    from pyramid.paster import get_app

    app = get_app("development.ini")
    engine = app.registry["bibliopolis.engine"]
    browser = TestApp(app, extra_environ={"HTTP_HOST": "localhost"})
    addresses = [f"/ru/catalogue?{urlencode(query)}" for query in queries(titles(engine))]
    if not browser.get(addresses[0], headers={"Accept": "application/json"}).json["items_total"]:
        raise RuntimeError("the search finds nothing: there is no index")
    with counted(engine) as statements:
        most = 0
        for address in addresses:
            statements.clear()
            browser.get(address)
            most = max(most, len(statements))
    times = []
    for _ in range(rounds):
        for address in addresses:
            began = time.perf_counter()
            browser.get(address)
            times.append((time.perf_counter() - began) * 1000)
    return {
        "search page, ms p50": statistics.median(times),
        "search page, ms p95": statistics.quantiles(times, n=100)[94],
        "search page, ms worst": max(times),
        "search page, queries at most": float(most),
        **_percentiles(browser, "suggestions", _beginnings(titles(engine)), rounds),
        **_percentiles(browser, "lists by letters", LISTS, rounds),
    }


def _percentiles(browser: TestApp, name: str, addresses: Sequence[str], rounds: int) -> Figures:
    """Return how long these take: each for the first time, and then again."""
    first, again = [], []
    for turn in range(rounds + 1):
        for address in addresses:
            began = time.perf_counter()
            browser.get(address)
            (again if turn else first).append((time.perf_counter() - began) * 1000)
    return {
        f"{name}, ms p95 at first": statistics.quantiles(first, n=20)[-1],
        f"{name}, ms p95": statistics.quantiles(again, n=20)[-1],
    }


def _beginnings(found: list[list[str]]) -> list[str]:
    """Return addresses of suggestions for three letters and more, as they are typed."""
    words = dict.fromkeys(max(words, key=len).lower() for words in found)
    typed = dict.fromkeys(word[:length] for word in words for length in (3, 4, 5))
    return [f"/ru/catalogue/@@suggest?{urlencode({'q': text})}" for text in typed]


def count_queries(pages: Mapping[str, tuple[str, tuple[str, ...]]]) -> Figures:
    """Return how many statements each page sends to the database once the site is warm."""
    from pyramid.paster import get_app

    app = get_app("development.ini")
    browser = TestApp(app, extra_environ={"HTTP_HOST": "localhost"})
    figures: Figures = {}
    with counted(app.registry["bibliopolis.engine"]) as statements:
        for name, (path, headers) in pages.items():
            sent = dict(header.split(": ", 1) for header in headers)
            browser.get(path, headers=sent)
            statements.clear()
            browser.get(path, headers=sent)
            figures[f"{name}, queries"] = float(len(statements))
    return figures


def titles(engine: Engine) -> list[list[str]]:
    """Return the longer words of titles from all over the catalogue."""
    with engine.connect() as connection:
        last = connection.scalar(select(func.max(Record.id))) or 0
        ids = range(1, last + 1, max(1, last // TITLES))
        found = connection.scalars(
            select(Record.title).where(Record.id.in_(ids)).order_by(Record.id)
        ).all()
    split = [[word for word in re.findall(r"\w+", title) if len(word) > 3] for title in found]
    return [words for words in split if words]


def queries(found: list[list[str]]) -> Iterator[dict[str, str]]:
    """Combine words and filters: everything, one word, all words of a title, with and without."""
    yield {}
    yield from FILTERS
    for number, words in enumerate(found):
        word = max(words, key=len)
        yield {"q": word}
        yield {"q": word, **FILTERS[number % len(FILTERS)]}
        yield {"q": " ".join(words)}


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, _parameters, _context, _many):
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
