# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail through a real SMTP server; and one that is away at first."""

import email.message
import email.policy
import pathlib
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from house import House, Person, free_port, new_house, wait_until
from mailbox import LINK


class Received:
    """Keeps what a server was given."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], email.message.EmailMessage]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, email.message.EmailMessage)
        self.letters.append((envelope.rcpt_tos, message))
        return "250 OK"


def serve(port: int) -> tuple[Controller, Received]:
    received = Received()
    controller = Controller(received, hostname="127.0.0.1", port=port)
    controller.start()
    return controller, received


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def house(bus: str, port: int, tmp_path: pathlib.Path) -> Iterator[House]:
    with new_house(tmp_path, bus, transport=f"smtp://127.0.0.1:{port}") as running:
        yield running


def link_of(letter: email.message.EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    found = LINK.search(body.get_content())
    assert found
    return found.group(0)


def test_a_letter_arrives_and_signs_in(house: House, port: int) -> None:
    controller, received = serve(port)
    try:
        person = Person(house, "jürgen+tag@exämple.org".replace("ü", "u"))
        person.submit(person.get("/login"), email=person.email)
        wait_until(lambda: received.letters)
        recipients, letter = received.letters[0]
        assert recipients == ["jurgen+tag@xn--exmple-cua.org"]
        for header in ("Date", "Message-ID", "From", "To", "Subject"):
            assert letter[header]
        person.submit(person.get(link_of(letter)))
        assert "Signed in as" in person.get("/me").text
    finally:
        controller.stop()


def test_m11_a_letter_waits_for_its_server_and_survives_a_restart(house: House, port: int) -> None:
    person = Person(house, "late@example.org")
    person.submit(person.get("/login"), email=person.email)
    wait_until(lambda: not house.ask("status")["mail_working"])
    assert house.ask("status")["mail_waiting"] == 1
    house.kill()
    house.start()
    assert house.ask("status")["mail_waiting"] == 1
    controller, received = serve(port)
    try:
        wait_until(lambda: received.letters, 150)
        person.submit(person.get(link_of(received.letters[0][1])))
        assert person.email in person.get("/me").text
        wait_until(lambda: house.ask("status")["mail_waiting"] == 0)
        assert len(received.letters) == 1
    finally:
        controller.stop()
