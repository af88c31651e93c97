"""The demo: a city with a dozen libraries, 500 real books, people, pages and posters.

It is put together by the same services that people use, each step by the person who would take
it, so that a new site shows what a site in use looks like. All of it is one transaction: it is
there or it is not.
"""

from __future__ import annotations

from bibliopolis.demo.city import City, is_loaded

__all__ = ["City", "is_loaded"]
