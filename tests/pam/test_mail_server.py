# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Dovecot, which asks PAM where nobody sits: it answers each hidden prompt by the password that a client sent, and others by the name."""

import imaplib
import pathlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator

import private_bus
import pytest
from conftest import MODULE, Prompts, bent
from house import House, Person, free_port, new_house, wait_until
from real_host import ROWS, USER, accounts, services, system_bus

PASSWORD = "of-the-mail-client"
ANSWER_SECONDS = 15
CONFIG = """base_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:{folder}/mail
passdb {{
  driver = pam
}}
userdb {{
  driver = passwd
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""
# The page says so: whoever has a password is asked for nothing else, and spends nobody's tries of one-time codes.
STACK = """auth optional pam_exec.so {folder}/note
auth sufficient pam_unix.so nodelay
auth required {module}
account required {module}
"""


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True, check=True).stdout.strip()
    with accounts(tmp_path_factory.mktemp("accounts"), {**ROWS, "shadow": f"{USER}:{hashed}:19000:0:99999:7:::"}):
        with new_house(tmp_path_factory.mktemp("house"), bus, services="[service dovecot]\nmethods = code\n") as running:
            yield running


@pytest.fixture(scope="module")
def folder() -> Iterator[pathlib.Path]:
    """Where everybody can read it, with a short name for sockets."""
    with tempfile.TemporaryDirectory(prefix="antara-imap-") as made:
        place = pathlib.Path(made)
        place.chmod(0o755)
        (place / "mail").mkdir()
        shutil.chown(place / "mail", 4300, 4300)
        yield place


@pytest.fixture(scope="module")
def port(house: House, folder: pathlib.Path) -> Iterator[int]:
    """A running Dovecot's."""
    number = free_port()
    note = folder / "note"
    note.write_text(f'#!/bin/sh\necho "$PAM_SERVICE|$PAM_USER|$PAM_RHOST|$PAM_TTY|$PAM_RUSER" >> {folder}/noted\n')
    note.chmod(0o755)
    (folder / "config").write_text(CONFIG.format(folder=folder, port=number))
    with services(folder, {"dovecot": STACK.format(folder=folder, module=MODULE)}), system_bus(house):
        server = subprocess.Popen(["dovecot", "-F", "-c", str(folder / "config")], start_new_session=True)
        try:
            wait_until(lambda: (folder / "log").exists() and "starting up" in (folder / "log").read_text())
            yield number
        finally:
            private_bus.stop(server)


@pytest.fixture
def alice(house: House, person: Person) -> Person:
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email, "--service", "dovecot")
    return person


def lets_in(port: int, password: str) -> bool:
    """Whether a client reads its mail with that."""
    client = imaplib.IMAP4("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        client.login(USER, password)
        return client.select("INBOX")[0] == "OK"
    except client.error as error:
        assert "AUTHENTICATIONFAILED" in str(error), error
        return False
    finally:
        client.shutdown()


def code_of(house: House, person: Person) -> str:
    return Prompts(house, pathlib.Path("/")).one_time(person)


def test_a_one_time_code_reads_mail_once(house: House, port: int, folder: pathlib.Path, alice: Person) -> None:
    code = code_of(house, alice)
    assert not lets_in(port, bent(code))
    assert lets_in(port, code)
    assert not lets_in(port, code)
    assert (folder / "noted").read_text().splitlines()[-1] == f"dovecot|{USER}|127.0.0.1|dovecot|{USER}"  # it names the user as asker, too


def test_no_client_waits_for_a_page(house: House, port: int, alice: Person) -> None:
    """Without a password there is nothing to wait for."""
    began = time.monotonic()
    assert not lets_in(port, "")
    assert time.monotonic() - began < ANSWER_SECONDS


def test_a_password_that_is_right_asks_nothing_of_antara(house: House, port: int, alice: Person) -> None:
    before = house.log.count("A sign-in at a prompt was not approved")
    assert lets_in(port, PASSWORD)
    assert house.log.count("A sign-in at a prompt was not approved") == before
