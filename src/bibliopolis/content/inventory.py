"""What editors see of many pages at once: what lies below a page, what waits for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from bibliopolis.errors import NotAllowed
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission, Principals
from bibliopolis.resources.types import ResourceTypes

from .access import WorkingAccess, scopes_of
from .listings import LIBRARY_PAGE
from .models import NEUTRAL, Content, ContentTranslation, Revision
from .visibility import live_to, working_allows

PUBLISHED = "published"
Known = tuple[Content, dict[str, ContentTranslation]]


@dataclass(frozen=True)
class Waiting:
    """A page in one language that somebody has to do something about."""

    node: Content
    translation: ContentTranslation
    author_id: int | None
    note: str | None


@dataclass(frozen=True)
class ReadAs:
    """A page under the title that somebody may read."""

    node: Content
    title: str
    state: str
    language: str


class Inventory:
    """Find pages as staff see them, drafts included, for one visitor."""

    def __init__(self, db: Session, types: ResourceTypes, principals: Principals) -> None:
        self.db = db
        self.types = types
        self.principals = principals

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Inventory:
        """Make it for a request."""
        return cls(request.db, request.find_service(ResourceTypes), request.principals)

    def children(self, node: Content, offset: int, limit: int) -> tuple[int, list[Known]]:
        """Return how many children of a node the visitor may see, and some with their languages.

        What is seen is a draft the visitor may open, or what is on the site, in any language.
        """
        seen = (
            select(ContentTranslation.id)
            .where(
                ContentTranslation.content_id == Content.id,
                or_(
                    working_allows(self.principals, self.types, Permission.VIEW),
                    live_to(self.principals, self.types),
                ),
            )
            .correlate(Content)
            .exists()
        )
        mine = (Content.parent_id == node.id) & Content.binned.is_(None) & seen
        total = self.db.scalar(select(func.count()).select_from(Content).where(mine)) or 0
        nodes = self.db.scalars(
            select(Content)
            .where(mine)
            .order_by(Content.position, Content.id)
            .offset(offset)
            .limit(limit)
        ).all()
        return total, self._with_languages(nodes)

    def read_as(self, known: Known, language: str) -> ReadAs | None:
        """Return the first title the visitor may read: of a draft they may open, or a public one.

        The language of the page comes first, then the one it is translated from.
        """
        node, languages = known
        workflow = self.types[node.type].workflow
        assert workflow is not None  # the tree takes only types that have one
        for tag in dict.fromkeys((language, node.source_language, *sorted(languages))):
            one = languages.get(tag)
            if one is None or one.state is None:
                continue
            access = WorkingAccess(workflow, scopes_of(node, tag), node.owner_id, one.state)
            may_open = self.principals.may(Permission.VIEW, access)
            title = one.working_title if may_open else one.live_title
            if title:
                return ReadAs(node, title, one.state if may_open else PUBLISHED, tag)
        return None

    def as_read_in(self, found: Sequence[Known], language: str) -> list[ReadAs]:
        """Return pages under the titles the visitor may read; without one the slug stands in."""
        return [
            self.read_as(known, language) or ReadAs(known[0], known[0].slug, "", language)
            for known in found
        ]

    def binned(self, node: Content, limit: int = 50) -> list[Known]:
        """Return what was put into the bin from below a node, the last first."""
        nodes = self.db.scalars(
            select(Content)
            .where(Content.parent_id == node.id, Content.binned.is_not(None))
            .order_by(Content.binned.desc(), Content.id)
            .limit(limit)
        ).all()
        return self._with_languages(nodes)

    def removable(self, nodes: Sequence[Content], language: str) -> frozenset[int]:
        """Return the ids of those the visitor may put into the bin or bring back from there.

        Either takes effect at once for all who read what is published, in the page or below it:
        then it needs the right to change places, as a new address does.
        """
        public = self._with_something_public(nodes)
        return frozenset(
            node.id
            for node in nodes
            if self._may(Permission.DELETE, node, language)
            and (node.id not in public or self._may(Permission.MOVE, node, language))
        )

    def demand_removable(self, node: Content, language: str) -> None:
        """Refuse who may not put the node into the bin or bring it back; NotAllowed says why."""
        if node.id in self.removable([node], language):
            return
        if not self._may(Permission.DELETE, node, language):
            raise NotAllowed(_("You may not do this here."))
        raise NotAllowed(
            _(
                "This page, or one below it, is published. Ask somebody who may publish to take"
                " it off the site or to bring it back."
            )
        )

    def _may(self, permission: str, node: Content, language: str) -> bool:
        workflow = self.types[node.type].workflow
        assert workflow is not None  # the tree takes only types that have one
        access = WorkingAccess(workflow, scopes_of(node, language), node.owner_id)
        return self.principals.may(permission, access)

    def _with_something_public(self, nodes: Sequence[Content]) -> frozenset[int]:
        below = aliased(Content)
        found = select(Content.id).where(
            Content.id.in_([node.id for node in nodes]),
            select(ContentTranslation.id)
            .join(below, below.id == ContentTranslation.content_id)
            .where(
                below.ancestors.startswith(Content.ancestors),
                ContentTranslation.live_revision_id.is_not(None),
            )
            .exists(),
        )
        return frozenset(self.db.scalars(found)) if nodes else frozenset()

    def _with_languages(self, nodes: Sequence[Content]) -> list[Known]:
        languages: dict[int, dict[str, ContentTranslation]] = {one.id: {} for one in nodes}
        rows = self.db.scalars(
            select(ContentTranslation).where(ContentTranslation.content_id.in_(languages))
        )
        for one in rows:
            languages[one.content_id][one.language] = one
        return [(one, languages[one.id]) for one in nodes]

    def waiting_for_review(self, offset: int, limit: int) -> tuple[int, list[Waiting]]:
        """Return what the visitor may publish or send back, what waits longest first."""
        return self._waiting(
            offset,
            limit,
            working_allows(self.principals, self.types, Permission.REVIEW),
            oldest_first=True,
        )

    def my_drafts(self, offset: int, limit: int) -> tuple[int, list[Waiting]]:
        """Return what the visitor has written and may go on with, the last saved first."""
        person = self.principals.person_id
        mine = or_(Revision.author_id == person, Content.owner_id == person)
        unpublished = or_(
            ContentTranslation.live_revision_id.is_(None),
            ContentTranslation.live_revision_id != ContentTranslation.working_revision_id,
        )
        may = working_allows(self.principals, self.types, Permission.EDIT)
        return self._waiting(offset, limit, may, mine, unpublished)

    def recently_changed(self, limit: int) -> list[Waiting]:
        """Return what was changed last of all the visitor may open, by whomever."""
        may = working_allows(self.principals, self.types, Permission.VIEW)
        return self._waiting(0, limit, may)[1]

    def homes(self) -> dict[str, Content]:
        """Return, for each type, the page that the newest one of the type was put into."""
        newest = (
            select(Content.type, func.max(Content.id).label("id"))
            .where(Content.binned.is_(None))
            .group_by(Content.type)
            .subquery()
        )
        child = aliased(Content)
        rows = self.db.execute(
            select(newest.c.type, Content)
            .join(child, child.id == newest.c.id)
            .join(Content, Content.id == child.parent_id)
            .where(Content.binned.is_(None))
        )
        return {row[0]: row[1] for row in rows}

    def live_page_of(self, library_id: int, but: int) -> str | None:
        """Return the title of a public page about a library, other than one page."""
        return self.db.scalar(
            select(ContentTranslation.live_title)
            .join(Content, Content.id == ContentTranslation.content_id)
            .where(
                Content.type == LIBRARY_PAGE,
                Content.library_id == library_id,
                Content.id != but,
                Content.binned.is_(None),
                ContentTranslation.live_revision_id.is_not(None),
                ContentTranslation.language != NEUTRAL,
            )
            .order_by(Content.id, ContentTranslation.id)
            .limit(1)
        )

    def _waiting(
        self, offset: int, limit: int, *conditions: Any, oldest_first: bool = False
    ) -> tuple[int, list[Waiting]]:
        query = (
            select(Content, ContentTranslation, Revision.author_id, Revision.note)
            .join(ContentTranslation, ContentTranslation.content_id == Content.id)
            .join(Revision, Revision.id == ContentTranslation.working_revision_id)
            .where(ContentTranslation.language != NEUTRAL, *conditions)
        )
        total = self.db.scalar(select(func.count()).select_from(query.subquery())) or 0
        changed = ContentTranslation.changed
        order = changed if oldest_first else changed.desc()
        rows = self.db.execute(
            query.order_by(order, ContentTranslation.id).offset(offset).limit(limit)
        )
        return total, [Waiting(*row) for row in rows]
