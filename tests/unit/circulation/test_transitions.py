"""Each row of the table of transitions of a hold: from where, what happens, what becomes of it.

The last column names the system whose behaviour it is. Holds on one certain copy, the order staff
give a queue, and delivery to the home have tests of their own.
"""

from datetime import timedelta

import pytest

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import PastTarget
from bibliopolis.errors import Conflict
from bibliopolis.resources.access import Principals

REFUSED = "refused"


class Story:
    """A hold in some state, its reader, and all that can happen to it."""

    def __init__(self, city, desk, clock, here, there, record):
        self.city, self.desk, self.clock, self.record = city, desk, clock, record
        self.here, self.there, self.third = here, there, city.library("Third")
        person = city.person()
        self.reader = city.reader(here, person=person)
        self.own = city.desk(Principals(person.id, self.reader.id))
        self.item = None

    def begin(self, state):
        elsewhere = state in ("targeted elsewhere", "in_transit")
        at = self.there if elsewhere else self.here
        status = ItemStatus.ON_ORDER if state == "queued" else ItemStatus.LENDABLE
        self.item = self.city.item(self.record, at, status=status)
        wished = self.clock.today() + timedelta(days=60)
        start = self.clock.today() + timedelta(days=5) if state == "begins later" else None
        self.hold = self.desk.holds.place(
            self.record.id, self.reader.id, self.here.id, wished, start=start
        )
        if state in ("in_transit", "ready"):
            self.desk.loans.check_in(self.item.id, at.id)
        elif state == "suspended":
            self.desk.changes.suspend(self.hold.id, self.clock.today() + timedelta(days=5))
        elif state == "cancelled":
            self.desk.holds.cancel(self.hold.id)

    def pass_days(self, days):
        self.clock.advance(timedelta(days=days))
        desk = self.city.desk()
        desk.dates.keep(desk.dates.due())
        found = desk.dates.to_look_for_anew()
        desk.holds.settle(*desk.titles.lock_heads(found))

    def lend(self, reader):
        self.desk.loans.check_out(self.item.id, reader.id, self.here.id)

    def happens(self, event):
        """Let it happen; a refusal is raised."""
        hold_id, item_id = self.hold.id, self.item and self.item.id
        desk, changes = self.desk, self.desk.changes
        {
            "check-in here": lambda: desk.loans.check_in(item_id, self.here.id),
            "check-in there": lambda: desk.loans.check_in(item_id, self.there.id),
            "check-in at a third": lambda: desk.loans.check_in(item_id, self.third.id),
            "check-out to its reader": lambda: self.lend(self.reader),
            "check-out to another": lambda: self.lend(self.city.reader(self.here)),
            "not on the shelf": lambda: desk.holds.not_found(hold_id, self.here.id),
            "not pulled for a day": lambda: self.pass_days(1),
            "the shelf days pass": lambda: self.pass_days(8),
            "the shelf days pass, closed": self.pass_closed,
            "need-by passes": lambda: self.pass_days(61),
            "suspend": lambda: changes.suspend(hold_id),
            "thaw": lambda: changes.thaw(hold_id),
            "thaw date": lambda: self.pass_days(5),
            "begin": lambda: changes.begin(hold_id),
            "another first day": lambda: changes.set_start(
                hold_id, self.clock.today() + timedelta(days=8)
            ),
            "no first day": lambda: changes.set_start(hold_id, None),
            "its first day": lambda: self.pass_days(5),
            "change pickup": lambda: changes.change_pickup(hold_id, self.third.id),
            "change pickup nowhere": lambda: changes.change_pickup(hold_id, 999_999),
            "its reader cancels": lambda: self.own.holds.cancel(hold_id),
            "staff cancel": lambda: desk.holds.cancel(hold_id),
            "uncancel": lambda: changes.uncancel(hold_id),
        }[event]()

    def pass_closed(self):
        self.here.settings = {"opening_hours": "Mo-Su 10:00-20:00"}
        self.city.closed(self.here, self.clock.today() + timedelta(days=8))
        self.pass_days(8)

    @property
    def stands(self):
        """Say how the hold stands, with what tells apart what has one state."""
        title = self.desk.titles.read(self.record.id)
        if self.hold.cancel_requested:
            return f"{self.hold.state}, cancelling asked for"
        if self.hold.suspended:
            return "suspended"
        if self.hold.begins_later:
            return "begins later"
        if self.hold.id in title.targets:
            return "targeted"
        return str(self.hold.state)


@pytest.fixture
def story(city, desk, clock, here, there, record):
    return Story(city, desk, clock, here, there, record)


@pytest.mark.parametrize(
    ("state", "event", "becomes", "source"),
    [
        ("targeted", "check-in here", "ready", "FOLIO updateRequestPositionOnCheckIn"),
        ("targeted elsewhere", "check-in there", "in_transit", "Koha AddReturn"),
        ("targeted", "not on the shelf", "queued", "Evergreen missing pieces"),
        ("targeted", "not pulled for a day", "targeted", "Evergreen retarget interval"),
        ("in_transit", "check-in here", "ready", "Koha AddReturn"),
        ("in_transit", "check-in at a third", "in_transit", "FOLIO in transit check-in"),
        ("ready", "check-out to its reader", "fulfilled", "Koha AddIssue"),
        ("ready", "check-out to another", REFUSED, "RERO CHECKOUT_4"),
        ("in_transit", "check-out to another", REFUSED, "RERO CHECKOUT_4"),
        (
            "in_transit",
            "check-out to its reader",
            "fulfilled",
            "FOLIO canBeCheckedOutToRequestingPatronWhenInTransit",
        ),
        (
            "targeted",
            "check-out to its reader",
            "fulfilled",
            "Evergreen checkout_fills_related_hold",
        ),
        ("ready", "the shelf days pass", "not_collected", "Koha CancelExpiredReserves"),
        ("ready", "the shelf days pass, closed", "ready", "Koha ExpireReservesOnHolidays"),
        ("queued", "need-by passes", "unfilled", "Evergreen cancel cause 1"),
        ("targeted", "need-by passes", "unfilled", "Evergreen cancel cause 1"),
        ("queued", "suspend", "suspended", "Koha SuspendAll"),
        ("targeted", "suspend", "suspended", "Koha SuspendAll"),
        ("in_transit", "suspend", REFUSED, "Koha CannotSuspendFound"),
        ("ready", "suspend", REFUSED, "Koha CannotSuspendFound"),
        ("suspended", "thaw", "targeted", "Evergreen thaw"),
        ("suspended", "thaw date", "targeted", "Evergreen thaw_date"),
        ("suspended", "check-in here", "suspended", "Koha: never selected"),
        ("begins later", "check-in here", "begins later", "Koha: reservedate ahead"),
        ("begins later", "begin", REFUSED, "Koha"),
        ("begins later", "its first day", "targeted", "Koha: reservedate has come"),
        ("begins later", "another first day", "begins later", "Koha"),
        ("begins later", "no first day", "targeted", "Koha"),
        ("begins later", "suspend", "suspended", "Koha SuspendAll"),
        ("begins later", "check-out to another", "begins later", "Koha: an item can be lent"),
        ("begins later", "check-out to its reader", "fulfilled", "Evergreen"),
        ("begins later", "its reader cancels", "cancelled", "Koha"),
        ("targeted", "another first day", REFUSED, "it has begun: it can be paused"),
        ("queued", "change pickup", "queued", "Koha set_pickup_location"),
        ("targeted", "change pickup", "targeted", "Koha set_pickup_location"),
        ("queued", "change pickup nowhere", REFUSED, "Koha InvalidPickupLocation"),
        ("in_transit", "change pickup", "in_transit", "RERO: rerouted"),
        ("ready", "change pickup", REFUSED, "RERO, Evergreen"),
        ("queued", "its reader cancels", "cancelled", "Koha"),
        ("targeted", "its reader cancels", "cancelled", "Koha"),
        (
            "ready",
            "its reader cancels",
            "ready, cancelling asked for",
            "Koha waiting_hold_cancellation",
        ),
        ("ready", "staff cancel", "cancelled", "Koha"),
        ("in_transit", "its reader cancels", "cancelled", "RERO CANCEL_REQUEST_4"),
        ("cancelled", "uncancel", "targeted", "Evergreen uncancel"),
        ("cancelled", "its reader cancels", REFUSED, "I3"),
    ],
)
def test_each_row_of_the_table(story, state, event, becomes, source):
    story.begin(state)
    before = story.stands

    if becomes == REFUSED:
        with pytest.raises(Conflict):
            story.happens(event)
        assert story.stands == before
    else:
        story.happens(event)
        assert story.stands == becomes, source


def test_what_was_not_pulled_is_noted_as_in_vain(story, db):
    story.begin("targeted")

    story.happens("not pulled for a day")

    assert [past.item_id for past in db.query(PastTarget)] == [story.item.id]
