"""Searches as they are kept: the parameters of their address, and what tells one from another."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl, urlencode

from webob.multidict import MultiDict

from bibliopolis.search.asking import Asked
from bibliopolis.search.documents import Sort


def query_of(asked: Asked) -> str:
    """Return the parameters of a search, those of its first page."""
    return urlencode(asked.but().parameters())


def read_query(query: str) -> Asked:
    """Return the search that a stored query stands for."""
    return Asked.read(MultiDict(parse_qsl(query)))


def fingerprint(asked: Asked) -> str:
    """Return what two ways to write the same search have in common: values in any order."""
    pairs = sorted(asked.but().parameters())
    return hashlib.sha256(urlencode(pairs).encode()).hexdigest()


def newest_query(query: str) -> str:
    """Return the parameters of the page that has what came last of all first."""
    return query_of(read_query(query).but(sort=Sort.ADDED))
