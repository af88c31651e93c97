"""Which refusals there are: each code of circulation belongs to one kind of library statistics.

The kinds are those in which Russian libraries count their refusals (отказы): not in the catalogue,
no copy, on loan (занято), not lent for use at home; and beside them what a network adds: not
brought to the place, no more at a time, no right of use, not foreseen by the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from bibliopolis.i18n import _

from ..permits.blocks import Code


class Act(StrEnum):
    """What was attempted."""

    HOLD = "hold"
    LOAN = "loan"
    RENEWAL = "renewal"


class RefusalKind(StrEnum):
    """The kinds, in the order in which they are shown."""

    NOT_FOUND = "not_found"
    NO_COPY = "no_copy"
    BUSY = "busy"
    NOT_LENT = "not_lent"
    PLACE = "place"
    LIMIT = "limit"
    READER = "reader"
    RULES = "rules"


class Outcome(StrEnum):
    """How wishes end without a block: holds that are given up, renewals that are refused."""

    GIVE_UP = "give_up"
    EXPIRE_UNFILLED = "expire_unfilled"
    RENEWAL_IN_DEMAND = "renewal_in_demand"
    RENEWAL_OF_READER = "renewal_of_reader"
    RENEWAL_OVERDUE = "renewal_overdue"
    RENEWAL_RULES = "renewal_rules"


ACTS: Mapping[str, Any] = {
    Act.HOLD: _("a hold"),
    Act.LOAN: _("a loan"),
    Act.RENEWAL: _("a renewal"),
}
KINDS: Mapping[str, Any] = {
    RefusalKind.NOT_FOUND: _("Not in the catalogue"),
    RefusalKind.NO_COPY: _("No copy"),
    RefusalKind.BUSY: _("Copies are in use"),
    RefusalKind.NOT_LENT: _("Not lent for use at home"),
    RefusalKind.PLACE: _("Not brought to the pickup place"),
    RefusalKind.LIMIT: _("No more at a time"),
    RefusalKind.READER: _("The reader has no right of use"),
    RefusalKind.RULES: _("The rules do not provide for it"),
}
_CODES: Mapping[RefusalKind, tuple[str, ...]] = {
    RefusalKind.NOT_FOUND: (),
    RefusalKind.NO_COPY: (
        *(Code.NO_ITEM, Code.NOT_RESERVABLE, Code.STATUS_NOT_HOLDABLE, Code.DAMAGED),
        *(Code.NOT_LENDABLE, Outcome.GIVE_UP),
    ),
    RefusalKind.BUSY: (
        *(Code.ON_LOAN, Code.KEPT_FOR_ANOTHER, Code.FOUND_FOR_ANOTHER),
        *(Outcome.EXPIRE_UNFILLED, Outcome.RENEWAL_IN_DEMAND),
    ),
    RefusalKind.NOT_LENT: (
        *(Code.ITEM_NOT_HOLDABLE, Code.READING_ROOM_ONLY, Code.LOCATION_NOT_HOLDABLE),
        *(Code.RULE_NOT_HOLDABLE, Code.NO_RULE),
    ),
    RefusalKind.PLACE: (
        *(Code.ITEM_LIB_SKIPS_TARGETING, Code.CANNOT_FROM_OTHER_BRANCHES),
        *(
            Code.BRANCH_NOT_IN_HOLD_GROUP,
            Code.LIBRARY_NOT_PICKUP,
            Code.PICKUP_CLOSED,
            Code.CANNOT_BE_TRANSFERRED,
        ),
        *(Code.PICKUP_NOT_IN_HOLD_GROUP, Code.TRANSIT_RANGE, Code.AGE_PROTECT_PROX),
        Code.FULFILMENT,
    ),
    RefusalKind.LIMIT: (
        *(Code.TOO_MANY_TOTAL, Code.MAX_HOLDS, Code.TOO_MANY_TODAY, Code.TOO_MANY_FOR_CATEGORY),
        *(Code.TOO_MANY_LOANS, Code.TOO_MANY_LOANS_HERE, Code.TOO_MANY_LOANS_OF_TYPE),
    ),
    RefusalKind.READER: (
        *(Code.BARRED, Code.ACCOUNT_EXPIRED, Code.STANDING_PENALTY, Code.AGE_RESTRICTED),
        *(Outcome.RENEWAL_OF_READER, Outcome.RENEWAL_OVERDUE),
    ),
    RefusalKind.RULES: (
        *(Code.ON_SHELF, Code.ITEM_LEVEL_FORBIDDEN, Code.ITEM_LEVEL_FORCED),
        Outcome.RENEWAL_RULES,
    ),
}
NO_REFUSAL = frozenset(
    (
        # Something was not filled in, or nobody says who they are.
        *(Code.NO_USER, Code.LIBRARY_NOT_FOUND),
        # The reader has it already, or waits for it.
        *(Code.ITEM_ALREADY_ON_HOLD, Code.TOO_MANY_FOR_RECORD, Code.ALREADY_POSSESSION),
        Code.OTHER_LEVEL_ON_HOLD,
        # Hands have to do something else first.
        *(Code.EXPECTED_ELSEWHERE, Code.ANOTHER_COPY_KEPT, Code.ANOTHER_COPY_WANTED),
    )
)
"""Codes that refuse nothing a reader could have had."""
KIND_OF: Mapping[str, RefusalKind] = {
    code: kind for kind, codes in _CODES.items() for code in codes
}

REASONS: Mapping[str, Any] = {
    Code.NO_ITEM: _("no copy that can be lent"),
    Code.NOT_RESERVABLE: _("no library has it any more"),
    Code.STATUS_NOT_HOLDABLE: _("lost or withdrawn"),
    Code.DAMAGED: _("damaged"),
    Code.NOT_LENDABLE: _("the copy cannot be lent now"),
    Outcome.GIVE_UP: _("the library gave up looking for a copy"),
    Code.ON_LOAN: _("on loan to another reader"),
    Code.KEPT_FOR_ANOTHER: _("kept for another reader"),
    Code.FOUND_FOR_ANOTHER: _("fetched for another reader"),
    Outcome.EXPIRE_UNFILLED: _("no copy came back in time"),
    Outcome.RENEWAL_IN_DEMAND: _("not renewed: others wait"),
    Code.ITEM_NOT_HOLDABLE: _("for the reading room only"),
    Code.READING_ROOM_ONLY: _("for the reading room only"),
    Code.LOCATION_NOT_HOLDABLE: _("not held from its place in the library"),
    Code.RULE_NOT_HOLDABLE: _("copies of this kind are not held"),
    Code.NO_RULE: _("the library has no rule for it"),
    Code.ITEM_LIB_SKIPS_TARGETING: _("the library sends no copies"),
    Code.CANNOT_FROM_OTHER_BRANCHES: _("lent to the library's own readers only"),
    Code.BRANCH_NOT_IN_HOLD_GROUP: _("lent to readers of its group of libraries only"),
    Code.LIBRARY_NOT_PICKUP: _("nothing is collected there"),
    Code.PICKUP_CLOSED: _("the place had to close"),
    Code.CANNOT_BE_TRANSFERRED: _("does not leave its library"),
    Code.PICKUP_NOT_IN_HOLD_GROUP: _("not collected at this library"),
    Code.TRANSIT_RANGE: _("not sent so far"),
    Code.AGE_PROTECT_PROX: _("new, and stays near its library"),
    Code.FULFILMENT: _("given to holds collected elsewhere"),
    Code.TOO_MANY_TOTAL: _("too many holds"),
    Code.MAX_HOLDS: _("too many holds at one library"),
    Code.TOO_MANY_TODAY: _("too many holds in a day"),
    Code.TOO_MANY_FOR_CATEGORY: _("too many holds of this item type"),
    Code.TOO_MANY_LOANS: _("too many loans"),
    Code.TOO_MANY_LOANS_HERE: _("too many loans of one library"),
    Code.TOO_MANY_LOANS_OF_TYPE: _("too many loans of this item type"),
    Code.BARRED: _("the reader's account is closed"),
    Code.ACCOUNT_EXPIRED: _("the registration has run out"),
    Code.STANDING_PENALTY: _("a penalty"),
    Code.AGE_RESTRICTED: _("for older readers"),
    Outcome.RENEWAL_OF_READER: _("not renewed: a penalty"),
    Outcome.RENEWAL_OVERDUE: _("not renewed: something is overdue"),
    Code.ON_SHELF: _("on the shelf: no hold is needed"),
    Code.ITEM_LEVEL_FORBIDDEN: _("this very copy cannot be chosen"),
    Code.ITEM_LEVEL_FORCED: _("a copy must be chosen"),
    Outcome.RENEWAL_RULES: _("not renewed: too early, too often or for too long"),
}
"""What staff read of each code."""


def counted_code(codes: Iterable[str]) -> str | None:
    """Return the one reason an attempt counts under: the first that refuses something.

    None where nothing was refused: a wish that is met already stays out of the count, whatever
    else is said of it. A penalty's own name is left out.
    """
    plain = [code.partition(":")[0] for code in codes]
    if any(code in NO_REFUSAL for code in plain):
        return None
    return next((code for code in plain if code in KIND_OF), None)


def codes_of(kind: str) -> tuple[str, ...]:
    """Return the codes of a kind."""
    return tuple(str(code) for code, one in KIND_OF.items() if one == kind)
