"""The verbs of circulation: holds, loans, the desk, targets, and what staff look up."""

from .already_held import AlreadyHeld
from .best_hold import BestHold
from .changes import Changed, HoldChanges
from .copy_steps import CopySteps
from .dates import HoldDates
from .deliveries import Deliveries
from .demand import Demands
from .desk_lists import DeskLists
from .following import FollowingHolds
from .holds import Holds
from .leaving import OpenHolds
from .lendable import LendableCopies
from .lists import Lists
from .loans import Loans
from .losses import Losses
from .not_returned import NotReturned
from .off_line import Done, OffLine
from .opening import OpeningCode, OpeningCodes
from .other_places import OtherPlaces
from .periods import LoanPeriods
from .permits import Permits
from .places import PickupPlaces
from .queues import Queues
from .reach import Reach
from .reading import ReadingHistory
from .renewals import Renewals
from .rule_keeping import RuleKeeping
from .rules import CirculationRules
from .shelf import ShelfPeriods
from .slips import Slip, Slips
from .steps import HoldSteps
from .targeting import Targeting
from .terms import LendingTerms
from .title import Title
from .titles import Titles
from .transfers import Elsewhere, Transfers

__all__ = [
    "AlreadyHeld",
    "BestHold",
    "Changed",
    "CirculationRules",
    "CopySteps",
    "Deliveries",
    "Demands",
    "DeskLists",
    "Done",
    "Elsewhere",
    "FollowingHolds",
    "HoldChanges",
    "HoldDates",
    "HoldSteps",
    "Holds",
    "LendableCopies",
    "LendingTerms",
    "Lists",
    "LoanPeriods",
    "Loans",
    "Losses",
    "NotReturned",
    "OffLine",
    "OpenHolds",
    "OpeningCode",
    "OpeningCodes",
    "OtherPlaces",
    "Permits",
    "PickupPlaces",
    "Queues",
    "Reach",
    "ReadingHistory",
    "Renewals",
    "RuleKeeping",
    "ShelfPeriods",
    "Slip",
    "Slips",
    "Targeting",
    "Title",
    "Titles",
    "Transfers",
]
