"""What is refused, and by which code: decision tables, one row a test, each with its source.

K is Koha's ``CanItemBeReserved`` and ``CanBookBeReserved``, E Evergreen's
``hold_request_permit_test``, F FOLIO's requests, R RERO ILS' limits.
"""

from dataclasses import replace

import pytest

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.permits import (
    CopyFacts,
    OpenHold,
    Penalty,
    PickupFacts,
    Terms,
    against_capture,
    against_hold,
)
from bibliopolis.circulation.permits.facts import Stops
from bibliopolis.circulation.rules import RuleBook


def codes(blocks):
    return [block.code for block in blocks]


def open_holds(number, **more):
    fields = {"item_type": "book", "pickup": "okhta", **more}
    return tuple(OpenHold(900 + n, **fields) for n in range(number))


def test_a_wish_that_is_fine(facts):
    assert against_hold(facts.wish(), facts.terms()) == ()


READERS = [
    # (what of the reader, rules, code or None)
    ({"barred": True}, {}, "barred"),  # K: debarred
    ({"expired": True}, {}, "account_expired"),  # K: expired; F: inactive user
    (
        {"has_copies": frozenset({1})},
        {},
        "already_possession",
    ),  # K: alreadypossession; F: item on loan
    ({"holds": open_holds(3)}, {"max_holds": 3}, "too_many_total"),  # K: maxreserves
    ({"holds": open_holds(2)}, {"max_holds": 3}, None),
    ({"holds": open_holds(99)}, {"max_holds": None}, None),  # K: blank is unlimited
    ({}, {"max_holds": 0}, "too_many_total"),  # K: 0 is forbidden
    ({"holds": open_holds(3, suspended=True)}, {"max_holds": 3}, "too_many_total"),
    # E: include_frozen_holds false
    (
        {"holds": open_holds(3, suspended=True)},
        {"max_holds": 3, "count_suspended": False},
        None,
    ),
    ({"placed_today": 2}, {"holds_per_day": 2}, "too_many_today"),  # K: found or not
    ({"placed_today": 1}, {"holds_per_day": 2}, None),
    ({"placed_today": 50}, {}, None),  # K: holds_per_day undefined is unlimited
    ({}, {"holds_per_day": 0}, "too_many_today"),
    ({"holds": open_holds(2)}, {"holds_allowed": 2}, "too_many_for_category"),  # K: tooManyReserves
    ({"holds": open_holds(1)}, {"holds_allowed": 2}, None),
    ({"holds": open_holds(2)}, {"max_holds_here": 2}, "max_holds"),  # R: library_limit
    ({"holds": open_holds(2, pickup="vyborg")}, {"max_holds_here": 2}, None),
    ({"age": 11}, {}, None),
    ({"overdue": 1}, {}, None),
    ({"overdue": 1}, {"max_overdue": 0}, "standing_penalty:overdue"),  # E: PATRON_EXCEEDS_OVERDUE
    ({"overdue": 1}, {"max_overdue": 1}, None),
]


@pytest.mark.parametrize(("reader", "rules", "code"), READERS)
def test_what_lies_in_the_reader(facts, reader, rules, code):
    found = against_hold(facts.wish(reader=reader), facts.terms(**rules))

    assert codes(found) == ([code] if code else [])


ON_THIS = (OpenHold(5, "book", "okhta"),)


@pytest.mark.parametrize(
    ("mine", "rules", "code"),
    [
        (ON_THIS, {}, "too_many_for_record"),  # K: holds_per_record defaults to 1
        ((), {}, None),
        (ON_THIS, {"holds_per_record": 2}, None),
        (ON_THIS * 2, {"holds_per_record": 2}, "too_many_for_record"),
        (ON_THIS * 9, {"holds_per_record": None}, None),
        ((), {"holds_per_record": 0}, "too_many_for_record"),
    ],
)
def test_several_holds_on_one_title(facts, mine, rules, code):
    found = against_hold(facts.wish(reader={"holds": mine}), facts.terms(**rules))

    assert codes(found) == ([code] if code else [])


@pytest.mark.parametrize(
    ("for_whom", "age", "title_age", "on", "code"),
    [
        ("adult", 30, 18, True, None),
        ("child", 11, 12, True, "age_restricted"),  # K: AgeRestriction
        ("child", 12, 12, True, None),
        ("child", 11, 12, False, None),
        ("adult", None, 18, True, None),  # a birth date that nobody knows hinders nobody
        ("child", 11, None, True, None),
    ],
)
def test_the_age_a_title_is_for(facts, for_whom, age, title_age, on, code):
    wish = facts.wish(reader={"category": for_whom, "age": age}, title={"age": title_age})

    found = against_hold(wish, facts.terms(age_limits=on))

    assert codes(found) == ([code] if code else [])


COPIES = [
    # (what of the copy, rules, code or None)
    ({"status": ItemStatus.READING_ROOM}, {}, "item_not_holdable"),  # E: item_not_holdable
    ({"status": ItemStatus.LOST}, {}, "status_not_holdable"),  # E: status holdable false
    ({"status": ItemStatus.WITHDRAWN}, {}, "no_item"),  # K: nothing to reserve
    ({"status": ItemStatus.DAMAGED}, {}, "damaged"),  # K: AllowHoldsOnDamagedItems off
    ({"status": ItemStatus.DAMAGED}, {"hold_damaged": True}, None),
    ({"status": ItemStatus.DAMAGED}, {"hold_damaged": True, "on_shelf_holds": "if_any_out"}, None),
    ({"status": ItemStatus.ON_ORDER}, {}, None),  # F: hold on On order is allowed
    ({"status": ItemStatus.LENT_ELSEWHERE}, {}, None),
    ({"location": "Local history"}, {"not_held_from": ["local HISTORY"]}, "location_not_holdable"),
    ({"location": "Fiction"}, {"not_held_from": ["Local history"]}, None),
    ({"location": ""}, {"not_held_from": ["Local history"]}, None),
    ({}, {"takes_part": False}, "item_lib_skips_targeting"),  # E: target_skip_me
    ({}, {"holdable": False}, "rule_not_holdable"),  # E: matchpoint holdable false
    ({}, {"holds_allowed": 0}, "rule_not_holdable"),  # K: reservesallowed 0: noReservesAllowed
    ({}, {"on_shelf_holds": "if_any_out"}, "on_shelf"),  # K: onshelfholds 0
    ({"out": True}, {"on_shelf_holds": "if_any_out"}, None),
    ({}, {"on_shelf_holds": "if_all_out"}, "on_shelf"),  # K: onshelfholds 2
    ({"out": True}, {"on_shelf_holds": "if_all_out"}, None),
    ({}, {"item_level_holds": "forced"}, "item_level_forced"),  # K: opacitemholds F
    ({"home": "vyborg"}, {"from_other_libraries": "none"}, "cannot_from_other_branches"),  # K
    ({"home": "okhta"}, {"from_other_libraries": "none"}, None),
    ({"home": "vyborg"}, {"from_other_libraries": "system"}, None),
    ({"home": "fontanka"}, {"from_other_libraries": "system"}, "cannot_from_other_branches"),
    ({"home": "vyborg"}, {"from_other_libraries": "group"}, "branch_not_in_hold_group"),  # K
    ({"home": "fontanka"}, {"from_other_libraries": "group"}, None),
]


@pytest.mark.parametrize(("copy", "rules", "code"), COPIES)
def test_what_lies_in_the_copy(facts, copy, rules, code):
    found = against_hold(facts.wish(copy=copy), facts.terms(**rules))

    assert codes(found) == ([code] if code else [])


def test_where_no_rule_says_anything_nothing_can_be_held(facts):
    # K: reservesallowed undefined is 0; E: no matchpoint is no_matchpoint
    terms = Terms(RuleBook(), facts.terms().geography)

    assert codes(against_hold(facts.wish(), terms)) == ["no_rule"]


PLACES = [
    # (copy, pickup, rules, code or None)
    ({}, "vyborg", {"transferable": False}, "cannot_be_transferred"),  # K: branch transfer limits
    ({}, "okhta", {"transferable": False}, None),
    ({}, "locker", {"transferable": False}, None),  # its desk is the library's own
    ({}, "vyborg", {"pickup_groups": ["river"]}, "pickup_not_in_hold_group"),  # K
    ({}, "fontanka", {"pickup_groups": ["river"]}, None),
    ({}, "locker", {"pickup_groups": ["river"]}, None),
    ({}, "fontanka", {"pickup_groups": ["systems"]}, None),  # a system stands for its libraries
    ({}, "vyborg", {"transit_range": 2}, None),  # E: transit_range
    ({}, "fontanka", {"transit_range": 2}, "transit_range"),
    ({}, "fontanka", {"transit_range": 4}, None),
    ({}, "vyborg", {"transit_range": 0}, "transit_range"),
    # E: age hold protection, 0 its own, 1 parent and child, 2 siblings
    ({"days_old": 5}, "okhta", {"age_protection_days": 30, "age_protection_steps": 0}, None),
    (
        {"days_old": 5},
        "locker",
        {"age_protection_days": 30, "age_protection_steps": 0},
        "age_protect_prox",
    ),
    ({"days_old": 5}, "locker", {"age_protection_days": 30, "age_protection_steps": 1}, None),
    (
        {"days_old": 5},
        "vyborg",
        {"age_protection_days": 30, "age_protection_steps": 1},
        "age_protect_prox",
    ),
    ({"days_old": 5}, "vyborg", {"age_protection_days": 30, "age_protection_steps": 2}, None),
    (
        {"days_old": 5},
        "fontanka",
        {"age_protection_days": 30, "age_protection_steps": 2},
        "age_protect_prox",
    ),
    ({"days_old": 29}, "vyborg", {"age_protection_days": 30}, "age_protect_prox"),
    ({"days_old": 30}, "vyborg", {"age_protection_days": 30}, None),
]


@pytest.mark.parametrize(("copy", "pickup", "rules", "code"), PLACES)
def test_what_lies_in_the_way(facts, copy, pickup, rules, code):
    found = against_hold(facts.wish(copy=copy, pickup=pickup), facts.terms(**rules))

    assert codes(found) == ([code] if code else [])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reader": None}, "no_user"),
        ({"pickup": None}, "library_not_found"),
        ({"pickup": PickupFacts("okhta", "okhta", enabled=False)}, "library_not_pickup"),
    ],
)
def test_what_is_missing(facts, changes, code):
    wish = replace(facts.wish(), **changes)

    assert codes(against_hold(wish, facts.terms())) == [code]


def test_a_title_without_copies_and_one_nobody_has_any_more(facts):
    assert codes(against_hold(facts.wish(copies=[]), facts.terms())) == ["no_item"]
    gone = facts.wish(title={"withdrawn": True})
    assert codes(against_hold(gone, facts.terms())) == ["not_reservable"]


def test_a_title_can_be_held_if_any_one_copy_can(facts):
    # K: CanBookBeReserved
    lost = CopyFacts(1, "okhta", "okhta", "book", status=ItemStatus.LOST)
    kept = CopyFacts(2, "okhta", "okhta", "book", status=ItemStatus.READING_ROOM)
    fine = CopyFacts(3, "okhta", "okhta", "book")

    assert against_hold(facts.wish(copies=[lost, kept, fine]), facts.terms()) == ()
    assert codes(against_hold(facts.wish(copies=[lost, kept]), facts.terms())) == [
        "item_not_holdable"
    ]
    assert codes(against_hold(facts.wish(copies=[lost]), facts.terms())) == ["status_not_holdable"]


def test_a_hold_on_one_copy_does_not_look_at_the_others(facts):
    kept = CopyFacts(2, "okhta", "okhta", "book", status=ItemStatus.READING_ROOM)
    fine = CopyFacts(3, "okhta", "okhta", "book")

    found = against_hold(facts.wish(copies=[kept, fine], item_id=2), facts.terms())

    assert codes(found) == ["item_not_holdable"]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("allowed", None),
        ("forced", None),
        ("forbidden", "item_level_forbidden"),
    ],  # K: opacitemholds
)
def test_holds_on_one_copy(facts, rule, code):
    found = against_hold(facts.wish(item_id=1), facts.terms(item_level_holds=rule))

    assert codes(found) == ([code] if code else [])


def test_a_copy_that_the_reader_waits_for_already(facts):
    # K: itemAlreadyOnHold; F: not both a title and an item request
    mine = (OpenHold(5, "book", "okhta", item_id=1),)
    wish = facts.wish(reader={"holds": mine}, item_id=1)

    assert codes(against_hold(wish, facts.terms())) == [
        "item_already_on_hold",
        "too_many_for_record",
    ]


WANTS_ANY, WANTS_1 = OpenHold(5, "book", "okhta"), OpenHold(5, "book", "okhta", item_id=1)


@pytest.mark.parametrize(
    ("mine", "item_id", "code"),
    [
        (WANTS_ANY, 1, "other_level_on_hold"),  # F: a title-level and an item-level request
        (WANTS_1, None, "other_level_on_hold"),  # F: the other way round
        (WANTS_1, 1, "item_already_on_hold"),  # K: itemAlreadyOnHold
        (WANTS_1, 2, None),  # K: as many items of a title as holds_per_record says
        (WANTS_ANY, None, None),
        (replace(WANTS_1, record_id=6), 1, None),  # another title, whatever the copy
    ],
)
def test_either_one_copy_or_any_never_both(facts, mine, item_id, code):
    copies = [CopyFacts(number, "okhta", "okhta", "book") for number in (1, 2)]
    wish = facts.wish(copies=copies, reader={"holds": (mine,)}, item_id=item_id)

    assert codes(against_hold(wish, facts.terms(holds_per_record=9))) == ([code] if code else [])


@pytest.mark.parametrize(
    ("item_id", "code"),
    [
        (None, "already_possession"),  # F: a title with an item on loan to them
        (1, "already_possession"),  # F: that very item
        (2, None),  # another volume of a set
    ],
)
def test_who_has_one_copy_may_wait_for_another_one(facts, item_id, code):
    copies = [CopyFacts(number, "okhta", "okhta", "book") for number in (1, 2)]
    wish = facts.wish(copies=copies, reader={"has_copies": frozenset({1})}, item_id=item_id)

    assert codes(against_hold(wish, facts.terms())) == ([code] if code else [])


@pytest.mark.parametrize("status", [ItemStatus.WITHDRAWN, None])
def test_a_copy_that_is_not_there(facts, status):
    wish = facts.wish(copy={"status": status} if status else {}, item_id=1 if status else 9)

    (block,) = against_hold(wish, facts.terms())

    assert (block.code, str(block.message)) == (
        "no_item",
        "The libraries do not have this copy of the title.",
    )


@pytest.mark.parametrize(
    ("first", "second", "item_id", "code"),
    [
        ("forced", "forced", None, "item_level_forced"),  # K: opacitemholds F
        ("forced", "forced", 1, None),
        ("forced", "allowed", None, None),  # K: title-level if any one item passes
        ("forced", "forbidden", 2, "item_level_forbidden"),  # K: opacitemholds N, that copy's rule
        ("forbidden", "forbidden", None, None),
    ],
)
def test_the_rule_of_each_copy_says_whether_it_may_be_chosen(facts, first, second, item_id, code):
    copies = [
        CopyFacts(1, "okhta", "okhta", "volume"),
        CopyFacts(2, "okhta", "okhta", "book"),
    ]
    terms = facts.terms(
        at={
            (None, None, "volume"): {"item_level_holds": first},
            (None, None, "book"): {"item_level_holds": second},
        }
    )

    found = against_hold(facts.wish(copies=copies, item_id=item_id), terms)

    assert codes(found) == ([code] if code else [])


def test_a_copy_fills_no_hold_on_another_one(facts):
    copies = [CopyFacts(number, "okhta", "okhta", "book") for number in (1, 2)]
    wish = facts.wish(copies=copies, item_id=1)

    assert against_capture(wish, copies[0], facts.terms()) == ()
    assert codes(against_capture(wish, copies[1], facts.terms())) == ["another_copy_wanted"]


def test_every_reason_is_told_not_the_first_one(facts):
    # E: all fail parts
    wish = facts.wish(
        copy={"status": ItemStatus.DAMAGED, "days_old": 1},
        reader={"expired": True, "has_copies": frozenset({1}), "holds": open_holds(2)},
        pickup="fontanka",
    )
    rules = {"max_holds": 2, "transferable": False, "transit_range": 1, "holdable": False}

    found = against_hold(wish, facts.terms(**rules, age_protection_days=9))

    assert codes(found) == [
        "account_expired",
        "already_possession",
        "too_many_total",
        "damaged",
        "rule_not_holdable",
        "cannot_be_transferred",
        "transit_range",
        "age_protect_prox",
    ]


@pytest.mark.parametrize(
    ("counts_films", "number"),
    # K: a rule of an item type counts the holds of that type, one for all types counts all
    [(True, 1), (False, 3)],
)
def test_a_limit_of_an_item_type_counts_that_type(facts, counts_films, number):
    mine = (*open_holds(2), OpenHold(950, "film", "okhta"))
    scope = (None, None, "film" if counts_films else None)
    wish = facts.wish(copy={"item_type": "film"}, reader={"holds": mine})

    at = facts.terms(at={scope: {"holds_allowed": number}})
    above = facts.terms(at={scope: {"holds_allowed": number + 1}})

    assert codes(against_hold(wish, at)) == ["too_many_for_category"]
    assert against_hold(wish, above) == ()


def test_the_limit_of_one_library_is_an_exception_to_that_of_the_network(facts):
    # R: library_exceptions beat library_limit
    terms = facts.terms(
        at={
            ("city", None, None): {"max_holds_here": 5},
            ("okhta", None, None): {"max_holds_here": 1},
        }
    )
    reader = {"holds": (*open_holds(1), *open_holds(1, pickup="vyborg"))}

    assert codes(against_hold(facts.wish(reader=reader), terms)) == ["max_holds"]
    assert against_hold(facts.wish(reader=reader, pickup="vyborg"), terms) == ()


OVERDUE_NEAR = {"max_overdue": 0, "overdue_ignored_within": 2}


@pytest.mark.parametrize(
    ("pickup", "rules", "code"),
    [
        ("okhta", OVERDUE_NEAR, None),  # E: ignore_proximity
        ("vyborg", OVERDUE_NEAR, None),
        ("fontanka", OVERDUE_NEAR, "standing_penalty:overdue"),
        ("okhta", {"max_overdue": 0, "overdue_ignored_within": 0}, None),
        ("vyborg", {"max_overdue": 0, "overdue_ignored_within": 0}, "standing_penalty:overdue"),
    ],
)
def test_a_penalty_may_not_matter_near_home(facts, pickup, rules, code):
    found = against_hold(facts.wish(reader={"overdue": 3}, pickup=pickup), facts.terms(**rules))

    assert codes(found) == ([code] if code else [])


@pytest.mark.parametrize(
    ("stops", "place", "capture"),
    [
        (Stops.HOLDS, True, False),  # E: HOLD blocks new holds, CAPTURE existing ones
        (Stops.CAPTURE, False, True),
        (Stops.LOANS, False, False),
    ],
)
def test_a_penalty_stops_what_it_says(facts, stops, place, capture):
    penalty = Penalty("misused", "The card was misused.", frozenset({stops}))
    wish = facts.wish(reader={"penalties": (penalty,)})

    placing = against_hold(wish, facts.terms())
    capturing = against_capture(wish, wish.title.copies[0], facts.terms())

    assert codes(placing) == (["standing_penalty:misused"] if place else [])
    assert codes(capturing) == (["standing_penalty:misused"] if capture else [])


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"max_holds": 1}, None),  # E: limits are skipped when retargeting
        ({"holds_per_day": 1}, None),  # K: ignore_hold_counts
        ({"holds_per_record": 1}, None),
        ({"holds_allowed": 1}, None),
        ({"max_holds_here": 1}, None),
        ({"holds_allowed": 0}, "rule_not_holdable"),  # K: forbidden even if ignoring counts
        ({"holdable": False}, "rule_not_holdable"),
        ({"takes_part": False}, "item_lib_skips_targeting"),
        ({"transferable": False}, "cannot_be_transferred"),
        ({"on_shelf_holds": "if_any_out"}, None),
    ],
)
def test_at_the_capture_limits_do_not_count_but_what_forbids_does(facts, rules, code):
    mine = (OpenHold(5, "book", "vyborg"), *open_holds(9))
    wish = facts.wish(reader={"holds": mine, "placed_today": 9}, pickup="vyborg")

    found = against_capture(wish, wish.title.copies[0], facts.terms(**rules))

    assert codes(found) == ([code] if code else [])


# Koha's hold_fulfillment_policy: the copy of okhta lies at vyborg; (policy, pickup, fits)
FULFILMENT = [
    ("any", "fontanka", True),
    ("homebranch", "okhta", True),
    ("homebranch", "locker", True),
    ("homebranch", "vyborg", False),
    ("holdingbranch", "vyborg", True),
    ("holdingbranch", "okhta", False),
    ("holdgroup", "fontanka", True),
    ("holdgroup", "okhta", True),
    ("holdgroup", "vyborg", False),
    ("patrongroup", "fontanka", True),
    ("patrongroup", "vyborg", False),
]


@pytest.mark.parametrize(("policy", "pickup", "fits"), FULFILMENT)
def test_which_holds_a_copy_may_fill(facts, policy, pickup, fits):
    wish = facts.wish(copy={"holding": "vyborg"}, pickup=pickup)

    found = against_capture(wish, wish.title.copies[0], facts.terms(fulfilment=policy))

    assert codes(found) == ([] if fits else ["fulfilment"])


def test_a_refused_place_names_others_that_would_do(facts):
    found = against_hold(facts.wish(pickup="vyborg"), facts.terms(pickup_groups=["river"]))

    [block] = found
    assert block.remedy.mapping == {"places": "Okhta, Fontanka, Locker"}


def test_it_is_told_which_rule_decided(facts):
    terms = facts.terms(at={("north", "adult", None): {"max_holds": 1}})

    [block] = against_hold(facts.wish(reader={"holds": open_holds(1)}), terms)

    assert block.decided.value == 1
    assert (block.decided.rule.scope.organisation, block.decided.inherited) == ("north", True)


def test_every_reason_is_in_plain_words(facts):
    wish = facts.wish(
        copies=[CopyFacts(1, "vyborg", "vyborg", "book", status=status) for status in ItemStatus],
        reader={"barred": True, "expired": True, "has_copies": frozenset({1})},
        pickup=PickupFacts("okhta", "okhta", enabled=False),
    )

    for block in against_hold(wish, facts.terms(holdable=False, from_other_libraries="none")):
        assert str(block.message).endswith(".")
        assert block.remedy is None or str(block.remedy).endswith(".")
