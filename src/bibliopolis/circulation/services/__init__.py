"""The verbs of circulation: holds, loans, the desk, targets, and what staff look up."""

from .copy_steps import CopySteps
from .demand import Demands
from .following import FollowingHolds
from .holds import AlreadyHeld, Holds
from .leaving import OpenHolds
from .lists import Lists
from .loans import Loans
from .losses import Losses
from .not_returned import NotReturned
from .periods import LoanPeriods
from .places import PickupPlaces
from .reading import ReadingHistory
from .renewals import Renewals
from .steps import HoldSteps
from .targeting import Targeting
from .terms import LendingTerms
from .titles import Title, Titles

__all__ = [
    "AlreadyHeld",
    "CopySteps",
    "Demands",
    "FollowingHolds",
    "HoldSteps",
    "Holds",
    "LendingTerms",
    "Lists",
    "LoanPeriods",
    "Loans",
    "Losses",
    "NotReturned",
    "OpenHolds",
    "PickupPlaces",
    "ReadingHistory",
    "Renewals",
    "Targeting",
    "Title",
    "Titles",
]
