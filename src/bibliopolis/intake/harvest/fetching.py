"""Fetching an answer from a machine that nobody here controls, within limits.

Each name is looked up once, and the connection goes to the very address that was looked at: a
name that leads elsewhere a moment later gains nothing. Proxies are not asked.
"""

from __future__ import annotations

import ssl
import time
import zlib
from base64 import b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from netrc import NetrcParseError, netrc
from pathlib import Path
from socket import IPPROTO_TCP, create_connection, gaierror, getaddrinfo, socket
from threading import Event, Thread
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

from bibliopolis.i18n import _
from bibliopolis.settings import Network

from .troubles import Busy, Refused

LARGEST = 20_000_000
"""Bytes of one answer, unpacked; a page of a thousand records has some five million."""
PATIENCE = 30.0
"""Seconds without a byte."""
DEADLINE = 180.0
"""Seconds for a whole answer."""
REDIRECTS = 5
CHUNK = 1 << 16
LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
MOVED = frozenset({301, 302, 303, 307, 308})
AGENT = "Bibliopolis (OAI-PMH harvester)"
# Addresses of IPv4 within those of IPv6, RFC 6052.
NAT64 = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Answer:
    """What came: the status, the kind it said it has, and its bytes, unpacked."""

    status: int
    kind: str
    body: bytes


@dataclass(frozen=True)
class Rules:
    """What an operator allows: networks that are not public, and a file of credentials."""

    networks: tuple[Network, ...] = ()
    credentials: Path | None = None
    largest: int = LARGEST
    patience: float = PATIENCE
    deadline: float = DEADLINE


@dataclass
class Fetch:
    """One request under way, in a thread of its own, so that whoever waits can do other things."""

    url: str
    parameters: Mapping[str, str]
    rules: Rules
    began: float = field(default_factory=monotonic)
    _done: Event = field(default_factory=Event)
    _connection: HTTPConnection | None = None
    _response: HTTPResponse | None = None
    _answer: Answer | None = None
    _trouble: Exception | None = None

    def start(self) -> Fetch:
        """Begin."""
        Thread(target=self._run, name="harvest", daemon=True).start()
        return self

    def wait(self, seconds: float) -> Answer | None:
        """Return the answer if it comes within so many seconds; ``Busy``, ``Refused`` say why not.

        None means that it is still on its way.
        """
        if not self._done.wait(max(seconds, 0.0)):
            if monotonic() - self.began < self.rules.deadline:
                return None
            self.abandon()
            raise Busy(TOO_SLOW)
        if self._trouble is not None:
            raise self._trouble
        return self._answer

    def abandon(self) -> None:
        """Let go of the connection; its thread ends with that."""
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(2)

    def _run(self) -> None:
        try:
            self._answer = self._follow()
        except (Busy, Refused) as trouble:
            self._trouble = trouble
        except ssl.SSLCertVerificationError as error:
            why = {"why": error.verify_message}
            said = _("The certificate of the source is not valid: ${why}", mapping=why)
            self._trouble = Refused(said)
        except TimeoutError:
            self._trouble = Busy(TOO_SLOW)
        except (OSError, HTTPException, zlib.error) as error:
            self._trouble = Busy(
                _("The connection to the source failed: ${why}", mapping={"why": _plain(error)})
            )
        except Exception as error:
            self._trouble = error
        finally:
            self._close()
            self._done.set()

    def _close(self) -> None:
        # An answer keeps its connection open after the connection itself is closed.
        for one in (self._response, self._connection):
            if one is not None:
                one.close()
        self._response = self._connection = None

    def _follow(self) -> Answer:
        """Ask, and ask elsewhere if the source says so; every place is looked at anew."""
        url = f"{self.url}?{urlencode(self.parameters)}"
        asked = urlsplit(url)
        for _turn in range(REDIRECTS + 1):
            here = urlsplit(url)
            response = self._ask(here, own=_origin(here) == _origin(asked))
            if response.status not in MOVED:
                return self._read(response)
            url = _moved(url, response.getheader("Location", ""))
            self._close()
        raise Refused(_("The source sends from one address to the next without an end."))

    def _ask(self, url: SplitResult, own: bool) -> HTTPResponse:
        host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
        addresses = _allowed(host, port, self.rules.networks)
        kind = _SecureConnection if url.scheme == "https" else _PlainConnection
        self._connection = connection = kind(host, port, addresses, self.rules.patience)
        headers = {
            "User-Agent": AGENT,
            "Accept": "text/xml, application/xml",
            "Accept-Encoding": "gzip",
        }
        if own and self.rules.credentials is not None:
            headers |= _credentials(self.rules.credentials, url.scheme, host)
        connection.request("GET", f"{url.path or '/'}?{url.query}", headers=headers)
        self._response = connection.getresponse()
        return self._response

    def _read(self, response: HTTPResponse) -> Answer:
        status = response.status
        if status in LATER:
            raise Busy(
                _("The source answers with the error ${status}.", mapping={"status": str(status)}),
                _retry_after(response.getheader("Retry-After", "")),
            )
        if status in (401, 403):
            raise Refused(
                _(
                    "The source refuses access (error ${status}). Credentials stand in the file "
                    "that bibliopolis.harvest_netrc names.",
                    mapping={"status": str(status)},
                )
            )
        body = b"".join(self._parts(response))
        return Answer(status, response.getheader("Content-Type", ""), body)

    def _parts(self, response: HTTPResponse) -> Iterable[bytes]:
        packed = response.getheader("Content-Encoding", "identity").strip().lower()
        if packed not in ("identity", "gzip", "x-gzip", ""):
            raise Refused(_("The source packs its answers in a way nobody asked for."))
        unpack = zlib.decompressobj(31) if packed.endswith("gzip") else None
        size = 0
        while chunk := response.read1(CHUNK):
            if monotonic() - self.began > self.rules.deadline:
                raise Busy(TOO_SLOW)
            while chunk:
                part = unpack.decompress(chunk, CHUNK) if unpack else chunk
                chunk = unpack.unconsumed_tail if unpack else b""
                size += len(part)
                if size > self.rules.largest:
                    raise Refused(
                        _(
                            "One page of the source has more than ${n} MB.",
                            mapping={"n": str(self.rules.largest // 1_000_000)},
                        )
                    )
                yield part
        # Without this a connection that was cut would look like an answer that is done.
        if response.length or (unpack is not None and not unpack.eof):
            raise Busy(CUT_OFF)


TOO_SLOW = _("The source did not answer in time.")
CUT_OFF = _("The connection to the source broke off.")


class _PlainConnection(HTTPConnection):
    """A connection to one of the addresses that were looked at."""

    def __init__(self, host: str, port: int, addresses: list[str], timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self.addresses = addresses

    def connect(self) -> None:
        """Connect to the first address that answers."""
        self.sock = _connected(self.addresses, self.port, self.timeout)


class _SecureConnection(HTTPSConnection):
    """The same with TLS; certificates are always checked."""

    def __init__(self, host: str, port: int, addresses: list[str], timeout: float) -> None:
        self.tls = ssl.create_default_context()
        super().__init__(host, port, timeout=timeout, context=self.tls)
        self.addresses = addresses

    def connect(self) -> None:
        """Connect to the first address that answers, as the host that was named."""
        plain = _connected(self.addresses, self.port, self.timeout)
        try:
            self.sock = self.tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def _connected(addresses: list[str], port: int, timeout: float | None) -> socket:
    failure: OSError | None = None
    for address in addresses:
        try:
            return create_connection((address, port), timeout)
        except OSError as error:
            failure = error
    raise failure or OSError("no address")


def _allowed(host: str, port: int, networks: tuple[Network, ...]) -> list[str]:
    """Return the addresses of a host, unless one of them is inside a network that is not public."""
    try:
        found = getaddrinfo(host, port, proto=IPPROTO_TCP)
    except (gaierror, UnicodeError) as error:
        raise Busy(_("There is no machine called ${host}.", mapping={"host": host})) from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    for text in addresses:
        if not may_ask(text, networks):
            raise Refused(
                _(
                    "${host} leads into an internal network. If that is meant, the operator allows "
                    "it by bibliopolis.harvest_networks.",
                    mapping={"host": host},
                )
            )
    return addresses


def may_ask(text: str, networks: tuple[Network, ...]) -> bool:
    """Say whether an address is public, or of a network that the operator allows."""
    try:
        address: Address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inner = _inner(address)
    if any(inner in network for network in networks):
        return True
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _inner(address: Address) -> Address:
    """Return the address of IPv4 that one of IPv6 stands for, else the address."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port


def _moved(url: str, location: str) -> str:
    """Return where a source sends to; never from a secret connection to an open one."""
    try:
        there = urljoin(url, location.strip())
        parts = urlsplit(there)
        parts.port  # noqa: B018 (raises ValueError where it is none)
    except ValueError:
        there, parts = "", urlsplit("")
    secure = urlsplit(url).scheme == "https"
    fits = parts.scheme == "https" or (parts.scheme == "http" and not secure)
    plain = there.isascii() and not any(one <= " " for one in there)
    if not location or not fits or not parts.hostname or not plain:
        raise Refused(_("The source sends to an address that cannot be followed."))
    return there


def _credentials(path: Path, scheme: str, host: str) -> dict[str, str]:
    """Return the header for a host that the operator has written down; never without TLS."""
    try:
        found = netrc(str(path)).authenticators(host)
    except (OSError, NetrcParseError, UnicodeDecodeError) as error:
        raise Refused(_("The file of bibliopolis.harvest_netrc cannot be read.")) from error
    if found is None:
        return {}
    if scheme != "https":
        raise Refused(_("There is a password for this source, and its address is not https."))
    pair = f"{found[0]}:{found[2] or ''}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode('ascii')}"}


def _retry_after(text: str) -> float:
    """Return how many seconds a source wants to be left alone: a number or a date, RFC 9110."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.fromtimestamp(time.time(), UTC)).total_seconds())


def _plain(error: Any) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)[:200]
