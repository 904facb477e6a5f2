"""The keys that a service publishes, when several requests want them at once, and where they may lie."""

import pytest

from broker.parties import ServiceKeys
from broker.relying.keys import FetchedKeys, source_of
from oidc.errors import UnknownKey
from oidc.messages import HttpResponse
from tests.broker.signing import ADDRESS, ALGORITHMS, KEY, NEXT, jwks
from tests.broker.world import Clock

PUBLISHED = ServiceKeys(ALGORITHMS, ADDRESS)


def kids(found):
    return [public.kid for public in found.keys]


@pytest.mark.parametrize("allowed", [False, True])
def test_a_private_network_is_reached_only_when_the_file_of_the_service_says_so(allowed):
    seen = []

    def fetch(request, *, allow_private=False):
        seen.append((request.method, request.url, allow_private))
        return HttpResponse(200, {}, jwks(KEY))

    keys = ServiceKeys(ALGORITHMS, ADDRESS, private_addresses=allowed)
    assert source_of(keys, fetch, Clock()).use(kids) == ["signe-1"]
    assert seen == [("GET", ADDRESS, allowed)]


def test_of_two_that_meet_an_unknown_key_one_fetches_for_both():
    clock, fetched = Clock(), []

    def fetch(request, *, allow_private=False):
        fetched.append(clock())
        return HttpResponse(200, {}, jwks(KEY) if len(fetched) == 1 else jwks(NEXT))

    def wanted(found):
        if kids(found) != ["signe-2"]:
            raise UnknownKey("not here")
        return kids(found)

    def overtaken(found):
        if kids(found) == ["signe-1"]:
            assert keys.use(wanted) == ["signe-2"]
        return wanted(found)

    keys = FetchedKeys(PUBLISHED, fetch, clock)
    keys.use(kids)
    clock.advance(60)
    assert keys.use(overtaken) == ["signe-2"]
    assert len(fetched) == 2
