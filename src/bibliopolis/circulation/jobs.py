"""What the worker does for circulation: idempotent, and only where somebody waits."""

from __future__ import annotations

from collections.abc import Sequence

from pyramid.request import Request

from .services import Holds


def retarget(request: Request, keys: Sequence[str]) -> None:
    """Choose anew what is looked for of these records: their copies have changed."""
    holds = request.find_service(Holds, context=None)
    known = holds.titles.lock_records(sorted({int(key) for key in keys}))
    holds.settle(*(holds.titles.lock(record_id) for record_id in known))
