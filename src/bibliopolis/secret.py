"""The secret that signs cookies: given, or made at the first start and kept in the data folder."""

from __future__ import annotations

import hashlib
import os
import secrets
from functools import cache

from bibliopolis.settings import Settings


def site_secret(settings: Settings) -> str:
    """Return the secret; two processes that start together agree on one."""
    if settings.secret:
        return settings.secret
    settings.data.mkdir(parents=True, exist_ok=True)
    path = settings.data / "secret"
    if not path.exists():
        draft = settings.data / f".secret.{os.getpid()}"
        draft.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        draft.chmod(0o600)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its secret is the one
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()


@cache
def cookie_name(settings: Settings, name: str) -> str:
    """Return the name a cookie of this site has.

    Browsers do not tell the ports of one machine apart: two copies with made-up secrets must not
    take each other's cookies. A site that was given a secret has an address of its own.
    """
    if settings.secret:
        return name
    return f"{name}_{hashlib.sha256(site_secret(settings).encode()).hexdigest()[:8]}"
