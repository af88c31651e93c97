"""Plain records made up by the thousand, to measure with: words are real, books are not.

The same number and seed give the same record, so that a second call only adds what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from random import Random
from typing import Any

from sqlalchemy import insert, select

from bibliopolis.catalogue.availability import Availability
from bibliopolis.catalogue.models import ITEMS, SourceRecord
from bibliopolis.catalogue.record_data import Contributor, ItemData, ItemStatus, Kind, RecordData
from bibliopolis.catalogue.rows import item_row
from bibliopolis.catalogue.sources import Description, Sources
from bibliopolis.catalogue.union_records import NobodyFollows, UnionRecords
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict
from bibliopolis.i18n import _
from bibliopolis.libraries.models import Library, OrganisationKind
from bibliopolis.outbox import Outbox, Priority
from bibliopolis.search.documents import resource_key

PREFIX = "generated-"
AT_ONCE = 1000


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


RUSSIAN = {
    "who": _words(
        "Алексеев Баранова Виноградов Громова Дементьев Ершова Жуков Зайцева Игнатьев Калинина"
        " Лебедев Макарова Никитин Орлова Павлов Романова Соколов Тихонова Ушаков Фролова Хохлов"
        " Цветкова Чернов Шилова Щербаков Яковлева Белоусов Воронцова Горшков Данилова Емельянов"
        " Зимина Исаев Кольцова Ларионов Мельникова Назаров Осипова Поляков Рябова Савельев"
    ),
    "given": _words("Анна Борис Вера Глеб Дарья Егор Зоя Илья Ксения Лев Мария Олег Пётр Софья"),
    "first": _words(
        "Белый Дальний Забытый Зимний Каменный Малый Невский Ночной Первый Северный Старый Тихий"
        " Утренний Чистый Ясный Летний Морской Городской Лесной Поздний"
    ),
    "thing": _words(
        "город остров дом сад мост берег ветер голос день дождь снег путь лес порт театр вокзал"
        " завод музей переулок архипелаг горизонт маяк причал"
    ),
    "matter": _words(
        "истории литературы языка природы музыки архитектуры детства Петербурга деревни моря"
        " математики физики химии театра кино религии философии войны путешествий ремёсел"
    ),
    "form": _words("роман повесть очерки рассказы исследование учебник справочник стихи сборник"),
    "place": _words("Москва Санкт-Петербург Казань Новосибирск Екатеринбург Пермь"),
    "house": _words("Рассвет Причал Азимут Горизонт Светоч Лоцман Книжник Меридиан"),
}
ENGLISH = {
    "who": _words(
        "Abbott Barker Clarke Dawson Ellis Fletcher Gibson Harper Irving Jenkins Knight Lawson"
        " Mason Newton Osborne Parker Quinn Reynolds Sutton Turner Underwood Vaughan Walker Young"
    ),
    "given": _words("Alice Brian Clara Daniel Edith Frank Grace Henry Irene James Kate Leonard"),
    "first": _words(
        "Silent Northern Distant Little Golden Hidden Broken Early Second Open Wild Narrow Bright"
        " Winter Summer Stone Paper Western Lost Early"
    ),
    "thing": _words(
        "city island house garden bridge shore wind voice river harbour station forest theatre"
        " window letter mountain valley lighthouse journey library"
    ),
    "matter": _words(
        "history literature language nature music architecture childhood Petersburg villages"
        " seafaring mathematics physics chemistry theatre cinema religion philosophy war travel"
    ),
    "form": _words("novel stories essays poems study handbook memoir textbook guide"),
    "place": _words("London Oxford Edinburgh Boston Chicago Toronto"),
    "house": _words("Lantern Meridian Harbour Northgate Milestone Quayside"),
}
SUBJECTS = {
    "ru": (
        "Русская литература",
        "Санкт-Петербург — История",
        "Путешествия",
        "Детская литература",
        "Философия",
        "Музыка",
        "Архитектура — Россия",
        "Математика — Учебники",
        "Физика",
        "Театр",
        "Кино",
        "Природа",
        "Языкознание",
        "Война 1941–1945 гг.",
        "Религия",
        "Искусство",
        "Психология",
        "Экономика",
        "Право",
        "Медицина",
    ),
    "en": (
        "English literature",
        "London — History",
        "Travel",
        "Children's stories",
        "Philosophy",
        "Music",
        "Architecture — Great Britain",
        "Mathematics — Textbooks",
        "Physics",
        "Theatre",
        "Motion pictures",
        "Nature",
        "Linguistics",
        "Religion",
        "Art",
        "Psychology",
        "Economics",
        "Law",
        "Medicine",
        "Fantasy fiction",
    ),
}
OTHER_LANGUAGES = ("de", "fr", "uk", "be", "tt", "uz", "kk", "ka", "hy", "az", "zh", "ar")
KINDS = (Kind.BOOK,) * 14 + (
    Kind.EBOOK,
    Kind.AUDIOBOOK,
    Kind.SERIAL,
    Kind.SCORE,
    Kind.FILM,
    Kind.MAP,
)
STATUSES = (ItemStatus.LENDABLE,) * 17 + (
    ItemStatus.READING_ROOM,
    ItemStatus.READING_ROOM,
    ItemStatus.LOST,
)
# Few works are in many libraries, most are in one or two.
COPIES = (1,) * 10 + (2,) * 6 + (3,) * 3 + (4, 5, 8)


def generated_record(number: int, library_codes: Sequence[str], seed: int = 0) -> RecordData:
    """Return the made-up record of this number with its copies."""
    chance = Random(f"{seed}:{number}")
    language = "ru" if chance.random() < 0.7 else "en"
    words = RUSSIAN if language == "ru" else ENGLISH
    first, thing, matter, form = (
        chance.choice(words[name]) for name in ("first", "thing", "matter", "form")
    )
    about = f"Очерки {matter}" if language == "ru" else f"Essays on {matter}"
    title = chance.choice((f"{first} {thing}", about, f"{first} {thing}, {number % 97 + 1}"))
    author = f"{chance.choice(words['who'])}, {chance.choice(words['given'])}"
    contributors = [Contributor(author)]
    if chance.random() < 0.2:
        editor = f"{chance.choice(words['who'])}, {chance.choice(words['given'])}"
        contributors.append(Contributor(editor, "editor"))
    spoken = (language,) if chance.random() < 0.93 else (chance.choice(OTHER_LANGUAGES), language)
    return RecordData(
        control_number=f"{PREFIX}{number}",
        title=title,
        title_statement=f"{title} : {form} /",
        subtitle=form,
        contributors=tuple(contributors),
        publisher=chance.choice(words["house"]),
        place=chance.choice(words["place"]),
        year=min(2026, 1950 + int(chance.betavariate(3, 1.3) * 77)),
        languages=spoken,
        kind=chance.choice(KINDS),
        subjects=tuple(chance.sample(SUBJECTS[language], chance.randint(1, 3))),
        extent=f"{chance.randint(60, 800)} с." if language == "ru" else "300 p.",
        items=_items(number, library_codes, chance),
    )


def _items(number: int, library_codes: Sequence[str], chance: Random) -> tuple[ItemData, ...]:
    return tuple(
        ItemData(
            barcode=f"G{number:08d}{copy:02d}",
            home=chance.choice(library_codes),
            shelf_mark=f"{chance.randint(20, 89)} {chr(0x410 + number % 28)}{number % 1000}",
            status=chance.choice(STATUSES),
        )
        for copy in range(chance.choice(COPIES))
    )


class GeneratedRecords:
    """Write made-up records, a portion in one transaction."""

    def __init__(self, db: Any, clock: Clock, outbox: Outbox, availability: Availability) -> None:
        self.db = db
        self.clock = clock
        self.outbox = outbox
        self.availability = availability

    @classmethod
    def from_request(cls, context: Any, request: Any) -> GeneratedRecords:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            outbox=request.find_service(Outbox),
            availability=request.find_service(Availability),
        )

    def write(self, numbers: Sequence[int], seed: int = 0) -> int:
        """Write those of these records that are not there; return how many."""
        libraries = self._libraries()
        wanted = {f"{PREFIX}{number}": number for number in numbers}
        there = self.db.scalars(
            select(SourceRecord.control_number).where(
                SourceRecord.control_number.in_(list(wanted)),
                SourceRecord.library_id.in_(libraries.values()),
            )
        )
        for control_number in there.all():
            del wanted[control_number]
        if not wanted:
            return 0
        codes = list(libraries)
        made = [generated_record(number, codes, seed) for number in wanted.values()]
        now = self.clock.now()
        descriptions = [Description.of(data, libraries[data.items[0].home]) for data in made]
        UnionRecords(self.db, self.clock, NobodyFollows()).create(descriptions)
        Sources(self.db, self.clock).add(descriptions)
        ids = [one.record_id for one in descriptions]
        self.db.execute(
            insert(ITEMS),
            [
                {
                    **item_row(item, libraries[item.home], libraries[item.home]),
                    "record_id": one.record_id,
                    "source_record_id": one.id,
                    "created": now,
                    "changed": now,
                }
                for one in descriptions
                for item in one.data.items
            ],
        )
        self.outbox.add_all("index", [resource_key("record", id_) for id_ in ids], Priority.BULK)
        self.availability.recompute(ids)
        return len(ids)

    def _libraries(self) -> dict[str, int]:
        rows = self.db.execute(
            select(Library.code, Library.id)
            .where(Library.kind == OrganisationKind.LIBRARY)
            .order_by(Library.code)
        )
        libraries = {row.code: row.id for row in rows}
        if not libraries:
            raise Conflict(_("There is no library that could have books."))
        return libraries


def generate_records(
    transaction: Callable[[], AbstractContextManager[GeneratedRecords]],
    count: int,
    seed: int = 0,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """See to it that there are so many made-up records; return how many were written.

    ``transaction`` opens a short transaction and gives what writes in it.
    """
    written = 0
    for first in range(1, count + 1, AT_ONCE):
        with transaction() as work:
            written += work.write(range(first, min(first + AT_ONCE, count + 1)), seed)
        progress(min(first + AT_ONCE - 1, count))
    return written
