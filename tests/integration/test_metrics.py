# SPDX-License-Identifier: GPL-3.0-or-later
"""/metrics: on an address of its own, with counts that are right and no name of anybody."""

import socket
from collections.abc import Iterator

import prometheus
import pytest
import requests
from house import House, Person, free_port, new_house, wait_until
from oauth import REDIRECT_URI, App
from test_limits import limits

PORT = free_port()
URL = f"http://127.0.0.1:{PORT}"
SOFT = 40
DEVICE = 2


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    settings = {
        "http": f"metrics_listen = 127.0.0.1:{PORT}\nconnections_per_address = 5",
        "soft_limit": f"{SOFT}/20",
        "limits": limits(device_client=DEVICE),
        "transport": "smtp://127.0.0.1:1",
    }
    with new_house(tmp_path_factory.mktemp("house"), bus, **settings) as running:
        yield running


def families() -> dict[str, prometheus.Family]:
    answer = requests.get(URL + "/metrics", timeout=20)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Connection"] == "close" and answer.headers["X-Content-Type-Options"] == "nosniff"
    return prometheus.parse(answer.text)


def value(name: str, **labels: str) -> float:
    return families()[name].samples[frozenset(labels.items())]


@pytest.mark.parametrize(
    "text",
    [
        "a 1",
        "a 1\n",
        "# TYPE a gauge\na 1\n",
        "# HELP a x\n# TYPE a gauge\na 1\na 2\n",
        "# HELP a x\n# TYPE a gauge\nb 1\n",
        '# HELP a x\n# TYPE a gauge\na{b="c} 1\n',
        "# HELP a x\n# TYPE a counter\na 1\n",
        '# HELP a x\n# TYPE a gauge\na{b="c",b="d"} 1\n',
    ],
)
def test_the_reader_refuses(text: str) -> None:
    with pytest.raises(prometheus.Malformed):
        prometheus.parse(text)


def test_the_public_port_has_no_metrics_and_this_one_nothing_else(house: House) -> None:
    assert requests.get(house.issuer + "/metrics", timeout=20).status_code == 404
    assert requests.get(URL + "/healthz", timeout=20).text == "ok\n"
    for path in ("/", "/login", "/metrics/", "/oauth/token", "/.well-known/openid-configuration"):
        assert requests.get(URL + path, timeout=20).status_code == 404, path
    refused = requests.post(URL + "/metrics", timeout=20)
    assert refused.status_code == 405 and refused.headers["Allow"] == "GET, HEAD"
    head = requests.head(URL + "/metrics", timeout=20)
    assert head.status_code == 200 and not head.content


def test_requests_are_counted_by_route_and_status(house: House) -> None:
    name = "antara_http_requests_total"
    rows = {
        ("/oauth/jwks", "GET", "2xx"): "/oauth/jwks",
        ("/me", "GET", "4xx"): None,
        ("/login/link/*", "GET", "4xx"): "/login/link/nobody-knows-this-one",
        ("none", "any", "4xx"): "/no-such-page?email=alice@example.org",
    }
    for (route, method, status), path in rows.items():
        before = value(name, route=route, method=method, status=status)
        if path:
            for _ in range(3):
                requests.get(house.issuer + path, timeout=20)
        assert value(name, route=route, method=method, status=status) == before + (3 if path else 0)


def test_connections_and_refusals_are_counted(house: House) -> None:
    wait_until(lambda: value("antara_http_connections_open") == 0)
    taken, refused = (value("antara_http_connections_total", result=result) for result in ("taken", "refused"))
    clients = [socket.create_connection(("127.0.0.1", house.port), timeout=20) for _ in range(7)]
    wait_until(lambda: value("antara_http_connections_total", result="refused") == refused + 2)
    assert value("antara_http_connections_open") == 5 and value("antara_http_connections_total", result="taken") == taken + 5
    for client in clients:
        client.close()
    wait_until(lambda: value("antara_http_connections_open") == 0)


def test_refusals_are_counted_and_a_soft_one_writes_nothing(house: House) -> None:
    app = App(house, house.add_app("Bakery", REDIRECT_URI))
    with requests.Session() as web:
        url, form = house.issuer + "/oauth/device", {"client_id": app.client_id, "scope": "openid"}
        hard = value("antara_limit_refusals_total", layer="hard")
        assert [web.post(url, data=form, timeout=20).status_code for _ in range(DEVICE + 2)] == [200] * DEVICE + [429] * 2
        assert value("antara_limit_refusals_total", layer="hard") == hard + 2
        soft = value("antara_limit_refusals_total", layer="soft")
        url, form = house.issuer + "/oauth/token", {"grant_type": "refresh_token", "client_id": app.client_id, "refresh_token": "urt_x"}
        answers = [web.post(url, data=form, timeout=20).status_code for _ in range(10 * SOFT)]
        assert answers.count(429) > 0
        assert value("antara_limit_refusals_total", layer="soft") == soft + answers.count(429)


def test_the_outbox_and_the_store_are_looked_at(house: House, person: Person) -> None:
    sequence, waiting = value("antara_store_durable_sequence"), value("antara_outbox_waiting")
    person.submit(person.get("/login"), email=person.email)
    assert value("antara_outbox_waiting") == waiting + 1
    assert value("antara_store_durable_sequence") > sequence
    assert value("antara_store_journal_bytes") > 0 and value("antara_store_read_only") == 0
    assert value("process_resident_memory_bytes") > 1 << 20


def test_whoever_holds_connections_open_takes_no_more_than_32(house: House) -> None:
    def is_closed(client: socket.socket) -> bool:
        client.setblocking(False)
        try:
            return client.recv(1) == b""
        except BlockingIOError:
            return False

    def is_served() -> bool:
        try:
            return bool(families())
        except requests.ConnectionError:
            return False  # the daemon has not seen yet that the others are gone

    clients = [socket.create_connection(("127.0.0.1", PORT), timeout=20) for _ in range(40)]
    wait_until(lambda: sum(is_closed(client) for client in clients) == 40 - 32)
    for client in clients:
        client.close()
    wait_until(is_served)


def test_no_name_of_anybody_is_in_it(house: House, person: Person) -> None:
    client_id = house.add_app("Bakery", REDIRECT_URI)
    person.get(App(house, client_id).authorize_url())
    person.submit(person.get("/login"), email=person.email)
    text = requests.get(URL + "/metrics", timeout=20).text
    for name in (client_id, "Bakery", person.email, "example.org", "Test", "alice", "nobody-knows"):
        assert name not in text, name
