"""A whole import: files read, cut into batches, taken in, and told about.

Reading happens outside the transactions; each batch is one of its own, short enough that
nobody at a desk notices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from bibliopolis.catalogue.importing import Counts, Taken
from bibliopolis.catalogue.marc import Place, Reading, Wanted, read_records
from bibliopolis.i18n import Plural, _

RECORDS_AT_ONCE = 200
ITEMS_AT_ONCE = 2000
REFUSED_AT_ONCE = 200
REFUSED_BYTES_AT_ONCE = 4_000_000
"""So many bytes of refused records are held until they are kept."""
LISTED_AT_MOST = 10_000


@dataclass(frozen=True)
class Note:
    """Something to tell about a record: where it stands, its number, and what there is."""

    place: Place
    control_number: str
    text: Any


@dataclass(frozen=True)
class Rejection:
    """A record that was not taken in, with its bytes as they stand in the file."""

    place: Place
    control_number: str
    reason: Any
    raw: bytes


@dataclass
class Report:
    """What an import did; long lists are cut, numbers are whole.

    ``recognised`` counts, for each file, what its records were recognised as.
    """

    read: int = 0
    rejected: int = 0
    counts: Counts = field(default_factory=Counts)
    rejections: list[Note] = field(default_factory=list)
    remarks: list[Note] = field(default_factory=list)
    recognised: dict[str, Counter[str]] = field(default_factory=dict)
    seconds: float = 0.0
    finished: bool = False

    def reject(self, place: Place, control_number: str, reason: Any) -> None:
        """Count a record that could not be taken in."""
        self.rejected += 1
        if len(self.rejections) < LISTED_AT_MOST:
            self.rejections.append(Note(place, control_number, reason))

    def recognise(self, reading: Reading) -> None:
        """Count what the record was recognised as."""
        if reading.form:
            self.recognised.setdefault(reading.place.file, Counter())[str(reading.form)] += 1

    def forms(self) -> dict[str, int]:
        """Return how many records were recognised as what, in all files together."""
        return dict(sum(self.recognised.values(), Counter()))

    def remark(self, place: Place, control_number: str, text: Any) -> None:
        """Note something about a record that was taken in."""
        if len(self.remarks) < LISTED_AT_MOST:
            self.remarks.append(Note(place, control_number, text))

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Report:
        """Return a report that was kept as plain values."""
        items = said["items"]
        counts = Counts(
            created=said["created"],
            updated=said["updated"],
            unchanged=said["unchanged"],
            withdrawn=said["withdrawn"],
            items_created=items["created"],
            items_updated=items["updated"],
            items_withdrawn=items["withdrawn"],
        )
        recognised = {file: Counter(forms) for file, forms in said["recognised"].items()}
        return cls(
            said["read"],
            said["rejected"],
            counts,
            [_note(one) for one in said.get("rejections", ())],
            [_note(one) for one in said.get("remarks", ())],
            recognised,
            said["seconds"],
        )

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            **self.numbers(),
            "recognised": {file: dict(forms) for file, forms in self.recognised.items()},
            "rejections": [_plain(note) for note in self.rejections],
            "remarks": [_plain(note) for note in self.remarks],
        }

    def numbers(self) -> dict[str, Any]:
        """Return what was counted, without the lists."""
        return {
            "finished": self.finished,
            "seconds": round(self.seconds, 2),
            "read": self.read,
            "created": self.counts.created,
            "updated": self.counts.updated,
            "unchanged": self.counts.unchanged,
            "withdrawn": self.counts.withdrawn,
            "items": {
                "created": self.counts.items_created,
                "updated": self.counts.items_updated,
                "withdrawn": self.counts.items_withdrawn,
            },
            "rejected": self.rejected,
        }


class Batches(Protocol):
    """What an import writes with: one batch and what is known so far, in one transaction."""

    def take(self, readings: Sequence[Reading]) -> Taken:
        """Take the batch in."""

    def set_aside(self, rejections: Sequence[Rejection]) -> None:
        """Keep what was refused since the last batch."""

    def note(self, report: Report) -> None:
        """Keep the history of the run up to date."""


@dataclass
class ImportRun:
    """Import some files; ``transaction`` opens a short transaction around each batch.

    ``wanted`` is what the person who imports them says of them. Every record that is not taken in
    goes to ``rejected`` at once, and is set aside with the next batch; the report keeps only where
    it stands and why. A run begun with the report of an earlier one goes on behind the records that
    it has read.
    """

    transaction: Callable[[], AbstractContextManager[Batches]]
    wanted: Wanted = field(default_factory=Wanted)
    progress: Callable[[Place], None] = lambda place: None
    rejected: Callable[[Rejection], None] = lambda rejection: None
    report: Report = field(default_factory=Report)
    _refused: list[Rejection] = field(default_factory=list, init=False, repr=False)
    _refused_bytes: int = field(default=0, init=False, repr=False)
    _behind: int = field(default=0, init=False, repr=False)
    """So many records an earlier run has read."""
    _before: float = field(default=0.0, init=False, repr=False)
    _began: float = field(default=0.0, init=False, repr=False)

    def run(self, files: Sequence[Path]) -> Report:
        """Import the files in their order and return what was done."""
        for _step in self.steps(files):
            pass
        return self.report

    def steps(self, files: Sequence[Path]) -> Iterator[None]:
        """Import the files batch by batch; between two of them nothing is open.

        Passing over what an earlier run has read is cut into steps, too.
        """
        self._behind = self.report.read
        self._before, self._began = self.report.seconds, monotonic()
        try:
            for file in files:
                for batch in self._batches(file):
                    if batch is not None:
                        self._take(batch)
                    yield
            self.report.finished = True
            self._take([])
        finally:
            self._measure()

    def _measure(self) -> None:
        self.report.seconds = self._before + monotonic() - self._began

    def _batches(self, file: Path) -> Iterator[list[Reading] | None]:
        """Yield the usable records in portions, None where they were read before; report others."""
        batch: list[Reading] = []
        items = 0
        seen: dict[int, tuple[int, int]] = {}
        for reading in read_records(file, self.wanted):
            if self._behind:
                self._behind -= 1
                if reading.number:
                    here = (reading.place.ordinal, hash(reading.data))
                    seen.setdefault(hash(reading.number), here)
                if self._behind % RECORDS_AT_ONCE == 0:
                    yield None
                continue
            self.report.read += 1
            self.report.recognise(reading)
            self.progress(reading.place)
            if not reading.number:
                self._reject(reading, "", reading.reason)
                if self._many_refused():
                    yield batch
                    batch, items = [], 0
                continue
            number = reading.number
            here = (reading.place.ordinal, hash(reading.data))
            first = seen.setdefault(hash(number), here)
            if first != here:
                self._repeated(reading, first)
                continue
            for remark in reading.remarks:
                self.report.remark(reading.place, number, remark)
            batch.append(reading)
            items += len(reading.data.items) if reading.data else 0
            if len(batch) >= RECORDS_AT_ONCE or items >= ITEMS_AT_ONCE:
                yield batch
                batch, items = [], 0
        if batch:
            yield batch

    def _repeated(self, reading: Reading, first: tuple[int, int]) -> None:
        """Count a record that says the same again; refuse one that contradicts the first."""
        ordinal, content = first
        if hash(reading.data) == content:
            self.report.counts.unchanged += 1
        else:
            self._reject(reading, reading.number, _same_number(ordinal))

    def _reject(self, reading: Reading, number: str, reason: Any) -> None:
        """Report a record that is not taken in, and hand its bytes over."""
        self.report.reject(reading.place, number, reason)
        rejection = Rejection(reading.place, number, reason, reading.raw)
        self.rejected(rejection)
        self._refused.append(rejection)
        self._refused_bytes += len(reading.raw)

    def _many_refused(self) -> bool:
        many = len(self._refused) >= REFUSED_AT_ONCE
        return many or self._refused_bytes >= REFUSED_BYTES_AT_ONCE

    def _take(self, batch: list[Reading]) -> None:
        """Take a batch in and set aside what was refused meanwhile; either may be nothing."""
        places = {reading.number: reading.place for reading in batch}
        with self.transaction() as work:
            taken = work.take(batch) if batch else Taken()
            self.report.counts.add(taken.counts)
            for number, remark in taken.remarks:
                self.report.remark(places[number], number, remark)
            if self._refused:
                work.set_aside(self._refused)
            self._measure()
            work.note(self.report)
        self._refused, self._refused_bytes = [], 0


def _same_number(first: int) -> Any:
    return _(
        "record ${first} of this file has the same control number", mapping={"first": str(first)}
    )


def _plain(note: Note) -> dict[str, Any]:
    return {
        "file": note.place.file,
        "record": note.place.ordinal,
        "offset": note.place.offset,
        "control_number": note.control_number,
        "reason": plain_text(note.text),
        **_words(note.text),
    }


def _words(text: Any) -> dict[str, Any]:
    """Return the words before translation and what fills them, where they hold values."""
    values = getattr(text, "mapping", None)
    if not values or isinstance(text, Plural):
        return {}
    return {"words": str(text), "values": {name: str(one) for name, one in values.items()}}


def _note(said: Mapping[str, Any]) -> Note:
    place = Place(said["file"], said["record"], said["offset"])
    return Note(place, said["control_number"], said_text(said))


def said_text(said: Mapping[str, Any]) -> Any:
    """Return the text of a note that was kept as plain values, to be translated."""
    words = said.get("words") or said["reason"]
    return _(words, mapping=said.get("values"))  # extracted where it was first said


def plain_text(text: Any) -> str:
    """Return a translatable text in English, for terminals and files."""
    if isinstance(text, Plural):
        words = text.singular if text.n == 1 else text.plural
        text = _(words, mapping={**(text.mapping or {}), "n": str(text.n)})
    interpolate = getattr(text, "interpolate", None)
    return str(interpolate() if interpolate else text)
