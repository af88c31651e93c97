"""What can be said of a site that is put together: its database, index, files and mail."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute

from bibliopolis.backup.tables import schema_of
from bibliopolis.cli.findings import Finding, error, remark
from bibliopolis.schema import alembic_config

OLDEST_POSTGRESQL = 130000
SHOWN = 3


def look_at_site(request: Any, *, greet_server: bool = False) -> Iterator[Finding]:
    """Look at everything; what needs the tables is left out while they are not right."""
    database = list(look_at_database(request))
    yield from database
    yield from _theme(request)
    if greet_server:
        yield from _mail_server(request)
    if not any(finding.stops for finding in database):
        with request.tm:
            yield from _index(request)
            yield from _declared(request)
            yield from _hidden(request)
            yield from _uploads(request)
            yield from _left_undone(request)
            yield from _known_passwords(request)


def look_at_database(request: Any) -> Iterator[Finding]:
    """Look whether the database answers and has the tables that the code expects."""
    engine = request.registry["bibliopolis.engine"]
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                yield from _postgresql(connection)
            yield from _schema(request, schema_of(connection))
    except SQLAlchemyError as trouble:
        reason = str(getattr(trouble, "orig", None) or trouble)
        yield error(f"the database cannot be used: {reason}", stops=True)


def _postgresql(connection: Any) -> Iterator[Finding]:
    encoding = connection.execute(text("SHOW server_encoding")).scalar()
    if encoding != "UTF8":
        yield error(
            f"the database is in {encoding}, which has no place for most letters: make one with"
            " ENCODING 'UTF8' and restore a backup there"
        )
    number = int(connection.execute(text("SHOW server_version_num")).scalar())
    if number < OLDEST_POSTGRESQL:
        yield error(f"PostgreSQL {number // 10000} is too old: version 13 or newer is needed")


def _schema(request: Any, revision: str | None) -> Iterator[Finding]:
    if revision is None:
        yield error("the database has no tables yet: run `bibliopolis init`", stops=True)
        return
    site = request.settings.site
    scripts = ScriptDirectory.from_config(alembic_config(site))
    if revision == scripts.get_current_head():
        return
    if any(script.revision == revision for script in scripts.walk_revisions()):
        yield error("the database is of an older version: run `bibliopolis migrate`", stops=True)
    else:
        yield error(
            f"the database is of another version of Bibliopolis (its schema is {revision!r})",
            stops=True,
        )


def _theme(request: Any) -> Iterator[Finding]:
    theme = request.registry["bibliopolis.themes"][request.settings.theme]
    if not theme.manifest.is_built:
        yield error(f"the theme {theme.name} is not built: run `make build/front-end`")


def _mail_server(request: Any) -> Iterator[Finding]:
    from bibliopolis.mail import SmtpTransport

    transport = request.registry["bibliopolis.mail_transport"]
    if not isinstance(transport, SmtpTransport):
        return
    try:
        with transport.connected():
            pass
    except (OSError, smtplib.SMTPException) as trouble:
        yield error(f"the mail server does not let us in: {trouble}")


def _index(request: Any) -> Iterator[Finding]:
    from bibliopolis.search.interfaces import ISearchIndex

    health = request.find_service(ISearchIndex).health()
    if not health.ok:
        # The message says what to do, or that the worker will do it.
        yield error(f"the search index: {health.message}")


def _declared(request: Any) -> Iterator[Finding]:
    """Compare what is kept with what is declared: somebody may have taken a word away."""
    yield from _pages(request)
    yield from _states(request)
    yield from _readers(request)
    yield from _harvests(request)
    yield from _rules(request)


def _pages(request: Any) -> Iterator[Finding]:
    from bibliopolis.content.models import NEUTRAL, Content, ContentTranslation

    types = request.registry["bibliopolis.types"]
    for name, count in _counted(request.db, Content.type):
        if name not in types:
            yield error(f"content_types/ has no type {name}; pages that are of it: {count}")
    states = (
        select(Content.type, ContentTranslation.state, func.count())
        .join(ContentTranslation, ContentTranslation.content_id == Content.id)
        .where(ContentTranslation.state.is_not(None))
        .group_by(Content.type, ContentTranslation.state)
        .order_by(Content.type, ContentTranslation.state)
    )
    for name, state, count in request.db.execute(states):
        workflow = types[name].workflow if name in types else None
        if workflow and state not in workflow.states:
            yield error(
                f"workflows/{workflow.name}.yaml has no state {state};"
                f" translations ({name}) that are in it: {count}"
            )
    spoken = {*request.settings.all_languages, NEUTRAL}
    for language, count in _counted(request.db, ContentTranslation.language):
        if language not in spoken:
            yield remark(
                f"neither bibliopolis.languages nor page_languages has {language};"
                f" translations in it: {count}"
            )


def _states(request: Any) -> Iterator[Finding]:
    """Look at all that has a table and a state of its own: holds, enquiries, what packages add."""
    for kind in request.registry["bibliopolis.types"]:
        column = getattr(kind.factory, "state", None)
        if kind.workflow is None or not isinstance(column, InstrumentedAttribute):
            continue
        for state, count in _counted(request.db, column):
            if state not in kind.workflow.states:
                yield error(
                    f"workflows/{kind.workflow.name}.yaml has no state {state};"
                    f" rows of {kind.factory.__tablename__} that are in it: {count}"
                )


def _readers(request: Any) -> Iterator[Finding]:
    from bibliopolis.readers.categories import ReaderPolicy
    from bibliopolis.readers.models import Reader

    categories = request.find_service(ReaderPolicy).categories
    for name, count in _counted(request.db, Reader.category):
        if name is not None and name not in categories:
            yield error(f"policies/readers.yaml has no category {name}; readers in it: {count}")


def _harvests(request: Any) -> Iterator[Finding]:
    from bibliopolis.libraries.models import Library, OrganisationKind

    libraries = select(Library.code).where(Library.kind == OrganisationKind.LIBRARY)
    codes = set(request.db.scalars(libraries))
    for source in request.registry["bibliopolis.harvest_sources"].values():
        if source.library not in codes:
            yield error(
                f"policies/harvests.yaml: {source.name} is for {source.library}, and there is no"
                " such library"
            )


def _rules(request: Any) -> Iterator[Finding]:
    """Look for rules of circulation that never count, for whom they are for is not there.

    Names in the file of the site are looked at when it is read; its organisations only here.
    """
    from bibliopolis.catalogue.item_types import ItemTypes
    from bibliopolis.circulation.models import CirculationRule
    from bibliopolis.circulation.rules import NAMES, CirculationPolicy
    from bibliopolis.libraries.models import Library
    from bibliopolis.readers.categories import ReaderPolicy

    rows = request.db.execute(select(Library.id, Library.code))
    codes = {row.id: row.code for row in rows}
    policy = request.find_service(CirculationPolicy, context=None)
    file = "policies/circulation.yaml"
    named = [(one.line, one.scope.organisation) for one in policy.book]
    named += [(None, code) for each in policy.groups.values() for code in each.members]
    named += [(None, code) for one in policy.distances for code in (one.start, one.end)]
    for line, code in dict.fromkeys(named):
        if code is not None and code not in codes.values():
            where = file if line is None else f"{file}:{line}"
            yield error(f"{where} names {code}, and there is no such organisation")
    known = (
        (CirculationRule.name, NAMES, "no rule"),
        (CirculationRule.category, request.find_service(ReaderPolicy).categories, "no category"),
        (CirculationRule.item_type, request.find_service(ItemTypes), "no item type"),
    )
    for column, names, what in known:
        used = (
            select(column, CirculationRule.library_id, func.count())
            .where(column != "")
            .group_by(column, CirculationRule.library_id)
            .order_by(column, CirculationRule.library_id)
        )
        for name, library_id, count in request.db.execute(used):
            if name not in names:
                at = codes.get(library_id, str(library_id))
                yield error(f"there is {what} {name} any more; rules of {at} that name it: {count}")


def _counted(db: Any, column: Any) -> list[tuple[Any, int]]:
    rows = db.execute(select(column, func.count()).group_by(column).order_by(column))
    return [(value, count) for value, count in rows]


def _hidden(request: Any) -> Iterator[Finding]:
    for path in hidden_pages(request):
        yield error(f"the page /{path} cannot be reached: a room of the site has its address")


def hidden_pages(request: Any) -> list[str]:
    """Return the paths of pages below the root whose address a mounted room has taken."""
    from bibliopolis.content.models import Content

    mounted = sorted(request.registry["bibliopolis.mounts"])
    return list(
        request.db.scalars(
            select(Content.path)
            .where(Content.path.in_(mounted), Content.binned.is_(None))
            .order_by(Content.path)
        )
    )


def _uploads(request: Any) -> Iterator[Finding]:
    from bibliopolis.content.models import Media
    from bibliopolis.resources.interfaces import IMediaStore

    store = request.find_service(IMediaStore)
    files = request.db.scalars(select(Media).execution_options(yield_per=1000))
    missing = [media.name for media in files if not store.original(media).is_file()]
    if missing:
        named = ", ".join(missing[:SHOWN]) + (" …" if len(missing) > SHOWN else "")
        yield error(f"uploaded files that are not in the data folder: {len(missing)} ({named})")


def _left_undone(request: Any) -> Iterator[Finding]:
    from bibliopolis.outbox import Outbox

    count, _rows = request.find_service(Outbox).failures(limit=1)
    if count:
        yield remark(f"things that could not be done: {count}; see Staff side > Outbox")


def _known_passwords(request: Any) -> Iterator[Finding]:
    """Look for people of the demo city whose password everybody can read, on a public site."""
    from bibliopolis.accounts.models import Person
    from bibliopolis.demo.city import PASSWORD, addresses

    if not request.settings.url.startswith("https:"):
        return
    passwords = request.registry["bibliopolis.passwords"]
    people = request.db.scalars(
        select(Person)
        .where(Person.email.in_(addresses()), Person.disabled.is_(False))
        .order_by(Person.email)
    )
    open_to_all = [one.email for one in people if passwords.accepts(one.password_hash, PASSWORD)]
    if open_to_all:
        named = ", ".join(open_to_all[:SHOWN]) + (" …" if len(open_to_all) > SHOWN else "")
        yield error(
            f"everybody knows the password of {len(open_to_all)} accounts of the demo ({named}):"
            " give them others, or close them at Staff side > People"
        )
