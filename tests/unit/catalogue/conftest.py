"""Libraries to have books, an importer, and something to say what circulation does."""

from dataclasses import dataclass, field

import pytest

from bibliopolis.catalogue.availability import Availability
from bibliopolis.catalogue.importing import Importer
from bibliopolis.catalogue.marc import Place, Reading
from bibliopolis.catalogue.record_data import RecordData
from bibliopolis.libraries.models import Library
from bibliopolis.outbox import Outbox


@dataclass
class ItemsInUse:
    """What circulation would say; tests put in what they need."""

    uses: dict = field(default_factory=dict)
    told: list = field(default_factory=list)

    def of_records(self, record_ids):
        return self.uses

    def of_items(self, item_ids):
        return {item_id: use for item_id, use in self.uses.items() if item_id in set(item_ids)}

    def waiting(self, record_id):
        return 0

    def copies_changed(self, record_ids):
        self.told.extend(record_ids)


@pytest.fixture
def in_use():
    return ItemsInUse()


@pytest.fixture
def libraries(db, clock):
    """Two libraries by code: "central" and "harbour"."""
    rows = [
        Library(
            code=code,
            name={"ru": f"Библиотека {code}", "en": f"Library {code}"},
            sort_key=code,
            created=clock.now(),
            changed=clock.now(),
        )
        for code in ("central", "harbour")
    ]
    db.add_all(rows)
    db.flush()
    return {row.code: row for row in rows}


@pytest.fixture
def importer(db, clock, in_use, libraries):
    return Importer(
        db=db,
        clock=clock,
        outbox=Outbox(db, clock),
        availability=Availability(db, in_use),
        in_use=in_use,
        library_id=libraries["central"].id,
        library_ids={code: row.id for code, row in libraries.items()},
    )


def description(number=1, title="Тихий Дон", **more):
    return RecordData(
        control_number=f"n{number}", title=title, title_statement=f"{title} /", **more
    )


def readings(*descriptions):
    return [
        Reading(Place("file.mrc", ordinal, 0), data, b"")
        for ordinal, data in enumerate(descriptions, 1)
    ]
