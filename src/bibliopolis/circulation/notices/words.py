"""What notices of holds and loans say: a sentence for every channel, and advice for letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bibliopolis.i18n import _

from .kinds import Kind


@dataclass(frozen=True)
class Said:
    """The words of one kind; sentence and advice have places for title, library and days."""

    subject: Any
    sentence: Any
    advice: Any = None


HOLDS: Mapping[str, Said] = {
    Kind.PLACED: Said(
        _("Your hold is placed"),
        _("We have your hold: “${title}”. You will collect it at ${library}."),
    ),
    Kind.SENT: Said(
        _("Your hold is on its way"),
        _("“${title}” is on its way to ${library}."),
        _("We write again when it is there."),
    ),
    Kind.READY: Said(
        _("Your hold can be collected"),
        _("“${title}” waits for you at ${library} until ${day}."),
    ),
    Kind.OUT: Said(
        _("Your book is being brought to you"),
        _("A courier of ${library} is bringing you “${title}”."),
        _("If nobody is at home, the library tries again or keeps it for you."),
    ),
    Kind.NOT_MET: Said(
        _("We did not meet you"),
        _("We did not meet you with “${title}”: it waits for you at ${library} until ${day}."),
        _("You can ask on the page of the hold to have it brought once more."),
    ),
    Kind.DELIVERED: Said(
        _("A book was handed over to you"),
        _("“${title}” was handed over at your address: please bring it back by ${due}."),
        _("If you did not get it, tell ${library} at once. There you can also ask for a renewal."),
    ),
    Kind.REMINDER: Said(
        _("Your hold still waits for you"),
        _("“${title}” still waits for you at ${library}, until ${day}."),
        _("If you no longer need it, cancel the hold, so that the next reader gets it."),
    ),
    Kind.NOT_COLLECTED: Said(
        _("Your hold was not collected"),
        _("“${title}” was not collected at ${library} in time and is kept for you no more."),
        _("If you still want it, place a hold again."),
    ),
    Kind.CANCELLED: Said(
        _("Your hold is cancelled"),
        _("The library has cancelled your hold on “${title}”."),
        _("If you do not know why, ask at ${library}."),
    ),
    Kind.UNFILLED: Said(
        _("No copy could be had"),
        _("No copy of “${title}” could be had for you, so your hold is closed."),
        _("Ask a librarian whether another edition will do, or whether it can be bought."),
    ),
    Kind.JOINED: Said(
        _("Two of your holds have become one"),
        _("You had two holds on “${title}”: they were for the same edition and are one now."),
        _("You keep the better place in the queue; you need not do anything."),
    ),
    Kind.MOVED: Said(
        _("Your hold is for another edition now"),
        _("The library has moved your hold: it is for “${title}” now, collected at ${library}."),
        _("When you asked for it still counts. If you do not want this one, cancel the hold."),
    ),
    Kind.NO_COPY: Said(
        _("Your hold cannot be filled now"),
        _("The last copy of “${title}” is gone, so your hold cannot be filled now."),
        _(
            "It stays in the queue in case a copy comes. You can cancel it, look for another"
            " edition, or ask a librarian to buy or to order it."
        ),
    ),
    Kind.RESUMED: Said(
        _("The pause of your hold is over"),
        _("The pause is over: “${title}” is looked for again. You will collect it at ${library}."),
        _("If you are still away, pause it again."),
    ),
}

ON_SLIP = _("On the hold shelf look for the slip ${alias}.")
"""What a letter adds while a copy waits on a shelf, where its reader may stand before it."""

NEXT_ROUND = _("The next round is on ${round}; if it is full, your book comes with the one after.")
"""What a letter adds while a copy waits for the courier."""

BROUGHT: Mapping[str, Said] = {
    Kind.PLACED: Said(
        _("Your hold is placed"),
        _("We have your hold: “${title}”. ${library} will bring it to you."),
    ),
    Kind.SENT: Said(
        _("Your hold is on its way"),
        _("“${title}” is on its way to ${library}, which will bring it to you."),
    ),
    Kind.READY: Said(
        _("Your book will be brought to you"),
        _("“${title}” is at ${library} and will be brought to you. You need not come."),
    ),
    Kind.NOT_MET: Said(
        _("We did not meet you"),
        _("We did not meet you with “${title}”: ${library} will bring it with the next round."),
        _("If the address or the time does not suit, change it on the page of the hold."),
    ),
}
"""What is said instead where a hold is brought to its reader."""

COPY_GONE = Said(
    _("Your hold cannot be filled now"),
    _("The copy of “${title}” you wait for is gone, so your hold cannot be filled now."),
    _("It stays in the queue. If another copy will do, say so on the page of the hold."),
)
"""Instead of the words of Kind.NO_COPY, to who waits for one certain copy."""

LOANS: Mapping[str, Said] = {
    Kind.DUE_SOON: Said(
        _("A book is due soon"),
        _("Please bring back “${title}” by ${day}."),
        _("If you need it longer, ask at ${library} whether it can be renewed."),
    ),
    Kind.RENEWED: Said(
        _("A book is renewed"),
        _("“${title}” is renewed: please bring it back by ${day}."),
    ),
    Kind.LOST: Said(
        _("A book counts as lost"),
        _("“${title}” from ${library} counts as lost: it was to be back on ${day}."),
        _("Bring it back if you find it. Else ask there how to make up for it."),
    ),
    Kind.OVERDUE: Said(
        _("A book is overdue"),
        _("“${title}” was to be back on ${day}."),
        _("Please bring it to ${library}. If it is lost or damaged, tell us there."),
    ),
}
