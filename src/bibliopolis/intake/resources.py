"""What lies below ``staff/imports``: for those who look after the catalogue of their library."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.libraries.models import OrganisationKind
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import row_id
from bibliopolis.resources.access import Permission, Role, permission_map
from bibliopolis.resources.traversal import MountedRoom

from .harvest.declared import Source
from .models import IntakeRun, QuarantinedRecord
from .quarantine import Quarantine
from .runs import Runs

STAFF = (Role.LIBRARIAN, Role.MANAGER, Role.ADMINISTRATOR)
BRINGING_IN = permission_map(bring_in=STAFF)


class IntakeRoom(MountedRoom):
    """``staff/imports``: what came in.

    Like the staff area it lies in every scope its visitor has a role in; its pages show what
    belongs to their libraries.
    """

    permissions = BRINGING_IN

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "imports")

    def __getitem__(self, name: str) -> Any:
        """Return the quarantine, the harvests, or the import with this id."""
        if name == "quarantine":
            return QuarantineRoom(self, self.request, name)
        if name == "harvests":
            return HarvestRoom(self, self.request, name)
        number = row_id(name)
        run = self.request.find_service(Runs, context=None).find(number) if number else None
        if run is None:
            raise KeyError(name)
        return RunPage(self, self.request, run)


class HarvestRoom(MountedRoom):
    """``staff/imports/harvests``: the libraries that are harvested."""

    permissions = BRINGING_IN

    def __getitem__(self, name: str) -> HarvestPage:
        """Return the source of this name."""
        source = self.request.registry["bibliopolis.harvest_sources"].get(name)
        libraries = self.request.find_service(Libraries, context=None).tree.values()
        ids = [one.id for one in libraries if source and one.code == source.library]
        if not ids:
            raise KeyError(name)
        return HarvestPage(self, self.request, source, ids[0])


class QuarantineRoom(MountedRoom):
    """``staff/imports/quarantine``: the records that were refused."""

    permissions = BRINGING_IN

    def __getitem__(self, name: str) -> QuarantinedPage:
        """Return the record with this id."""
        number = row_id(name)
        quarantine = self.request.find_service(Quarantine, context=None)
        record = quarantine.find(number) if number else None
        if record is None:
            raise KeyError(name)
        return QuarantinedPage(self, self.request, record)


class AtLibrary(MountedRoom):
    """What belongs to one library: to those who look after its catalogue."""

    permissions = BRINGING_IN

    def __init__(self, parent: Any, request: Request, name: str, library_id: int) -> None:
        super().__init__(parent, request, name)
        self.library_id = library_id

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes of the language, the library and what is above it."""
        libraries = self.request.find_service(Libraries, context=None)
        return libraries.scopes((self.library_id,)) | {f"lang:{self.request.language}"}


class RunPage(AtLibrary):
    """``staff/imports/7``: one import."""

    def __init__(self, parent: Any, request: Request, run: IntakeRun) -> None:
        super().__init__(parent, request, str(run.id), run.library_id)
        self.run = run


class HarvestPage(AtLibrary):
    """``staff/imports/harvests/national-library``: one source, to its own library."""

    def __init__(self, parent: Any, request: Request, source: Source, library_id: int) -> None:
        super().__init__(parent, request, source.name, library_id)
        self.source = source


class QuarantinedPage(AtLibrary):
    """``staff/imports/quarantine/12``: a refused record."""

    def __init__(self, parent: Any, request: Request, record: QuarantinedRecord) -> None:
        super().__init__(parent, request, str(record.id), record.library_id)
        self.record = record


def libraries_of_work(request: Request) -> dict[int, str]:
    """Return the names of the libraries whose catalogue the visitor looks after, by their ids."""
    tree = request.find_service(Libraries, context=None).tree
    principals = request.principals
    return {
        one.id: one.name_in(request.language)
        for one in tree.values()
        if one.kind == OrganisationKind.LIBRARY
        and principals.may(Permission.BRING_IN, AtLibrary(None, request, one.code, one.id))
    }


def may_bring_in(request: Request) -> bool:
    """Say whether a menu should show the way."""
    return bool(request.principals.holds_anywhere(STAFF))
