"""Where an address leads in the tree: a page in the language of the address.

One query finds a whole path, with every language of every page on it; the pages above are needed
for breadcrumbs, the languages for the language menu and for falling back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from pyramid.events import ContextFound
from pyramid.request import Request
from sqlalchemy import bindparam, exists, select

from bibliopolis.db import SAFE_METHODS, read_rows
from bibliopolis.errors import Gone, NotFoundHere
from bibliopolis.i18n import _, fallback_chain
from bibliopolis.resources.access import Permission
from bibliopolis.resources.types import ResourceType, ResourceTypes
from bibliopolis.workflow import Workflow

from .access import LiveAccess, NodeAccess, WorkingAccess, scopes_of
from .listings import LIBRARY_PAGE
from .models import NEUTRAL, Content, ContentTranslation
from .tree import ROOT_TYPE

HOME = "home"
"""The name under which editors reach the front page's own forms: ``/ru/home/@@edit``."""

MAX_DEPTH = 60
USUAL_DEPTH = 6
"""Statements with so many paths are finished once; those with any number anew each time."""

Found = dict[str, tuple[Content, dict[str, ContentTranslation]]]


AT_PATHS = (
    select(Content, ContentTranslation)
    .outerjoin(ContentTranslation, ContentTranslation.content_id == Content.id)
    .where(Content.path.in_(bindparam("paths", expanding=True)), Content.binned.is_(None))
)


class NodeRead(NamedTuple):
    """A node as whoever only reads sees it: columns of :class:`Content`, cheaper than an object."""

    id: int
    uid: str
    type: str
    parent_id: int | None
    slug: str
    path: str
    ancestors: str
    in_navigation: bool
    owner_id: int | None
    source_language: str
    library_id: int | None
    created: datetime


class TranslationRead(NamedTuple):
    """A translation as whoever only reads sees it."""

    id: int
    content_id: int
    language: str
    state: str | None
    live_revision_id: int | None
    working_revision_id: int | None
    live_title: str | None
    working_title: str | None
    published: datetime | None


READ_AT_PATHS = (
    select(
        *(getattr(Content, name) for name in NodeRead._fields),
        *(getattr(ContentTranslation, name) for name in TranslationRead._fields),
    )
    .outerjoin(ContentTranslation, ContentTranslation.content_id == Content.id)
    .where(
        Content.path.in_([bindparam(f"path_{number}") for number in range(USUAL_DEPTH)]),
        Content.binned.is_(None),
    )
)


ABOUT_LIBRARY = (
    select(Content, ContentTranslation)
    .join(ContentTranslation, ContentTranslation.content_id == Content.id)
    .where(
        Content.type == LIBRARY_PAGE,
        Content.library_id == bindparam("library_id"),
        Content.binned.is_(None),
    )
    .order_by(Content.id)
)


class NodeInLanguage:
    """A page in one language: what traversal finds and every view of pages works on."""

    def __init__(
        self,
        parent: Any,
        name: str,
        request: Request,
        node: Content,
        translations: dict[str, ContentTranslation],
        found: Found,
    ) -> None:
        self.__parent__ = parent
        self.__name__ = name
        self.request = request
        self.node = node
        self.translations = translations
        self.language: str = request.page_language
        self._found = found

    def __getitem__(self, slug: str) -> NodeInLanguage:
        """Return the child of this slug, found together with this page."""
        path = f"{self.node.path}/{slug}"
        node, translations = self._found[path]
        return NodeInLanguage(self, slug, self.request, node, translations, self._found)

    # --- what it is ------------------------------------------------------------------------

    @cached_property
    def type(self) -> ResourceType:
        """Return the declared type."""
        return self.request.find_service(ResourceTypes)[self.node.type]

    @property
    def workflow(self) -> Workflow:
        """Return the workflow of the type."""
        workflow = self.type.workflow
        assert workflow is not None  # the tree takes only types that have one
        return workflow

    @property
    def is_root(self) -> bool:
        """Say whether this is the front page."""
        return self.node.parent_id is None

    @property
    def translation(self) -> ContentTranslation | None:
        """Return the page in the language of the address, None where it was never begun."""
        return self.translations.get(self.language)

    @property
    def shared(self) -> ContentTranslation | None:
        """Return the part that no language owns."""
        return self.translations.get(NEUTRAL)

    @property
    def source(self) -> ContentTranslation | None:
        """Return the page in the language it is translated from."""
        return self.translations.get(self.node.source_language)

    @cached_property
    def shown(self) -> ContentTranslation | None:
        """Return what visitors see here: this language, or the first live one of its fallbacks."""
        return shown_translation(self.translations, self.language, self.request)

    @property
    def live_languages(self) -> frozenset[str]:
        """Return the languages in which visitors see a translation of its own."""
        return frozenset(
            tag
            for tag, one in self.translations.items()
            if tag != NEUTRAL and one.live_revision_id is not None
        )

    @property
    def live_title(self) -> str | None:
        """Return the public title, None where nothing is public."""
        return self.shown.live_title if self.shown else None

    @property
    def working_title(self) -> str:
        """Return the title as staff know it: this language's, the source's, or the slug."""
        for one in (self.translation, self.source, self.shown):
            if one is not None and one.working_title:
                return one.working_title
        return self.node.slug

    # --- access ----------------------------------------------------------------------------

    @cached_property
    def scopes(self) -> frozenset[str]:
        """Return the nodes above, itself, and the language."""
        return scopes_of(self.node, self.language)

    @property
    def owner_id(self) -> int | None:
        """Return who made the page."""
        return self.node.owner_id

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles of the live revision for seeing it, of the working one for the rest."""
        if permission == Permission.VIEW and self.shown is not None:
            return self.workflow.live_roles(permission)
        return self.working_access(self.language).allowed_roles(_plain(permission))

    def working_access(self, language: str) -> WorkingAccess:
        """Return the list of the working revision in a language."""
        translation = self.translations.get(language)
        return WorkingAccess(
            workflow=self.workflow,
            scopes=scopes_of(self.node, language),
            owner_id=self.node.owner_id,
            state=translation.state if translation else None,
        )

    def may(self, permission: str, language: str | None = None) -> bool:
        """Say whether the visitor has a permission on the working revision."""
        access = self.working_access(language or self.language)
        return self.request.principals.may(_plain(permission), access)

    @cached_property
    def known_to_staff(self) -> bool:
        """Say whether the visitor may know of the page although it is not public."""
        principals = self.request.principals
        if principals.may(Permission.VIEW, NodeAccess(self.workflow, self.scopes)):
            return True
        return any(
            principals.may(Permission.VIEW, self.working_access(language))
            for language in self.request.settings.all_languages
        )

    def demand_known(self) -> None:
        """Refuse those who must not learn that the page is there; it may have been there once."""
        if self.shown is not None:
            access = LiveAccess(self.workflow, scopes_of(self.node, self.shown.language))
            if self.request.principals.may(Permission.VIEW, access):
                return
        if self.known_to_staff or self.is_root:
            return
        if any(one.published is not None for one in self.translations.values()):
            raise Gone(_("This page has been taken off the site."))
        raise NotFoundHere(_("There is no such page"))


def _plain(permission: str) -> str:
    # The two permissions to see: of the page, whoever shows it, and of the working revision.
    return Permission.VIEW if permission == Permission.VIEW_WORKING else permission


def shown_translation(
    translations: dict[str, ContentTranslation], language: str, request: Request
) -> ContentTranslation | None:
    """Return the first live translation along the language's fallbacks."""
    for tag in fallback_chain(language, request.settings.all_languages):
        one = translations.get(tag)
        if one is not None and one.live_revision_id is not None:
            return one
    return None


def find_paths(request: Request, paths: Iterable[str]) -> Found:
    """Return the nodes at these paths with all their translations, by one query.

    They are objects where a view may change them, else only the columns that reading needs.
    """
    wanted = list(paths)
    if _only_reads(request) and len(wanted) <= USUAL_DEPTH:
        return _read_paths(request, wanted)
    found: Found = {}
    for node, translation in request.db.execute(AT_PATHS, {"paths": wanted}):
        _node, translations = found.setdefault(node.path, (node, {}))
        if translation is not None:
            translations[translation.language] = translation
    return found


def _only_reads(request: Request) -> bool:
    """Say whether a page is just shown: by no view that has a name."""
    return request.method in SAFE_METHODS and "@" not in request.path_info


def _read_paths(request: Request, paths: Sequence[str]) -> Found:
    given = {f"path_{number}": paths[min(number, len(paths) - 1)] for number in range(USUAL_DEPTH)}
    found: dict[str, Any] = {}
    width = len(NodeRead._fields)
    path_at = NodeRead._fields.index("path")
    for row in read_rows(request.db, READ_AT_PATHS, given):
        path = row[path_at]
        if path not in found:
            found[path] = (NodeRead(*row[:width]), {})
        if row[width] is not None:
            translation = TranslationRead(*row[width:])
            found[path][1][translation.language] = translation
    return found


def page_of_library(parent: Any, request: Request, library_id: int) -> NodeInLanguage | None:
    """Return the public page that editors wrote about a library; of several the oldest."""
    rows = request.db.execute(ABOUT_LIBRARY, {"library_id": library_id})
    found: Found = {}
    for node, translation in rows:
        found.setdefault(node.path, (node, {}))[1][translation.language] = translation
    for node, translations in found.values():
        page = NodeInLanguage(parent, node.slug, request, node, translations, found)
        if page.shown is not None and request.principals.may(
            Permission.VIEW, LiveAccess(page.workflow, scopes_of(node, page.shown.language))
        ):
            return page
    return None


def lookup(parent: Any, request: Request, name: str) -> NodeInLanguage:
    """Enter the tree below a language root; ``KeyError`` where nothing has that address."""
    segments = _segments(request)
    if segments[:1] != [name]:
        segments = [name]
    paths = ["/".join(segments[:end]) for end in range(1, len(segments) + 1)]
    found = find_paths(request, paths)
    if paths[-1] not in found:
        _demand_never_public(request, paths[-1])
    node, translations = found[name]
    return NodeInLanguage(parent, name, request, node, translations, found)


def home(parent: Any, request: Request) -> NodeInLanguage:
    """Return the front page as editors reach it; a site without pages has an empty one."""
    found = find_paths(request, [""])
    node, translations = found.get("") or (_empty_root(request), {})
    return NodeInLanguage(parent, HOME, request, node, translations, found)


def _empty_root(request: Request) -> Content:
    now = request.clock.now()
    return Content(
        id=0,
        type=ROOT_TYPE,
        slug="",
        path="",
        ancestors="/0/",
        source_language=request.settings.default_language,
        created=now,
        changed=now,
    )


def _segments(request: Request) -> list[str]:
    """Return the path below the language, up to the name of a view."""
    parts = [part for part in request.path_info.split("/") if part][1:]
    views = [index for index, part in enumerate(parts) if part.startswith("@")]
    return parts[: views[0] if views else len(parts)][:MAX_DEPTH]


def _demand_never_public(request: Request, path: str) -> None:
    was_public = exists().where(
        ContentTranslation.content_id == Content.id, ContentTranslation.published.is_not(None)
    )
    binned = select(Content.id).where(Content.path == path, Content.binned.is_not(None), was_public)
    if request.db.scalar(binned.limit(1)) is not None:
        raise Gone(_("This page has been taken off the site."))


def guard_context(event: ContextFound) -> None:
    """Let no view of a page run for those who must not learn that it is there."""
    context = event.request.context
    if isinstance(context, NodeInLanguage):
        context.demand_known()
