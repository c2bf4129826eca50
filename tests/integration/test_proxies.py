# SPDX-License-Identifier: GPL-3.0-or-later
"""Row G9: whose word about a client's address is believed. The trusted proxies are 127.0.0.2 and 127.0.0.3; all others are strangers."""

import http.client
import itertools
import socket
import urllib.parse
from collections.abc import Iterator

import pytest
from house import Forms, House, LIMITS, new_house

PROXY = "127.0.0.2"
COUNT = 20
LINKS = 3
CONNECTIONS = 5
clients = (f"203.0.113.{number}" for number in itertools.count(1))  # somebody new each time


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    http_keys = f"trusted_proxies = 127.0.0.2/31\nconnections_per_address = {CONNECTIONS}"
    limits = LIMITS.replace("link_client:10000/60", f"link_client:{LINKS}/3600")
    with new_house(tmp_path_factory.mktemp("house"), bus, http=http_keys, limits=limits, soft_limit=f"{COUNT}/3600") as running:
        yield running


class Visit:
    """A connection from one of this machine's many addresses."""

    def __init__(self, house: House, source: str) -> None:
        self.house = house
        self.http = http.client.HTTPConnection("127.0.0.1", house.port, timeout=20, source_address=(source, 0))

    def ask(self, verb: str, path: str, body: str = "", *fields: tuple[str, str]) -> tuple[int, str, dict[str, str]]:
        self.http.putrequest(verb, path, skip_host=True)
        for name, value in (("Host", f"localhost:{self.house.port}"), ("Content-Length", str(len(body))), *fields):
            self.http.putheader(name, value)
        self.http.endheaders(body.encode())
        answer = self.http.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())

    def spends(self, *forwarded: str) -> bool:
        """Whether one more request is let through."""
        return self.ask("GET", "/oauth/jwks", "", *(("X-Forwarded-For", value) for value in forwarded))[0] == 200

    def close(self) -> None:
        self.http.close()


@pytest.fixture
def proxy(house: House) -> Iterator[Visit]:
    visit = Visit(house, PROXY)
    yield visit
    visit.close()


def test_g9_a_strangers_word_changes_nothing(house: House) -> None:
    stranger = Visit(house, "127.0.0.1")
    spent = [stranger.spends(next(clients)) for _ in range(COUNT + 3)]
    assert spent == [True] * COUNT + [False] * 3
    assert not stranger.spends() and not stranger.spends("127.0.0.2")
    stranger.close()


def test_g9_nor_does_a_strangers_word_spend_what_is_anothers(house: House, proxy: Visit) -> None:
    victim, stranger = next(clients), Visit(house, "127.0.0.4")
    while stranger.spends(victim):
        pass
    assert proxy.spends(victim)
    stranger.close()


def test_g9_each_client_of_a_proxy_has_its_own_budget(proxy: Visit) -> None:
    for client in (next(clients), next(clients)):
        assert [proxy.spends(client) for _ in range(COUNT + 2)] == [True] * COUNT + [False] * 2


def test_g9_what_a_client_writes_to_the_left_of_itself_counts_nothing(proxy: Visit) -> None:
    client = next(clients)
    spent = [proxy.spends(f"{next(clients)}, 127.0.0.3, {client}, 127.0.0.3") for _ in range(COUNT // 2)]
    spent += [proxy.spends(next(clients), client) for _ in range(COUNT // 2)]
    assert all(spent)
    assert not proxy.spends(client) and not proxy.spends(f"garbage, {client}") and not proxy.spends(f", {client}")


def test_g9_no_spelling_splits_a_budget(proxy: Visit) -> None:
    client = next(clients)
    spellings = (client, f"{client}:1", f"{client}:2", f"::ffff:{client}", f"[::ffff:{client}]:9", f" \t{client}")
    assert [proxy.spends(spellings[number % len(spellings)]) for number in range(COUNT + 6)] == [True] * COUNT + [False] * 6
    within = ("2001:db8:7:7::1", "[2001:DB8:7:7::2]:99", "2001:db8:7:7:ffff::", "2001:0db8:0007:0007::3")
    assert [proxy.spends(within[number % len(within)]) for number in range(COUNT + 4)] == [True] * COUNT + [False] * 4


def test_g9_what_is_no_address_leaves_the_proxys_own(house: House) -> None:
    other = Visit(house, "127.0.0.3")
    odd = ("unknown", "", "for=203.0.113.1", "203.0.113.256", "203.0.113.1,", "_hidden", "x" * 2000)
    assert [other.spends(odd[number % len(odd)]) for number in range(COUNT + 7)] == [True] * COUNT + [False] * 7
    assert other.spends(next(clients))
    other.close()


def test_g9_other_headers_of_the_kind_are_never_read(proxy: Visit) -> None:
    client = next(clients)
    forged = [(name, value) for value in (next(clients),) for name in ("Forwarded", "X-Real-IP", "True-Client-IP", "X-Client-IP")]
    forged += [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Port", "1"),
        ("Forwarded", f"for={client};host=evil.example"),
    ]
    statuses = [proxy.ask("GET", "/.well-known/openid-configuration", "", ("X-Forwarded-For", client), *forged)[0] for _ in range(COUNT + 1)]
    assert statuses == [200] * COUNT + [429]
    _, text, headers = proxy.ask("GET", "/.well-known/openid-configuration", "", ("X-Forwarded-For", next(clients)), *forged)
    assert "evil.example" not in text and "Strict-Transport-Security" not in headers


def ask_for_link(visit: Visit, forwarded: str, email: str) -> int:
    """The status of asking for a mailed link."""
    client = ("X-Forwarded-For", forwarded)
    action, values = Forms(visit.ask("GET", "/login", "", client)[1]).forms[0]
    form = urllib.parse.urlencode({**values, "email": email})
    fields = (client, ("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin"))
    return visit.ask("POST", action, form, *fields)[0]


def test_g9_the_limits_of_acts_are_the_clients_too(house: House, proxy: Visit) -> None:
    client, stranger = next(clients), Visit(house, "127.0.0.5")
    asked = [ask_for_link(proxy, client, f"a{number}@example.org") for number in range(LINKS + 1)]
    assert asked[-1] == 429 and 429 not in asked[:-1]
    assert ask_for_link(proxy, next(clients), "b@example.org") != 429
    asked = [ask_for_link(stranger, next(clients), f"c{number}@example.org") for number in range(LINKS + 1)]
    assert asked[-1] == 429 and 429 not in asked[:-1]
    stranger.close()


def is_served(house: House, source: str) -> tuple[socket.socket, bool]:
    connection = socket.create_connection(("127.0.0.1", house.port), timeout=20, source_address=(source, 0))
    try:
        connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: localhost:{house.port}\r\nX-Forwarded-For: {next(clients)}\r\n\r\n".encode())
        return connection, connection.recv(100).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return connection, False


def test_g9_connections_of_a_proxy_are_many_clients_and_those_of_a_stranger_one(house: House) -> None:
    for source, served in ((PROXY, 2 * CONNECTIONS), ("127.0.0.6", CONNECTIONS)):
        visits = [is_served(house, source) for _ in range(2 * CONNECTIONS)]
        assert sum(good for _, good in visits) == served
        for connection, _ in visits:
            connection.close()
