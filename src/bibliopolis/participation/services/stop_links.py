"""The link in a letter that stops further ones: nobody can guess it, and it needs no signing in."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.secret import site_secret

from ..models import SavedSearch

SEAL_BYTES = 15


class StopLinks:
    """Seal the uid of a saved search, and read it back; nothing is kept."""

    def __init__(self, db: Session, secret: str) -> None:
        self.db = db
        self.secret = secret

    @classmethod
    def from_request(cls, context: Any, request: Any) -> StopLinks:
        """Make it for a request."""
        return cls(db=request.db, secret=site_secret(request.settings))

    def token(self, uid: str) -> str:
        """Return what stands in the address."""
        return f"{uid}.{self._seal(uid)}"

    def is_ours(self, token: str) -> bool:
        """Say whether the site has made this token."""
        uid, _dot, seal = token.partition(".")
        return hmac.compare_digest(seal.encode(errors="replace"), self._seal(uid).encode())

    def search_of(self, token: str) -> SavedSearch | None:
        """Return the search of a token that is ours; None when it has been deleted since."""
        uid = token.partition(".")[0]
        return self.db.scalar(select(SavedSearch).where(SavedSearch.uid == uid))

    def _seal(self, uid: str) -> str:
        text = f"stop saved search {uid}".encode(errors="replace")
        digest = hmac.new(self.secret.encode(), text, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:SEAL_BYTES]).decode()
