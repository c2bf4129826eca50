# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes to a port of 127.0.0.1, as no client would send them, and all that comes back."""

import re
import socket
import time

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
ROOM = 65536


def connect(port: int, source: str = "", seconds: float = 20.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=seconds, source_address=(source, 0) if source else None)


def read_all(client: socket.socket, seconds: float = 20.0) -> bytes:
    """Until the other side ends, by whatever means. It must end within `seconds`."""
    came = b""
    end = time.monotonic() + seconds
    while True:
        client.settimeout(max(end - time.monotonic(), 0.001))
        try:
            more = client.recv(ROOM)
        except ConnectionError:
            return came
        if not more:
            return came
        came += more


def send_all(client: socket.socket, data: bytes) -> None:
    """What the other side does not take any more is not sent."""
    try:
        client.sendall(data)
    except ConnectionError:
        pass


def ask(port: int, data: bytes, seconds: float = 20.0) -> bytes:
    with connect(port) as client:
        send_all(client, data)
        return read_all(client, seconds)


def statuses(came: bytes) -> list[int]:
    """Of all answers, those aside that only say to go on."""
    found = [int(status) for status in STATUS.findall(came)]
    return [status for status in found if status != 100]


def headers(came: bytes) -> dict[str, str]:
    """Of the first answer, names in lower case."""
    lines = came.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
