"""The verbs of notices."""

from __future__ import annotations

from .addresses import Addresses
from .log import NoticeLog
from .notices import Notices
from .preferences import Preferences
from .recipients import Recipients
from .sending import Sending

__all__ = ["Addresses", "NoticeLog", "Notices", "Preferences", "Recipients", "Sending"]
