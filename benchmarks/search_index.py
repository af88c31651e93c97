"""How fast the search index is: ``python -m benchmarks.search_index --size 100000``.

Documents are made up from a fixed vocabulary in which a few words are common and most are rare,
as in titles. Each query asks for one page and all facets, warm, in this process.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bibliopolis.catalogue.availability import AvailabilityFacet
from bibliopolis.resources.access import Principals, visible_to
from bibliopolis.search.documents import Document, LiveState, Query, Sort
from bibliopolis.search.whoosh.index import WhooshIndex

FACETS = ("kind", "library", "availability", "language", "year", "subject")


def _words(text: str) -> list[str]:
    return text.split()


STEMS = _words(
    "книг город мор истори дом лес наук любов войн мир письм рассказ роман стих путешеств"
)
ENDINGS = _words("а и ы е ой ами ах ом ов ский ская ское ники ность")
SURNAMES = _words("Достоевский Чехов Толстой Гоголь Пушкин Тургенев Лесков Бунин Куприн Ахматова")
FIRST_NAMES = _words("Фёдор Антон Лев Николай Александр Иван Анна Мария Ольга Сергей")
ENGLISH = _words("crime history garden river letters night house science travel music")


def words(generator: random.Random) -> list[str]:
    """Return a vocabulary, the commonest words first."""
    made = [stem + ending for stem in STEMS for ending in ENDINGS] + ENGLISH
    letters = "абвгдежзиклмнопрстуфхцчшэюя"
    made += ["".join(generator.choices(letters, k=generator.randint(4, 11))) for _ in range(30_000)]
    return made


def documents(count: int, seed: int = 1) -> Iterator[Document]:
    """Make documents: titles of four words, two names, three subjects, a few lines of text."""
    generator = random.Random(seed)
    vocabulary = words(generator)
    weights = [1 / (place + 3) for place in range(len(vocabulary))]
    pool = generator.choices(vocabulary, weights, k=400_000)
    names = [f"{last}{n}, {first}" for n in range(40) for last in SURNAMES for first in FIRST_NAMES]
    names += [f"{last}, {first}" for last in SURNAMES for first in FIRST_NAMES] * 5
    subjects = [f"{pool[2 * n]} {pool[2 * n + 1]}" for n in range(3_000)]
    for identity in range(1, count + 1):
        start = generator.randrange(len(pool) - 60)
        year = str(int(2026 - generator.expovariate(1 / 25)))
        chosen = tuple({generator.choice(subjects) for _ in range(3)})
        libraries = tuple({str(generator.randint(1, 40)) for _ in range(3)})
        yield Document(
            key=f"record:{identity}",
            resource=("record", identity),
            type="record",
            language="ru",
            title=" ".join(pool[start : start + 4]).capitalize(),
            names=tuple(generator.choice(names) for _ in range(2)),
            subjects=chosen,
            text=" ".join(pool[start + 4 : start + generator.randint(14, 60)]),
            identifiers=(f"978{identity:010}",),
            facets={
                "kind": (generator.choice(("book", "book", "book", "audio", "score", "map")),),
                "language": (generator.choice(("rus", "rus", "rus", "eng", "tat", "ger")),),
                "year": (year,),
                "library": libraries,
                "subject": chosen,
            },
            allowed=frozenset({"everyone"}),
        )


QUERIES = (
    {"text": "книга"},
    {"text": "городами истории"},
    {"text": "Достоевский"},
    {"text": "Dostoevsky"},
    {"text": "ljcnjtdcrbq"},
    {"text": "Достоевскй"},
    {"text": "книга и город", "filters": {"kind": ("book",), "library": ("3", "4")}},
    {"text": "чехов антон", "filters": {"language": ("rus",)}, "year_from": 1990},
    {"text": "история", "filters": {"availability": ("city",)}},
    {"text": "море", "sort": Sort.TITLE},
    {"text": "роман*"},
    {"text": '"книга книга"'},
    {"text": "9780000000042"},
    {"text": ""},
    {"text": "", "filters": {"kind": ("audio",)}, "sort": Sort.TITLE, "offset": 2_000},
    {"text": "history garden"},
)


def measure(index: WhooshIndex, rounds: int) -> tuple[list[float], dict[str, float]]:
    """Return all times in milliseconds, and the median of each query."""
    anybody = visible_to(Principals())
    times: dict[str, list[float]] = {}
    for turn in range(rounds + 1):
        for number, query in enumerate(QUERIES):
            began = time.perf_counter()
            index.search(Query(visibility=anybody, facets=FACETS, **query))
            if turn:
                name = f"{number:2} {query['text']} {' '.join(sorted(set(query) - {'text'}))}"
                times.setdefault(name, []).append((time.perf_counter() - began) * 1000)
    medians = {name: statistics.median(values) for name, values in times.items()}
    return [one for values in times.values() for one in values], medians


def main() -> None:
    """Build an index, ask, and print figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="keep the index in this folder and use it again")
    arguments = parser.parse_args()
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="bibliopolis-search-"))
    index = WhooshIndex(folder)
    if not index.health().ok:
        began = time.perf_counter()
        with index.rebuild() as building:
            building.add(documents(arguments.size))
            building.finish(lambda keys: [])
        seconds = time.perf_counter() - began
        print(f"indexing   {arguments.size / seconds:8.0f} documents/s")
    began = time.perf_counter()
    index = WhooshIndex(folder)
    available = [n for n in range(1, arguments.size + 1) if n % 3]
    index.load_live(AvailabilityFacet(), LiveState(1, {"central": available}))
    anybody = visible_to(Principals())
    index.search(Query(visibility=anybody, text="книга", facets=FACETS))
    print(f"first query{(time.perf_counter() - began) * 1000:8.0f} ms")
    times, medians = measure(index, arguments.rounds)
    for name, median in medians.items():
        print(f"  {median:8.1f} ms  {name}")
    quantiles = statistics.quantiles(times, n=20)
    print(f"p50        {statistics.median(times):8.1f} ms\np95        {quantiles[-1]:8.1f} ms")
    changed = list(documents(100, seed=2))
    began = time.perf_counter()
    index.update(changed)
    print(f"update 100 {(time.perf_counter() - began) * 1000:8.0f} ms")
    began = time.perf_counter()
    index.search(Query(visibility=anybody, text="книга", facets=FACETS))
    print(f"then       {(time.perf_counter() - began) * 1000:8.0f} ms")
    times, _medians = measure(index, 5)
    print(f"p95 after  {statistics.quantiles(times, n=20)[-1]:8.1f} ms")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory     {memory:8.0f} MB at most")


if __name__ == "__main__":
    main()
