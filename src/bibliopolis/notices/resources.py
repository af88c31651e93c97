"""``account/notices``: what a reader wants to hear, and what was sent."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.resources.access import Role, permission_map
from bibliopolis.resources.traversal import MountedRoom

NAME = "notices"


class NoticesRoom(MountedRoom):
    """The notices of whoever is signed in and has a card."""

    permissions = permission_map(use_account=[Role.READER])

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, NAME)
