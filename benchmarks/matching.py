"""How well descriptions of one edition find each other, on a set with known answers.

The answers come from rules that know nothing of the matcher, and from people
(``same_editions.csv``):

- the same record in several files of the samples is one edition;
- a description altered as libraries differ is of the edition it was made of;
- a description altered into a neighbour (next volume, reprint, translation, other kind, other title
  under the same ISBN) is of another edition;
- two records of one file under two numbers are two editions, but for those people have looked at.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import iuliia

from benchmarks.figures import Figures
from bibliopolis.catalogue.editions import Edition
from bibliopolis.catalogue.marc import read_records
from bibliopolis.catalogue.matching import compare, keys_of
from bibliopolis.catalogue.rows import described

HAND_CHECKED = Path(__file__).parent / "same_editions.csv"
SAME, OTHER = "same", "other"
EVERY = 3
"""Every third description is altered: enough of all kinds."""
CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюя")
NUMBERS = ("isbns", "issns", "national_numbers")
NO_VOLUMES = ("serial", "article")

Described = dict[str, Any]
Name = tuple[str, str]
"""A description: its file below the samples and its control number."""


@dataclass
class Answers:
    """What was found, by the kind of pair; a miss is named by what stood against it."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    named: list[tuple[str, Any, Any]] = field(default_factory=list)

    def ask(self, kind: str, wanted: str, one: Described, other: Described, name: Any) -> None:
        """Ask the matcher about a pair and note whether it is right."""
        ours, theirs = Edition.of(one), Edition.of(other)
        verdict = compare(ours, theirs)
        joined = bool(keys_of(ours) & keys_of(theirs)) and verdict.because is not None
        if joined == (wanted == SAME):
            self.right[f"{wanted}: {kind}"] += 1
        else:
            self.wrong[f"{wanted}: {kind}"] += 1
            self.named.append((f"{wanted}: {kind}", name, verdict))

    def sum(self, counter: Counter[str], wanted: str) -> int:
        """Return how many answers there are of this sort."""
        return sum(n for kind, n in counter.items() if kind.startswith(wanted))

    @property
    def precision(self) -> float:
        """Return how many of the joined pairs are of one edition, in percent."""
        joined, mistaken = self.sum(self.right, SAME), self.sum(self.wrong, OTHER)
        return 100 * joined / (joined + mistaken)

    @property
    def recall(self) -> float:
        """Return how many of the pairs of one edition were joined, in percent."""
        joined, missed = self.sum(self.right, SAME), self.sum(self.wrong, SAME)
        return 100 * joined / (joined + missed)


def measure_matching(samples: Path) -> Figures:
    """Return precision and recall over the samples, in percent."""
    answers = ask_everything(samples)
    return {
        "same editions, precision %": answers.precision,
        "same editions, recall %": answers.recall,
    }


def ask_everything(samples: Path) -> Answers:
    """Ask about every pair with a known answer."""
    records = dict(read(samples / "marc"))
    answers = Answers()
    for one, other, wanted in hand_checked():
        if wanted in (SAME, OTHER):
            answers.ask("looked at", wanted, records[one], records[other], (one, other))
    for one, other, wanted in of_the_files(records):
        kind = "in several files" if wanted == SAME else "two numbers of one file"
        answers.ask(kind, wanted, records[one], records[other], (one, other))
    for place, (name, told) in enumerate(records.items()):
        if place % EVERY == 0 and is_told_enough(told):
            for kind, altered in as_others_write(told):
                answers.ask(kind, SAME, told, altered, name)
            for kind, altered in neighbours(told):
                answers.ask(kind, OTHER, told, altered, name)
    return answers


def read(folder: Path) -> Iterator[tuple[Name, Described]]:
    """Yield the first description under each number of each file."""
    known: set[Name] = set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for reading in read_records(path):
            if reading.data is not None:
                name = (str(path.relative_to(folder)), reading.data.control_number)
                if name not in known:
                    known.add(name)
                    yield name, described(reading.data)


def hand_checked() -> Iterator[tuple[Name, Name, str]]:
    """Yield pairs that people looked at: the same edition, another, or nobody can tell."""
    with HAND_CHECKED.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            one, other = (row["file"], row["number"]), (row["other file"], row["other number"])
            yield one, other, row["answer"]


def of_the_files(records: Mapping[Name, Described]) -> Iterator[tuple[Name, Name, str]]:
    """Yield what the files themselves tell: one number in two files, two numbers in one."""
    looked_at = {frozenset((one[1], other[1])) for one, other, _wanted in hand_checked()}
    by_number: dict[tuple[str, str], list[Name]] = defaultdict(list)
    alike: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (file, number), told in records.items():
        by_number[number, told.get("title_statement", "")].append((file, number))
        begins = "".join(filter(str.isalnum, told["title"].casefold()))[:25]
        for sign in (begins, *told.get("isbns", ()), *told.get("issns", ())):
            alike[file, sign].add(number)
    for names in by_number.values():
        for one, other in combinations(names, 2):
            yield one, other, SAME
    for (file, _sign), numbers in alike.items():
        for first, second in combinations(sorted(numbers), 2):
            if frozenset((first, second)) not in looked_at:
                yield (file, first), (file, second), OTHER


def is_told_enough(told: Described) -> bool:
    """Say whether a person could tell this edition from others."""
    return bool(told.get("year")) and bool(told.get("publisher") and told.get("author"))


def as_others_write(told: Described) -> Iterator[tuple[str, Described]]:
    """Yield a description as other libraries would write it."""
    plain = {name: value for name, value in told.items() if name not in NUMBERS}
    yield "without numbers", plain
    title = f"{told['title']} : {told['subtitle']}" if told.get("subtitle") else told["title"]
    yield (
        "punctuation, publisher abbreviated",
        {**plain, "title": f"{title.upper()}.", "subtitle": "", "publisher": _abbreviated(told)},
    )
    short = ("subtitle", "extent", "series", "subjects", "contents", "summary", "responsibility")
    yield "few words", {name: value for name, value in told.items() if name not in short}
    if told.get("isbns"):
        bare = {**told, "contributors": [], "author": None, "publisher": "", "extent": ""}
        yield "little but the ISBN", bare
    if _is_russian(told):
        texts = ("title", "subtitle", "part", "publisher", "place")
        latin = {name: _latin(told.get(name) or "") for name in texts}
        people = [{**one, "name": _latin(one["name"])} for one in told.get("contributors", ())]
        extent = (told.get("extent") or "").replace("с.", "p.").replace("см", "cm")
        yield "transliterated", {**plain, **latin, "contributors": people, "extent": extent}


def neighbours(told: Described) -> Iterator[tuple[str, Described]]:
    """Yield descriptions of other editions that look much like this one."""
    if told["kind"] not in NO_VOLUMES:
        yield "reprint under the same ISBN", {**told, "year": told["year"] + 3}
        yield "next volume under the same ISBN", {**told, "part": f"{told.get('part', '')} Т. 92"}
    kind = "audiobook" if told["kind"] != "audiobook" else "book"
    yield "read aloud", {**told, "kind": kind}
    if told.get("languages"):
        yield "translation", {**told, "languages": ["tlh"], "language": "tlh"}
    other = {"title": "Zwölf ganz andere Geschichten", "subtitle": "", "other_titles": []}
    yield "other title under the same ISBN", {**told, **other}
    yield "microfilm", {**told, "extent": "1 microfilm reel ; 35 mm"}


def _abbreviated(told: Described) -> str:
    words = (told.get("publisher") or "").split()
    return " ".join(f"{word[:5]}." if len(word) > 6 and word.isalpha() else word for word in words)


def _is_russian(told: Described) -> bool:
    return bool(CYRILLIC & set(told["title"].casefold()))


def _latin(text: str) -> str:
    return str(iuliia.translate(text, iuliia.ALA_LC))


def main() -> None:
    """Print what was asked, and every pair that was answered wrongly."""
    import os

    answers = ask_everything(Path(os.environ["BIBLIOPOLIS_SAMPLES"]))
    for kind in sorted({*answers.right, *answers.wrong}):
        print(f"{kind:55} {answers.right[kind]:6} right {answers.wrong[kind]:5} wrong")
    print(f"precision {answers.precision:.2f} %, recall {answers.recall:.2f} %")
    for kind, name, verdict in answers.named:
        print(kind, name, verdict.because or verdict.against or "undecided", sep="; ")


if __name__ == "__main__":
    main()
