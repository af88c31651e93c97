"""On what terms a library lends: its settings, read in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.libraries.settings import LibrarySettings, number_between

DAYS = "loan_days"
YEAR = 365


@dataclass(frozen=True)
class LoanTerms:
    """The terms of one library; None stands for no limit, days are whole days of the calendar."""

    loan_days: int = 21
    renewals: int = 2
    """So often a loan may be renewed."""
    renewal_from_days: int | None = None
    """A loan is renewed in its last so many days only."""
    renewal_overdue_days: int = 0
    """A loan is renewed until so many days after its due date."""
    overdue_stops_days: int | None = None
    """Nothing is renewed for a reader who has something overdue for more days than these."""
    renewal_days_in_demand: int = 0
    """For so many days a loan is renewed while others wait; 0: not at all."""
    longest_loan_days: int | None = None
    """Back after so many days at the latest, however often it is renewed."""
    loans_at_once: int | None = None
    demand_holds: int | None = None
    """So many readers must wait for a title that its copies are lent for a shorter time."""
    demand_days: int = 7
    lost_after_days: int | None = None
    """Overdue for so many days, a copy counts as lost."""


class LendingTerms:
    """Find the terms of libraries."""

    def __init__(self, libraries: Libraries, settings: LibrarySettings) -> None:
        self.libraries = libraries
        self.settings = settings

    @classmethod
    def from_request(cls, context: Any, request: Any) -> LendingTerms:
        """Make it for a request."""
        return cls(
            libraries=request.find_service(Libraries, context=None),
            settings=request.find_service(LibrarySettings, context=None),
        )

    def of(self, library_id: int) -> LoanTerms:
        """Return the terms on which a library lends."""
        library = self.libraries.tree[library_id]
        return LoanTerms(**{name: self.settings.setting(library, name).value for name in DECLARED})


DECLARED: dict[str, tuple[Any, int, int, Any]] = {
    DAYS: (
        _("Days on loan"),
        1,
        YEAR,
        _("Lent for so many days, and until the library is open if it is closed then."),
    ),
    "renewals": (
        _("Renewals of a loan"),
        0,
        100,
        _("So often a loan can be renewed; 0: never."),
    ),
    "renewal_from_days": (
        _("Days before the due date from which a loan is renewed"),
        0,
        YEAR,
        _("If not set, at any time."),
    ),
    "renewal_overdue_days": (
        _("Days after the due date until which a loan is renewed"),
        0,
        YEAR,
        _("0: what is overdue is not renewed."),
    ),
    "overdue_stops_days": (
        _("Days overdue after which nothing is renewed"),
        0,
        YEAR,
        _("Who has one book overdue for more days can renew no other. If not set, they can."),
    ),
    "renewal_days_in_demand": (
        _("Days of a renewal while others wait"),
        0,
        YEAR,
        _("0: what others wait for is not renewed, unless other copies will do for them all."),
    ),
    "longest_loan_days": (
        _("Days on loan with all renewals"),
        1,
        10 * YEAR,
        _("Back after so many days at the latest. If not set, only the renewals are counted."),
    ),
    "loans_at_once": (
        _("Books on loan at once"),
        1,
        1000,
        _("A reader may have so many from this library. If not set, any number."),
    ),
    "demand_holds": (
        _("Holds from which on loans are shorter"),
        1,
        1000,
        _("A title for which so many readers wait is lent for a shorter time. If not set, never."),
    ),
    "demand_days": (
        _("Days of a shorter loan"),
        1,
        YEAR,
        _("For so long a title is lent that many wait for."),
    ),
    "lost_after_days": (
        _("Days overdue after which a book counts as lost"),
        1,
        10 * YEAR,
        _("The copy is then no longer promised to anybody. If not set, only by hand."),
    ),
}
"""Each setting: its title, the least and the largest value, and a word of help."""


def declare(config: Any) -> None:
    """Declare them as settings of libraries, with the terms' own defaults."""
    usual = LoanTerms()
    for name, (title, least, most, told) in DECLARED.items():
        config.add_library_setting(
            name, title, number_between(least, most), default=getattr(usual, name), help=told
        )
