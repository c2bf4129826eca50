# SPDX-License-Identifier: GPL-3.0-or-later
"""haproxy and nginx, each before a small backend of their own, all on loopback and all ours to end."""

import contextlib
import os
import pathlib
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator

import house as houses
import private_bus

HAPROXY = """
global
    maxconn 1000
    log stderr local0
defaults
    mode http
    timeout connect 2s
    timeout client 2s
    timeout server 5s
    timeout http-request 1s
    option http-server-close
frontend front
    bind 127.0.0.1:{port}
    default_backend behind
backend behind
    server one 127.0.0.1:{backend}
"""

NGINX = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 1000; }}
http {{
    access_log off;
    client_header_timeout 1s;
    client_body_timeout 1s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{backend};
            proxy_ignore_client_abort on;
        }}
    }}
}}
"""


class Backend(socketserver.StreamRequestHandler):
    """Reads one request as its proxy wrote it, answers 200, and ends."""

    def handle(self) -> None:
        fields: dict[bytes, bytes] = {}
        self.rfile.readline()
        while (line := self.rfile.readline()).strip():
            name, _, value = line.partition(b":")
            fields[name.strip().lower()] = value.strip()
        if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
            while size := int(self.rfile.readline().partition(b";")[0] or b"0", 16):
                self.rfile.read(size + 2)
        else:
            self.rfile.read(int(fields.get(b"content-length", b"0")))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """A proxy that gives up in the middle is no fault of the backend."""


@contextlib.contextmanager
def backend() -> Iterator[int]:
    with Server(("127.0.0.1", 0), Backend) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running(command: list[str], port: int, log: pathlib.Path) -> Iterator[int]:
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    try:
        houses.wait_until(lambda: process.poll() is not None or is_listening(port))
        assert process.poll() is None, log.read_text()
        yield port
    finally:
        private_bus.stop(process)


@contextlib.contextmanager
def haproxy(folder: pathlib.Path) -> Iterator[int]:
    port = houses.free_port()
    with backend() as behind:
        config = folder / "haproxy.cfg"
        config.write_text(HAPROXY.format(port=port, backend=behind))
        with running(["haproxy", "-db", "-f", str(config)], port, folder / "haproxy.log"):
            yield port


@contextlib.contextmanager
def nginx(folder: pathlib.Path) -> Iterator[int]:
    """As whoever runs the tests: with `master_process off` it changes no user."""
    port = houses.free_port()
    os.chmod(folder, 0o755)
    with backend() as behind:
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(port=port, backend=behind, folder=folder))
        with running(["nginx", "-c", str(config), "-p", str(folder)], port, folder / "nginx.log"):
            yield port
