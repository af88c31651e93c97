"""What can speak against a step of a hold, a loan or a transit; their workflows name these.

Each looks at ``step.data``: ``item_id`` is the copy in hand, ``library_id`` the library whose desk
it lies on, ``reader_id`` who stands before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bibliopolis.i18n import _
from bibliopolis.readers.services import Guardians
from bibliopolis.workflow import Reason, Step, titled

from .models import HoldState
from .services.deliveries import Deliveries
from .services.places import PickupPlaces
from .services.renewals import Renewals
from .services.rules import CirculationRules
from .services.shelf import ShelfPeriods
from .services.titles import Titles

LAID_READY = (HoldState.READY, HoldState.OUT_FOR_DELIVERY)


@titled(_("the copy is at the pickup library"))
def copy_is_at_pickup_library(step: Step) -> Reason | None:
    """Refuse anywhere else, and before a full locker unless the reader takes it at once."""
    places = step.find_service(PickupPlaces)
    if not places.is_served_from(step.resource, step.data.get("library_id")):
        return _("The reader waits for it at another library.")
    if step.data.get("reader_id"):
        return None
    if not places.has_room(step.resource, step.data.get("item_id")):
        return _("The locker is full: keep the copy and take it in when a cell is free.")
    return None


@titled(_("the copy is at another library"))
def copy_is_elsewhere(step: Step) -> Reason | None:
    """Refuse at the pickup library itself; before a full locker a copy is still on its way."""
    places = step.find_service(PickupPlaces)
    served = places.is_served_from(step.resource, step.data.get("library_id"))
    if not served or not places.has_room(step.resource, step.data.get("item_id")):
        return None
    return _("The copy is already where the reader waits for it.")


@titled(_("the copy can fill this hold"))
def copy_can_fill_hold(step: Step) -> Reason | None:
    """Refuse a copy of another title, one that cannot be lent, one in use or promised."""
    hold = step.resource
    title = step.data.get("title") or step.find_service(Titles).read(hold.record_id)
    item = title.items.get(step.data.get("item_id") or 0)
    if item is None:
        return _("This copy is of another title.")
    holder = title.bound.get(item.id)
    if hold.state != HoldState.QUEUED:
        return None if holder is hold else _("Another copy was chosen for this hold.")
    if hold.wanted_item_id not in (None, item.id):
        return _("Its reader waits for another copy.")
    if holder is not None:
        return _("This copy is kept for another reader.")
    if item.id in title.loans:
        return _("This copy is on loan.")
    if item not in title.lendable:
        return _("This copy cannot be lent.")
    return None


@titled(_("the hold is not paused"))
def hold_is_not_suspended(step: Step) -> Reason | None:
    """Refuse to find a copy for a hold whose reader lets others go first."""
    if not step.resource.is_suspended:
        return None
    return _("The hold is paused: its reader does not want a copy now.")


@titled(_("the hold has begun"))
def hold_has_begun(step: Step) -> Reason | None:
    """Refuse to find a copy for a hold before the day from which its reader wants it."""
    if not step.resource.begins_later:
        return None
    return _("Its reader wants it from a later day on.")


@titled(_("the hold begins later"))
def hold_begins_later(step: Step) -> Reason | None:
    """Refuse another first day where the first one has come."""
    return None if step.resource.begins_later else _("The hold has begun already.")


@titled(_("the day from which it is wanted has come"))
def the_day_it_begins_has_come(step: Step) -> Reason | None:
    """Refuse to let a hold begin before its day, or a second time."""
    first = step.resource.starts
    if first is not None and first <= step.find_service(ShelfPeriods).today(step.resource):
        return None
    return _("It does not begin today.")


@titled(_("the hold is paused"))
def hold_is_suspended(step: Step) -> Reason | None:
    """Refuse to end a pause that is none; one that lies ahead can be given up."""
    hold = step.resource
    planned = hold.suspend_from is not None
    return None if hold.is_suspended or planned else _("The hold is not paused.")


@titled(_("the hold was not put first"))
def hold_was_not_put_first(step: Step) -> Reason | None:
    """Refuse to put first what is."""
    return _("The hold was put first already.") if step.resource.cut_in_line else None


@titled(_("the hold was put first"))
def hold_was_put_first(step: Step) -> Reason | None:
    """Refuse to put back what stands where it always stood."""
    return None if step.resource.cut_in_line else _("The hold stands at its own place.")


@titled(_("it is for one certain copy"))
def hold_is_on_one_copy(step: Step) -> Reason | None:
    """Refuse to let any copy do where any does."""
    if step.resource.wanted_item_id is not None:
        return None
    return _("Any copy of the title will do for this hold.")


@titled(_("nobody has taken a copy from its shelf for it"))
def no_copy_was_taken_for_it(step: Step) -> Reason | None:
    """Refuse once somebody has the copy in their hands: it is as good as found."""
    title = step.data.get("title") or step.find_service(Titles).read(step.resource.record_id)
    target = title.targets.get(step.resource.id)
    if target is None or target.found is None:
        return None
    return _("A librarian has just taken a copy from its shelf for this hold.")


@titled(_("a terminal lent the copy while it was off line"))
def copy_was_lent_off_line(step: Step) -> Reason | None:
    """Refuse whoever has a choice: this is told by what has happened already."""
    if step.data.get("off_line"):
        return None
    return _("Only a terminal that was off line can have lent it to somebody else.")


@titled(_("the library brings it to the reader"))
def library_brings_it_to_the_reader(step: Step) -> Sequence[Reason] | None:
    """Refuse where the library brings nothing, and to readers to whom it brings nothing."""
    return step.find_service(Deliveries).against(step.resource) or None


@titled(_("it is to be brought to its reader"))
def it_is_to_be_brought(step: Step) -> Reason | None:
    """Refuse what its reader collects."""
    return None if step.resource.by_delivery else _("Its reader collects it at the library.")


@titled(_("its reader has not asked to cancel it"))
def its_reader_still_wants_it(step: Step) -> Reason | None:
    """Refuse to send out what nobody wants any more."""
    if step.resource.cancel_requested is None:
        return None
    return _("Its reader has asked to cancel it: take it in.")


@titled(_("no copy is left on the hold shelf unseen"))
def copy_is_not_left_on_the_shelf(step: Step) -> Reason | None:
    """Refuse a reader who would end a hold whose copy lies on the shelf: staff must take it off."""
    if step.resource.state not in LAID_READY or not _acts_for_its_reader(step):
        return None
    if step.resource.state == HoldState.OUT_FOR_DELIVERY:
        return _("The courier has the copy: it is cancelled when it is back.")
    return _("The copy waits on the hold shelf: a librarian takes it off before the hold ends.")


@titled(_("its reader asks while the copy waits"))
def its_reader_asks_to_cancel(step: Step) -> Reason | Sequence[Reason] | None:
    """Refuse staff, who end it at once, a second time, and where the rules do not let readers."""
    hold, reasons = step.resource, list[Reason]()
    if not _acts_for_its_reader(step):
        reasons.append(_("A librarian cancels it at once."))
    if hold.cancel_requested is not None:
        reasons.append(_("You have asked to cancel it already: a librarian will take it off."))
    rules = step.find_service(CirculationRules)
    if not rules.decide("waiting_hold_cancellation", hold.pickup_library_id).value:
        reasons.append(_("What already waits for you is cancelled at the desk."))
    return reasons or None


@titled(_("its reader has asked to cancel it"))
def its_reader_has_asked_to_cancel(step: Step) -> Reason | None:
    """Refuse to take back what was not asked."""
    if step.resource.cancel_requested is not None:
        return None
    return _("Nobody has asked to cancel this hold.")


@titled(_("the day until which it is wanted has passed"))
def the_day_it_was_wanted_by_has_passed(step: Step) -> Reason | None:
    """Refuse to close a hold that its reader still wants."""
    last = step.resource.need_by
    if last is not None and last < step.find_service(ShelfPeriods).today(step.resource):
        return None
    return _("Its reader still wants it.")


def _acts_for_its_reader(step: Step) -> bool:
    """Say whether its reader or who acts for them takes the step, not at a desk with the copy."""
    mine, whose = step.actor.reader_id, step.resource.reader_id
    if step.data.get("library_id") or mine is None or whose is None:
        return False
    return bool(mine == whose or step.find_service(Guardians).acts_for(mine, whose))


@titled(_("it is handed to the reader who waits for it"))
def reader_is_who_waits(step: Step) -> Reason | None:
    """Refuse every other reader."""
    if step.data.get("reader_id") == step.resource.reader_id:
        return None
    return _("Another reader is waiting for this copy.")


@titled(_("nobody waits for it, and the library renews it"))
def loan_can_be_renewed(step: Step) -> Sequence[Reason]:
    """Refuse for every reason there is; whoever renews has looked them up for many at once."""
    known: Sequence[Reason] | None = step.data.get("against")
    if known is not None:
        return known
    return step.find_service(Renewals).reasons_against(step.resource)


@titled(_("the copy is where it was sent"))
def copy_has_arrived(step: Step) -> Reason | None:
    """Refuse at every library that does not serve the place to which it was sent."""
    desk = step.find_service(PickupPlaces).desk_of(step.resource.to_library_id)
    return None if desk == step.data.get("library_id") else _("It was sent to another library.")


@titled(_("the copy is not where it was sent"))
def copy_is_on_the_way(step: Step) -> Reason | None:
    """Refuse at the library to which it was sent."""
    arrived = copy_has_arrived(step) is None
    return _("The copy is where it was sent.") if arrived else None
