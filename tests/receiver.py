#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTPS receiver with a CA of its own that answers as its path says: well, slowly, without end, or not at all."""

import http.server
import pathlib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

NAME = "rp.test"


@dataclass
class Letter:
    """One request that was received."""

    path: str
    headers: dict[str, str]
    body: str
    client: tuple[str, int]  # whose connection it came by
    resumed: bool  # a TLS session that was used before
    time: float = field(default_factory=time.time)


def run(*words: str, stdin: str = "") -> None:
    subprocess.run(["openssl", *words], check=True, input=stdin, text=True, capture_output=True)


def make_certificates(folder: pathlib.Path) -> None:
    """A CA (ca.pem) and, under it, a certificate for NAME and all names below it."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run("req", "-x509", *key, "-days", "30", "-subj", "/CN=CA of the tests", "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem")
    run("req", *key, "-subj", f"/CN={NAME}", "-keyout", f"{folder}/rp.key", "-out", f"{folder}/rp.csr")
    extensions = folder / "rp.ext"
    extensions.write_text(f"subjectAltName=DNS:{NAME},DNS:*.{NAME}\n")
    ca = ["-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key", "-CAcreateserial"]
    run("x509", "-req", "-in", f"{folder}/rp.csr", *ca, "-days", "30", "-extfile", str(extensions), "-out", f"{folder}/rp.pem")


class Handler(http.server.BaseHTTPRequestHandler):
    server: "Receiver"

    def setup(self) -> None:
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def endless(self, head: bytes, piece: bytes, pause: float = 0.0) -> None:
        self.wfile.write(head)
        while not self.server.closing.wait(pause):
            self.wfile.write(piece)

    def receive(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        path, _, query = self.path.partition("?")
        if path == "/log":
            self.answer(200, "\n".join(f"{letter.path} {letter.headers.get('Cookie', '-')}" for letter in self.server.letters).encode())
            return
        self.server.letters.append(Letter(self.path, dict(self.headers), body, self.client_address, bool(self.request.session_reused)))
        status = self.server.statuses.get(path, [])
        ways: dict[str, Callable[[], object]] = {
            "/echo": lambda: self.answer(200, f"{self.command} {self.headers.get('Content-Type')} {body}".encode()),
            "/cookie": lambda: self.answer(200, Set_Cookie="a=b"),
            "/redirect": lambda: self.answer(302, Location=f"https://{NAME}:{self.server.server_port}/secret"),
            "/long": lambda: self.answer(200, b"x" * int(query or "0")),
            "/endless": lambda: self.endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1024),
            "/endless-head": lambda: self.endless(b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"x" * 1000 + b"\r\n"),
            "/slow": lambda: self.endless(b"HTTP/1.1 200 OK\r\n", b"X", 0.05),
            "/silent": self.server.closing.wait,
        }
        if path in ways:
            ways[path]()
        else:
            self.answer(status.pop(0) if len(status) > 1 else status[0] if status else 200)

    do_GET = do_POST = receive

    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass
class Receiver(http.server.ThreadingHTTPServer):
    folder: pathlib.Path
    letters: list[Letter] = field(default_factory=list)
    statuses: dict[str, list[int]] = field(default_factory=dict)  # by path: what is answered next; the last one stays
    closing: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.daemon_threads = True
        if not (self.folder / "rp.pem").exists():
            make_certificates(self.folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.folder / "rp.pem", self.folder / "rp.key")
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    __hash__ = object.__hash__

    def handle_error(self, request: object, client_address: object) -> None:
        """Who was cut has hung up."""

    @property
    def ca(self) -> pathlib.Path:
        return self.folder / "ca.pem"

    def url(self, path: str, host: str = NAME) -> str:
        return f"https://{host}:{self.server_port}{path}"

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


def main() -> None:
    """FOLDER: prints its port and that of a listener which never answers a handshake, until standard input ends."""
    receiver = Receiver(pathlib.Path(sys.argv[1]))
    with socket.create_server(("127.0.0.1", 0), backlog=64) as mute:
        print(receiver.server_port, mute.getsockname()[1], flush=True)
        sys.stdin.read()
    receiver.close()


if __name__ == "__main__":
    main()
