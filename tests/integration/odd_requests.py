# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd requests, a row each: what a client of HTTP/1.1 would not send, or seldom. {HOST} stands for the port's own name."""

import itertools

HOST = b"Host: {HOST}\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
BODY = b"5\r\nhello\r\n0\r\n\r\n"
PATH = b"/healthz"

ODD: dict[str, bytes] = {}


def add(name: str, request: bytes) -> None:
    assert name not in ODD, name
    ODD[name] = request


def get(*lines: bytes, line: bytes = b"GET " + PATH + b" HTTP/1.1") -> bytes:
    return line + b"\r\n" + HOST + b"".join(text + b"\r\n" for text in lines) + b"\r\n"


def post(fields: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    return b"POST " + PATH + b" HTTP/" + version + b"\r\n" + HOST + fields + b"\r\n" + body


# Lengths and codings, each with each: what one of a chain of servers believes, another must too.
LENGTHS = {
    "5": b"5",
    "0": b"0",
    "plus": b"+5",
    "minus": b"-5",
    "hex": b"0x5",
    "octal": b"005",
    "space": b"5 5",
    "list": b"5, 5",
    "list-differs": b"5, 6",
    "comma": b"5,",
    "empty": b"",
    "word": b"five",
    "float": b"5.0",
    "exponent": b"5e0",
    "tab": b"\t5\t",
    "vertical-tab": b"\x0b5",
    "nul": b"5\x00",
    "huge": b"9" * 30,
    "wraps": b"18446744073709551621",
    "wraps-32": b"4294967301",
    "underscore": b"5_0",
    "wide": "５".encode(),
    "quoted": b'"5"',
    "semicolon": b"5;a",
}
for name, value in LENGTHS.items():
    add(f"length-{name}", post(b"Content-Length: " + value + b"\r\n", b"hello"))

CODINGS = {
    "chunked": b"chunked",
    "capital": b"CHUNKED",
    "identity": b"identity",
    "gzip": b"gzip",
    "gzip-chunked": b"gzip, chunked",
    "chunked-gzip": b"chunked, gzip",
    "chunked-identity": b"chunked, identity",
    "identity-chunked": b"identity, chunked",
    "twice": b"chunked, chunked",
    "x": b"xchunked",
    "suffix": b"chunkedx",
    "comma": b"chunked,",
    "comma-before": b", chunked",
    "empty": b"",
    "quoted": b'"chunked"',
    "parameter": b"chunked;a=b",
    "vertical-tab": b"\x0bchunked",
    "tab": b"\tchunked\t",
    "cr": b"\rchunked",
    "nul": b"chunked\x00",
    "space-inside": b"chu nked",
    "trailing-dot": b"chunked.",
    "unicode": "chun\u212aed".encode(),
}
for name, value in CODINGS.items():
    add(f"coding-{name}", post(b"Transfer-Encoding: " + value + b"\r\n", BODY))

FIELDS = {
    "length": b"Content-Length: 5\r\n",
    "length-6": b"Content-Length: 6\r\n",
    "length-whole": b"Content-Length: 15\r\n",
    "chunked": CHUNKED,
    "identity": b"Transfer-Encoding: identity\r\n",
    "space-length": b"Content-Length : 5\r\n",
    "space-chunked": b"Transfer-Encoding : chunked\r\n",
    "tab-chunked": b"Transfer-Encoding\t: chunked\r\n",
    "folded-chunked": b"Transfer-Encoding:\r\n chunked\r\n",
    "lf-chunked": b"X: a\nTransfer-Encoding: chunked\r\n",
    "cr-chunked": b"X: a\rTransfer-Encoding: chunked\r\n",
    "underscore": b"Content_Length: 5\r\n",
}
for (first, one), (second, other) in itertools.permutations(FIELDS.items(), 2):
    if "length" in first[:6] or "length" in second[:6] or first == "chunked":
        add(f"both-{first}-and-{second}", post(one + other, BODY))
for name, value in FIELDS.items():
    add(f"twice-{name}", post(value + value, BODY))
    add(f"old-{name}", post(value + b"Connection: keep-alive\r\n", BODY, b"1.0"))

CHUNKS = {
    "extension": b"5;a=b\r\nhello\r\n0\r\n\r\n",
    "extension-empty": b"5;\r\nhello\r\n0\r\n\r\n",
    "extension-quoted": b'5;a="b\r\n"\r\nhello\r\n0\r\n\r\n',
    "extension-lf": b"5;a\nb\r\nhello\r\n0\r\n\r\n",
    "extension-cr": b"5;a\rb\r\nhello\r\n0\r\n\r\n",
    "extension-nul": b"5;\x00\r\nhello\r\n0\r\n\r\n",
    "extension-long": b"5;" + b"a" * 70000 + b"\r\nhello\r\n0\r\n\r\n",
    "extension-last": b"5\r\nhello\r\n0;a=b\r\n\r\n",
    "space-behind": b"5 \r\nhello\r\n0\r\n\r\n",
    "space-before": b" 5\r\nhello\r\n0\r\n\r\n",
    "tab-behind": b"5\t\r\nhello\r\n0\r\n\r\n",
    "hex-prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "plus": b"+5\r\nhello\r\n0\r\n\r\n",
    "minus": b"-5\r\nhello\r\n0\r\n\r\n",
    "empty": b"\r\nhello\r\n0\r\n\r\n",
    "word": b"g\r\nhello\r\n0\r\n\r\n",
    "zeros": b"00000005\r\nhello\r\n0\r\n\r\n",
    "many-zeros": b"0" * 40 + b"5\r\nhello\r\n0\r\n\r\n",
    "wraps": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "wraps-32": b"100000005\r\nhello\r\n0\r\n\r\n",
    "negative-64": b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "short": b"4\r\nhello\r\n0\r\n\r\n",
    "no-end": b"5\r\nhello0\r\n\r\n",
    "lf-size": b"5\nhello\r\n0\r\n\r\n",
    "lf-data": b"5\r\nhello\n0\r\n\r\n",
    "lf-all": b"5\nhello\n0\n\n",
    "cr-size": b"5\rhello\r\n0\r\n\r\n",
    "cr-data": b"5\r\nhello\r0\r\n\r\n",
    "underscore": b"5_0\r\nhello\r\n0\r\n\r\n",
    "float": b"5.0\r\nhello\r\n0\r\n\r\n",
    "capital": b"A\r\nhellohello\r\n0\r\n\r\n",
    "trailer": b"5\r\nhello\r\n0\r\nX-A: a\r\n\r\n",
    "trailer-length": b"5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n",
    "trailer-coding": b"5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "trailer-host": b"5\r\nhello\r\n0\r\nHost: evil.example\r\n\r\n",
    "trailer-odd": b"5\r\nhello\r\n0\r\nno colon\r\n\r\n",
    "last-double-zero": b"5\r\nhello\r\n00\r\n\r\n",
    "last-lf": b"5\r\nhello\r\n0\n\n",
    "just-last": b"0\r\n\r\n",
}
for name, value in CHUNKS.items():
    add(f"chunk-{name}", post(CHUNKED, value))

LINES = {
    "0.9": b"GET " + PATH,
    "0.9-post": b"POST " + PATH,
    "1.0": b"GET " + PATH + b" HTTP/1.0",
    "1.2": b"GET " + PATH + b" HTTP/1.2",
    "1.9": b"GET " + PATH + b" HTTP/1.9",
    "1.10": b"GET " + PATH + b" HTTP/1.10",
    "2.0": b"GET " + PATH + b" HTTP/2.0",
    "3.0": b"GET " + PATH + b" HTTP/3.0",
    "0.0": b"GET " + PATH + b" HTTP/0.0",
    "version-0.9": b"GET " + PATH + b" HTTP/0.9",
    "version-1": b"GET " + PATH + b" HTTP/1",
    "version-01.1": b"GET " + PATH + b" HTTP/01.1",
    "version-11": b"GET " + PATH + b" HTTP/11",
    "version-comma": b"GET " + PATH + b" HTTP/1,1",
    "version-lower": b"GET " + PATH + b" http/1.1",
    "version-word": b"GET " + PATH + b" HTTP/x.y",
    "version-other": b"GET " + PATH + b" ICAP/1.0",
    "version-space": b"GET " + PATH + b" HTTP /1.1",
    "version-behind": b"GET " + PATH + b" HTTP/1.1 ",
    "version-more": b"GET " + PATH + b" HTTP/1.1 HTTP/1.1",
    "two-spaces": b"GET  " + PATH + b" HTTP/1.1",
    "two-spaces-behind": b"GET " + PATH + b"  HTTP/1.1",
    "tab": b"GET\t" + PATH + b"\tHTTP/1.1",
    "vertical-tab": b"GET\x0b" + PATH + b" HTTP/1.1",
    "space-first": b" GET " + PATH + b" HTTP/1.1",
    "no-target": b"GET HTTP/1.1",
    "no-method": PATH + b" HTTP/1.1",
    "empty": b"",
    "nothing": b"\r\n",
    "nul": b"GET /heal\x00thz HTTP/1.1",
    "target-space": b"GET /heal thz HTTP/1.1",
    "target-raw-utf8": "GET /h\u00e4lthz HTTP/1.1".encode(),
    "target-control": b"GET /heal\x01thz HTTP/1.1",
    "target-del": b"GET /heal\x7fthz HTTP/1.1",
    "target-fragment": b"GET " + PATH + b"#a HTTP/1.1",
    "target-quote": b'GET /"healthz" HTTP/1.1',
    "target-backslash": b"GET \\healthz HTTP/1.1",
    "target-brackets": b"GET /<healthz> HTTP/1.1",
    "target-percent": b"GET /% HTTP/1.1",
    "target-percent-nul": b"GET /%00 HTTP/1.1",
    "target-percent-word": b"GET /%zz HTTP/1.1",
    "target-dots": b"GET /../../healthz HTTP/1.1",
    "target-no-slash": b"GET healthz HTTP/1.1",
    "target-star": b"GET * HTTP/1.1",
    "target-options-star": b"OPTIONS * HTTP/1.1",
    "target-absolute": b"GET http://{HOST}/healthz HTTP/1.1",
    "target-absolute-other": b"GET http://evil.example/healthz HTTP/1.1",
    "target-absolute-https": b"GET https://{HOST}/healthz HTTP/1.1",
    "target-absolute-user": b"GET http://user@{HOST}/healthz HTTP/1.1",
    "target-absolute-scheme": b"GET gopher://{HOST}/healthz HTTP/1.1",
    "target-absolute-no-host": b"GET http:///healthz HTTP/1.1",
    "target-authority": b"GET {HOST} HTTP/1.1",
    "target-long": b"GET /" + b"a" * 9000 + b" HTTP/1.1",
    "target-very-long": b"GET /" + b"a" * 70000 + b" HTTP/1.1",
    "method-lower": b"get " + PATH + b" HTTP/1.1",
    "method-unknown": b"BREW " + PATH + b" HTTP/1.1",
    "method-connect": b"CONNECT {HOST} HTTP/1.1",
    "method-connect-path": b"CONNECT " + PATH + b" HTTP/1.1",
    "method-trace": b"TRACE " + PATH + b" HTTP/1.1",
    "method-brackets": b"GE[T] " + PATH + b" HTTP/1.1",
    "method-colon": b"GET: " + PATH + b" HTTP/1.1",
    "method-nul": b"GE\x00T " + PATH + b" HTTP/1.1",
    "method-utf8": "G\u00c9T ".encode() + PATH + b" HTTP/1.1",
    "method-long": b"A" * 300 + b" " + PATH + b" HTTP/1.1",
    "http2-preface": b"PRI * HTTP/2.0",
}
for name, value in LINES.items():
    add(f"line-{name}", get(line=value))

MORE = {
    "host-twice": HOST,
    "host-other": b"Host: evil.example\r\n",
    "fold": b"X-A: a\r\n b\r\n",
    "fold-tab": b"X-A: a\r\n\tb\r\n",
    "fold-empty": b"X-A: a\r\n \r\n",
    "fold-name": b" X-A: a\r\n",
    "lf": b"X-A: a\nX-B: b\r\n",
    "cr": b"X-A: a\rX-B: b\r\n",
    "cr-cr-lf": b"X-A: a\r\r\n",
    "nul": b"X-A: a\x00b\r\n",
    "nul-name": b"X\x00A: a\r\n",
    "control": b"X-A: a\x01b\r\n",
    "escape": b"X-A: \x1b[31m\r\n",
    "del": b"X-A: a\x7fb\r\n",
    "high": b"X-A: \xff\xfe\r\n",
    "utf8-name": "X-\u00c4: a\r\n".encode(),
    "space-name": b"X A: a\r\n",
    "space-colon": b"X-A : a\r\n",
    "tab-colon": b"X-A\t: a\r\n",
    "no-colon": b"X-A a\r\n",
    "no-name": b": a\r\n",
    "brackets-name": b"X(A): a\r\n",
    "quote-name": b'X"A": a\r\n',
    "slash-name": b"X/A: a\r\n",
    "no-value": b"X-A:\r\n",
    "long": b"X-A: " + b"a" * 17000 + b"\r\n",
    "very-long": b"X-A: " + b"a" * 100000 + b"\r\n",
    "many": b"".join(b"X-%d: a\r\n" % number for number in range(120)),
    "very-many": b"".join(b"X-%d: a\r\n" % number for number in range(3000)),
    "expect": b"Expect: 100-continue\r\n",
    "expect-other": b"Expect: 200-ok\r\n",
    "upgrade-h2c": b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n",
    "upgrade-websocket": b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n",
    "connection-host": b"Connection: Host\r\n",
    "connection-length": b"Connection: Content-Length\r\n",
    "range": b"Range: bytes=0-,1-,2-\r\n",
    "te": b"TE: trailers, chunked\r\n",
}
for name, value in MORE.items():
    add(f"field-{name}", get(value[:-2]))

HOSTS = {
    "none": b"",
    "empty": b"Host:\r\n",
    "folded": b"Host:\r\n {HOST}\r\n",
    "space-before": b" Host: {HOST}\r\n",
    "space-colon": b"Host : {HOST}\r\n",
    "list": b"Host: {HOST}, evil.example\r\n",
    "user": b"Host: evil@{HOST}\r\n",
    "slash": b"Host: {HOST}/evil\r\n",
    "backslash": b"Host: {HOST}\\evil\r\n",
    "space": b"Host: {HOST} evil\r\n",
    "nul": b"Host: {HOST}\x00evil\r\n",
    "port-word": b"Host: {NAME}:http\r\n",
    "port-empty": b"Host: {NAME}:\r\n",
    "port-large": b"Host: {NAME}:99999999\r\n",
    "percent": b"Host: %6cocalhost\r\n",
    "capital": b"Host: LOCALHOST:{PORT}\r\n",
    "dot": b"Host: {NAME}.:{PORT}\r\n",
    "bracket": b"Host: [::1\r\n",
    "high": b"Host: \xff\r\n",
    "question": b"Host: {HOST}?a\r\n",
}
for name, value in HOSTS.items():
    add(f"host-{name}", b"GET " + PATH + b" HTTP/1.1\r\n" + value + b"\r\n")

ENDS = {
    "lf-lf": get().replace(b"\r\n", b"\n"),
    "lf-last": get()[:-2] + b"\n",
    "lf-first": get().replace(b"\r\n", b"\n", 1),
    "crlf-before": b"\r\n" + get(),
    "lf-before": b"\n" + get(),
    "crlf-three-before": b"\r\n\r\n\r\n" + get(),
    "cr-alone": get().replace(b"\r\n", b"\r"),
    "body-of-get": b"GET " + PATH + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello",
    "body-of-head": b"HEAD " + PATH + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello",
    "chunks-of-get": b"GET " + PATH + b" HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n" + BODY,
    "garbage": bytes(range(1, 32)) * 4 + b"\r\n\r\n",
    "tls": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\x11" * 160,
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "smtp": b"EHLO x\r\n\r\n",
    "proxy-protocol": b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + get(),
    "proxy-protocol-2": b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + b"\x7f\x00\x00\x01" * 3 + get(),
}
for name, value in ENDS.items():
    add(f"end-{name}", value)


def filled(request: bytes, port: int) -> bytes:
    """With the names that the port has."""
    host = b"localhost:%d" % port
    return request.replace(b"{HOST}", host).replace(b"{NAME}", b"localhost").replace(b"{PORT}", b"%d" % port)
