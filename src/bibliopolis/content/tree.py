"""The tree: where pages are. Places and addresses take effect at once, in all languages.

``path`` and ``ancestors`` repeat what the parents say, so that a page, its lineage or a subtree
is found by one query. They are changed here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.outbox import Outbox, Priority
from bibliopolis.resources.history import History
from bibliopolis.resources.types import ResourceTypes

from .models import Content
from .slugs import is_slug

RESOURCE = "content"
"""The name of nodes in the history, the outbox and the index."""

INDEX_TOPIC = "index"
ROOT_TYPE = "section"
MAX_PATH = 1000
MAX_ANCESTORS = 400
A_FEW = 50
"""Up to so many pages go into the index before what an import brought."""


def _below(ancestors: str) -> Any:
    """Return the condition for a node and all below it."""
    return Content.ancestors.like(ancestors + "%")


class Tree:
    """Put pages into the tree, move, rename, reorder them, take them out and back."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        history: History,
        outbox: Outbox,
        types: ResourceTypes,
        reserved: Iterable[str],
        default_language: str,
    ) -> None:
        self.db = db
        self.clock = clock
        self.history = history
        self.outbox = outbox
        self.types = types
        self.reserved = frozenset(reserved)
        self.default_language = default_language

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Tree:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            history=request.find_service(History),
            outbox=request.find_service(Outbox),
            types=request.find_service(ResourceTypes),
            reserved=request.registry["bibliopolis.mounts"],
            default_language=request.settings.default_language,
        )

    # --- finding ---------------------------------------------------------------------------

    def find_root(self) -> Content | None:
        """Return the root, or None on a site that has no page yet."""
        return self.db.scalar(select(Content).where(Content.parent_id.is_(None)))

    def root(self) -> Content:
        """Return the root; the first page of a site makes it."""
        root = self.find_root()
        if root is None:
            now = self.clock.now()
            root = Content(
                type=ROOT_TYPE,
                slug="",
                path="",
                ancestors="",
                source_language=self.default_language,
                created=now,
                changed=now,
            )
            self.db.add(root)
            self.db.flush()  # to get the id its ancestors name
            root.ancestors = f"/{root.id}/"
            self.db.flush()  # children are found by this column
        return root

    def by_path(self, path: str) -> Content | None:
        """Return the node at a path below the root, ``events/chess``."""
        return self.db.scalar(
            select(Content).where(Content.path == path.strip("/"), Content.binned.is_(None))
        )

    # --- changing --------------------------------------------------------------------------

    def create(
        self,
        parent: Content,
        type_name: str,
        slug: str,
        *,
        source_language: str | None = None,
        owner_id: int | None = None,
    ) -> Content:
        """Put a new node below the parent, as its last child."""
        self._demand_type(parent, type_name)
        self._lock(parent)
        self._demand_slug(parent, slug)
        now = self.clock.now()
        node = Content(
            type=type_name,
            parent_id=parent.id,
            position=self._last_position(parent) + 1,
            slug=slug,
            path=_joined(parent, slug),
            ancestors="",
            source_language=source_language or self.default_language,
            owner_id=owner_id,
            created=now,
            changed=now,
        )
        self.db.add(node)
        self.db.flush()  # to get the id its ancestors name
        node.ancestors = f"{parent.ancestors}{node.id}/"
        _demand_room(len(node.path), len(node.ancestors))
        self.db.flush()  # children are found by this column
        self.history.write((RESOURCE, node.id), "create", data={"path": node.path})
        return node

    def move(self, node: Content, parent: Content) -> None:
        """Put a node and all below it under another parent, as its last child."""
        if node.parent_id is None:
            raise Conflict(_("The front page cannot be moved."))
        if parent.ancestors.startswith(node.ancestors):
            raise Conflict(_("A page cannot be moved below itself."))
        if parent.binned is not None:
            raise Conflict(_("The new place is in the bin."))
        self._demand_type(parent, node.type)
        self._lock(parent)
        if parent.id != node.parent_id:
            self._demand_slug(parent, node.slug)
        before = node.path
        node.position = self._last_position(parent) + 1
        node.parent_id = parent.id
        self._replant(node, _joined(parent, node.slug), f"{parent.ancestors}{node.id}/")
        self.history.write((RESOURCE, node.id), "move", data={"from": before, "to": node.path})

    def rename(self, node: Content, slug: str) -> None:
        """Give a node another slug: its address and those of all below it change."""
        parent = self._parent(node)
        if slug == node.slug:
            return
        self._lock(parent)
        self._demand_slug(parent, slug)
        before = node.path
        node.slug = slug
        self._replant(node, _joined(parent, slug), node.ancestors)
        self.history.write((RESOURCE, node.id), "rename", data={"from": before, "to": node.path})

    def shift(self, node: Content, step: int) -> None:
        """Change places with the neighbour before (-1) or after (1) it, if there is one."""
        self._lock(self._parent(node))
        siblings = select(Content).where(
            Content.parent_id == node.parent_id, Content.binned.is_(None)
        )
        if step < 0:
            query = siblings.where(Content.position < node.position).order_by(
                Content.position.desc()
            )
        else:
            query = siblings.where(Content.position > node.position).order_by(Content.position)
        neighbour = self.db.scalar(query.limit(1))
        if neighbour is not None:
            node.position, neighbour.position = neighbour.position, node.position
            self.history.write((RESOURCE, node.id), "reorder")

    def show_in_navigation(self, node: Content, shown: bool) -> None:
        """Name a node in the navigation, or leave it out; its address stays."""
        if shown == node.in_navigation:
            return
        node.in_navigation = shown
        node.changed = self.clock.now()
        self.history.write((RESOURCE, node.id), "navigation", data={"shown": shown})

    def bin(self, node: Content) -> int:
        """Take a node and all below it off the site; return how many pages that were."""
        if node.parent_id is None:
            raise Conflict(_("The front page cannot be removed."))
        if node.binned is not None:
            return 0
        self._lock(self._parent(node))
        now = self.clock.now()
        chosen = _below(node.ancestors) & Content.binned.is_(None)
        ids = self.db.scalars(select(Content.id).where(chosen)).all()
        self._update(chosen, binned=now)
        self._tell(ids)
        self.history.write((RESOURCE, node.id), "bin", data={"path": node.path, "pages": len(ids)})
        return len(ids)

    def restore(self, node: Content) -> None:
        """Bring back what was binned together with the node, to its old place."""
        if node.binned is None:
            return
        parent = self._parent(node)
        if parent.binned is not None:
            raise Conflict(_("The section above is in the bin: restore that first."))
        self._lock(parent)
        self._demand_slug(parent, node.slug)
        chosen = _below(node.ancestors) & (Content.binned == node.binned)
        ids = self.db.scalars(select(Content.id).where(chosen)).all()
        node.position = self._last_position(parent) + 1
        # The parent may have been renamed meanwhile, so the addresses are written anew.
        self._replant(node, _joined(parent, node.slug), f"{parent.ancestors}{node.id}/")
        self._update(Content.id.in_(ids), binned=None)
        self._tell(ids)
        self.history.write((RESOURCE, node.id), "restore", data={"path": node.path})

    # --- what the others need --------------------------------------------------------------

    def _parent(self, node: Content) -> Content:
        if node.parent_id is None:
            raise Conflict(_("The front page has its place and its address for good."))
        parent = self.db.get(Content, node.parent_id)
        if parent is None:
            raise NotFoundHere(_("There is no such page"))
        return parent

    def _lock(self, parent: Content) -> None:
        # Two editors who add a child at once must not get one slug or one position.
        self.db.scalar(select(Content.id).where(Content.id == parent.id).with_for_update())

    def _last_position(self, parent: Content) -> int:
        query = select(func.max(Content.position)).where(Content.parent_id == parent.id)
        return self.db.scalar(query) or 0

    def _demand_type(self, parent: Content, type_name: str) -> None:
        declared = self.types.get(type_name)
        if declared is None or declared.workflow is None:
            raise InvalidInput(_("There is no such type."), {"type": _("There is no such type.")})
        if parent.type not in declared.added_to:
            raise Conflict(_("“${type}” cannot be added here.", mapping={"type": declared.title}))

    def _demand_slug(self, parent: Content, slug: str) -> None:
        reason = None
        if not is_slug(slug):
            reason = _("Use small Latin letters, digits and hyphens.")
        elif parent.parent_id is None and slug in self.reserved:
            reason = _("This address belongs to a part of the site.")
        elif self.db.scalar(
            select(Content.id).where(
                Content.parent_id == parent.id, Content.slug == slug, Content.binned.is_(None)
            )
        ):
            reason = _("Another page here has this address.")
        if reason is not None:
            raise InvalidInput(reason, {"slug": reason})

    def free_slug(self, parent: Content, wish: str) -> str:
        """Return the wished slug, with a number if another page has it already."""
        number, slug = 1, wish
        taken = set(
            self.db.scalars(
                select(Content.slug).where(
                    Content.parent_id == parent.id,
                    Content.binned.is_(None),
                    Content.slug.startswith(wish, autoescape=True),
                )
            )
        )
        if parent.parent_id is None:
            taken |= self.reserved
        while slug in taken:
            number += 1
            slug = f"{wish}-{number}"
        return slug

    def _replant(self, node: Content, path: str, ancestors: str) -> None:
        """Write the place of a node and of all below it, in one statement."""
        old_path, old_ancestors = node.path, node.ancestors
        self.db.flush()  # the update below must find what was changed on the node itself
        longest = self.db.execute(
            select(
                func.max(func.length(Content.path)), func.max(func.length(Content.ancestors))
            ).where(_below(old_ancestors))
        ).one()
        _demand_room(
            (longest[0] or 0) - len(old_path) + len(path),
            (longest[1] or 0) - len(old_ancestors) + len(ancestors),
        )
        ids = self.db.scalars(select(Content.id).where(_below(old_ancestors))).all()
        self._update(
            _below(old_ancestors),
            path=literal(path) + func.substr(Content.path, len(old_path) + 1),
            ancestors=literal(ancestors) + func.substr(Content.ancestors, len(old_ancestors) + 1),
        )
        self._tell(ids)

    def _update(self, condition: Any, **values: Any) -> None:
        self.db.flush()  # the statement goes past the session
        self.db.execute(
            update(Content)
            .where(condition)
            .values(changed=self.clock.now(), **values)
            .execution_options(synchronize_session=False)
        )
        for instance in self.db:
            if isinstance(instance, Content):
                self.db.expire(instance)

    def _tell(self, ids: Sequence[int]) -> None:
        priority = Priority.NOW if len(ids) <= A_FEW else Priority.BULK
        self.outbox.add_all(INDEX_TOPIC, [f"{RESOURCE}:{one}" for one in ids], priority)


def _joined(parent: Content, slug: str) -> str:
    return f"{parent.path}/{slug}" if parent.path else slug


def _demand_room(path: int, ancestors: int) -> None:
    if path > MAX_PATH or ancestors > MAX_ANCESTORS:
        raise Conflict(_("The page would lie too deep, its address would be too long."))
