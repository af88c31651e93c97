"""Whether a reader may hold or borrow something, or every reason why not.

Each reason names the rule that decided and what would make it a yes. Pure Python over plain facts;
the service `Permits` collects the facts. The codes are those of Koha's ``CanItemBeReserved`` and
Evergreen's ``hold_request_permit_test`` together.
"""

from __future__ import annotations

from .blocks import Block, Code, Override
from .facts import CopyFacts, OpenHold, Penalty, PickupFacts, ReaderFacts, TitleFacts
from .holds import HoldWish, against_capture, against_hold, some_copy_may_not_fit
from .loans import LoanWish, against_loan
from .overriding import NOTHING, Overriding
from .terms import Terms

__all__ = [
    "NOTHING",
    "Block",
    "Code",
    "CopyFacts",
    "HoldWish",
    "LoanWish",
    "OpenHold",
    "Override",
    "Overriding",
    "Penalty",
    "PickupFacts",
    "ReaderFacts",
    "Terms",
    "TitleFacts",
    "against_capture",
    "against_hold",
    "against_loan",
    "some_copy_may_not_fit",
]
