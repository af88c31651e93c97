"""Numbers and days in addresses and forms: ids, pages of lists, batches for programs.

Whoever types or sends them may send anything; what cannot be read never is an error here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

from pyramid.request import Request

from bibliopolis.parts import Pager, make_pager

T = TypeVar("T")

LONGEST_PAGE = 6
LONGEST_ID = 10
"""Digits: more would not fit into a column of the database."""
LARGEST_ID = 2**31 - 1
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Years a clock of any zone can tell."""
A_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
BATCH = 25
LARGEST_BATCH = 100


def whole_number(text: Any, digits: int = LONGEST_ID) -> int | None:
    """Return the whole number a text is, in plain digits and not too many, or None."""
    text = str(text)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def row_id(text: Any) -> int | None:
    """Return the id a text is, or None for what can be the id of nothing."""
    number = whole_number(text)
    return number if number is not None and 0 < number <= LARGEST_ID else None


def read_day(text: str) -> date | None:
    """Return the day that ``2026-11-24`` is, None for anything else."""
    if not A_DAY.fullmatch(text):
        return None  # 2026-W48-1 among them, which Python would read
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def page_number(request: Request, name: str = "page") -> int:
    """Return the page asked for, counted from one; what cannot be read is the first."""
    return max(1, whole_number(request.GET.get(name, ""), LONGEST_PAGE) or 1)


def offset(request: Request, size: int, name: str = "page", total: int | None = None) -> int:
    """Return where the page asked for begins; with a total, a page past the end is the last."""
    page = page_number(request, name)
    if total is not None:
        page = min(page, max(1, -(-total // size)))
    return (page - 1) * size


def latest_page(request: Request, total: int, size: int, name: str = "page") -> int:
    """Return the page asked for of what grows at its end; what cannot be read is the last one."""
    last = max(1, -(-total // size))
    asked = whole_number(request.GET.get(name, ""), LONGEST_PAGE) or last
    return min(asked, last)


def pager(
    request: Request,
    total: int,
    size: int,
    name: str = "page",
    *,
    path: str | None = None,
    current: int | None = None,
) -> Pager:
    """Return the pager of a list, on this very page if not on ``path``, other parameters kept.

    ``current`` is the page that is shown, where it is not simply the one asked for.
    """
    kept = [(key, value) for key, value in request.GET.items() if key != name]

    def url(number: int) -> str:
        return f"{path or request.path}?{urlencode([*kept, (name, number)])}"

    return make_pager(total, size, current or page_number(request, name), url)


def one_page(request: Request, rows: Sequence[T], size: int) -> tuple[Sequence[T], Pager]:
    """Return the page asked for of a list that is at hand whole, and its pager.

    A page past the end is the last. For lists of dozens, which are read at once anyway: the
    database cuts longer ones.
    """
    start = offset(request, size, total=len(rows))
    shown = rows[start : start + size]
    return shown, pager(request, len(rows), size, current=start // size + 1)


def read_page(
    request: Request, size: int, read: Callable[[int], tuple[int, Sequence[T]]]
) -> tuple[int, Sequence[T], Pager]:
    """Return how long a list is, the page asked for, and its pager; past the end it is the last.

    ``read`` gets where to begin. Work takes rows from such a list: whoever was on its last page
    must not be told that nothing is left.
    """
    total, rows = read(offset(request, size))
    if total and not rows:
        total, rows = read(offset(request, size, total=total))
    return total, rows, pager(request, total, size)


def batch(
    parameters: Mapping[str, str], size: int = BATCH, largest: int = LARGEST_BATCH
) -> tuple[int | None, int]:
    """Return where the batch asked for begins, None if it was not said, and how long it is."""
    length = whole_number(parameters.get("b_size", ""), 4)
    start = whole_number(parameters.get("b_start", ""), 8)
    return start, max(1, min(size if length is None else length, largest))


def batching(
    address: str, total: int, start: int, size: int, kept: Iterable[tuple[str, Any]] = ()
) -> dict[str, dict[str, str]]:
    """Return the links from one batch to the others under ``batching``, as Plone's clients want.

    Nothing at all where everything fits into one.
    """
    if total <= size and not start:
        return {}
    kept = tuple(kept)

    def at(first: int) -> str:
        return f"{address}?{urlencode([*kept, ('b_start', first), ('b_size', size)])}"

    links = {"@id": at(start), "first": at(0), "last": at(max(0, total - 1) // size * size)}
    if start + size < total:
        links["next"] = at(start + size)
    if start > 0:
        links["prev"] = at(max(0, start - size))
    return {"batching": links}
