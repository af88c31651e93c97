"""A link of a letter that is opened once more: its reader is led on, not turned away.

People open letters again, and mail programs open links for them: what the link was for has been
done, and the page on which one goes on says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from bibliopolis.accounts.confirmations import ConfirmationUsed
from bibliopolis.problems import wants_json

View = Callable[[Any, Request], Response]
Lead = Callable[[Any, Request, ConfirmationUsed], Response]


def when_used(lead: Lead) -> Callable[[View], View]:
    """Return a decorator for views of a link: ``lead`` answers where it has been used already."""

    def decorate(view: View) -> View:
        def shown(context: Any, request: Request) -> Response:
            try:
                return view(context, request)
            except ConfirmationUsed as used:
                if wants_json(request):
                    raise
                return lead(context, request, used)

        return shown

    return decorate
