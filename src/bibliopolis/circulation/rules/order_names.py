"""The rules by which one of many holds gets a copy: the order, local readers, the way home."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bibliopolis.i18n import _

from .declaring import Group, RuleName, Whose, by_everything
from .values import Choice, Number

PRESETS: Mapping[str, Any] = {
    "traditional": _("The nearest first"),
    "traditional_always_home": _("The copy's own library first, then the nearest"),
    "traditional_home": _("Home now and then, then the nearest"),
    "fifo": _("Who asked first"),
    "fifo_always_home": _("The copy's own library first, then who asked first"),
    "fifo_home": _("Home now and then, then who asked first"),
    "chase_home": _("Readers of the copy's own library first"),
}
"""Evergreen's orders of the best hold, see `choosing.ORDERS`."""

ORDER = (
    RuleName(
        "best_hold_order",
        Group.ORDER,
        _("Order in which holds get a copy"),
        Choice(PRESETS),
        "fifo",
        Whose.DESK,
    ),
    RuleName(
        "go_home_days",
        Group.ORDER,
        _("A copy is to be home once in so many days"),
        Number(1, 3650),
        182,  # Evergreen: six months
        Whose.ITEM,
    ),
    by_everything(
        "local_priority",
        Group.ORDER,
        _("Local readers come first"),
        Choice(
            {
                "none": _("no"),
                "give_library": _("those of the library"),
                "give_library_and_group": _("those of the library, then of its groups"),
                "give_library_group": _("those of the library and its groups alike"),
            }
        ),
        "none",
        Whose.ITEM,
        help=_("Set “no” for a category or an item type to leave it out."),
    ),
    RuleName(
        "local_priority_reader",
        Group.ORDER,
        _("A reader is local where"),
        Choice({"pickup": _("the hold is collected"), "home": _("the home library is")}),
        "pickup",
        Whose.ITEM,
    ),
    RuleName(
        "local_priority_item",
        Group.ORDER,
        _("A copy is local where"),
        Choice({"home": _("it belongs"), "holding": _("it is")}),
        "home",
        Whose.ITEM,
    ),
    RuleName(
        "local_priority_days",
        Group.ORDER,
        _("Days for which a hold waits for a local copy that is looked for"),
        Number(0, 365),
        0,
        Whose.PICKUP,
    ),
)
