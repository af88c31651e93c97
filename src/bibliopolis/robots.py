"""Robots that say who they are: they read every page, and nothing expensive runs for them.

Good robots keep to ``robots.txt``; this is for those that do not, and costs them nothing but the
answer. What pretends to be a browser is treated like one.
"""

from __future__ import annotations

import re

from pyramid.request import Request

from bibliopolis.errors import NotAllowed
from bibliopolis.i18n import _

# CUBOT is a make of telephones.
_NAMES = re.compile(r"(?<!cu)bot\b|crawl|spider|slurp|scrapy|archiver|externalhit", re.IGNORECASE)
LONGEST = 500


def is_robot(request: Request) -> bool:
    """Say whether the visitor calls itself a robot."""
    return bool(_NAMES.search((request.user_agent or "")[:LONGEST]))


def refuse_robots(request: Request) -> None:
    """Refuse what is made for people one by one, before anything is read for it."""
    if is_robot(request):
        raise NotAllowed(
            _("This is made for people. Robots find everything by the sitemaps: /sitemap.xml.")
        )
