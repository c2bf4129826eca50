# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS as clients that others wrote meet it: versions, protocols, tickets, new certificates, and clients that never finish."""

import concurrent.futures
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator

import certificates
import prometheus
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from house import House, Person, free_port, instead_of, new_secure_house, wait_until
from oauth import App
from test_secrets import pieces, readable

GET = "GET /healthz HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: {then}\r\n\r\n"
HANDSHAKE_SECONDS = 10
METRICS = free_port()


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_secure_house(tmp_path_factory.mktemp("house"), bus, f"metrics_listen = localhost:{METRICS}\nconnections_per_address = 1000") as running:
        yield running


def context(house: House, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3, alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=str(house.folder / "chain.pem"))
    made.minimum_version = made.maximum_version = version
    if alpn:
        made.set_alpn_protocols(list(alpn))
    return made


def connect(house: House, with_context: ssl.SSLContext | None = None, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", house.port), timeout=20)
    try:
        return (with_context or context(house)).wrap_socket(plain, server_hostname="localhost", session=session, suppress_ragged_eofs=False)
    except BaseException:
        plain.close()
        raise


def read_answer(client: socket.socket) -> bytes:
    """One answer without a body, or with a short one."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        more = client.recv(4096)
        assert more, answer
        answer += more
    size = int(re.search(rb"(?i)content-length: (\d+)", answer).group(1))  # type: ignore[union-attr]
    while len(answer.split(b"\r\n\r\n", 1)[1]) < size:
        answer += client.recv(4096)
    return answer


def ask(house: House, client: socket.socket, then: str = "keep-alive") -> bytes:
    client.sendall(GET.format(port=house.port, then=then).encode())
    return read_answer(client)


def is_served(house: House) -> bool:
    with connect(house) as client:
        return ask(house, client).startswith(b"HTTP/1.1 200")


VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_asks_again_and_sees_the_end(house: House, version: ssl.TLSVersion) -> None:
    with connect(house, context(house, version)) as client:
        assert client.version() == {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}[version]
        for _ in range(3):
            assert ask(house, client).startswith(b"HTTP/1.1 200")
        assert ask(house, client, "close").startswith(b"HTTP/1.1 200")
        assert client.recv(1) == b""  # close_notify: without it this raises


@pytest.mark.parametrize("option", ("--tlsv1.2 --tls-max 1.2", "--tlsv1.3", "--http2", "--tlsv1.2 --tls-max 1.2 --ciphers ECDHE-ECDSA-CHACHA20-POLY1305"))
def test_curl_is_served(house: House, option: str) -> None:
    words = ["curl", "--silent", "--show-error", "--cacert", str(house.folder / "chain.pem"), *option.split(), "--write-out", "%{http_code} %{http_version}"]
    told = subprocess.run([*words, f"{house.issuer}/healthz"], check=True, capture_output=True, text=True, timeout=30).stdout
    assert "200 1" in told and not told.endswith("2"), told


def s_client(house: House, *options: str, said: str = "") -> tuple[str, str]:
    words = ["openssl", "s_client", "-connect", f"127.0.0.1:{house.port}", "-CAfile", str(house.folder / "chain.pem"), *options]
    told = subprocess.run(words, input=said, check=False, capture_output=True, text=True, timeout=30)
    return told.stdout, told.stderr


@pytest.mark.parametrize("version", ("-tls1", "-tls1_1"))
def test_old_versions_are_refused(house: House, version: str) -> None:
    out, err = s_client(house, version, "-cipher", "DEFAULT:@SECLEVEL=0")
    assert "alert protocol version" in err and "Cipher is (NONE)" in out


@pytest.mark.parametrize("ciphers", ("AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA", "NULL", "aNULL"))
def test_weak_ciphers_are_refused(house: House, ciphers: str) -> None:
    out, err = s_client(house, "-tls1_2", "-cipher", f"{ciphers}:@SECLEVEL=0")
    assert "alert handshake failure" in err and "Cipher is (NONE)" in out


def test_a_client_that_speaks_only_http_2_is_told_so(house: House) -> None:
    for version in VERSIONS:
        with pytest.raises(ssl.SSLError, match="no application protocol"):
            connect(house, context(house, version, ("h2",)))
        with connect(house, context(house, version, ("h2", "http/1.1"))) as client:
            assert client.selected_alpn_protocol() == "http/1.1"
            assert ask(house, client).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_ticket_spares_the_signature(house: House, version: ssl.TLSVersion) -> None:
    shared = context(house, version)
    with connect(house, shared) as first:
        assert ask(house, first) and not first.session_reused
        session = first.session
    for _ in range(2):
        with connect(house, shared, session) as again:
            assert ask(house, again).startswith(b"HTTP/1.1 200") and again.session_reused


def test_no_handshake_is_begun_again_within_a_session(house: House) -> None:
    out, err = s_client(house, "-tls1_2", said="R\n")
    assert "RENEGOTIATING" in out + err and "no renegotiation" in out + err, err
    assert is_served(house)


def test_answers_over_tls_bind_the_browser_to_it(house: House) -> None:
    answer = requests.get(house.issuer + "/login", timeout=20)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    cookies = requests.post(house.issuer + "/login", data={}, timeout=20).headers.get("Set-Cookie", "__Host-")
    assert "__Host-" in cookies


ODD = {
    400: "GET /healthz HTTP/1.1\r\n\r\n",
    413: "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n",
    417: "GET /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: more\r\n\r\n",
    431: "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + "a" * 20000,
    408: "GET /healthz HTTP/1.1\r\n",  # the last: it takes ten seconds
}


def is_bound(answer: bytes, status: int) -> bool:
    return answer.startswith(f"HTTP/1.1 {status} ".encode()) and b"\r\nStrict-Transport-Security: max-age=31536000\r\n" in answer


def test_g8_so_does_what_never_reaches_a_handler(house: House) -> None:
    for status, odd in ODD.items():
        with connect(house) as client:
            client.sendall(odd.encode())
            assert is_bound(read_answer(client), status)


def test_g8_behind_a_proxy_that_speaks_tls_too(house: House, tmp_path: pathlib.Path) -> None:
    with instead_of(house, tmp_path, scheme="https") as plain, socket.create_connection(("127.0.0.1", plain.port), timeout=20) as client:
        client.sendall(ODD[400].encode())
        assert is_bound(read_answer(client), 400)


def test_a_whole_sign_in(house: House, person: Person) -> None:
    callback = "https://app.example/callback"
    app = App(house, house.add_app("Bakery", callback), callback)
    tokens = app.redeem(app.code(person)).json()
    assert app.userinfo(tokens["access_token"]).json()["sub"]
    assert app.refresh(tokens["refresh_token"]).json()["access_token"]
    cookies = [(cookie.name, cookie.secure) for cookie in person.web.cookies]
    assert cookies and all(name.startswith("__Host-") and secure for name, secure in cookies)


def test_requests_that_come_in_pieces_and_many_at_once(house: House) -> None:
    request = GET.format(port=house.port, then="keep-alive").encode()
    with connect(house) as client:
        for byte in request:
            client.sendall(bytes([byte]))  # a record each
        assert read_answer(client).startswith(b"HTTP/1.1 200")
        client.sendall(request * 200)  # more than one record holds
        answers = b""
        while answers.count(b"HTTP/1.1 200") < 200:
            more = client.recv(65536)
            assert more
            answers += more


def test_the_gate_stands_behind_the_seal(house: House) -> None:
    smuggled = f"POST /oauth/token HTTP/1.1\r\nHost: localhost:{house.port}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    for text in (smuggled, "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01"):
        with connect(house) as client:
            client.sendall(text.encode() + GET.format(port=house.port, then="keep-alive").encode())
            assert client.recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(("scheme", "status"), (("http", 200), ("https", 400)))
def test_g8_a_target_in_absolute_form_is_answered_by_us(house: House, scheme: str, status: int) -> None:
    """libsoup knows of no TLS: it would refuse https, and without our headers."""
    with connect(house) as client:
        client.sendall(f"GET {scheme}://localhost:{house.port}/healthz HTTP/1.1\r\nHost: localhost:{house.port}\r\n\r\n".encode())
        answer = read_answer(client)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()) and b"\r\nContent-Security-Policy: " in answer


def test_garbage_instead_of_a_handshake_is_turned_away_at_once(house: House) -> None:
    for garbage in (GET.format(port=house.port, then="close").encode(), b"\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00", b"\x17\x03\x03\x00\x05hello", b"\0" * 100):
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", house.port), timeout=20) as client:
            client.sendall(garbage)
            try:
                told = client.recv(100)
                assert told[:1] in (b"", b"\x15") and b"HTTP" not in told
                assert client.recv(100) == b""
            except ConnectionResetError:
                pass
        assert time.monotonic() - begun < HANDSHAKE_SECONDS / 2
    assert is_served(house)


def hello(house: House) -> bytes:
    """A good ClientHello."""
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context(house).wrap_bio(coming, going, server_hostname="localhost").do_handshake()
    return going.read()


def trickle(client: socket.socket, text: bytes) -> float:
    """Sends a byte each half second; returns after how many seconds the connection ended."""
    begun = time.monotonic()
    client.settimeout(0.5)
    while time.monotonic() - begun < 2 * HANDSHAKE_SECONDS:
        try:
            client.sendall(text[:1])
            text = text[1:]
            if not client.recv(4096):
                break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    return time.monotonic() - begun


def test_g5_a_handshake_that_never_ends_is_ended_and_holds_nobody_up(house: House) -> None:
    beginning = hello(house)
    stalled = [socket.create_connection(("127.0.0.1", house.port), timeout=20) for _ in range(200)]
    for number, client in enumerate(stalled):
        client.sendall(beginning[: number % len(beginning)])
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        slow = socket.create_connection(("127.0.0.1", house.port), timeout=20)
        ended = pool.submit(trickle, slow, beginning)
        served = 0
        while not ended.done():
            begun = time.monotonic()
            assert is_served(house)
            assert time.monotonic() - begun < 2
            served += 1
        assert HANDSHAKE_SECONDS - 1 < ended.result() < HANDSHAKE_SECONDS + 5
    assert served > 10
    for client in (*stalled, slow):
        client.settimeout(5)
        try:
            assert client.recv(4096) is not None
            while client.recv(4096):
                pass
        except ConnectionError:
            pass
        client.close()
    wait_until(lambda: house.ask("status")["http_connections"] == 0)


def counted(name: str, **labels: str) -> float:
    families = prometheus.parse(requests.get(f"http://localhost:{METRICS}/metrics", timeout=20).text)
    return families[name].samples[frozenset(labels.items())]


def test_handshakes_are_counted_and_the_end_of_the_certificate_is_told(house: House) -> None:
    results = ("full", "resumed", "failed")
    before = [counted("antara_tls_handshakes_total", result=result) for result in results]
    shared = context(house)
    with connect(house, shared) as first:
        ask(house, first)
        session = first.session
    for _ in range(2):
        with connect(house, shared, session) as again:
            ask(house, again)
    for _ in range(3):
        with pytest.raises(ssl.SSLError):
            connect(house, context(house, alpn=("h2",)))
    after = [counted("antara_tls_handshakes_total", result=result) for result in results]
    assert [late - early for early, late in zip(before, after)] == [1, 2, 3]
    dates = subprocess.run(["openssl", "x509", "-enddate", "-noout", "-in", str(house.folder / "chain.pem")], check=True, capture_output=True, text=True).stdout
    assert counted("antara_tls_certificate_end_seconds") == ssl.cert_time_to_seconds(dates.strip().removeprefix("notAfter="))


def test_many_handshakes_at_once_are_all_done(house: House) -> None:
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        assert all(pool.map(lambda _: is_served(house), range(400)))


def secrets_of_sessions(house: House, folder: pathlib.Path) -> tuple[list[bytes], list[ssl.SSLSocket]]:
    """What the clients of some open sessions know as well, by their key logs."""
    clients = []
    for number, version in enumerate(VERSIONS):
        shared = context(house, version)
        shared.keylog_filename = str(folder / f"keys-{number}")
        clients.append(connect(house, shared))
        ask(house, clients[-1])
    lines = [line.split() for path in folder.iterdir() for line in path.read_text().splitlines() if not line.startswith("#")]
    return [bytes.fromhex(line[2]) for line in lines if "HANDSHAKE" not in line[0]], clients


def as_it_rests(key: pathlib.Path) -> bytes:
    """The key of a file as test_secrets has them: DER of RSA; else the point and the number."""
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    if isinstance(loaded, ec.EllipticCurvePrivateKey):
        numbers = loaded.private_numbers()
        point = numbers.public_numbers
        return b"".join(number.to_bytes(32, "big") for number in (point.x, point.y, numbers.private_value))
    if isinstance(loaded, ed25519.Ed25519PrivateKey):
        raw = serialization.Encoding.Raw
        public = loaded.public_key().public_bytes(raw, serialization.PublicFormat.Raw)
        return public + loaded.private_bytes(raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    return loaded.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())


def test_k9_of_a_session_that_is_over_no_key_stays_and_of_the_servers_keys_nothing_at_all(house: House, tmp_path: pathlib.Path) -> None:
    keys = []
    for kind in (certificates.RSA, certificates.ED25519, certificates.ECDSA):
        take(house, kind)
        keys += pieces(as_it_rests(house.folder / "key.pem"))
    secrets, clients = secrets_of_sessions(house, tmp_path)
    everything = b"".join(content for _, content in readable(house, marked=False))
    assert len(secrets) >= 4 and sum(secret[:16] in everything for secret in secrets) >= 2, "where the keys are, this doesn't look"
    for client in clients:
        client.close()
    wait_until(lambda: house.ask("status")["http_connections"] == 0)
    wanted = [piece for secret in secrets for piece in (secret[:16], secret[-16:])] + keys
    everything = b"".join(content for _, content in readable(house, marked=False))
    found = [number for number, piece in enumerate(wanted) if piece in everything]
    assert not found, (found, len(secrets))
    hidden = b"".join(content for _, content in readable(house, marked=True))
    assert any(piece in hidden for piece in keys)


def shown(house: House) -> str:
    return ssl.get_server_certificate(("127.0.0.1", house.port), timeout=20)


def hang_up(house: House) -> None:
    assert house.antarad
    house.antarad.send_signal(signal.SIGHUP)


def take(house: House, kind: tuple[str, ...]) -> None:
    """A new certificate, taken by the running daemon."""
    certificates.issue(house.folder, kind=kind)
    wanted = (house.folder / "chain.pem").read_text()
    hang_up(house)
    wait_until(lambda: shown(house).split() == wanted.split())


def test_a_new_certificate_is_taken_while_clients_are_served(house: House) -> None:
    stop, failures, served = threading.Event(), [], [0]
    trusted = ssl._create_unverified_context()  # any of ours

    def visit() -> None:
        while not stop.is_set():
            try:
                with connect(house, trusted) as client:
                    ask(house, client)
                    served[0] += 1
            except (OSError, AssertionError) as failure:
                failures.append(failure)

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    with connect(house) as old:
        ask(house, old)
        for visitor in visitors:
            visitor.start()
        for kind in (certificates.RSA, certificates.ED25519, certificates.ECDSA):
            take(house, kind)
        stop.set()
        for visitor in visitors:
            visitor.join()
        assert ask(house, old).startswith(b"HTTP/1.1 200")  # the session goes on under its own
    assert not failures and served[0] >= 4
    assert "good until" in house.log


def test_a_bad_certificate_keeps_the_old(house: House) -> None:
    chain, key = house.folder / "chain.pem", house.folder / "key.pem"
    good = chain.read_text(), key.read_text()
    before = shown(house)
    for spoil, words in (
        (lambda: chain.write_text("nothing"), "no chain of certificates"),
        (lambda: key.chmod(0o644), "others may not read"),
        (key.unlink, "No such file"),
    ):
        spoil()
        hang_up(house)
        wait_until(lambda: words in house.log)
        assert shown(house) == before and is_served_by(house, good[0])
        chain.write_text(good[0])
        key.write_text(good[1])
        key.chmod(0o600)


def is_served_by(house: House, chain: str) -> bool:
    made = ssl.create_default_context(cadata=chain)
    with connect(house, made) as client:
        return ask(house, client).startswith(b"HTTP/1.1 200")
