# SPDX-License-Identifier: GPL-3.0-or-later
"""antarad behind nginx and behind haproxy, which speak TLS for it, as docs/tls.md says."""

import contextlib
import http.client
import pathlib
import ssl
from collections.abc import Callable, Iterator

import certificates
import pytest
from house import House, Person, free_port
from oauth import App
from proxies import NGINX, running

COUNT = 100

TLS_NGINX = """listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/chain.pem;
        ssl_certificate_key {folder}/key.pem;"""

FORWARD_NGINX = """proxy_pass http://127.0.0.1:{backend};
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"""

HAPROXY = """
global
    maxconn 1000
defaults
    mode http
    timeout connect 2s
    timeout client 20s
    timeout server 20s
    option forwardfor
frontend front
    bind 127.0.0.1:{port} ssl crt {folder}/both.pem
    default_backend behind
backend behind
    server one 127.0.0.1:{backend}
"""


def nginx(folder: pathlib.Path, port: int, backend: int) -> contextlib.AbstractContextManager[int]:
    folder.chmod(0o755)
    config = folder / "nginx.conf"
    text = NGINX.replace("listen 127.0.0.1:{port};", TLS_NGINX).replace("proxy_pass http://127.0.0.1:{backend};", FORWARD_NGINX)
    config.write_text(text.format(folder=folder, port=port, backend=backend))
    return running(["nginx", "-c", str(config), "-p", str(folder)], port, folder / "nginx.log")


def haproxy(folder: pathlib.Path, port: int, backend: int) -> contextlib.AbstractContextManager[int]:
    (folder / "both.pem").write_text((folder / "chain.pem").read_text() + (folder / "key.pem").read_text())
    config = folder / "haproxy.cfg"
    config.write_text(HAPROXY.format(folder=folder, port=port, backend=backend))
    return running(["haproxy", "-db", "-f", str(config)], port, folder / "haproxy.log")


@pytest.fixture(scope="module", params=(nginx, haproxy))
def house(request: pytest.FixtureRequest, bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    proxy: Callable[[pathlib.Path, int, int], contextlib.AbstractContextManager[int]] = request.param
    folder, backend = tmp_path_factory.mktemp("house"), free_port()
    chain, _ = certificates.issue(folder)
    made = House(folder, bus, free_port(), listen=backend, scheme="https", http="trusted_proxies = 127.0.0.1", soft_limit=f"{COUNT}/3600")
    with pytest.MonkeyPatch.context() as patch, proxy(folder, made.port, backend):
        patch.setenv("REQUESTS_CA_BUNDLE", str(chain))
        made.start()
        try:
            yield made
        finally:
            assert made.stop() == 0


def answered(house: House, source: str, count: int, **fields: str) -> list[int]:
    """The statuses of so many requests from one of this machine's many addresses."""
    trusted = ssl.create_default_context(cafile=str(house.folder / "chain.pem"))
    client = http.client.HTTPSConnection("localhost", house.port, timeout=20, source_address=(source, 0), context=trusted)
    statuses = []
    for _ in range(count):
        client.request("GET", "/oauth/jwks", headers={name.replace("_", "-"): value for name, value in fields.items()})
        answer = client.getresponse()
        answer.read()
        statuses.append(answer.status)
    client.close()
    return statuses


def test_a_whole_sign_in(house: House, person: Person) -> None:
    app = App(house, house.add_app("Bakery", "https://app.example/callback"), "https://app.example/callback")
    tokens = app.redeem(app.code(person)).json()
    assert app.userinfo(tokens["access_token"]).json()["sub"]
    assert all(cookie.secure and cookie.name.startswith("__Host-") for cookie in person.web.cookies)


def test_g9_each_client_of_the_proxy_has_its_own_budget_and_forges_no_other(house: House) -> None:
    assert answered(house, "127.0.0.8", COUNT + 2) == [200] * COUNT + [429] * 2
    for forged in ("203.0.113.1", "127.0.0.1", "127.0.0.9, 127.0.0.1", "unknown", "203.0.113.1:80, "):
        assert answered(house, "127.0.0.8", 1, X_Forwarded_For=forged, Forwarded="for=203.0.113.1", X_Real_IP="203.0.113.1") == [429]
    assert answered(house, "127.0.0.9", COUNT) == [200] * COUNT
