"""Find organisations: libraries by code, all of them, where books are handed out, who is above."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, false, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from bibliopolis.clock import Clock
from bibliopolis.db import read_rows
from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.once import once
from bibliopolis.search.analysis import sort_key

from .models import Library, OrganisationKind, spoken

PARENTS: Mapping[str, frozenset[str | None]] = {
    OrganisationKind.NETWORK: frozenset({None}),
    OrganisationKind.SYSTEM: frozenset({None, OrganisationKind.NETWORK}),
    OrganisationKind.LIBRARY: frozenset({None, OrganisationKind.NETWORK, OrganisationKind.SYSTEM}),
    OrganisationKind.PICKUP_POINT: frozenset({OrganisationKind.LIBRARY}),
}
"""What may stand above what; None is nothing."""

COLLECTED_AT = frozenset({OrganisationKind.LIBRARY, OrganisationKind.PICKUP_POINT})


_NAMES = select(
    Library.id, Library.parent_id, Library.kind, Library.code, Library.name, Library.withdrawn
).order_by(Library.sort_key, Library.id)


_SYSTEM, _NETWORK = aliased(Library), aliased(Library)

_FIRST = (
    select(Library.code, Library.name)
    .outerjoin(_SYSTEM, _SYSTEM.id == Library.parent_id)
    .outerjoin(_NETWORK, _NETWORK.id == _SYSTEM.parent_id)
    .where(
        Library.kind == OrganisationKind.LIBRARY,
        *(
            func.coalesce(one.withdrawn, false()).is_(false())
            for one in (Library, _SYSTEM, _NETWORK)
        ),
    )
    .order_by(Library.sort_key, Library.id)
    .limit(bindparam("most"))
)
"""A library has at most a system and a network above it, see ``PARENTS``."""


@dataclass(frozen=True)
class Named:
    """A library as far as a link needs it."""

    code: str
    name: Mapping[str, str]
    is_there: bool
    """Whether neither it nor anything above it has been withdrawn."""

    def name_in(self, language: str) -> str:
        """Return the name in a language, or in the next one it has, or the code."""
        return spoken(self.name, language) or self.code


def lineage(tree: Mapping[int, Any], organisation: Any) -> list[Any]:
    """Return an organisation, or a row of one, and all above it in the tree, the nearest first."""
    line = [organisation]
    while (above := tree.get(line[-1].parent_id or 0)) is not None and above not in line:
        line.append(above)
    return line


class Libraries:
    """The tree of organisations; read once a request, for there are hundreds, not thousands."""

    def __init__(self, db: Session, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Libraries:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock)

    @once
    def tree(self) -> Mapping[int, Library]:
        """Return every organisation by its id, in the order of their names."""
        found = self.db.scalars(select(Library).order_by(Library.sort_key, Library.id))
        return {organisation.id: organisation for organisation in found}

    @once
    def by_id(self) -> Mapping[int, Library]:
        """Return every library by its id, those that exist no more with them."""
        return {one.id: one for one in self.tree.values() if one.kind == OrganisationKind.LIBRARY}

    def all(self) -> Sequence[Library]:
        """Return every library there is, in the order of their names."""
        return tuple(library for library in self.by_id.values() if self.is_there(library))

    @once
    def outline(self) -> Mapping[int, Any]:
        """Return of every organisation what the tree is made of, and its name, by its id.

        The rows have ``id``, ``parent_id``, ``kind``, ``code``, ``name`` and ``withdrawn``.
        """
        if "tree" in self.__dict__:
            return self.tree
        return {row.id: row for row in read_rows(self.db, _NAMES)}

    @once
    def names(self) -> Mapping[int, Named]:
        """Return every library by its id, as far as links need it, in the order of their names.

        Many pages ask for them, and an organisation as a whole is much to read.
        """
        rows = self.outline
        return {
            row.id: Named(row.code, row.name, not any(one.withdrawn for one in lineage(rows, row)))
            for row in rows.values()
            if row.kind == OrganisationKind.LIBRARY
        }

    def first(self, most: int) -> Sequence[Named]:
        """Return the first of the libraries there are, by name; every page asks for a few."""
        rows = read_rows(self.db, _FIRST, {"most": most})
        return [Named(code, name, is_there=True) for code, name in rows]

    def is_there(self, organisation: Library) -> bool:
        """Say whether neither it nor anything above it has been withdrawn."""
        return not any(one.withdrawn for one in self.lineage(organisation))

    def lineage(self, organisation: Library) -> Sequence[Library]:
        """Return the organisation and all above it, the nearest first."""
        return lineage(self.tree, organisation)

    def below(self, organisation: Library) -> Sequence[Library]:
        """Return the organisations directly below, in the order of their names."""
        return [one for one in self.tree.values() if one.parent_id == organisation.id]

    def pickup_points(self) -> Sequence[Library]:
        """Return where a hold can be collected now: libraries, and lockers and the like."""
        return tuple(
            one
            for one in self.tree.values()
            if one.kind in COLLECTED_AT and one.is_pickup_point and self.is_there(one)
        )

    def desk_of(self, place_id: int) -> int:
        """Return the library whose desk serves a place: a pickup point's own is its parent's."""
        place = self.tree.get(place_id)
        if place is None or place.kind != OrganisationKind.PICKUP_POINT or not place.parent_id:
            return place_id
        return place.parent_id

    def scopes(self, ids: Iterable[int | None]) -> frozenset[str]:
        """Return the scopes of organisations as grants name them: their own and all above."""
        known = [self.tree[one] for one in ids if one is not None and one in self.tree]
        return frozenset(f"library:{one.id}" for place in known for one in self.lineage(place))

    def add(
        self,
        code: str,
        name: Mapping[str, str],
        address: Mapping[str, str] | None = None,
        *,
        kind: OrganisationKind = OrganisationKind.LIBRARY,
        parent: Library | None = None,
        **details: Any,
    ) -> Library:
        """Found an organisation; its code is its own for good. Details are columns' values."""
        taken = _("There is a library “${code}” already.", mapping={"code": code})
        if self.db.scalar(select(Library.id).where(Library.code == code)) is not None:
            raise InvalidInput(taken, {"code": taken})
        if (parent.kind if parent else None) not in PARENTS[kind]:
            raise Conflict(_("It cannot stand there in the tree."))
        now = self.clock.now()
        library = Library(
            code=code,
            kind=kind,
            name=dict(name),
            address=dict(address or {}),
            parent_id=parent.id if parent else None,
            sort_key=sort_key(next(iter(name.values()), code)),
            created=now,
            changed=now,
            **{"is_pickup_point": kind in COLLECTED_AT, **details},
        )
        try:
            with self.db.begin_nested():
                self.db.add(library)
        except IntegrityError as error:
            # Somebody has just taken the code.
            raise InvalidInput(taken, {"code": taken}) from error
        self.forget()
        return library

    def forget(self) -> None:
        """Read the tree anew when it is next asked for: it has been changed."""
        for name in ("tree", "by_id", "outline", "names"):
            self.__dict__.pop(name, None)

    def find(self, code: str | None) -> Library | None:
        """Return the library with the code, or None."""
        return next((library for library in self.by_id.values() if library.code == code), None)

    def organisation(self, code: str) -> Library | None:
        """Return the organisation of any kind with the code, or None."""
        return next((one for one in self.tree.values() if one.code == code), None)

    def get(self, library_id: int) -> Library:
        """Return the organisation; refuse one that does not exist."""
        library = self.tree.get(library_id)
        if library is None:
            raise NotFoundHere(_("There is no such library."))
        return library
