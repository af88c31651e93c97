"""Every reason there is belongs to a kind of refusal, or refuses nothing."""

import pytest

from bibliopolis.circulation.permits import Code
from bibliopolis.circulation.refusals.kinds import (
    KIND_OF,
    NO_REFUSAL,
    REASONS,
    Outcome,
    RefusalKind,
    codes_of,
    counted_code,
)


def test_each_code_and_outcome_is_in_exactly_one_place():
    assert set(KIND_OF) | NO_REFUSAL == {*Code, *Outcome}
    assert not set(KIND_OF) & NO_REFUSAL


def test_staff_read_words_for_each():
    assert set(REASONS) == set(KIND_OF)


def test_the_codes_of_all_kinds_are_all_codes():
    assert sorted(code for kind in RefusalKind for code in codes_of(kind)) == sorted(KIND_OF)


@pytest.mark.parametrize(
    ("codes", "counted"),
    [
        (["max_holds", "item_not_holdable"], "max_holds"),
        (["standing_penalty:overdue"], "standing_penalty"),
        (["too_many_for_record", "max_holds"], None),
        (["library_not_found"], None),
        ([], None),
        (["renewal_in_demand"], "renewal_in_demand"),
    ],
)
def test_an_attempt_counts_under_the_first_of_its_reasons(codes, counted):
    assert counted_code(codes) == counted
