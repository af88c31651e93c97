"""What an import refuses waits for staff: seen, read again, mended, saved or dismissed."""

from datetime import timedelta

import pytest
from fixtures.desk import form_to
from fixtures.lending import City
from fixtures.marc_files import marc_record
from sqlalchemy import event, func, select

from bibliopolis.catalogue.import_history import LibraryBatches
from bibliopolis.catalogue.import_run import ImportRun
from bibliopolis.catalogue.marc import Wanted
from bibliopolis.catalogue.models import Record
from bibliopolis.intake import quarantine, quarantine_views
from bibliopolis.intake.batches import KeepingBatches
from bibliopolis.intake.jobs import RETRY, forget_what_is_old, retry_records
from bibliopolis.intake.models import QuarantinedRecord
from bibliopolis.intake.quarantine import LARGEST_KEPT, Quarantine
from bibliopolis.outbox import OutboxRow
from bibliopolis.resources.history import HistoryEntry

LIST = "/en/staff/imports/quarantine"


@pytest.fixture
def city(db, clock):
    return City(db, clock, None)


@pytest.fixture
def here(city):
    return city.library("Fontanka")


@pytest.fixture
def there(city):
    return city.library("Okhta")


@pytest.fixture
def web_of_vera(sign_in, make_person, here):
    """The browser of somebody who works at the first library."""
    make_person("vera", librarian=f"library:{here.id}")
    return sign_in("vera")


@pytest.fixture
def bring_in(inside, tmp_path):
    """Import bytes into a library as the command does."""

    def bring_in(library, data, name="catalogue.mrc", wanted=None):
        path = tmp_path / name
        path.write_bytes(data)
        wanted = wanted or Wanted()
        codes = {library.code: library.id}
        batches = KeepingBatches(
            LibraryBatches.for_library(inside, library.id, codes, LibraryBatches.new_operation()),
            inside.find_service(Quarantine),
            {"items_tag": wanted.items_tag, "encoding": wanted.encoding},
        )

        class Batch:
            def __enter__(self):
                return batches

            def __exit__(self, *_exc):
                return None

        ImportRun(Batch, wanted).run([path])
        inside.db.flush()  # what would be committed: no later page writes it
        return batches.batches.operation

    return bring_in


def broken(number):
    """Return a record whose directory is damaged."""
    data = marc_record(number).as_marc()
    return data[:27] + b"????" + data[31:]


def kept(db):
    return db.scalars(select(QuarantinedRecord).order_by(QuarantinedRecord.id)).all()


def titles(page):
    return [row.th.a.text for row in page.html.select("tbody tr")]


def test_a_refused_record_is_kept_with_its_place_and_bytes(db, here, bring_in):
    good = marc_record(1).as_marc()

    operation = bring_in(here, good + broken(2))

    [row] = kept(db)
    assert (row.library_id, row.operation, row.file) == (here.id, operation, "catalogue.mrc")
    assert (row.ordinal, row.offset) == (2, len(good))
    assert row.reason == "the directory is damaged"
    assert row.raw == broken(2)


def test_the_same_file_twice_is_no_second_entry_and_what_was_dismissed_stays_so(
    db, here, bring_in, web_of_vera
):
    bring_in(here, broken(1) + broken(2))
    form_to(web_of_vera.get(f"{LIST}/{kept(db)[0].id}"), "/dismiss").submit(status=303)

    bring_in(here, broken(1) + broken(2), name="again.mrc")

    assert len(kept(db)) == 2
    assert titles(web_of_vera.get(LIST)) == ["catalogue.mrc, record 2"]


def test_staff_see_what_their_own_library_sent_and_nothing_else(
    db, here, there, bring_in, web_of_vera, web
):
    bring_in(here, broken(1))
    bring_in(there, broken(2), name="theirs.mrc")
    mine, theirs = kept(db)

    page = web_of_vera.get(LIST)

    assert titles(page) == ["catalogue.mrc, record 1"]
    assert titles(web_of_vera.get(LIST, {"library": there.id})) == ["catalogue.mrc, record 1"]
    for name in ("", "/bytes"):
        web_of_vera.get(f"{LIST}/{theirs.id}{name}", status=403)
    form = form_to(web_of_vera.get(f"{LIST}/{mine.id}"), "/dismiss")
    form.action = f"{LIST}/{theirs.id}/dismiss"
    form.submit(status=403)
    assert theirs.dismissed is None


def test_visitors_and_readers_see_nothing_of_it(here, bring_in, web):
    bring_in(here, broken(1))

    assert "sign-in" in web.get(LIST, status=303).location


def test_the_list_is_paged_and_narrowed_by_reason_and_by_run(db, here, bring_in, web_of_vera):
    bring_in(here, b"".join(broken(number) for number in range(60)))
    run = bring_in(here, marc_record(1).as_marc()[:24] + b"\x1e\x1d", name="other.mrc")

    first = web_of_vera.get(LIST)
    second = web_of_vera.get(LIST, {"page": 2})
    by_reason = web_of_vera.get(LIST, {"reason": "the record has no fields"})
    by_run = web_of_vera.get(LIST, {"run": run})

    assert (len(titles(first)), len(titles(second))) == (50, 11)
    assert titles(by_reason) == titles(by_run) == ["other.mrc, record 1"]
    assert "the directory is damaged (60)" in first.text


def test_the_bytes_can_be_saved_as_they_stood(db, here, bring_in, web_of_vera):
    bring_in(here, broken(1))

    answer = web_of_vera.get(f"{LIST}/{kept(db)[0].id}/bytes")

    assert answer.body == broken(1)
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_record_mended_in_the_form_is_taken_in_and_leaves(db, here, bring_in, web_of_vera):
    bring_in(here, broken(1))
    form = form_to(web_of_vera.get(f"{LIST}/{kept(db)[0].id}"), "/mend")
    assert "\\1FaПреступление и наказание 1 :" in form["text"].value

    form["text"] = form["text"].value.replace("????", "0007", 1).replace("наказание", "награда")
    page = form.submit(status=303).follow()

    assert "The record is in the catalogue now." in page.text
    assert kept(db) == []
    assert db.scalars(select(Record.title)).all() == ["Преступление и награда 1"]


def test_what_still_cannot_be_read_says_why_and_keeps_what_was_typed(
    db, here, bring_in, web_of_vera
):
    bring_in(here, broken(1))
    form = form_to(web_of_vera.get(f"{LIST}/{kept(db)[0].id}"), "/mend")
    form["text"] = "Dear colleague"

    page = form.submit(status=400)

    assert "this is not the beginning of a MARC record" in page.text
    assert form_to(page, "/mend")["text"].value == "Dear colleague"
    assert kept(db)[0].raw == broken(1)


def test_all_of_a_reason_are_read_again_by_the_worker(db, here, bring_in, web_of_vera, inside):
    bring_in(here, broken(1) + broken(2) + broken(3))
    # As if the importer had learnt to read two of them.
    for row in kept(db)[:2]:
        row.raw = row.raw.replace(b"????", marc_record(1).as_marc()[27:31])
    db.flush()
    page = web_of_vera.get(LIST, {"reason": "the directory is damaged"})

    page = form_to(page, "/retry").submit(status=303).follow()
    assert "3 records are read again now." in page.text
    keys = db.scalars(select(OutboxRow.key).where(OutboxRow.topic == RETRY)).all()
    retry_records(inside, keys)
    retry_records(inside, keys)  # killed before it could say that it was done

    assert [row.ordinal for row in kept(db)] == [3]
    assert db.scalar(select(func.count()).select_from(Record)) == 2


def test_all_of_a_reason_are_dismissed_together(db, here, bring_in, web_of_vera):
    bring_in(here, broken(1) + broken(2) + marc_record(3).as_marc()[:24] + b"\x1e\x1d")

    page = web_of_vera.get(LIST, {"reason": "the directory is damaged"})
    page = form_to(page, "/dismiss").submit(status=303).follow()

    assert "2 records are dismissed." in page.text
    assert titles(page) == ["catalogue.mrc, record 3"]


def test_a_record_that_contradicts_another_is_not_read_again_with_others(
    db, here, bring_in, web_of_vera
):
    other = marc_record(1, title="Другое").as_marc()
    bring_in(here, marc_record(1).as_marc() + other)
    [row] = kept(db)

    page = form_to(web_of_vera.get(LIST), "/retry").submit(status=303).follow()
    assert "0 records are read again now." in page.text

    form_to(web_of_vera.get(f"{LIST}/{row.id}"), "/retry").submit(status=303)
    assert db.scalars(select(Record.title)).all() == ["Другое 1"]


def test_an_old_version_is_not_put_over_a_newer_one(db, here, bring_in, web_of_vera, clock):
    bring_in(here, broken(1))
    clock.advance(timedelta(days=1))
    bring_in(here, marc_record(1, title="Новое").as_marc())
    [row] = kept(db)
    row.raw = marc_record(1, title="Старое").as_marc()
    db.flush()

    page = form_to(web_of_vera.get(f"{LIST}/{row.id}"), "/retry").submit(status=400)

    assert "A newer version has come since." in page.text
    assert db.scalars(select(Record.title)).all() == ["Новое 1"]
    assert "A newer version has come since." in web_of_vera.get(LIST).text


def test_what_is_too_long_to_be_kept_is_refused(db, here, bring_in, web_of_vera, monkeypatch):
    monkeypatch.setattr(quarantine_views, "LARGEST_KEPT", 1000)
    bring_in(here, broken(1))
    form = form_to(web_of_vera.get(f"{LIST}/{kept(db)[0].id}"), "/mend")
    form["text"] = marc_record(1).as_marc().decode() * 5

    assert "This is too long" in form.submit(status=400).text
    assert db.scalars(select(Record.title)).all() == []


def test_all_of_a_library_that_is_not_theirs_are_not_all_of_theirs(
    db, here, there, bring_in, web_of_vera
):
    bring_in(here, broken(1))
    form = form_to(web_of_vera.get(LIST, {"reason": "the directory is damaged"}), "/dismiss")
    form["library"].force_value(str(there.id))

    form.submit(status=403)

    assert len(titles(web_of_vera.get(LIST))) == 1


def test_the_history_of_a_library_tells_who_dismissed_how_many(db, here, bring_in, web_of_vera):
    bring_in(here, broken(1) + broken(2))
    page = web_of_vera.get(LIST, {"reason": "the directory is damaged"})
    form_to(page, "/dismiss").submit(status=303)

    [entry] = db.scalars(select(HistoryEntry).where(HistoryEntry.action == "dismiss_records"))
    assert (entry.resource_id, entry.data) == (here.id, {"records": 2})
    assert entry.actor_id is not None


def test_all_that_is_old_is_forgotten_however_much_it_is(
    db, here, bring_in, inside, clock, monkeypatch
):
    monkeypatch.setattr(quarantine, "AT_ONCE", 2)
    bring_in(here, b"".join(broken(number) for number in range(5)))
    clock.advance(timedelta(days=inside.settings.quarantine_days))

    forget_what_is_old(inside)

    db.expire_all()
    assert kept(db) == []


def test_of_a_huge_record_only_the_beginning_is_kept_and_the_page_says_so(
    db, here, bring_in, web_of_vera
):
    bring_in(here, b"x" * (LARGEST_KEPT + 1))
    [row] = kept(db)

    page = web_of_vera.get(f"{LIST}/{row.id}")

    assert (row.size, len(row.raw)) == (LARGEST_KEPT + 1, LARGEST_KEPT)
    assert "Only its beginning is kept." in page.text
    assert [form.action for form in page.forms.values() if "/retry" in form.action] == []


def test_what_was_said_of_the_file_holds_when_it_is_read_again(db, here, bring_in, inside):
    bring_in(here, broken(1), wanted=Wanted(items_tag="999", encoding="utf-8"))

    [row] = kept(db)
    assert row.wanted == {"items_tag": "999", "encoding": "utf-8"}


def test_what_nobody_mended_is_forgotten_after_its_time(db, here, bring_in, inside, clock):
    bring_in(here, broken(1))

    clock.advance(timedelta(days=inside.settings.quarantine_days - 1))
    forget_what_is_old(inside)
    assert len(kept(db)) == 1

    clock.advance(timedelta(days=1))
    forget_what_is_old(inside)
    db.expire_all()
    assert kept(db) == []


def test_the_list_asks_the_database_as_often_however_long_it_is(
    engine, here, bring_in, web_of_vera
):
    statements = []

    def listen(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    def asked():
        statements.clear()
        web_of_vera.get(LIST)
        return len(statements)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        bring_in(here, broken(1))
        asked()
        few = asked()
        bring_in(here, b"".join(broken(number) for number in range(2, 40)))
        assert asked() <= few <= 20
    finally:
        event.remove(engine, "before_cursor_execute", listen)
