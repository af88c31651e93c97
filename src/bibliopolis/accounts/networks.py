"""Network addresses: where a request comes from, and how much of that is kept.

The address is the one the connection came from. A web server in front of the site tells it as
``X-Forwarded-For``, which anybody can write: that is for the server to take apart (waitress's
``trusted_proxy``), never for us.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

# Less than a household or a library would say nothing about who it was.
KEPT_BITS = {4: 24, 6: 48}


def address_of(request: Any) -> IPv4Address | IPv6Address | None:
    """Return the address a request comes from; None in the worker and on the command line."""
    try:
        address = ip_address(request.environ.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    # A server that listens for both shows old addresses inside new ones.
    return getattr(address, "ipv4_mapped", None) or address


def shortened(address: IPv4Address | IPv6Address | None) -> str | None:
    """Return the network an address lies in: what may be kept for a while."""
    if address is None:
        return None
    return str(ip_network((address, KEPT_BITS[address.version]), strict=False))


@dataclass(frozen=True)
class Origin:
    """Where somebody tries to sign in: an address, perhaps a library's, perhaps a known browser."""

    address: str = ""
    in_library: bool = False
    device: str | None = None


NOWHERE = Origin()


def is_in_library(request: Any) -> bool:
    """Say whether a request comes from one of the networks that libraries share."""
    address = address_of(request)
    return address is not None and any(
        address in network for network in request.settings.library_networks
    )


def counted_address(request: Any) -> str:
    """Return what counts as one address: of IPv6 a household has a whole /64."""
    address = address_of(request)
    if address is None or address.version == 4:
        return str(address or "")
    return str(ip_network((address, 64), strict=False))
