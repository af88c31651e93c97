"""A small tree of organisations, and the services that read it anew when asked."""

from types import SimpleNamespace

import pytest

from bibliopolis.libraries import settings as declarations
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.closures import Closures
from bibliopolis.libraries.models import OrganisationKind
from bibliopolis.libraries.services import Libraries
from bibliopolis.libraries.settings import DeclaredSetting, LibrarySettings
from bibliopolis.resources.history import History

DECLARED = {
    one.name: one
    for one in (
        DeclaredSetting("opening_hours", "Opening hours", declarations.HOURS),
        DeclaredSetting("time_zone", "Time zone", declarations.ZONE, "Europe/Moscow"),
        DeclaredSetting("country", "Country", declarations.COUNTRY),
        DeclaredSetting("shelf_days", "Days on the shelf", declarations.number_between(1, 60), 7),
    )
}


class Follower:
    """Who depends on the hours; counts how often they changed."""

    told = 0

    def hours_changed(self):
        self.told += 1


@pytest.fixture
def services(db, clock):
    libraries = Libraries(db, clock)
    settings = LibrarySettings(libraries, DECLARED)
    calendars = Calendars(db, clock, libraries, settings)
    follower = Follower()
    closures = Closures(db, clock, History(db, clock, None), calendars, follower)
    return SimpleNamespace(
        libraries=libraries,
        settings=settings,
        calendars=calendars,
        closures=closures,
        follower=follower,
    )


@pytest.fixture
def tree(services):
    """A network, a system in it, a library with a locker, and a library beside the system."""
    add = services.libraries.add
    network = add("city", {"en": "The city"}, kind=OrganisationKind.NETWORK)
    system = add("north", {"en": "The north"}, kind=OrganisationKind.SYSTEM, parent=network)
    library = add("fontanka", {"en": "Fontanka"}, parent=system)
    locker = add(
        "locker", {"en": "Locker"}, kind=OrganisationKind.PICKUP_POINT, parent=library, cells=4
    )
    other = add("okhta", {"en": "Okhta"}, parent=network)
    return SimpleNamespace(
        network=network, system=system, library=library, locker=locker, other=other
    )
