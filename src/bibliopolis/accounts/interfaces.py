"""What accounts asks of rooms above it."""

from __future__ import annotations

from zope.interface import Interface


class IReaders(Interface):
    """Knows which readers have accounts; the room of readers registers it as a service.

    Accounts works without it: then nobody is a reader, and people sign in by e-mail only.
    """

    def reader_id_of(person_id):
        """Return the id of the reader whose account this is, or None; one query."""

    def person_id_by_card(number):
        """Return the id of the person whose card has this number, or None; one query.

        The number comes as somebody typed it, spaces included.
        """
