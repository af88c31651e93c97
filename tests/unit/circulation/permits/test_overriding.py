"""What staff may override: each kind by its permission, each block listed, with a reason."""

import pytest

from bibliopolis.circulation.permits import Block, Code, Override, Overriding
from bibliopolis.circulation.permits.blocks import KIND_OF
from bibliopolis.errors import InvalidInput

LIMIT = Block(Code.TOO_MANY_TOTAL, "Too many.")
RULE = Block(Code.RULE_NOT_HOLDABLE, "Not holdable.")
PENALTY = Block(f"{Code.STANDING_PENALTY}:overdue", "Overdue.")
GONE = Block(Code.NO_ITEM, "No copy.")
ALL = frozenset(Override)


def overriding(codes, kinds=ALL, reason="The reader asked at the desk"):
    return Overriding(frozenset(codes), reason, lambda kind: kind in kinds)


@pytest.mark.parametrize(
    ("codes", "kinds", "left"),
    # FOLIO: an attempt lists the blocks it overrides; others still fail
    [
        ([], ALL, [LIMIT, RULE, PENALTY, GONE]),
        (["too_many_total"], ALL, [RULE, PENALTY, GONE]),
        (["too_many_total", "rule_not_holdable"], {Override.LIMITS}, [RULE, PENALTY, GONE]),
        (["standing_penalty:overdue"], {Override.STANDING}, [LIMIT, RULE, GONE]),
        (["standing_penalty:no_card"], ALL, [LIMIT, RULE, PENALTY, GONE]),
        (["no_item"], ALL, [LIMIT, RULE, PENALTY, GONE]),  # nobody can
        (["everything"], ALL, [LIMIT, RULE, PENALTY, GONE]),
    ],
)
def test_what_still_stands(codes, kinds, left):
    assert overriding(codes, kinds).left([LIMIT, RULE, PENALTY, GONE]) == tuple(left)


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_is_overridden(reason):
    with pytest.raises(InvalidInput):
        overriding(["too_many_total"], reason=reason).left([LIMIT])


@pytest.mark.parametrize(
    "code",
    [
        Code.NO_USER,
        Code.BARRED,
        Code.AGE_RESTRICTED,
        Code.NO_ITEM,
        Code.NOT_RESERVABLE,
        Code.STATUS_NOT_HOLDABLE,
        Code.LIBRARY_NOT_FOUND,
        Code.LIBRARY_NOT_PICKUP,
        Code.ON_LOAN,
        Code.KEPT_FOR_ANOTHER,
    ],
)
def test_what_nobody_overrides(code):
    assert code not in KIND_OF
