"""A bibliographic description as plain data: what readers of formats make and the import stores.

Nothing here knows MARC or the database, so that a second format only needs a second reader.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a record describes; the values of the facet "kind"."""

    BOOK = "book"
    EBOOK = "ebook"
    AUDIOBOOK = "audiobook"
    SERIAL = "serial"
    ARTICLE = "article"
    SCORE = "score"
    SOUND = "sound"
    FILM = "film"
    MAP = "map"
    PICTURE = "picture"
    OTHER = "other"


class ItemStatus(StrEnum):
    """What an item is by itself, apart from who holds or has it now."""

    LENDABLE = "lendable"
    READING_ROOM = "reading_room"
    ON_ORDER = "on_order"
    LENT_ELSEWHERE = "lent_elsewhere"
    """Its library's own system says that it is out, in the file that brought it."""
    LOST = "lost"
    DAMAGED = "damaged"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Contributor:
    """A person or body that had a part in the work; ``original`` is the name in its own script.

    ``role`` is a key of ``labels.ROLES`` or "contributor". ``direct``: the name is written as it
    is said, because it is that of a body, a ruler or a saint.
    """

    name: str
    role: str = "author"
    dates: str = ""
    original: str = ""
    direct: bool = False


@dataclass(frozen=True)
class ItemData:
    """One copy as the catalogue file describes it; ``home`` is the file's own branch code."""

    barcode: str
    home: str = ""
    holding: str = ""
    shelf_mark: str = ""
    location: str = ""
    status: ItemStatus = ItemStatus.LENDABLE
    volume: str = ""
    note: str = ""
    item_type: str = ""
    """One of the site's item types, where the codes of the file's profile give one."""


@dataclass(frozen=True)
class RecordData:
    """One description, in NFC; ``title_statement`` is title and rest of title as the file has them.

    ``title`` and ``subtitle`` are the same without the punctuation that only separates areas of
    a catalogue card.
    """

    control_number: str
    title: str
    title_statement: str
    subtitle: str = ""
    part: str = ""
    responsibility: str = ""
    alternative_titles: tuple[str, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    publisher: str = ""
    place: str = ""
    year: int | None = None
    languages: tuple[str, ...] = ()
    kind: Kind = Kind.BOOK
    isbns: tuple[str, ...] = ()
    issns: tuple[str, ...] = ()
    national_numbers: tuple[str, ...] = ()
    """Numbers of national bibliographies and libraries, as ``values.national_numbers`` has them."""
    subjects: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    edition: str = ""
    extent: str = ""
    summary: str = ""
    contents: str = ""
    """What is in it, parts divided by `` -- ``."""
    uniform_title: str = ""
    """What the work was first called, in whatever letters, without the language of this edition."""
    age: int | None = None
    classification: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    """Addresses with what is there: ``("https://…", "Table of contents")``."""
    non_filing: int = 0
    items: tuple[ItemData, ...] = ()

    @property
    def full_title(self) -> str:
        """Return title, part and subtitle as one line for people."""
        title = ". ".join(piece for piece in (self.title, self.part) if piece)
        return f"{title}: {self.subtitle}" if self.subtitle else title

    @property
    def filing_title(self) -> str:
        """Return the title without its leading article, as it is filed."""
        return self.title[self.non_filing :] or self.title

    def content_hash(self) -> str:
        """Return a fingerprint of the description and its copies; equal means nothing to do."""
        return _fingerprint(vars(self))


def content_number(data: RecordData) -> str:
    """Return a control number for a record that came without one, from what it describes.

    Copies, subjects and notes may change without making it another record, so they do not count.
    """
    what = (
        data.title_statement,
        data.part,
        data.responsibility,
        data.publisher,
        data.year,
        data.edition,
        data.isbns,
        data.issns,
        [person.name for person in data.contributors[:1]],
    )
    return f"content-{_fingerprint(what)[:24]}"


def _fingerprint(value: object) -> str:
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    )
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _plain(value: object) -> dict[str, object]:
    """Return what `asdict` would copy, without the copies.

    Item types came later: a copy without one keeps the fingerprint it has had.
    """
    return {name: one for name, one in vars(value).items() if name != "item_type" or one}
