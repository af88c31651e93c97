"""Passwords: hashed by argon2, compared in the same time whether or not the account exists."""

from __future__ import annotations

import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _

SHORTEST = 8
LONGEST = 1000
"""Longer input would only keep the processor busy."""

MEMORY, PASSES, LANES = 19 * 1024, 2, 1
"""What OWASP's Password Storage Cheat Sheet recommends for Argon2id; memory in kibibytes.

The library's own cost is eight times that: a morning on which hundreds sign in would stop the site.
"""


class Passwords:
    """Hash and check passwords; one object serves all threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self.hasher = hasher or PasswordHasher(PASSES, MEMORY, LANES)

    @cached_property
    def nobodys(self) -> str:
        """Return a hash that is checked when there is none, so that it takes as long."""
        return self.hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        return self.hasher.hash(_typed(password))

    def accepts(self, kept: str | None, password: str) -> bool:
        """Say whether it is the password; takes its time in any case."""
        try:
            fits = self.hasher.verify(kept or self.nobodys, _typed(password[:LONGEST]))
        except (VerificationError, InvalidHashError):
            return False
        return fits and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Say whether it was hashed with other parameters than today's."""
        return self.hasher.check_needs_rehash(kept)

    def check_new(self, password: str, field: str = "password") -> None:
        """Refuse a password that is too easy to guess, or absurdly long."""
        reason = None
        if len(password) < SHORTEST:
            reason = _(
                "A password has at least ${shortest} characters.", mapping={"shortest": SHORTEST}
            )
        elif len(password) > LONGEST:
            reason = _(
                "A password has at most ${longest} characters.", mapping={"longest": LONGEST}
            )
        if reason is not None:
            raise InvalidInput(_("This password cannot be used."), {field: reason})


def _typed(password: str) -> str:
    # Keyboards differ in how they write й or é: one letter or two signs.
    return unicodedata.normalize("NFKC", password)
