"""Tokens: what a browser or a letter holds, of which the database keeps only the hash."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """Return 256 random bits as they may stand in an address."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return what is kept of a token: it is random, so a plain hash is enough."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
