"""What accounts mounts: ``account`` for everyone's own, ``staff`` for those who work here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from bibliopolis.parameters import row_id
from bibliopolis.resources.access import STAFF_ROLES, Permission, Role, permission_map
from bibliopolis.resources.traversal import MountedRoom

AccountPageFactory = Callable[["AccountRoom", Request], Any]
StaffPageFactory = Callable[["StaffArea", Request], Any]


class AccountRoom(MountedRoom):
    """``account``: signing in, and what belongs to the person who is."""

    permissions = permission_map(view=[Role.EVERYONE], use_account=[Role.SIGNED_IN])

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "account")

    def __getitem__(self, name: str) -> Any:
        """Return what a room has added of the person's own."""
        factory: AccountPageFactory = self.request.registry["bibliopolis.account_pages"][name]
        return factory(self, self.request)


class StaffArea(MountedRoom):
    """``staff``: the way in for everybody who has a staff role, wherever they have it.

    It lies in every scope its visitor has a role in, so that ``librarian@library:17`` may enter;
    what may be done inside is decided by the resources inside.
    """

    permissions = permission_map(use_staff_area=STAFF_ROLES)

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "staff")

    @property
    def scopes(self) -> frozenset[str]:
        """Return all scopes in which the visitor holds a role."""
        return frozenset().union(*(grant.scopes for grant in self.request.principals.grants))

    def __getitem__(self, name: str) -> Any:
        """Return a page that a room has added."""
        factory: StaffPageFactory = self.request.registry["bibliopolis.staff_pages"][name]
        return factory(self, self.request)


class SiteWide(MountedRoom):
    """A staff page that belongs to the whole site: a role at a scope does not open it."""

    permissions = permission_map(manage=[Role.ADMINISTRATOR])
    scopes = frozenset()


class PeopleRoom(SiteWide):
    """``staff/people``: who has an account, and what they may do."""

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "people")

    def __getitem__(self, name: str) -> PersonPage:
        """Return the page of a person by id."""
        if row_id(name) is None:
            raise KeyError(name)
        return PersonPage(self, self.request, name)


class PersonPage(SiteWide):
    """``staff/people/12``: one person; a view asks the service whether there is such a one."""

    @property
    def person_id(self) -> int:
        """Return the id in the address."""
        return int(self.__name__)


class GroupsRoom(SiteWide):
    """``staff/groups``: people who hold roles together."""

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "groups")

    def __getitem__(self, name: str) -> GroupPage:
        """Return the page of a group by id."""
        if row_id(name) is None:
            raise KeyError(name)
        return GroupPage(self, self.request, name)


class GroupPage(SiteWide):
    """``staff/groups/3``: one group; a view asks the service whether there is such a one."""

    @property
    def group_id(self) -> int:
        """Return the id in the address."""
        return int(self.__name__)


class AuditRoom(SiteWide):
    """``staff/audit``: what somebody may have to account for."""

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "audit")


class OutboxRoom(SiteWide):
    """``staff/outbox``: what waits to be done, and what could not be."""

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "outbox")


def may_enter_staff_area(request: Request) -> bool:
    """Say whether a menu should show the way to the staff area."""
    return request.principals.holds_anywhere(STAFF_ROLES)


def may_manage_site(request: Request) -> bool:
    """Say whether the visitor administers the whole site."""
    room = SiteWide(None, request, "")
    return request.principals.may(Permission.MANAGE, room)


def _add_page(config: Configurator, area: str, name: str, factory: Any) -> None:
    discriminator = (f"bibliopolis {area} page", name)
    factory = config.maybe_dotted(factory)

    def register() -> None:
        config.registry[f"bibliopolis.{area}_pages"][name] = factory

    introspectable = config.introspectable(
        f"bibliopolis {area} pages", discriminator, name, f"{area} page"
    )
    introspectable["factory"] = factory
    config.action(discriminator, register, introspectables=(introspectable,))


def _add_account_page(config: Configurator, name: str, factory: AccountPageFactory) -> None:
    """Put a resource below ``account``; ``factory(account_room, request)`` makes it."""
    _add_page(config, "account", name, factory)


def _add_staff_page(config: Configurator, name: str, factory: StaffPageFactory) -> None:
    """Put a resource below ``staff``; ``factory(staff_area, request)`` makes it."""
    _add_page(config, "staff", name, factory)


def includeme(config: Configurator) -> None:
    """Mount both and add the directives ``add_account_page`` and ``add_staff_page``."""
    config.registry["bibliopolis.account_pages"] = {}
    config.registry["bibliopolis.staff_pages"] = {}
    config.add_directive("add_account_page", _add_account_page)
    config.add_directive("add_staff_page", _add_staff_page)
    config.add_mount("account", AccountRoom)
    config.add_mount("staff", StaffArea)
    config.add_staff_page("people", PeopleRoom)
    config.add_staff_page("groups", GroupsRoom)
    config.add_staff_page("audit", AuditRoom)
    config.add_staff_page("outbox", OutboxRoom)
