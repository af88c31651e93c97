"""``bibliopolis check`` says in one line what is wrong, or that all is in order."""

import shutil
import socket
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import click
import psycopg
import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from fixtures.terminals import certificate
from sqlalchemy import select

from bibliopolis.accounts.passwords import Passwords
from bibliopolis.circulation.models import CirculationRule
from bibliopolis.cli import main
from bibliopolis.cli.check_site import _states, hidden_pages
from bibliopolis.cli.check_tls import look_at_tls
from bibliopolis.cli.children import Child
from bibliopolis.content.models import Content, ContentTranslation
from bibliopolis.db import make_engine, make_session
from bibliopolis.libraries.models import Library
from bibliopolis.readers.models import Reader
from bibliopolis.schema import alembic_config

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SITE = Path(__file__).resolve().parents[3]


class Site:
    """A site whose declarations and data a test may spoil, and ``bibliopolis check``."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"

    def run(self, *arguments, **settings):
        given = {f"BIBLIOPOLIS_{name.upper()}": value for name, value in settings.items()}
        folders = {"BIBLIOPOLIS_SITE": str(self.folder), "BIBLIOPOLIS_DATA": str(self.data)}
        runner = CliRunner(env={"BIBLIOPOLIS_URL": "http://localhost", **folders, **given})
        return runner.invoke(
            main, [*arguments, "--config", str(SITE / "development.ini")], catch_exceptions=False
        )

    def check(self, *options, **settings):
        return self.run("check", *options, **settings)

    def sql(self, statement):
        with closing(sqlite3.connect(self.data / "bibliopolis.sqlite")) as database:
            database.execute(statement)
            database.commit()


@pytest.fixture(scope="module")
def orderly(tmp_path_factory, migrated_sqlite):
    folder = tmp_path_factory.mktemp("orderly")
    for name in ("content_types", "policies", "workflows"):
        shutil.copytree(SITE / name, folder / name)
    for name in ("themes", "locales", "migrations"):
        (folder / name).symlink_to(SITE / name)
    site = Site(folder)
    site.data.mkdir()
    shutil.copyfile(migrated_sqlite, site.data / "bibliopolis.sqlite")
    assert site.run("reindex").exit_code == 0
    return site


@pytest.fixture
def site(orderly, tmp_path):
    shutil.copytree(orderly.folder, tmp_path / "site", symlinks=True)
    return Site(tmp_path / "site")


def found(answer):
    assert answer.exit_code == 1, answer.output
    *findings, count = answer.output.splitlines()
    assert count == ("1 error." if len(findings) == 1 else f"{len(findings)} errors.")
    return findings


def test_a_site_without_mistakes_is_in_order(site):
    answer = site.check()

    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("In order: ")


def test_a_mistake_is_one_line_and_an_exit_code_that_says_so(site):
    file = site.folder / "content_types" / "event.yaml"
    file.write_text(file.read_text("utf-8").replace("title: Event", "titel: Event"), "utf-8")

    answer = site.check()

    assert answer.exit_code == 78
    assert answer.output == (
        "Error: content_types/event.yaml:2: unknown key “titel”; did you mean “title”?\n"
    )


def test_a_harvest_for_nobody_and_passwords_that_anybody_reads_are_told(site):
    (site.folder / "policies" / "harvests.yaml").write_text(
        "sources:\n  far:\n    {title: Far, url: 'https://oai.example.org', prefix: marc21,"
        " library: nowhere}\n"
    )
    passwords = site.folder / "netrc"
    assert found(site.check(harvest_netrc=str(passwords)))[0] == (
        f"error: bibliopolis.harvest_netrc: there is no file {passwords}"
    )

    passwords.write_text("")
    passwords.chmod(0o644)
    assert found(site.check(harvest_netrc=str(passwords))) == [
        f"error: others may read {passwords}: chmod 600 {passwords}",
        "error: policies/harvests.yaml: far is for nowhere, and there is no such library",
    ]


def test_the_certificate_of_terminals_is_looked_at(tmp_path):
    def told(pem, key):
        settings = SimpleNamespace(sip2_certificate=pem, sip2_key=key)
        return [(one.kind, one.text) for one in look_at_tls(settings)]

    good, short = certificate(tmp_path), certificate(tmp_path, days=1)
    name = "bibliopolis.sip2_certificate"

    assert told(None, None) == told(*good) == []
    ((kind, text),) = told(*short)
    assert (kind, text.startswith(f"{name} counts only until ")) == ("remark", True)
    for pem, key in ((tmp_path / "none", None), (good[0], short[1]), (None, good[1])):
        ((kind, text),) = told(pem, key)
        assert (kind, text.startswith(f"{name}: ")) == ("error", True)


def test_rules_for_whom_or_what_there_is_not_are_told(site):
    file = site.folder / "policies" / "circulation.yaml"
    file.write_text(
        "rules:\n  - organisation: atlantis\n    set: {max_holds: 3}\n"
        "groups: {sea: {title: Sea, members: [nowhere]}}\n"
    )
    engine = make_engine(f"sqlite:///{site.data / 'bibliopolis.sqlite'}")
    with make_session(engine, writes=True) as db, db.begin():
        okhta = Library(code="okhta", name={}, address={}, sort_key="o", created=NOW, changed=NOW)
        db.add(okhta)
        db.flush()
        for scope in ({"category": "cosmonaut"}, {"item_type": "wax"}):
            db.add(
                CirculationRule(
                    library_id=okhta.id, name="holdable", value=True, changed=NOW, **scope
                )
            )
    engine.dispose()

    assert found(site.check()) == [
        "error: policies/circulation.yaml:3 names atlantis, and there is no such organisation",
        "error: policies/circulation.yaml names nowhere, and there is no such organisation",
        "error: there is no category cosmonaut any more; rules of okhta that name it: 1",
        "error: there is no item type wax any more; rules of okhta that name it: 1",
    ]


def test_a_place_without_a_site_says_how_to_begin(site):
    shutil.rmtree(site.data)
    assert found(site.check()) == [
        f"error: there is no data folder {site.data}: run `bibliopolis init`"
    ]

    site.data.mkdir()
    assert found(site.check())[0].startswith("error: the database has no tables yet")


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("20261122_first", "of an older version: run `bibliopolis migrate`"),
        ("of_the_future", "of another version of Bibliopolis (its schema is 'of_the_future')"),
    ],
)
def test_a_database_of_another_version_is_told(site, revision, said):
    if revision == "20261122_first":
        scripts = ScriptDirectory.from_config(alembic_config(SITE))
        revision = scripts.get_base()
    site.sql(f"UPDATE alembic_version SET version_num = '{revision}'")

    (finding,) = found(site.check())
    assert said in finding


@pytest.mark.postgres
def test_a_database_that_has_no_place_for_most_letters_is_told(site, postgres):
    with psycopg.connect(
        f"host={postgres.folder} user=postgres dbname=postgres", autocommit=True
    ) as connection:
        connection.execute(
            "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )

    findings = found(site.check(database=postgres.url("latin"), secret="x"))

    assert findings[0].startswith("error: the database is in LATIN1")
    assert "has no tables yet" in findings[1]


def test_a_database_that_does_not_answer_is_one_line(site):
    nowhere = "postgresql://nobody@/nowhere?host=/nowhere"

    (finding,) = found(site.check(database=nowhere, secret="x"))

    assert finding.startswith("error: the database cannot be used: ")


def test_an_index_that_cannot_be_read_is_told(site):
    current = site.data / "index" / "current"
    name = current.read_text().strip()
    (site.data / "index" / name).rename(site.data / "index" / f"v0-{name}")
    current.write_text(f"v0-{name}")
    assert "was made by another version" in found(site.check())[0]

    current.unlink()
    assert "there is no index yet" in found(site.check())[0]


def test_data_of_words_that_were_taken_away_is_told(site):
    engine = make_engine(f"sqlite:///{site.data / 'bibliopolis.sqlite'}")
    day = {"created": NOW, "changed": NOW}
    with make_session(engine, writes=True) as db, db.begin():
        for name in ("opera", "page"):
            db.add(Content(type=name, slug=name, path=name, source_language="ru", **day))
        db.flush()
        page = db.scalars(select(Content).where(Content.type == "page")).one()
        page.translations.append(ContentTranslation(language="de", state="limbo", **day))
        page.translations.append(ContentTranslation(language="uz", state="draft", **day))
        library = Library(code="a", name={}, sort_key="a", **day)
        db.add(library)
        db.flush()
        reader = {"name": "A", "sort_key": "a", "category": "giants"}
        db.add(Reader(home_library_id=library.id, **reader, **day))
    engine.dispose()

    answer = site.check()

    assert answer.exit_code == 1
    for line in (
        "error: content_types/ has no type opera; pages that are of it: 1",
        "error: workflows/editorial.yaml has no state limbo; translations (page) that are in it: 1",
        "error: policies/readers.yaml has no category giants; readers in it: 1",
        "remark: neither bibliopolis.languages nor page_languages has de; translations in it: 1",
        "3 errors.",
    ):
        assert line in answer.output
    assert " uz;" not in answer.output, "a page may be in a language the site's words are not in"


@pytest.mark.parametrize("name", ["hold", "enquiry"])
def test_a_state_that_was_taken_away_while_something_is_in_it_is_told(app, name):
    kind = app.registry["bibliopolis.types"][name]
    fewer = replace(kind.workflow, states={})
    types = [replace(kind, workflow=fewer)]
    registry = {"bibliopolis.types": types}
    request = SimpleNamespace(registry=registry, db=SimpleNamespace(execute=lambda _q: [("x", 2)]))

    (finding,) = _states(request)

    assert finding.text == (
        f"workflows/{name}.yaml has no state x; rows of {name} that are in it: 2"
    )


def test_what_would_be_noticed_too_late_is_told(site):
    (site.data / "secret").write_text("x")
    (site.data / "secret").chmod(0o644)
    (site.data / "restore-is-unfinished").write_text("x")
    (site.data / "mail").write_text("no folder")

    said = "\n".join(found(site.check(url="https://x.example", mail="smtp://localhost:1")))

    assert "is not finished" in said
    assert "others may read" in said
    assert "is no folder" in said
    assert "bibliopolis.secure_cookies is not true" in said


def test_an_upload_that_is_gone_is_told(site):
    site.sql(
        "INSERT INTO media (uid, name, media_type, size, sha256, created)"
        " VALUES ('m', 'map.png', 'image/png', 1, 'abc', '2026-01-01')"
    )

    assert found(site.check()) == [
        "error: uploaded files that are not in the data folder: 1 (map.png)"
    ]


def test_known_passwords_of_the_demo_are_an_error_on_a_public_site(site):
    # The real way of hashing, as the command uses it.
    known, own = Passwords().hash("bibliopolis"), Passwords().hash("a password of her own")
    for name, kept, disabled in (
        ("admin", known, 0),
        ("editor", known, 1),
        ("reviewer", own, 0),
        ("somebody", known, 0),
    ):
        site.sql(
            "INSERT INTO person (uid, name, folded, email, password_hash, language, created,"
            f" disabled) VALUES ('{name}', '{name}', '{name}', '{name}@example.org', '{kept}',"
            f" 'ru', '2026-01-01', {disabled})"
        )

    public = site.check(url="https://x.example", secure_cookies="true")

    assert [line for line in public.output.splitlines() if "password" in line] == [
        "error: everybody knows the password of 1 accounts of the demo (admin@example.org): give"
        " them others, or close them at Staff side > People"
    ]
    assert public.exit_code == 1
    assert "password" not in site.check().output


def test_the_mail_server_is_spoken_to_when_that_is_wished(site):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        mail = f"smtp://127.0.0.1:{unused.getsockname()[1]}"

        assert site.check(mail=mail).exit_code == 0
        assert "the mail server does not let us in" in found(site.check("--mail", mail=mail))[0]


def test_pages_that_a_room_hides_are_named(publish, app, db):
    root = publish.chief.tree.root()
    publish(publish(root, "section", "city"), "page", "games")
    publish(root, "section", "games")
    registry = {**app.registry, "bibliopolis.mounts": {"games": object}}

    assert hidden_pages(SimpleNamespace(registry=registry, db=db)) == ["games"]


def test_a_supervisor_does_not_restart_what_is_wrongly_configured():
    child = Child("web process", [sys.executable, "-c", "raise SystemExit(78)"], say=print)
    child.start()
    child.process.wait()

    with pytest.raises(click.exceptions.Exit) as leaving:
        child.look_after()

    assert leaving.value.exit_code == 78
