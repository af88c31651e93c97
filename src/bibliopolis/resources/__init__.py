"""The kernel: what every resource has, whichever room it lives in."""

from __future__ import annotations

from typing import Any


def includeme(config: Any) -> None:
    """Register the directives, the built-in field types and the site's own types."""
    from . import directives  # the models of this package are imported where no form is needed

    directives.register(config)
