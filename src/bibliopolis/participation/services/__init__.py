"""The verbs of saved searches."""

from __future__ import annotations

from .alerts import Alerts
from .new_finds import NewFinds
from .saved_searches import AlreadySaved, SavedSearches
from .stop_links import StopLinks

__all__ = ["Alerts", "AlreadySaved", "NewFinds", "SavedSearches", "StopLinks"]
