"""What can be said of the certificate that terminals are spoken to with."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bibliopolis.cli.findings import Finding, error, remark
from bibliopolis.settings import Settings

SOON = timedelta(days=14)
SETTING = "bibliopolis.sip2_certificate"


def look_at_tls(settings: Settings) -> Iterator[Finding]:
    """Look whether the files can be read, belong together, and how long they count."""
    from bibliopolis.interchange.sip2.server import tls_context

    certificate = settings.sip2_certificate
    try:
        context = tls_context(certificate, settings.sip2_key)
    except (OSError, ValueError) as trouble:
        yield error(f"{SETTING}: {getattr(trouble, 'strerror', None) or trouble}")
        return
    if context is None or certificate is None:
        return
    try:
        until = _until(context, certificate)
    except ssl.SSLError as trouble:
        yield error(f"{SETTING}: terminals would not take it: {_reason(trouble)}")
        return
    if until is not None and until - datetime.now(UTC) < SOON:
        yield remark(f"{SETTING} counts only until {until:%Y-%m-%d}: renew it")


def _reason(trouble: ssl.SSLError) -> str:
    return str(getattr(trouble, "verify_message", "") or trouble.reason or trouble)


def _until(ours: ssl.SSLContext, certificate: Path) -> datetime | None:
    """Return until when the certificate counts, as one learns it who is shown it in memory.

    The standard library reads no certificate but one it was shown and trusts. SSLError where it
    does not count now, or is not for a server.
    """
    trusting = ssl.create_default_context(cafile=str(certificate))
    trusting.check_hostname = False
    # The certificate itself is enough to trust it: who signed it is for the terminals to judge.
    trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = ours.wrap_bio(up, down, server_side=True)
    client = trusting.wrap_bio(down, up)
    for side in (client, server, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    known = client.getpeercert()
    if not known:
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(known["notAfter"])), UTC)
