"""Groups: people who hold roles together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from bibliopolis.accounts import events
from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.models import GroupMember, Person, PersonGroup
from bibliopolis.accounts.roles import Roles
from bibliopolis.clock import Clock
from bibliopolis.errors import InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.resources.fields.texts import clean_text
from bibliopolis.search.analysis import fold
from bibliopolis.search.columns import has_words

LONGEST_NAME = 100


class Groups:
    """Make groups, and say who belongs to them."""

    def __init__(self, db: Session, clock: Clock, roles: Roles, audit: AuditLog) -> None:
        self.db = db
        self.clock = clock
        self.roles = roles
        self.audit = audit

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Groups:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            roles=request.find_service(Roles),
            audit=request.find_service(AuditLog),
        )

    def by_id(self, group_id: int) -> PersonGroup:
        """Return a group."""
        group = self.db.get(PersonGroup, group_id)
        if group is None:
            raise NotFoundHere(_("There is no such group."))
        return group

    def page(
        self, text: str = "", offset: int = 0, limit: int = 50
    ) -> tuple[int, list[tuple[PersonGroup, int]]]:
        """Return how many groups there are, and one page of them with how many belong to each."""
        found = select(PersonGroup).where(has_words(PersonGroup.folded, text))
        total = self.db.scalar(select(func.count()).select_from(found.subquery())) or 0
        members = (
            select(func.count())
            .where(GroupMember.group_id == PersonGroup.id)
            .correlate(PersonGroup)
            .scalar_subquery()
        )
        rows = self.db.execute(
            found.add_columns(members)
            .options(selectinload(PersonGroup.grants))
            .order_by(PersonGroup.folded)
            .offset(offset)
            .limit(limit)
        )
        return total, [(group, count) for group, count in rows]

    def add(self, name: str) -> PersonGroup:
        """Make a group; no other has the name."""
        group = PersonGroup(created=self.clock.now(), grants=[])
        self._name(group, name)
        self.audit.record(events.GROUP_MADE, about=("group", group.id), details=_named(group))
        return group

    def rename(self, group: PersonGroup, name: str) -> None:
        """Give a group another name."""
        old = group.name
        if clean_text(name, one_line=True) == old:
            return
        self._name(group, name)
        details = {**_named(group), "was": old}
        self.audit.record(events.GROUP_RENAMED, about=("group", group.id), details=details)

    def delete(self, group: PersonGroup) -> None:
        """Delete a group: its members lose the roles it held. The site keeps an administrator."""
        group_id, details = group.id, _named(group)
        with self.roles.keeping_an_administrator():
            self.db.delete(group)
        self.audit.record(events.GROUP_DELETED, about=("group", group_id), details=details)

    def members(
        self, group: PersonGroup, offset: int = 0, limit: int = 50
    ) -> tuple[int, Sequence[Person]]:
        """Return how many people belong to a group and one page of them."""
        belongs = GroupMember.group_id == group.id
        total = self.db.scalar(select(func.count()).select_from(GroupMember).where(belongs)) or 0
        people = self.db.scalars(
            select(Person)
            .join(GroupMember, GroupMember.person_id == Person.id)
            .where(belongs)
            .order_by(Person.folded, Person.id)
            .offset(offset)
            .limit(limit)
        ).all()
        return total, people

    def belonging(self, group: PersonGroup, person_ids: Sequence[int]) -> set[int]:
        """Return which of these people belong to the group."""
        found = select(GroupMember.person_id).where(
            GroupMember.group_id == group.id, GroupMember.person_id.in_(person_ids)
        )
        return set(self.db.scalars(found))

    def join(self, group: PersonGroup, person: Person) -> None:
        """Let a person belong to a group; joining twice changes nothing."""
        is_postgresql = self.db.get_bind().dialect.name == "postgresql"
        insert = (postgresql if is_postgresql else sqlite).insert(GroupMember)
        row = insert.values(group_id=group.id, person_id=person.id).on_conflict_do_nothing()
        if self.db.execute(row.returning(GroupMember.person_id)).first() is not None:
            self._note_member(events.GROUP_JOINED, group, person)

    def leave(self, group: PersonGroup, person: Person) -> None:
        """Let a person belong to a group no more; the site keeps an administrator."""
        belonged = (GroupMember.group_id == group.id) & (GroupMember.person_id == person.id)
        with self.roles.keeping_an_administrator():
            left = self.db.scalars(
                delete(GroupMember).where(belonged).returning(GroupMember.person_id)
            ).all()
        if left:
            self._note_member(events.GROUP_LEFT, group, person)

    def _name(self, group: PersonGroup, name: str) -> None:
        name = clean_text(name, one_line=True)
        refused = _("The group could not be saved.")
        if not name:
            raise InvalidInput(refused, {"name": _("A group needs a name.")})
        if len(name) > LONGEST_NAME:
            reason = _("A name has at most ${n} characters.", mapping={"n": LONGEST_NAME})
            raise InvalidInput(refused, {"name": reason})
        taken = InvalidInput(refused, {"name": _("There is a group with this name already.")})
        folded = fold(name)
        if self.db.scalar(
            select(PersonGroup.id).where(PersonGroup.folded == folded, PersonGroup.id != group.id)
            if group.id
            else select(PersonGroup.id).where(PersonGroup.folded == folded)
        ):
            raise taken
        try:
            with self.db.begin_nested():
                group.name, group.folded = name, folded
                self.db.add(group)
                self.db.flush()  # somebody else may just have taken the name
        except IntegrityError as error:
            raise taken from error

    def _note_member(self, event: str, group: PersonGroup, person: Person) -> None:
        details = {"group": group.id, **_named(group)}
        self.audit.record(event, about=("person", person.id), details=details)


def _named(group: PersonGroup) -> dict[str, str]:
    # The group may be gone when somebody reads this.
    return {"name": group.name}
