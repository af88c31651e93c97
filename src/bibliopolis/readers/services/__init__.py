"""The verbs of readers: finding them, registering them, their cards, their guardians."""

from __future__ import annotations

from .cards import Cards
from .guardians import Guardians
from .home import HomeLibrary
from .joining import Joining
from .leaving import REFUSALS, Leaving, Refusal
from .opening import AccountOpening
from .profile import Profile
from .readers import Readers
from .registering import Particulars, Registering, SavedMeanwhile, version_of
from .standing import MAY_STOP_CAPTURE, Standing

__all__ = [
    "MAY_STOP_CAPTURE",
    "REFUSALS",
    "AccountOpening",
    "Cards",
    "Guardians",
    "HomeLibrary",
    "Joining",
    "Leaving",
    "Particulars",
    "Profile",
    "Readers",
    "Refusal",
    "Registering",
    "SavedMeanwhile",
    "Standing",
    "version_of",
]
