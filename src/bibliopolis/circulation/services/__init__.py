"""The verbs of circulation: holds and their queue, the desk, targets, and what staff look up."""

from .best_hold import BestHold
from .changes import Changed, HoldChanges
from .dates import HoldDates
from .following import FollowingHolds
from .holds import AlreadyHeld, Holds
from .leaving import OpenHolds
from .lists import Lists
from .loans import Loans
from .periods import LoanPeriods
from .permits import Permits
from .places import PickupPlaces
from .reach import Reach
from .reading import ReadingHistory
from .rule_keeping import RuleKeeping
from .rules import CirculationRules
from .shelf import ShelfPeriods
from .steps import HoldSteps
from .targeting import Targeting
from .titles import Title, Titles

__all__ = [
    "AlreadyHeld",
    "BestHold",
    "Changed",
    "CirculationRules",
    "FollowingHolds",
    "HoldChanges",
    "HoldDates",
    "HoldSteps",
    "Holds",
    "Lists",
    "LoanPeriods",
    "Loans",
    "OpenHolds",
    "Permits",
    "PickupPlaces",
    "Reach",
    "ReadingHistory",
    "RuleKeeping",
    "ShelfPeriods",
    "Targeting",
    "Title",
    "Titles",
]
