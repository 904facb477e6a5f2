"""From a name to a connection, once: what its addresses are, whether we may go there, and the first that answers."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from broker.fetch.failure import FetchFailed
from broker.fetch.sockets import seconds_left

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) → numeric addresses, best first. Raises OSError."""

_MOST_TRIED = 4
_IPV6_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The operating system's answer."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def localhost_resolver(host: str, port: int) -> Sequence[str]:
    """As `system_resolver`, but every name under .localhost is this machine (RFC 6761 6.3), which glibc does not know."""
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1"]
    return system_resolver(host, port)


def connect(resolve: Resolve, host: str, port: int, private: bool, deadline: float) -> socket.socket:
    """A connection to an address of `host` that was judged. Raises FetchFailed."""
    addresses = _in_time(resolve, host, port, deadline)[:_MOST_TRIED]
    for address in addresses:
        check_address(address, host, private)
    failure: OSError = OSError("no address")
    for waiting, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        try:
            return _open(address, port, seconds_left(deadline) / waiting)
        except OSError as failed:
            failure = failed
    raise FetchFailed("timeout" if isinstance(failure, TimeoutError) else "refused", host) from failure


def _in_time(resolve: Resolve, host: str, port: int, deadline: float) -> Sequence[str]:
    """The addresses of a name. A look-up cannot be interrupted: one that takes too long is left behind in its thread."""
    answer: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answer.put(resolve(host, port))
        except (OSError, UnicodeError) as unknown:  # a label that is empty or too long is a UnicodeError
            answer.put(unknown)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        found = answer.get(timeout=max(deadline - time.monotonic(), 0))
    except Empty as late:
        raise FetchFailed("timeout", host) from late
    if isinstance(found, Exception):
        raise FetchFailed("dns", host) from found
    if not found:
        raise FetchFailed("dns", host)
    return found


def _open(address: str, port: int, seconds: float) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.settimeout(seconds)
        opened.connect((address, port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        opened.close()
        raise
    return opened


def check_address(address: str, host: str, private: bool) -> None:
    """A provider's metadata must not make us ask our own network (server-side request forgery)."""
    for judged in _where_it_leads(ipaddress.ip_address(address)):
        if judged.is_multicast or not (private or _is_public(judged)):
            raise FetchFailed("private-address", host)


def _where_it_leads(address: Address) -> tuple[Address, ...]:
    """An IPv6 address may carry the IPv4 address where the packets arrive: mapped, NAT64 (RFC 6052), 6to4 (RFC 3056)."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (ipaddress.IPv4Address(address.packed[-4:]),)
    return (address, address.sixtofour) if address.sixtofour else (address,)


def _is_public(address: Address) -> bool:
    """Global unicast (IANA's registries); in IPv6 that is 2000::/3 and nothing else."""
    return address.is_global and (address.version == 4 or address in _IPV6_UNICAST)
