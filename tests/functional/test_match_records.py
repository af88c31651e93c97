"""Descriptions that came before records were joined are joined by a command."""

import shutil
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from fixtures.marc_files import iso2709, koha_item, marc_record
from fixtures.sites import SITE, CommittingSite
from sqlalchemy import delete, event, func, select

from bibliopolis import configure
from bibliopolis.catalogue import matching_again
from bibliopolis.catalogue.models import Availability, Item, Record, SourceKey, SourceRecord
from bibliopolis.cli import main
from bibliopolis.clock import Clock
from bibliopolis.db import make_engine, make_session
from bibliopolis.libraries.models import Library
from bibliopolis.request_class import make_app

CONFIG = str(SITE / "development.ini")


class Town:
    """Two libraries, each of which has brought in the same editions as records of its own."""

    def __init__(self, data, folder):
        self.data = data
        self.folder = folder
        self.engine = make_engine(f"sqlite:///{data / 'bibliopolis.sqlite'}")
        now = Clock().now()
        with make_session(self.engine, writes=True) as db, db.begin():
            for code in ("central", "okhta"):
                db.add(Library(code=code, name={}, sort_key=code, created=now, changed=now))

    def run(self, *arguments):
        environment = {"BIBLIOPOLIS_DATA": str(self.data)}
        return CliRunner(env=environment).invoke(main, [arguments[0], "-c", CONFIG, *arguments[1:]])

    def bring(self, code, *numbers):
        """Bring records in as it was once: nobody knows by what they could be found."""
        path = self.folder / f"{code}.mrc"
        records = [marc_record(n, items=[koha_item(f"{code}-{n}", home=code)]) for n in numbers]
        path.write_bytes(iso2709(records))
        assert self.run("import-records", "--library", code, str(path)).exit_code == 0
        with make_session(self.engine, writes=True) as db, db.begin():
            db.execute(delete(SourceKey))

    def count(self, *conditions, of=Record):
        with make_session(self.engine, writes=False) as db:
            return db.scalar(select(func.count()).select_from(of).where(*conditions))


@pytest.fixture
def town(migrated_sqlite, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(migrated_sqlite, data / "bibliopolis.sqlite")
    town = Town(data, tmp_path)
    yield town
    town.engine.dispose()


def test_the_same_editions_become_one_record_with_all_copies(town):
    town.bring("central", *range(30))
    town.bring("okhta", *range(20, 50))
    assert town.count(Record.joined_to.is_(None)) == 60

    done = town.run("match-records")

    assert done.exit_code == 0
    assert "60 descriptions looked at, 10 joined to the record of another library" in done.output
    assert town.count(Record.joined_to.is_(None)) == 50
    assert town.count(Record.joined_to.is_not(None)) == 10
    with make_session(town.engine, writes=False) as db:
        shared = (
            select(SourceRecord.record_id)
            .group_by(SourceRecord.record_id)
            .having(func.count() == 2)
        )
        [record_id] = db.scalars(shared.limit(1))
        assert sorted(
            db.scalars(select(Item.barcode.like("central-%")).where(Item.record_id == record_id))
        ) == [False, True]
        total = select(func.sum(Availability.total)).where(Availability.record_id == record_id)
        assert db.scalar(total) == 2
    again = town.run("match-records")
    assert "0 descriptions looked at" in again.output


def test_what_was_broken_off_goes_on(town, monkeypatch):
    town.bring("central", *range(30))
    town.bring("okhta", *range(30))
    monkeypatch.setattr(matching_again, "AT_ONCE", 25)
    match, turns = matching_again.match_some, []

    def match_some(request, after_id):
        if len(turns) == 2:
            raise KeyboardInterrupt
        turns.append(after_id)
        return match(request, after_id, 25)

    with monkeypatch.context() as broken:
        broken.setattr(matching_again, "match_some", match_some)
        done = town.run("match-records")
    assert done.exit_code == 130
    assert "50 descriptions looked at, 20 joined" in done.output

    assert "10 descriptions looked at, 10 joined" in town.run("match-records").output
    assert town.count(Record.joined_to.is_(None)) == 30


def test_descriptions_of_one_library_stay_apart(town):
    town.bring("central", 1)
    with make_session(town.engine, writes=True) as db, db.begin():
        db.execute(SourceRecord.__table__.update().values(control_number="other"))
    town.bring("central", 1)

    assert "2 descriptions looked at, 0 joined" in town.run("match-records").output
    assert town.count(Record.joined_to.is_(None)) == 2


def test_looking_at_a_hundred_asks_no_more_than_looking_at_one(town):
    asked = []
    site = site_of(town)
    for many in (1, 100):
        town.bring("central", *range(many))
        with site.transaction() as request, statements(site) as sent:
            assert matching_again.match_some(request, 0).looked_at == many
        asked.append(len(sent))
        with make_session(town.engine, writes=True) as db, db.begin():
            db.execute(delete(SourceKey))
    site.engine.dispose()

    assert asked[1] <= asked[0]


def site_of(town):
    settings = {
        "bibliopolis.site": str(SITE),
        "bibliopolis.data": str(town.data),
        "bibliopolis.secret": "for tests only",
    }
    return CommittingSite(make_app(configure(settings, {})), "", town.data)


@contextmanager
def statements(site):
    """Collect the statements that are sent to the database."""
    sent = []

    def note(_connection, _cursor, statement, *_others):
        sent.append(statement)

    event.listen(site.engine, "before_cursor_execute", note)
    yield sent
    event.remove(site.engine, "before_cursor_execute", note)
