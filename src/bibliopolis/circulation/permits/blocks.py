"""One reason why not: its code, what the reader is told, what helps, and the rule that decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..rules import Decided


class Code(StrEnum):
    """Every reason there is, in the order in which they are told.

    A penalty's own name follows its code after a colon.
    """

    NO_USER = "no_user"
    BARRED = "barred"
    ACCOUNT_EXPIRED = "account_expired"
    STANDING_PENALTY = "standing_penalty"
    AGE_RESTRICTED = "age_restricted"
    ITEM_ALREADY_ON_HOLD = "item_already_on_hold"
    OTHER_LEVEL_ON_HOLD = "other_level_on_hold"
    TOO_MANY_FOR_RECORD = "too_many_for_record"
    ALREADY_POSSESSION = "already_possession"
    TOO_MANY_TOTAL = "too_many_total"
    MAX_HOLDS = "max_holds"
    TOO_MANY_TODAY = "too_many_today"
    TOO_MANY_FOR_CATEGORY = "too_many_for_category"

    NO_ITEM = "no_item"
    NOT_RESERVABLE = "not_reservable"
    ITEM_NOT_HOLDABLE = "item_not_holdable"
    STATUS_NOT_HOLDABLE = "status_not_holdable"
    DAMAGED = "damaged"
    LOCATION_NOT_HOLDABLE = "location_not_holdable"
    ITEM_LIB_SKIPS_TARGETING = "item_lib_skips_targeting"
    NO_RULE = "no_rule"
    RULE_NOT_HOLDABLE = "rule_not_holdable"
    ON_SHELF = "on_shelf"
    ITEM_LEVEL_FORBIDDEN = "item_level_forbidden"
    ITEM_LEVEL_FORCED = "item_level_forced"
    CANNOT_FROM_OTHER_BRANCHES = "cannot_from_other_branches"
    BRANCH_NOT_IN_HOLD_GROUP = "branch_not_in_hold_group"

    LIBRARY_NOT_FOUND = "library_not_found"
    LIBRARY_NOT_PICKUP = "library_not_pickup"
    PICKUP_CLOSED = "pickup_closed"
    CANNOT_BE_TRANSFERRED = "cannot_be_transferred"
    PICKUP_NOT_IN_HOLD_GROUP = "pickup_not_in_hold_group"
    TRANSIT_RANGE = "transit_range"
    AGE_PROTECT_PROX = "age_protect_prox"
    FULFILMENT = "fulfilment"
    ANOTHER_COPY_WANTED = "another_copy_wanted"

    READING_ROOM_ONLY = "reading_room_only"
    NOT_LENDABLE = "not_lendable"
    ON_LOAN = "on_loan"
    TOO_MANY_LOANS = "too_many_loans"
    TOO_MANY_LOANS_HERE = "too_many_loans_here"
    TOO_MANY_LOANS_OF_TYPE = "too_many_loans_of_type"
    KEPT_FOR_ANOTHER = "kept_for_another"
    EXPECTED_ELSEWHERE = "expected_elsewhere"
    ANOTHER_COPY_KEPT = "another_copy_kept"
    FOUND_FOR_ANOTHER = "found_for_another"


class Override(StrEnum):
    """The kinds of blocks staff may override, each by a permission of this name."""

    LIMITS = "override_limits"
    STANDING = "override_standing"
    RULES = "override_rules"
    PLACES = "override_places"


_KINDS: Mapping[Override, tuple[Code, ...]] = {
    Override.LIMITS: (
        Code.TOO_MANY_TOTAL,
        Code.MAX_HOLDS,
        Code.TOO_MANY_FOR_RECORD,
        Code.TOO_MANY_TODAY,
        Code.TOO_MANY_FOR_CATEGORY,
        Code.TOO_MANY_LOANS,
        Code.TOO_MANY_LOANS_HERE,
        Code.TOO_MANY_LOANS_OF_TYPE,
    ),
    Override.STANDING: (Code.ACCOUNT_EXPIRED, Code.STANDING_PENALTY),
    Override.RULES: (
        Code.NO_RULE,
        Code.RULE_NOT_HOLDABLE,
        Code.ITEM_NOT_HOLDABLE,
        Code.LOCATION_NOT_HOLDABLE,
        Code.DAMAGED,
        Code.ON_SHELF,
        Code.ITEM_LEVEL_FORBIDDEN,
        Code.ITEM_LEVEL_FORCED,
        Code.READING_ROOM_ONLY,
    ),
    Override.PLACES: (
        Code.ITEM_LIB_SKIPS_TARGETING,
        Code.CANNOT_FROM_OTHER_BRANCHES,
        Code.BRANCH_NOT_IN_HOLD_GROUP,
        Code.PICKUP_CLOSED,
        Code.CANNOT_BE_TRANSFERRED,
        Code.PICKUP_NOT_IN_HOLD_GROUP,
        Code.TRANSIT_RANGE,
        Code.AGE_PROTECT_PROX,
    ),
}
KIND_OF: Mapping[Code, Override] = {code: kind for kind, codes in _KINDS.items() for code in codes}
"""What may be overridden; everything else nobody overrides: there is nobody to give it to, nothing
to give, or it keeps children safe."""


@dataclass(frozen=True)
class Block:
    """A reason why not. ``message`` and ``remedy`` are translatable and for the reader."""

    code: str
    message: Any
    remedy: Any = None
    """What would make it a yes; None where nothing the reader could do would."""
    decided: Decided | None = None
    """The rule that decided and its value, for staff."""

    @property
    def known(self) -> Code:
        """Return the code without the name of a penalty."""
        return Code(self.code.partition(":")[0])

    @property
    def kind(self) -> Override | None:
        """Return which permission overrides it; None for none."""
        return KIND_OF.get(self.known)
