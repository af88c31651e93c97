"""What libraries ask of rooms above them."""

from __future__ import annotations

from zope.interface import Interface


class IFollowsHours(Interface):
    """Who depends on when organisations are open; registered as a service by a room above.

    Where no such service is registered, nothing follows.
    """

    def hours_changed():
        """Learn that closures or settings have changed, in this transaction and flushed."""


class IHomeLibrary(Interface):
    """The library that a signed-in reader has chosen; the room of readers registers it."""

    def get():
        """Return the id of the visitor's home library; None for those who are no readers."""

    def keep(library_id):
        """Make a library the home library of the visitor, if they are a reader."""
