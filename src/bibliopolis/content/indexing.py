"""What of pages can be found: each live translation, and each draft by those who may see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select

from bibliopolis.covers import make_cover
from bibliopolis.db import read_rows
from bibliopolis.i18n import fallback_chain
from bibliopolis.parts import Available, Status
from bibliopolis.resources.access import Permission, index_access
from bibliopolis.resources.contributions import contribution_of
from bibliopolis.resources.interfaces import IReferenceSource
from bibliopolis.resources.types import ALL_LANGUAGES, ResourceType, ResourceTypes
from bibliopolis.search.analysis import sort_key
from bibliopolis.search.documents import PREFERRED_IN, Document, Hit
from bibliopolis.search.rows import Row

from .access import LiveAccess, WorkingAccess, scopes_of
from .body import Body
from .cards import Card
from .head import page_url, staff_url, state_of
from .listings import Listings
from .models import NEUTRAL, Content, ContentTranslation, Revision
from .tree import RESOURCE

LIVE = "live"
WORKING = "working"
TITLE_WEIGHT = 3


def key_of(node_id: int, language: str, which: str) -> str:
    """Return the key of a document: ``content:5:ru:live``."""
    return f"{RESOURCE}:{node_id}:{language}:{which}"


def documents(request: Any, ids: Sequence[int]) -> Iterator[Document]:
    """Return the documents of pages; what is in the bin has none."""
    nodes = request.db.scalars(
        select(Content).where(Content.id.in_(ids), Content.binned.is_(None)).order_by(Content.id)
    ).all()
    languages, revisions = _texts(request, [node.id for node in nodes])
    libraries = _library_codes(request, revisions.values())
    for node in nodes:
        yield from _documents_of(request, node, languages[node.id], revisions, libraries)


def all_ids(request: Any) -> Iterable[int]:
    """Return the ids of all pages, for a rebuild."""
    return request.db.scalars(
        select(Content.id).where(Content.binned.is_(None)).order_by(Content.id)
    ).all()


def _texts(
    request: Any, ids: Sequence[int]
) -> tuple[dict[int, dict[str, ContentTranslation]], dict[int, Revision]]:
    languages: dict[int, dict[str, ContentTranslation]] = defaultdict(dict)
    wanted: set[int | None] = set()
    for one in request.db.scalars(
        select(ContentTranslation)
        .where(ContentTranslation.content_id.in_(ids))
        # The worker asks again and again in one session: always the truth of now.
        .execution_options(populate_existing=True)
    ):
        languages[one.content_id][one.language] = one
        wanted |= {one.live_revision_id, one.working_revision_id}
    found = request.db.scalars(select(Revision).where(Revision.id.in_(wanted - {None})))
    return languages, {one.id: one for one in found}


def _documents_of(
    request: Any,
    node: Content,
    languages: Mapping[str, ContentTranslation],
    revisions: Mapping[int, Revision],
    libraries: Mapping[int, str],
) -> Iterator[Document]:
    types = request.find_service(ResourceTypes)
    declared = types.get(node.type)
    if declared is None or declared.workflow is None:
        return
    shared = languages.get(NEUTRAL)
    preferred = _preferred_in(
        request.settings.all_languages,
        [
            language
            for language, one in languages.items()
            if language != NEUTRAL and one.live_revision_id is not None
        ],
    )
    for language, one in languages.items():
        if language == NEUTRAL:
            continue
        scopes = scopes_of(node, language)
        if one.live_revision_id is not None:
            document = _document(
                types,
                declared,
                (node, one, LIVE),
                revisions[one.live_revision_id].data,
                _data(revisions, shared.live_revision_id if shared else None),
                index_access(LiveAccess(declared.workflow, scopes, node.owner_id)),
                libraries,
            )
            readers = {PREFERRED_IN: preferred.get(language, ())}
            yield replace(document, facets={**document.facets, **readers})
        draft = one.working_revision_id
        if draft is not None and draft != one.live_revision_id:
            access = WorkingAccess(declared.workflow, scopes, node.owner_id, one.state)
            yield _document(
                types,
                declared,
                (node, one, WORKING),
                revisions[draft].data,
                _data(revisions, shared.working_revision_id if shared else None),
                index_access(access),
                libraries,
            )


def _preferred_in(offered: Iterable[str], live: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return for each live translation the languages of the site in which it is shown."""
    shown: dict[str, list[str]] = defaultdict(list)
    for language in offered:
        first = next((one for one in fallback_chain(language, live) if one in live), None)
        if first is not None:
            shown[first].append(language)
    return {language: tuple(readers) for language, readers in shown.items()}


def _data(revisions: Mapping[int, Revision], revision_id: int | None) -> Mapping[str, Any]:
    return revisions[revision_id].data if revision_id is not None else {}


def _document(
    types: ResourceTypes,
    declared: ResourceType,
    what: tuple[Content, ContentTranslation, str],
    own: Mapping[str, Any],
    shared: Mapping[str, Any],
    access: tuple[frozenset[str], frozenset[str]],
    libraries: Mapping[int, str],
) -> Document:
    node, translation, which = what
    language = translation.language
    given = contribution_of(types, declared, own, (language,))
    given += contribution_of(types, declared, shared, (ALL_LANGUAGES,))
    words = (given.text(heaviest=TITLE_WEIGHT - 1), Body(types).words(own.get("blocks")))
    day = node.starts or translation.published
    library = libraries.get(shared.get("library") or 0)
    title = str(own.get("title") or node.slug)
    return Document(
        key=key_of(node.id, language, which),
        resource=(RESOURCE, node.id),
        type=node.type,
        language=language,
        title=title,
        subjects=given.subjects,
        text="\n".join(filter(None, words)),
        facets={
            "kind": (node.type,),
            "language": (language,),
            "year": (str(day.year),) if day else (),
            "subject": given.subjects,
            "library": (library,) if library else (),
        },
        sort={"title": sort_key(title), **({"year": day.year} if day else {})},
        allowed=access[0],
        scopes=access[1],
    )


def _library_codes(request: Any, revisions: Iterable[Revision]) -> Mapping[int, str]:
    """Return what the facet of libraries calls those that pages refer to."""
    ids = {one.data["library"] for one in revisions if isinstance(one.data.get("library"), int)}
    if not ids:
        return {}
    source = request.find_service(IReferenceSource, name="library", context=None)
    return source.facet_values(sorted(ids))


def _shown(revision_id: Any) -> Any:
    """Return the statement for pages in some languages, each with the words of one revision.

    Columns, and of a revision only what is shown: to make objects of all languages, and to read
    whole pages for two of their words, takes longer.
    """
    return (
        select(
            Content.id,
            Content.uid,
            Content.type,
            Content.slug,
            Content.path,
            Content.ancestors,
            Content.owner_id,
            Content.starts,
            ContentTranslation.language,
            ContentTranslation.state,
            ContentTranslation.live_revision_id,
            ContentTranslation.working_revision_id,
            ContentTranslation.published,
            Revision.data["title"].as_string().label("title"),
            Revision.data["summary"].as_string().label("summary"),
        )
        .join(ContentTranslation, ContentTranslation.content_id == Content.id)
        .join(Revision, Revision.id == revision_id)
        .where(
            Content.id.in_(bindparam("ids", expanding=True)),
            ContentTranslation.language.in_(bindparam("languages", expanding=True)),
            Content.binned.is_(None),
        )
    )


_SHOWN = {
    LIVE: _shown(ContentTranslation.live_revision_id),
    WORKING: _shown(ContentTranslation.working_revision_id),
}


def rows(request: Any, hits: Sequence[Hit]) -> dict[str, Row]:
    """Return how found pages are shown; what the visitor may not see by now is left out."""
    wanted: dict[str, dict[tuple[int, str], str]] = {}
    for hit in hits:
        _resource, id, language, which = hit.key.split(":")
        wanted.setdefault(which, {})[int(id), language] = hit.key
    types = request.find_service(ResourceTypes)
    found: dict[str, Row] = {}
    for which, keys in wanted.items():
        given = {
            "ids": list({id for id, _language in keys}),
            "languages": list({language for _id, language in keys}),
        }
        for one in read_rows(request.db, _SHOWN[which], given):
            key = keys.get((one.id, one.language))
            declared = types.get(one.type)
            if key and declared and _may_see(request, declared, one, which):
                found[key] = _row(request, declared, one, which)
    return found


def _may_see(request: Any, declared: ResourceType, one: Any, which: str) -> bool:
    assert declared.workflow is not None  # only such types are indexed here
    scopes = scopes_of(one, one.language)
    access: LiveAccess | WorkingAccess
    if which == LIVE:
        access = LiveAccess(declared.workflow, scopes, one.owner_id)
    else:
        access = WorkingAccess(declared.workflow, scopes, one.owner_id, one.state)
    return bool(request.principals.may(Permission.VIEW, access))


def _row(request: Any, declared: ResourceType, one: Any, which: str) -> Row:
    if which == LIVE:
        url = page_url(request, one.language, one.path)
    else:
        url = staff_url(request, one.language, one.path, "preview")
    day = one.starts if declared.name == "event" else (one.starts or one.published)
    kind = request.translate(declared.title)
    when = request.formats.date(day) if day else ""
    return Row(
        title=one.title or one.slug,
        url=url,
        type=one.type,
        kind=declared.title,
        lang=one.language,
        meta=" · ".join(filter(None, (kind, when))),
        snippet=one.summary or "",
        statuses=(Status(Available.WAIT, state_of(one).words),) if which == WORKING else (),
        json={
            "UID": one.uid,
            "id": one.slug,
            "review_state": "published" if which == LIVE else one.state,
            "start": one.starts.isoformat() if one.starts else None,
        },
    )


def cards(request: Any, ids: Sequence[int]) -> dict[int, Card]:
    """Return pages as shelves and collections show them: those live for the visitor."""
    types = request.find_service(ResourceTypes)
    return {
        one.id: Card(
            title=one.title,
            url=page_url(request, request.language, one.path),
            note=types[one.type].title,
            kind=types[one.type].title,
            book=make_cover(
                title=one.title,
                kind=one.type,
                work=f"content {one.id}",
                language=one.language,
            ),
            language=one.language if one.language != request.language else "",
            type=one.type,
        )
        for one in request.find_service(Listings).by_ids(ids).values()
    }
