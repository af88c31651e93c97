"""Every rule of circulation: its name, what it means, where it may be set, and what counts without.

The names and most defaults are those of Koha's circulation rules, which libraries know; where a
rule is from Evergreen or RERO ILS, its comment says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from bibliopolis.i18n import _

from .declaring import Group, RuleName, Whose, by_everything
from .loan_names import LOANS
from .order_names import ORDER
from .values import Choice, Flag, Limit, Number, Weekdays, Words

_LIMITS = (
    RuleName(
        "max_holds",
        Group.LIMITS,
        _("Open holds of a reader at most"),
        Limit(),
        None,
        Whose.READER,
        by_category=True,
        help=_("All together, whatever they are for."),
    ),
    by_everything(
        "holds_allowed",
        Group.LIMITS,
        _("Open holds on this item type at most"),
        Limit(),
        0,  # as Koha's reservesallowed: where nothing is said, nothing can be held
        Whose.ITEM,
        help=_("Where no rule says anything, nothing can be held."),
    ),
    by_everything(
        "holds_per_record",
        Group.LIMITS,
        _("Open holds on one title at most"),
        Limit(),
        1,  # as Koha's holds_per_record
        Whose.ITEM,
    ),
    by_everything(
        "holds_per_day",
        Group.LIMITS,
        _("Holds placed on one day at most"),
        Limit(),
        None,
        Whose.ITEM,
        help=_("Those that were cancelled or collected on the same day count, too."),
    ),
    RuleName(
        "max_holds_here",  # RERO ILS: library_limit, and an exception for one library
        Group.LIMITS,
        _("Open holds of a reader that are collected at one library, at most"),
        Limit(),
        None,
        Whose.PICKUP,
        by_category=True,
    ),
    RuleName(
        "count_suspended",  # Evergreen: include_frozen_holds
        Group.LIMITS,
        _("Suspended holds count"),
        Flag(),
        True,
        Whose.READER,
    ),
    RuleName(
        "max_overdue",
        Group.LIMITS,
        _("Overdue loans with which a reader may still borrow and place holds, at most"),
        Limit(),
        None,
        Whose.READER,
        by_category=True,
        help=_("0 means that one overdue loan stops new ones."),
    ),
    RuleName(
        "overdue_ignored_within",  # Evergreen: ignore_proximity of a standing penalty
        Group.LIMITS,
        _("Overdue loans do not matter within so many steps of the tree from home"),
        Limit(blank=_("they always matter")),
        None,
        Whose.READER,
        help=_("0 is the home library itself, 2 the libraries of the same system."),
    ),
)

_HOLDS = (
    by_everything("holdable", Group.HOLDS, _("Can be held"), Flag(), True, Whose.ITEM),
    by_everything(
        "on_shelf_holds",
        Group.HOLDS,
        _("Holds while copies are on the shelf"),
        Choice(
            {
                "always": _("always"),
                "if_any_out": _("only once a copy is out"),
                "if_all_out": _("only when all copies are out"),
            }
        ),
        "always",
        Whose.ITEM,
    ),
    by_everything(
        "item_level_holds",
        Group.HOLDS,
        _("Holds on one particular copy"),
        Choice(
            {
                "allowed": _("readers may choose a copy"),
                "forbidden": _("any copy must do"),
                "forced": _("readers must choose a copy"),
            }
        ),
        "allowed",
        Whose.ITEM,
    ),
    RuleName(
        "hold_damaged",
        Group.HOLDS,
        _("Damaged copies can be held"),
        Flag(),
        False,
        Whose.ITEM,
        help=_("They are looked for and lent to who waits; without a hold they are set aside."),
    ),
    RuleName(
        "not_held_from",
        Group.HOLDS,
        _("Places whose copies cannot be held"),
        Words(blank=_("none")),
        None,
        Whose.ITEM,
        help=_("As the copies have them, such as Local history; commas between."),
    ),
    RuleName(
        "age_limits",
        Group.HOLDS,
        _("Readers below the age a book is for cannot hold it"),
        Flag(),
        True,
        Whose.READER,
        by_category=True,
    ),
    by_everything(
        "hold_shelf_days",
        Group.HOLDS,
        _("Days a copy waits for its reader"),
        Number(1, 365),
        7,
        Whose.PICKUP,
    ),
    RuleName(
        "hold_start_days",  # Koha: AllowHoldDateInFuture
        Group.HOLDS,
        _("A hold may begin so many days ahead at most"),
        Number(0, 730),
        365,
        Whose.READER,
        by_category=True,
        help=_("0: every hold begins when it is placed."),
    ),
    RuleName(
        "full_locker",
        Group.HOLDS,
        _("What is for a locker without a free cell"),
        Choice(
            {
                "wait": _("waits at the desk until a cell is free"),
                "desk": _("is collected at the desk of its library"),
            }
        ),
        "wait",
        Whose.PICKUP,
        help=_("From a locker that is out of order it always goes to the desk."),
    ),
    RuleName(
        "home_delivery",
        Group.HOLDS,
        _("Books are brought home"),
        Choice(
            {
                "nobody": _("to nobody"),
                "marked": _("to readers for whom a librarian has noted it"),
                "all": _("to all readers of the category"),
            }
        ),
        "nobody",
        Whose.PICKUP,
        by_category=True,
    ),
    RuleName(
        "delivery_days",
        Group.HOLDS,
        _("Weekdays on which books are brought home"),
        Weekdays(blank=_("every day the library is open")),
        None,
        Whose.PICKUP,
        help=_("Two letters each, such as tu, fr."),
    ),
    RuleName(
        "delivery_most",
        Group.HOLDS,
        _("Books brought home in one round at most"),
        Limit(),
        None,
        Whose.PICKUP,
    ),
    RuleName(
        "delivery_tries",
        Group.HOLDS,
        _("So often a courier comes before the book waits at the library"),
        Number(1, 9),
        2,
        Whose.PICKUP,
    ),
    by_everything(
        "waiting_hold_cancellation",
        Group.HOLDS,
        _("Readers may ask to cancel what waits for them"),
        Flag(),
        False,
        Whose.PICKUP,
    ),
)

_PLACES = (
    RuleName(
        "retarget_hours",
        Group.PLACES,
        _("Hours after which another copy is looked for"),
        Number(1, 720),
        24,
        Whose.DESK,
    ),
    RuleName(
        "pickup_while_closed",
        Group.PLACES,
        _("Holds can be placed for a place that had to close"),
        Flag(),
        True,
        Whose.PICKUP,
        help=_("No: while an emergency closing lasts, readers choose another pickup place."),
    ),
    RuleName(
        "takes_part",  # Evergreen: an organisation that targeting skips
        Group.PLACES,
        _("Copies are fetched from here"),
        Flag(),
        True,
        Whose.ITEM,
    ),
    RuleName(
        "from_other_libraries",  # Koha: canreservefromotherbranches and holdallowed
        Group.PLACES,
        _("Readers of other libraries may hold copies"),
        Choice(
            {
                "any": _("of all libraries"),
                "system": _("of the same system"),
                "group": _("of the libraries that share a group"),
                "none": _("no, only its own readers"),
            }
        ),
        "any",
        Whose.ITEM,
        by_item_type=True,
    ),
    RuleName(
        "pickup_groups",
        Group.PLACES,
        _("Groups of libraries where copies can be collected"),
        Words(blank=_("everywhere")),
        None,
        Whose.ITEM,
        by_item_type=True,
    ),
    RuleName(
        "transferable",
        Group.PLACES,
        _("Copies may be sent to other libraries"),
        Flag(),
        True,
        Whose.ITEM,
        by_item_type=True,
    ),
    RuleName(
        "transit_range",
        Group.PLACES,
        _("Copies are sent so many steps of the tree at most"),
        Limit(),
        None,
        Whose.ITEM,
        by_item_type=True,
        help=_("2 are the libraries of the same system."),
    ),
    RuleName(
        "fulfilment",
        Group.PLACES,
        _("Which holds a copy may fill"),
        Choice(
            {
                "any": _("all"),
                "homebranch": _("those collected where the copy belongs"),
                "holdingbranch": _("those collected where the copy is"),
                "holdgroup": _("those collected in a group of the copy's library"),
                "patrongroup": _("those collected in a group of the reader's home library"),
            }
        ),
        "any",
        Whose.ITEM,
        by_item_type=True,
        help=_("Decided when the copy is taken in."),
    ),
    RuleName(
        "hold_ratio",  # Koha: the hold ratio report, whose target is three, too
        Group.PLACES,
        _("Holds for each copy from which more are to be ordered"),
        Number(1, 100),
        3,
        Whose.PICKUP,
        by_item_type=True,
        help=_("More than these, and the report of holds and copies says how many to order."),
    ),
    RuleName(
        "age_protection_days",
        Group.PLACES,
        _("Days for which a new copy stays near"),
        Number(0, 3650),
        0,
        Whose.ITEM,
        by_item_type=True,
    ),
    RuleName(
        "age_protection_steps",
        Group.PLACES,
        _("A new copy goes so many steps of the tree at most"),
        Number(0, 6),
        0,
        Whose.ITEM,
        by_item_type=True,
        help=_("0 is its own library, 1 also the points it serves, 2 also its system."),
    ),
)

NAMES: Mapping[str, RuleName] = {
    one.name: one for one in (*_LIMITS, *_HOLDS, *_PLACES, *ORDER, *LOANS)
}
"""Every rule by its name, in the order in which they are shown."""
