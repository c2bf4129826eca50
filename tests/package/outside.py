# SPDX-License-Identifier: GPL-3.0-or-later
"""Another machine, on a wire to the box: a network namespace with a mail server, a browser and an ssh client in it."""

import contextlib
import ctypes
import email.message
import email.policy
import os
import pathlib
import re
import ssl
import subprocess
from collections.abc import Iterator
from typing import Any

import certificates
import mailbox
import requests.adapters
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from box import Box
from house import House, Person
from host import wait_until

HERE, ALSO_HERE, BOX = "10.77.0.1", "10.77.0.3", "10.77.0.2"
ISSUER, SERVER, MAIL = "id.example.org", "web01.example.org", "mail.example.org"
MAIL_USER, MAIL_PASSWORD = "antara", "mail secret"
CLONE_NEWNET = 0x40000000

SSH_CONFIG = """Host *
    StrictHostKeyChecking accept-new
    UserKnownHostsFile {folder}/known_hosts
    LogLevel ERROR
    IdentityFile {folder}/key
    IdentitiesOnly yes
"""
SSH = """#!/bin/sh
exec nsenter --target {leader} --net /usr/bin/ssh -F {folder}/ssh_config "$@"
"""


class Letters:
    """What the mail server was given by the one who knows the password."""

    def __init__(self) -> None:
        self.unread: list[mailbox.Letter] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, email.message.EmailMessage)
        body = message.get_body(("plain",))
        assert body
        self.unread.append(mailbox.Letter(envelope.rcpt_tos[0], str(message["Subject"]), body.get_content()))
        return "250 OK"

    def take(self, to: str) -> mailbox.Letter:
        wait_until(lambda: any(letter.to == to for letter in self.unread))
        letter = next(letter for letter in self.unread if letter.to == to)
        self.unread.remove(letter)
        return letter


def is_ours(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
    return AuthResult(success=given == LoginPassword(MAIL_USER.encode(), MAIL_PASSWORD.encode()))


class Outside:
    def __init__(self, folder: pathlib.Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo made; exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.holder.stdout and self.holder.stdout.readline() == b"made\n"
        self.inside(self.holder.pid, "link", "set", "lo", "up")
        for name in (ISSUER, MAIL):
            (folder / name).mkdir()
            certificates.issue(folder / name, name)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
        (folder / "ssh_config").write_text(SSH_CONFIG.format(folder=folder))
        self.letters = Letters()

    def inside(self, leader: int, *words: str) -> None:
        subprocess.run(["nsenter", "--target", str(leader), "--net", "ip", *words], check=True)

    def connect(self, box: Box) -> None:
        """A box that boots again has lost its end."""
        self.inside(self.holder.pid, "link", "add", "wire", "type", "veth", "peer", "name", "host0", "netns", str(box.leader))
        for leader, name, addresses in ((self.holder.pid, "wire", (HERE, ALSO_HERE)), (box.leader, "host0", (BOX,))):
            for address in addresses:
                self.inside(leader, "address", "add", f"{address}/24", "dev", name)
            self.inside(leader, "link", "set", name, "up")

    @contextlib.contextmanager
    def here(self) -> Iterator[None]:
        """This thread's new sockets, and those of threads that it starts, are of this machine."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/proc/{self.holder.pid}/ns/net", "rb") as there, open("/proc/thread-self/ns/net", "rb") as back:
            assert libc.setns(there.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(back.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())

    @contextlib.contextmanager
    def mail_server(self) -> Iterator[None]:
        """Speaks TLS from the start, and takes letters only from who knows the password."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / MAIL / "chain.pem", self.folder / MAIL / "key.pem")
        options: dict[str, Any] = {"authenticator": is_ours, "auth_required": True, "auth_require_tls": False}
        controller = Controller(self.letters, hostname=HERE, port=465, ssl_context=context, server_hostname=MAIL, **options)
        with self.here():
            controller.start()
        try:
            yield
        finally:
            with self.here():
                controller.stop()

    def certificate_shown(self) -> str:
        """As PEM, by who listens for the issuer."""
        with self.here():
            return ssl.get_server_certificate((BOX, 443), timeout=20)

    def tools(self) -> pathlib.Path:
        """A folder for PATH, whose ssh is this machine's."""
        folder = self.folder / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "ssh").write_text(SSH.format(leader=self.holder.pid, folder=self.folder))
        (folder / "ssh").chmod(0o755)
        return folder


@contextlib.contextmanager
def outside(folder: pathlib.Path) -> Iterator[Outside]:
    """It ends with its namespace, and that with who holds it."""
    machine = Outside(folder)
    try:
        yield machine
    finally:
        machine.holder.communicate()


class Site(House):
    """The daemon in the box, as a browser knows it."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside.folder, "", 443)
        self.outside = outside

    @property
    def issuer(self) -> str:
        return f"https://{ISSUER}"

    def letter(self, to: str, seconds: float = 15.0) -> mailbox.Letter:
        return self.outside.letters.take(to)


class From(requests.adapters.HTTPAdapter):
    """Connections from one of the machine's addresses."""

    def __init__(self, outside: Outside, address: str) -> None:
        self.outside, self.address = outside, address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, source_address=(self.address, 0), **kwargs)  # type: ignore[no-untyped-call]

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        with self.outside.here():
            return super().send(*args, **kwargs)


class Browser(Person):
    """Somebody's, at the machine outside."""

    def __init__(self, outside: Outside, email_address: str, address: str = HERE) -> None:
        super().__init__(Site(outside), email_address)
        self.web.mount("https://", From(outside, address))
        self.web.trust_env = False  # which would be asked before the next line
        self.web.verify = str(outside.folder / ISSUER / "chain.pem")

    def approve(self, code: str) -> str:
        """The number that the page shows then; none: \"\"."""
        page = self.submit(self.submit(self.get("/d"), user_code=code), button="approve").text
        assert "Approved" in page or "number" in page, page
        found = re.search(r'class="bigcode">\s*(\d\d)\s*<', page)
        return found[1] if found else ""

    def one_time(self, service: str) -> str:
        """Drawn on the account's page beside that service."""
        card = next(card for card in self.get("/me").text.split("<li>") if f"<h3>{service}" in card)
        found = dict(re.findall(r'name="(form_token|identity)" value="([^"]*)"', card))
        code = re.search(r">\s*(\w{5}-\w{5})\s*<", self.post("/me/code", found).text)
        assert code
        return code[1]
