"""The one way out over HTTP: to providers, with bounds on time, size and destination.

A name is resolved once, its addresses are judged, and the connection goes to the very address that was judged, so that a
second answer of the DNS changes nothing. Redirects are not followed, the environment's proxies are not used, cookies are
not kept; nothing is asked twice, but for a GET whose kept connection ended before it was answered.
`addresses` judges and connects, `sockets` keeps the time, `wire` writes and reads, `client` asks, `probing` says how a peer
is reached.
"""

from broker.fetch.addresses import Resolve, localhost_resolver, system_resolver
from broker.fetch.client import CONNECT_SECONDS, LARGEST, TOTAL_SECONDS, Fetcher
from broker.fetch.failure import FetchFailed
from broker.fetch.probing import Probed, Prober

__all__ = [
    "CONNECT_SECONDS",
    "LARGEST",
    "TOTAL_SECONDS",
    "FetchFailed",
    "Fetcher",
    "Probed",
    "Prober",
    "Resolve",
    "localhost_resolver",
    "system_resolver",
]
