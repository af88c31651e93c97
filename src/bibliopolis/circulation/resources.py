"""What circulation mounts: ``account/holds``, ``account/loans``, ``desk`` for librarians."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.libraries.models import Library
from bibliopolis.libraries.services import Libraries
from bibliopolis.resources.access import Permission, Role, permission_map
from bibliopolis.resources.traversal import MountedRoom

from .access import DESK
from .models import Hold, Loan
from .services import CopySteps, HoldSteps, Lists


class HoldsRoom(MountedRoom):
    """``account/holds``: one's own holds; placing one is a POST to it."""

    permissions = permission_map(use_account=[Role.SIGNED_IN], place=[Role.SIGNED_IN])

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "holds")

    def __getitem__(self, name: str) -> HoldPage:
        """Return the hold with this uid; who may see it is its own matter."""
        hold = self.request.find_service(Lists, context=None).hold(name)
        if hold is None:
            raise KeyError(name)
        return HoldPage(self, self.request, hold)


class HoldPage:
    """``account/holds/3f…``: one hold, with the access list of its state."""

    def __init__(self, parent: HoldsRoom, request: Request, hold: Hold) -> None:
        self.__parent__ = parent
        self.__name__ = hold.uid
        self.hold = hold
        access = request.find_service(HoldSteps, context=None).access(hold)
        self.owner_id = access.owner_id
        self.scopes: frozenset[str] = parent.scopes | access.scopes
        self._access = access

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles its state names."""
        return self._access.allowed_roles(permission)


class LoansRoom(MountedRoom):
    """``account/loans``: what one has borrowed."""

    permissions = permission_map(use_account=[Role.SIGNED_IN])

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "loans")

    def __getitem__(self, name: str) -> LoanPage:
        """Return the loan with this uid; who may see it is its own matter."""
        loan = self.request.find_service(Lists, context=None).loan(name)
        if loan is None:
            raise KeyError(name)
        return LoanPage(self, self.request, loan)


class LoanPage:
    """``account/loans/3f…``: one loan, with the access list of its state."""

    def __init__(self, parent: LoansRoom, request: Request, loan: Loan) -> None:
        self.__parent__ = parent
        self.__name__ = loan.uid
        self.loan = loan
        access = request.find_service(CopySteps, context=None).access(loan)
        self.owner_id = access.owner_id
        self.scopes: frozenset[str] = parent.scopes | access.scopes
        self._access = access

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles its state names."""
        return self._access.allowed_roles(permission)


class DeskRoom(MountedRoom):
    """``desk``: the way to one's place of work.

    It lies in every library, so that whoever is a librarian somewhere may enter; what may be
    done is decided at the desk of a library.
    """

    permissions = DESK

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "desk")

    @property
    def libraries(self) -> Libraries:
        """Return the service of libraries."""
        return self.request.find_service(Libraries, context=None)

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes of all libraries."""
        return self.__parent__.scopes | self.libraries.scopes(self.libraries.by_id)

    def __getitem__(self, name: str) -> Desk:
        """Return the desk of the library with the code."""
        library = self.libraries.find(name)
        if library is None:
            raise KeyError(name)
        return Desk(self, self.request, library)

    def places_of_work(self) -> list[Desk]:
        """Return the desks the visitor may use."""
        desks = (Desk(self, self.request, library) for library in self.libraries.all())
        principals = self.request.principals
        return [desk for desk in desks if principals.may(Permission.USE_DESK, desk)]


class Desk(MountedRoom):
    """``desk/17``: the circulation desk of one library."""

    permissions = DESK

    def __init__(self, parent: DeskRoom, request: Request, library: Library) -> None:
        super().__init__(parent, request, library.code)
        self.library = library

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes of the language, the library and what is above it; no other's."""
        language: frozenset[str] = self.__parent__.__parent__.scopes
        return language | self.__parent__.libraries.scopes((self.library.id,))


def may_use_some_desk(request: Request) -> bool:
    """Say whether a menu should show the way to the desk."""
    return request.principals.holds_anywhere((Role.LIBRARIAN,))
