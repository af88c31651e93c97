"""The audit log in words: who, what, about whom, and its details in the visitor's language.

Rooms that write details or speak about things of their own say how they are read:
``config.add_audit_detail("role", title, show)``, where ``show(request, value)`` returns the words
for a value (None leaves it out) without asking the database for each, and
``config.add_audit_subject("group", title, find)``, where ``find(request, ids)`` returns
``{id: (name, address)}`` in one query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import select

from bibliopolis.accounts.audit import EVENTS
from bibliopolis.accounts.models import AuditEvent, Person, PersonGroup
from bibliopolis.accounts.presenters import ROLE_TITLES
from bibliopolis.i18n import _
from bibliopolis.resources.access import Grant

DETAILS = "bibliopolis.audit_details"
SUBJECTS = "bibliopolis.audit_subjects"

Show = Callable[[Request, Any], Any]
Find = Callable[[Request, set[int]], Mapping[int, tuple[str, str]]]


@dataclass(frozen=True)
class Named:
    """Somebody or something an event speaks of; gone ones have a number only."""

    name: Any
    url: str | None = None


@dataclass(frozen=True)
class Entry:
    """An event as people read it; ``details`` are (title, words)."""

    happened: datetime
    what: Any
    who: Named | None
    about: Named | None
    details: tuple[tuple[Any, Any], ...]
    network: str | None


@dataclass(frozen=True)
class _Detail:
    title: Any
    show: Show | None


@dataclass(frozen=True)
class _Subject:
    title: Any
    find: Find


def entries(request: Request, events: Sequence[AuditEvent]) -> list[Entry]:
    """Return events as people read them; one query for each kind of thing they speak of."""
    names = _names(request, events)
    titles = request.registry[EVENTS]
    return [
        Entry(
            happened=event.happened,
            what=titles.get(event.what, event.what),
            who=names.get(("person", event.actor_id)),
            about=names.get((event.about_type, event.about_id)),
            details=tuple(_details(request, event)),
            network=event.network,
        )
        for event in events
    ]


def kinds(request: Request) -> list[tuple[str, Any]]:
    """Return what the log can be asked for: the names of events, ordered as they are read."""
    titles = request.registry[EVENTS]
    return sorted(titles.items(), key=lambda pair: said(request, pair[1]))


def said(request: Request, words: Any) -> str:
    """Return words in the visitor's language; what people typed stays as it is."""
    # It may look like one of our own texts.
    return words if type(words) is str else str(request.translate(words))


def _names(request: Request, events: Sequence[AuditEvent]) -> dict[tuple[Any, Any], Named]:
    wanted: dict[str, set[int]] = {}
    for event in events:
        if event.actor_id is not None:
            wanted.setdefault("person", set()).add(event.actor_id)
        if event.about_type is not None and event.about_id is not None:
            wanted.setdefault(event.about_type, set()).add(event.about_id)
    subjects: Mapping[str, _Subject] = request.registry[SUBJECTS]
    names: dict[tuple[Any, Any], Named] = {}
    for kind, ids in wanted.items():
        subject = subjects.get(kind)
        found = subject.find(request, ids) if subject else {}
        for one in ids:
            if one in found:
                names[kind, one] = Named(*found[one])
            else:
                mapping = {"kind": subject.title if subject else kind, "n": one}
                names[kind, one] = Named(_("${kind} no. ${n}", mapping=mapping))
    return names


def _details(request: Request, event: AuditEvent) -> Iterable[tuple[Any, Any]]:
    declared: Mapping[str, _Detail] = request.registry[DETAILS]
    for key, value in event.details.items():
        detail = declared.get(key)
        if detail is None:
            yield key, _plain(value)
            continue
        shown = detail.show(request, value) if detail.show else _plain(value)
        if shown is not None:
            yield detail.title, shown


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)


def _role(_request: Request, value: Any) -> Any:
    return ROLE_TITLES.get(value, value)


def _scope(request: Request, value: Any) -> Any:
    if not value:
        return _("The whole site")
    places = request.scope_titles
    parts = (places.get(part, part) for part in sorted(Grant.parse("", value).scopes))
    return request.formats.listed(said(request, part) for part in parts)


def _people(request: Request, ids: set[int]) -> Mapping[int, tuple[str, str]]:
    here = f"{request.frame.home}/staff/people"
    rows = request.db.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {one: (name, f"{here}/{one}") for one, name in rows}


def _groups(request: Request, ids: set[int]) -> Mapping[int, tuple[str, str]]:
    here = f"{request.frame.home}/staff/groups"
    rows = request.db.execute(
        select(PersonGroup.id, PersonGroup.name).where(PersonGroup.id.in_(ids))
    )
    return {one: (name, f"{here}/{one}") for one, name in rows}


def _add(config: Configurator, registry: str, kind: str, name: str, value: Any) -> None:
    discriminator = (f"bibliopolis {kind}", name)

    def register() -> None:
        config.registry[registry][name] = value

    introspectable = config.introspectable(f"bibliopolis {kind}s", discriminator, name, kind)
    config.action(discriminator, register, introspectables=(introspectable,))


def _add_audit_detail(config: Configurator, key: str, title: Any, show: Show | None = None) -> None:
    """Say how a detail of events is read: its title, and what makes words of its value."""
    _add(config, DETAILS, "audit detail", key, _Detail(title, config.maybe_dotted(show)))


def _add_audit_subject(config: Configurator, kind: str, title: Any, find: Find) -> None:
    """Say how things that events are about are named."""
    _add(config, SUBJECTS, "audit subject", kind, _Subject(title, config.maybe_dotted(find)))


def _no_words(_request: Request, _value: Any) -> None:
    return None


def includeme(config: Configurator) -> None:
    """Add the two directives, and say how the events of accounts are read."""
    config.registry[DETAILS] = {}
    config.registry[SUBJECTS] = {}
    config.add_directive("add_audit_detail", _add_audit_detail)
    config.add_directive("add_audit_subject", _add_audit_subject)
    config.add_audit_detail("role", _("Role"), _role)
    config.add_audit_detail("scope", _("Where"), _scope)
    config.add_audit_detail("name", _("What it is called"))
    config.add_audit_detail("was", _("Before"))
    config.add_audit_detail("may_write", _("May change things"))
    config.add_audit_detail("left", _("Recovery codes left"))
    # Its name is said beside it.
    config.add_audit_detail("group", _("Group"), _no_words)
    config.add_audit_subject("person", _("Person"), _people)
    config.add_audit_subject("group", _("Group"), _groups)
