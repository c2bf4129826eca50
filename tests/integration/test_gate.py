# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP at our own port, as attackers write it. Names begin with rows of the threat model; G5 is in test_slow_clients.py."""

import os
import pathlib
import re
from collections.abc import Iterator

import pytest
import requests
from house import House, new_house
from raw import STATUS, ask, connect, headers, read_all, send_all, statuses

HEAD_BYTES = 16 * 1024
FIELDS = 64
TARGET_BYTES = 8 * 1024
BODY_BYTES = 64 * 1024
SECURITY = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=1"  # else memory that was given back looks kept
    with new_house(tmp_path_factory.mktemp("house"), bus, options=("--debug",)) as running:
        yield running
    del os.environ["ASAN_OPTIONS"]


def host(house: House) -> bytes:
    return f"Host: localhost:{house.port}\r\n".encode()


def sound(house: House, path: str = "/healthz") -> bytes:
    return f"GET {path} HTTP/1.1\r\n".encode() + host(house) + b"\r\n"


def is_secure(came: bytes) -> bool:
    """Whatever answers: the headers of row G8; the issuer is http."""
    found = headers(came)
    if "strict-transport-security" in found:
        return False
    policy = found.get("content-security-policy", "")
    number_in_server = re.search(r"\d", found.get("server", ""))
    return all(found.get(name) == value for name, value in SECURITY.items()) and "frame-ancestors 'none'" in policy and not number_in_server


def assert_refused(came: bytes, status: int) -> None:
    assert statuses(came) == [status] and headers(came)["connection"] == "close" and is_secure(came), came


# --- G1: framing ---

BODY = b"5\r\nhello\r\n0\r\n\r\n"
# What stands behind Host of a POST, up to the end of its body.
FRAMINGS = {
    "length-and-coding": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY,
    "coding-and-length": b"Transfer-Encoding: chunked\r\nContent-Length: 15\r\n\r\n" + BODY,
    "two-lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "the-same-length-twice": b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "lengths-in-a-list": b"Content-Length: 5, 5\r\n\r\nhello",
    "length-with-a-plus": b"Content-Length: +4\r\n\r\nfour",
    "length-with-a-minus": b"Content-Length: -1\r\n\r\n",
    "length-of-no-number": b"Content-Length: five\r\n\r\nhello",
    "length-in-hex": b"Content-Length: 0x5\r\n\r\nhello",
    "length-empty": b"Content-Length:\r\n\r\n",
    "coding-gzip": b"Transfer-Encoding: gzip\r\n\r\n" + BODY,
    "coding-identity": b"Transfer-Encoding: identity\r\n\r\n",
    "coding-of-two": b"Transfer-Encoding: gzip, chunked\r\n\r\n" + BODY,
    "coding-twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY,
    "coding-in-quotes": b'Transfer-Encoding: "chunked"\r\n\r\n' + BODY,
    "coding-with-a-tab": b"Transfer-Encoding: \x0bchunked\r\n\r\n" + BODY,
    "space-before-colon": b"Content-Length : 5\r\n\r\nhello",
    "space-before-coding": b"Transfer-Encoding : chunked\r\n\r\n" + BODY,
    "obs-fold": b"X-Folded: a\r\n b\r\n\r\n",
    "obs-fold-of-a-coding": b"Transfer-Encoding:\r\n chunked\r\n\r\n" + BODY,
    "bare-lf": b"X-A: a\n\r\n",
    "bare-lf-end": b"X-A: a\n\n",
    "bare-cr": b"X-A: a\rX-B: b\r\n\r\n",
    "nul": b"X-A: a\0b\r\n\r\n",
    "no-name": b": a\r\n\r\n",
    "no-colon": b"X-A\r\n\r\n",
    "chunk-size-0x": b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "chunk-size-plus": b"Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
    "chunk-size-empty": b"Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n",
    "chunk-size-large": b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "chunk-too-long": b"Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n",
    "chunk-bare-lf": b"Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n" + b" " * 20,
    "chunk-extension": b"Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",
    "trailer": b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-A: a\r\n\r\n",
    "two-hosts": b"Host: evil.example\r\n\r\n",
}


@pytest.mark.parametrize("name", FRAMINGS)
@pytest.mark.parametrize("before", [0, 1], ids=["first", "kept"])
def test_g1_a_framing_in_doubt_is_refused_and_nothing_behind_it_is_served(house: House, name: str, before: int) -> None:
    odd = b"POST /oauth/token HTTP/1.1\r\n" + host(house) + FRAMINGS[name]
    came = ask(house.port, before * sound(house) + odd + sound(house))
    assert statuses(came) == before * [200] + [400]
    assert_refused(came[came.rindex(b"HTTP/1.1 ") :], 400)


def test_g1_a_line_that_ends_otherwise_is_refused(house: House) -> None:
    for request in (sound(house).replace(b"\r\n", b"\n"), sound(house).replace(b"\r\n", b"\n", 1), b"\r\n" + sound(house), b" " + sound(house)):
        assert_refused(ask(house.port, request + sound(house)), 400)


def test_g1_sound_requests_one_behind_the_other_are_served(house: House) -> None:
    chunked = b"POST /oauth/token HTTP/1.1\r\n" + host(house) + b"Transfer-Encoding: chunked\r\n\r\n" + BODY
    last = sound(house).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert statuses(ask(house.port, 3 * sound(house) + chunked + last)) == [200, 200, 200, 400, 200]


def test_who_asks_for_the_end_is_told_that_it_comes(house: House) -> None:
    with_end = sound(house).replace(b"\r\n\r\n", b"\r\nConnection: Close\r\n\r\n")
    came = ask(house.port, sound(house) + with_end + sound(house))
    first, second = (headers(b"HTTP/1.1" + answer) for answer in came.split(b"HTTP/1.1")[1:])
    assert "connection" not in first and second["connection"] == "close"


def test_a_client_that_waits_is_told_once_to_go_on_and_in_its_turn(house: House) -> None:
    head = post(house, 5)[:-2] + b"\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    with connect(house.port) as client:
        client.sendall(sound(house) + head)
        came = b""
        while not came.endswith(b"\r\n\r\n") or b" 100 " not in came:
            came += client.recv(4096)
        client.sendall(b"a=b&c")
        came += read_all(client)
    assert [int(status) for status in STATUS.findall(came)] == [200, 100, 400]


# --- G2: Host ---


@pytest.mark.parametrize("name", ["evil.example", "localhost", "localhost:1", "127.0.0.1", "localhost.", "[::1]"])
def test_g2_a_host_that_is_not_ours_is_misdirected(house: House, name: str) -> None:
    came = ask(house.port, f"GET /healthz HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
    assert statuses(came) == [421] and is_secure(came)


def test_g2_no_host_two_hosts_and_an_empty_one_are_refused(house: House) -> None:
    for version in (b"1.1", b"1.0"):
        line = b"GET /healthz HTTP/" + version + b"\r\n"
        assert_refused(ask(house.port, line + b"\r\n" + sound(house)), 400)
        assert_refused(ask(house.port, line + 2 * host(house) + b"\r\n" + sound(house)), 400)
    for name in (b"", b"[::1", b"[1:2]", b"localhost:http", b"localhost:99999999", b"a b", b"user@localhost", b"localhost/", b"%6cocalhost", b"\xff"):
        assert_refused(ask(house.port, b"GET /healthz HTTP/1.1\r\nHost: " + name + b"\r\n\r\n"), 400)


def test_g2_an_absolute_target_agrees_with_host_or_is_misdirected(house: House) -> None:
    for target, status in ((f"http://localhost:{house.port}", 200), ("http://evil.example", 421), (f"http://evil.example:{house.port}", 421)):
        line = f"GET {target}/healthz HTTP/1.1\r\nConnection: close\r\n".encode()
        assert statuses(ask(house.port, line + host(house) + b"\r\n")) == [status], target


# --- G3, G4: sizes ---


def test_g3_a_large_head_many_fields_and_a_long_target_are_refused(house: House) -> None:
    line = b"GET /healthz HTTP/1.1\r\n" + host(house)
    spare = HEAD_BYTES - len(line) - len(b"X: \r\n\r\n")
    last = b"Connection: close\r\n"
    fits = spare - len(last)
    assert statuses(ask(house.port, line + last + b"X: " + b"a" * fits + b"\r\n\r\n")) == [200]
    assert_refused(ask(house.port, line + b"X: " + b"a" * (spare + 1) + b"\r\n\r\n" + sound(house)), 431)
    assert_refused(ask(house.port, line + b"X: a\r\n" * FIELDS + b"\r\n" + sound(house)), 431)
    assert statuses(ask(house.port, line + last + b"X: a\r\n" * (FIELDS - 2) + b"\r\n")) == [200]
    assert_refused(ask(house.port, sound(house, "/" + "a" * TARGET_BYTES)), 414)
    assert statuses(ask(house.port, sound(house, "/" + "a" * (TARGET_BYTES - 1)).replace(b"\r\n\r\n", b"\r\n" + last + b"\r\n"))) == [404]


def memory_kib(house: House) -> int:
    assert house.antarad
    lines = pathlib.Path(f"/proc/{house.antarad.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


ENDLESS = 1024 * 1024
CLIENTS = 40


def test_g3_heads_without_end_take_no_memory(house: House) -> None:
    """Not what a client sends, but what a head may have at most."""

    def flood() -> None:
        for start in (b"GET /", sound(house)[:-2] + b"X: ", b"POST / HTTP/1.1\r\n" + host(house) + b"Transfer-Encoding: chunked\r\n\r\n"):
            clients = [connect(house.port) for _ in range(CLIENTS)]
            for client in clients:
                client.settimeout(5)
                send_all(client, start + b"a" * ENDLESS)
            for client in clients:
                assert statuses(read_all(client)) in ([], [400], [414], [431])  # a reset may take the answer along
                client.close()

    flood()
    before = memory_kib(house)
    flood()
    assert memory_kib(house) - before < CLIENTS * ENDLESS // 1024 // 4


def post(house: House, body_bytes: int, path: str = "/oauth/token") -> bytes:
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    return f"POST {path} HTTP/1.1\r\n".encode() + host(house) + form + f"Content-Length: {body_bytes}\r\n".encode()


def test_g4_a_large_body_is_refused_before_it_is_read(house: House) -> None:
    for size in (BODY_BYTES + 1, 300 * 1024 * 1024, 10**18):
        assert_refused(ask(house.port, post(house, size) + b"\r\n"), 413)
        assert_refused(ask(house.port, post(house, size) + b"Expect: 100-continue\r\n\r\n"), 413)
    chunks = b"Transfer-Encoding: chunked\r\n\r\n" + b"8000\r\n" + b"a" * 0x8000 + b"\r\n8001\r\n"
    assert_refused(ask(house.port, b"POST /oauth/token HTTP/1.1\r\n" + host(house) + chunks), 413)


def test_g4_a_route_takes_no_more_than_its_own_limit(house: House) -> None:
    """Told by the head alone, and by the first chunk that is too much; behind it nothing is served, what came before is answered."""
    for path, limit in (("/oauth/token", 16384), ("/oauth/%74oken", 16384), ("/login", 16384), ("/d", 4096)):
        assert_refused(ask(house.port, post(house, limit + 1, path) + b"\r\n"), 413)
        assert_refused(ask(house.port, post(house, limit + 1, path) + b"Expect: 100-continue\r\n\r\n"), 413)
        body = b"a=" + b"b" * limit
        assert_refused(ask(house.port, post(house, len(body), path) + b"\r\n" + body + sound(house)), 413)
        came = ask(house.port, sound(house) + post(house, len(body), path) + b"\r\n" + body)
        assert statuses(came) == [200, 413]
        head = f"POST {path} HTTP/1.1\r\n".encode() + host(house) + b"Transfer-Encoding: chunked\r\n\r\n"
        assert_refused(ask(house.port, head + f"{limit:x}\r\n".encode() + b"a" * limit + b"\r\n1\r\n"), 413)
    assert statuses(ask(house.port, post(house, 16384) + b"Connection: close\r\n\r\n" + b"a=" + b"b" * 16382)) == [400]
    assert_refused(ask(house.port, b"GET /healthz HTTP/1.1\r\n" + host(house) + b"Content-Length: 1\r\n\r\n"), 413)


def test_g4_a_refused_body_that_is_there_already_does_not_cost_the_answer(house: House) -> None:
    """Else the kernel resets the connection, and some clients forget what they have not read yet."""
    with connect(house.port) as client:
        client.sendall(post(house, 40_000) + b"\r\n" + b"a" * 40_000)
        came = b""
        while more := client.recv(4096):  # raises when it is reset
            came += more
    assert_refused(came, 413)


# --- G6: JSON ---

JSON = {
    "deep": b'{"apiKey":"x","a":' + b"[" * 16 + b"]" * 16 + b"}",
    "very-deep": b'{"apiKey":"x","a":' + b"[" * 1500 + b"]" * 1500 + b"}",
    "twice": b'{"apiKey":"a","apiKey":"a"}',
    "twice-by-escape": b'{"apiKey":"a","api\\u004bey":"a"}',
    "lone-surrogate": b'{"apiKey":"\\ud800"}',
    "lone-low-surrogate": b'{"apiKey":"\\udc00a"}',
    "nul": b'{"apiKey":"a\\u0000b"}',
    "raw-nul": b'{"apiKey":"a\0b"}',
    "bad-utf8": b'{"apiKey":"\xff"}',
    "overlong-utf8": b'{"apiKey":"\xc0\x80"}',
    "more-behind": b'{"apiKey":"a"}{}',
    "cut-off": b'{"apiKey":"a"',
    "array": b'["apiKey"]',
    "text": b'"apiKey"',
    "nothing": b"",
    "number": b'{"apiKey":"x","a":1e999}',
    "bom": b'\xef\xbb\xbf{"apiKey":"a"}',
}


@pytest.mark.parametrize("name", JSON)
def test_g6_odd_json_is_a_bad_request(house: House, name: str) -> None:
    answer = requests.post(house.issuer + "/auth/token/exchange", data=JSON[name], headers={"Content-Type": "application/json"}, timeout=20)
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_request"


def test_g6_json_as_deep_as_allowed_is_read_and_too_much_is_not(house: House) -> None:
    url = house.issuer + "/auth/token/exchange"
    kind = {"Content-Type": "application/json"}
    deep = b'{"apiKey":"x","a":' + b"[" * 15 + b"]" * 15 + b"}"
    assert requests.post(url, data=deep, headers=kind, timeout=20).status_code == 401  # a key, though no good one
    assert requests.post(url, data=b'{"apiKey":"' + b"a" * 4000 + b'"}', headers=kind, timeout=20).status_code == 401


# --- G7: paths, methods, the log ---

PATHS = {
    "/../etc/passwd": 404,
    "/%2e%2e/etc/passwd": 404,
    "//healthz": 404,
    "/healthz/": 404,
    "/./healthz": 200,  # the same path (RFC 3986 6.2.2)
    "/healthz%00": 404,
    "/healthz%0a": 404,
    "/%68ealthz": 200,
    "/%ff%fe": 404,
    "/%": 400,
    "/%zz": 400,
    "/healthz#a": 400,
    "/;a=b": 404,
    "/D/%0d%0aX:y": None,
    "/D/%ff": None,
    "/login/link/%00": None,
    "/login/link/%E2%80%AE": None,
    "*": 400,
    "healthz": 400,
    "?": 400,
    "http:///healthz": 400,
    "http://localhost:99999999/healthz": 400,
    "http://user@localhost/healthz": 400,
    "ftp://localhost/healthz": 400,
    "http://localhost": 400,
}
METHODS = {"PUT": 405, "DELETE": 405, "PATCH": 405, "OPTIONS": 405, "TRACE": 405, "POST": 405, "BREW": 501, "get": 501, "GETX": 501}


@pytest.mark.parametrize("path", PATHS)
def test_g7_an_odd_path_is_refused_and_nothing_else_happens(house: House, path: str) -> None:
    came = ask(house.port, sound(house, path).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    wanted = PATHS[path]
    assert len(statuses(came)) == 1 and is_secure(came)
    assert statuses(came)[0] in ((wanted,) if wanted else (303, 400, 404)), came


@pytest.mark.parametrize("method", METHODS)
def test_g7_an_odd_method_is_refused_by_its_kind(house: House, method: str) -> None:
    came = ask(house.port, sound(house).replace(b"GET", method.encode(), 1).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert statuses(came) == [METHODS[method]] and is_secure(came)
    assert METHODS[method] != 405 or headers(came)["allow"] == "GET, HEAD"
    assert METHODS[method] != 405 or method == "TRACE" or b"GET /healthz" not in came


def test_g7_connect_is_no_tunnel(house: House) -> None:
    for target in (b"127.0.0.1:22", b"localhost:%d" % house.port, b"/healthz"):
        came = ask(house.port, b"CONNECT " + target + b" HTTP/1.1\r\n" + host(house) + b"Connection: close\r\n\r\n")
        assert statuses(came) and statuses(came)[0] in (400, 404, 405, 421, 501), came


def test_g7_each_line_of_the_log_is_one_of_ours(house: House) -> None:
    odd = ("/D/%0aantarad: error: forged", "/D/\u2028", "/D/%1b%5b31m", "/login/link/%0d%0a%00%ff", "/login?x=%0aantarad:%20error")
    for path in odd:
        ask(house.port, sound(house, path.replace(" ", "%20")).replace(b"\r\n\r\n", b"\r\nUser-Agent: \xff\xfe\x85\r\nConnection: close\r\n\r\n"))
    raw = (house.folder / "antarad.log").read_bytes()
    lines = raw.decode("utf-8").splitlines()
    assert len(lines) == raw.count(b"\n") and any("ROUTE=/D/" in line for line in lines)
    for line in lines:
        assert re.fullmatch(r"antarad: (error|warning|notice|debug): .* \([A-Za-z0-9.-]+\)( [A-Z_]+=.*)?", line), line
        assert line.isprintable() and "forged" not in line


# --- G8: headers ---


def test_g8_answers_of_every_kind_carry_the_security_headers(house: House) -> None:
    close = b"Connection: close\r\n\r\n"
    for path in ("/login", "/nowhere", "/oauth/token", "/oauth/jwks", "/style.css", "/icon.svg", "/healthz", "/d", "/me", "/oauth/authorize", "/.well-known/x"):
        for method in (b"GET", b"HEAD", b"POST", b"OPTIONS", b"PUT"):
            came = ask(house.port, method + sound(house, path)[3:-2] + close)
            assert len(statuses(came)) == 1 and is_secure(came), (method, path, came)
    for origin in (b"null", b"https://evil.example", host(house)[6:-2]):
        came = ask(house.port, sound(house, "/oauth/jwks")[:-2] + b"Origin: " + origin + b"\r\n" + close)
        assert is_secure(came), came


def test_g8_what_the_gate_answers_carries_them_too(house: House) -> None:
    for request, status in (
        (b"GET / HTTP/2.0\r\n" + host(house) + b"\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\n" + host(house) + b"Expect: more\r\n\r\n", 417),
        (b"ANTARA-LAST / HTTP/1.0\r\n" + host(house) + b"\r\n", 501),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 20 + b"\n", 400),
        (b"GET /\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + host(house) + b"Upgrade: h2c\r\nConnection: upgrade\r\n\r\n", 400),
    ):
        assert_refused(ask(house.port, request + sound(house)), status)
