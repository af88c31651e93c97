"""Every MARC file of the shared samples comes in, or says of each record why not.

``UPDATE_COUNTS=1`` writes docs/import-counts.md anew from what this test finds.
"""

import os
import shutil
from collections import Counter
from contextlib import contextmanager

import pytest
from fixtures.sites import SITE, CommittingSite

from bibliopolis import configure
from bibliopolis.catalogue.import_history import LibraryBatches
from bibliopolis.catalogue.import_run import ImportRun, plain_text
from bibliopolis.libraries.models import Library
from bibliopolis.request_class import make_app
from bibliopolis.settings import parse_settings

PAGE = SITE / "docs" / "import-counts.md"
INTRODUCTION = """\
# What the import makes of other people's files

Every file of catalogue records in the samples that developers share (`BIBLIOPOLIS_SAMPLES`, see
its `MANIFEST.md` for their sources), each imported into a library of its own. A record is taken in,
or tells nothing new (the same as one before it, or that one is deleted which was never there), or
is rejected with file, record, byte and reason.
[importing.md](importing.md) tells what is recognised and how.
`tests/functional/test_import_counts.py` compares this page with what happens; with
`UPDATE_COUNTS=1` it writes it.

"""
FOLDERS = (("marc", ""), ("library/folio-sample-data", "folio-sample-data/"))
"""Where they are in the samples, and what the page puts before their names."""
HEAD = (
    "file",
    "read",
    "taken in",
    "nothing new",
    "rejected",
    "copies",
    "recognised as",
    "why rejected",
)


@pytest.fixture(scope="module")
def reports(samples, migrated_sqlite, tmp_path_factory):
    """Import every file and return what was reported, by the file's name below the samples."""
    data = tmp_path_factory.mktemp("counts")
    shutil.copyfile(migrated_sqlite, data / "bibliopolis.sqlite")
    settings = {"bibliopolis.site": str(SITE), "bibliopolis.data": str(data)}
    app = make_app(configure(settings))
    site = CommittingSite(app, parse_settings(settings).database_url, data)
    yield {
        name: imported(site, f"library-{number}", path)
        for number, (name, path) in enumerate(files(samples))
    }
    site.engine.dispose()


def files(samples):
    """Yield the files with catalogue data, and their names as the page has them."""
    for folder, before in FOLDERS:
        root = samples / folder
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            yield before + path.relative_to(root).as_posix(), path


def imported(site, code, path):
    with site.transaction() as request:
        now = request.clock.now()
        library = Library(code=code, name={}, sort_key=code, created=now, changed=now)
        request.db.add(library)
        request.db.flush()
        library_id = library.id
    operation = LibraryBatches.new_operation()

    @contextmanager
    def transaction():
        with site.transaction() as request:
            yield LibraryBatches.for_library(request, library_id, {code: library_id}, operation)

    return ImportRun(transaction).run([path])


def test_every_record_is_taken_in_or_rejected_with_its_place(reports):
    assert len(reports) > 130
    for name, report in reports.items():
        counts = report.counts
        assert report.finished, name
        assert report.read, name
        assert report.read == counts.created + counts.unchanged + report.rejected, name
        assert len(report.rejections) == report.rejected
        for note in report.rejections:
            assert note.place.file.endswith(name)
            assert note.place.ordinal >= 1
            assert note.place.offset >= 0
            assert plain_text(note.text)


def test_the_russian_files_come_in_whole(reports):
    letters = reports["irbis-rusmarc/test1.iso"].counts
    base = reports["irbis-rusmarc/ibis-demo-269.irbis.txt"]

    assert (letters.created, reports["irbis-rusmarc/test1.iso"].rejected) == (81, 0)
    assert (base.read, base.counts.items_created) == (269, 2216)


def test_the_counts_are_those_of_the_page(reports):
    page = INTRODUCTION + table(reports)
    if os.environ.get("UPDATE_COUNTS"):
        PAGE.write_text(page, "utf-8")

    assert PAGE.read_text("utf-8") == page


def table(reports):
    rows = [HEAD, ("---", *["---:"] * 5, "---", "---")]
    rows += [row(name, report) for name, report in reports.items()]
    numbers = [sum(int(row[column]) for row in rows[2:]) for column in range(1, 6)]
    rows.append(("**all**", *map(str, numbers), "", ""))
    return "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows)


def row(name, report):
    reasons = Counter(plain_text(note.text) for note in report.rejections)
    said = "; ".join(
        reason if count == 1 else f"{reason} ({count})" for reason, count in sorted(reasons.items())
    )
    counts = report.counts
    return (
        name,
        report.read,
        counts.created,
        counts.unchanged,
        report.rejected,
        counts.items_created,
        "; ".join(sorted(form for forms in report.recognised.values() for form in forms)),
        said.replace("|", "\\|"),
    )
