"""What readers ask of rooms above them."""

from __future__ import annotations

from zope.interface import Interface


class IReadingHistory(Interface):
    """Keeps what readers have borrowed, where they chose so; circulation registers it."""

    def count(reader_id):
        """Return how many loans of the past are kept for a reader."""

    def forget(reader_id):
        """Forget whose the loans of the past were; what the reader has now stays theirs."""


class IOpenHolds(Interface):
    """Knows what readers wait for; circulation registers it."""

    def lock(reader_ids):
        """Lock what these readers wait for: it comes before their own rows, as everywhere."""

    def cancel_all(reader_ids):
        """Cancel all open holds of readers who go, whoever is here; lock first."""
