# SPDX-License-Identifier: GPL-3.0-or-later
"""The real sshd with the real ssh client. sshd takes the name of its PAM service from argv[0], and forgets its environment:
so the accounts that it sees are bound over /etc, and the private bus over the machine's own."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
from collections.abc import Iterator

import pexpect
import private_bus
import pytest
from conftest import MODULE, PROMPT, Prompts, ended
from house import House, Person, free_port, new_house, wait_until
from real_host import USER, accounts, services, system_bus

SSHD_CONFIG = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile none
UsePAM yes
KbdInteractiveAuthentication yes
PasswordAuthentication no
{keys}
StrictModes no
LogLevel VERBOSE
"""


@pytest.fixture(scope="module", params=["auto", "yes"])
def house(request: pytest.FixtureRequest, bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Before 10.3 sshd keeps what comes by itself for the prompt, so nothing is lost by either setting."""
    settings = f"ssh_immediate_info = {request.param}\n[service antara-sshd]"  # what stands first is of [pam]
    with accounts(tmp_path_factory.mktemp("accounts")):
        with new_house(tmp_path_factory.mktemp("house"), bus, services=settings) as running:
            yield running


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """One of everybody's."""
    path = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def sshd_process(house: House, key: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """The port and the process of an sshd whose PAM service is antara-sshd."""
    folder = tmp_path_factory.mktemp("sshd")
    port = free_port()
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    phases = "".join(f"{phase} required {MODULE}\n" for phase in ("auth", "account"))
    (folder / "antara-sshd").symlink_to("/usr/sbin/sshd")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host_key")], check=True)
    (folder / "config").write_text(
        SSHD_CONFIG.format(port=port, folder=folder, keys=f"AuthorizedKeysCommand /usr/bin/cat {key}.pub\nAuthorizedKeysCommandUser root")
    )
    with services(folder, {"antara-sshd": phases + "session required pam_permit.so\n"}), system_bus(house), open(folder / "log", "wb") as log:
        command = [str(folder / "antara-sshd"), "-D", "-e", "-f", str(folder / "config")]
        process = subprocess.Popen(command, stderr=log, start_new_session=True)
        wait_until(lambda: b"listening on" in (folder / "log").read_bytes())
        yield port, process.pid
        private_bus.stop(process)


@pytest.fixture(scope="module")
def sshd(sshd_process: tuple[int, int]) -> int:
    return sshd_process[0]


def ssh(port: int, user: str = USER, *more: str) -> "pexpect.spawn[str]":
    options = [*more, "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "PreferredAuthentications=keyboard-interactive", "LogLevel=ERROR"]
    words = [word for option in options for word in ("-o", option)]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return pexpect.spawn(
        "ssh", [*words, "-p", str(port), f"{user}@127.0.0.1", "id", "-un"], env=environment, timeout=30, encoding="utf-8", dimensions=(60, 200)
    )


def test_ssh_by_device_code(house: House, sshd: int, person: Person) -> None:
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email)
    prompts = Prompts(house, pathlib.Path("/"))
    client = ssh(sshd)
    client.expect_exact(PROMPT)
    screen = str(client.before)
    assert "sign in antara-alice on web01 (antara-sshd, from 127.0.0.1)" in screen
    code = screen.split("Code  ")[1][:9]
    assert "Approved" in prompts.decide(person, code)
    client.sendline("")
    assert USER in ended(client) and client.exitstatus == 0


def test_ssh_by_one_time_code(house: House, sshd: int, person: Person) -> None:
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email)
    client = ssh(sshd)
    client.expect_exact(PROMPT)
    client.sendline(Prompts(house, pathlib.Path("/")).one_time(person))
    assert USER in ended(client) and client.exitstatus == 0


def test_ssh_declined_stays_outside(house: House, sshd: int, person: Person) -> None:
    person.sign_in()
    prompts = Prompts(house, pathlib.Path("/"))
    client = ssh(sshd)
    prompts.decide(person, prompts.code(client), button="decline")
    client.sendline("")
    client.expect_exact(PROMPT)  # sshd lets its client try again
    client.close(force=True)
    assert client.exitstatus != 0


def test_whom_a_key_let_in_the_account_phase_refuses_and_says_why(house: House, sshd: int, key: pathlib.Path) -> None:
    """Without a prompt sshd shows it as a banner, which its client shows unless only errors are wanted."""
    house.ctl("link", "remove", USER, check=False)
    client = ssh(sshd, USER, "PreferredAuthentications=publickey", f"IdentityFile={key}", "IdentitiesOnly=yes", "LogLevel=INFO")
    text = ended(client)
    found = re.search(r"Not approved: this user may not sign in here\. Event (\w{4}-\w{2})", text)
    assert found and client.exitstatus == 255, text
    told = house.ask("explain", found[1])
    assert (told["reason"], told["detail"]) == ("no-link", f"web01 antara-sshd {USER}")


UNLINKED, UNKNOWN = "games", "antara-who"  # one that every Debian has, and none that is there
WRONG_CODE = "BCDFG-HJKLM"
NUMBER = "Type the number that the page shows: "


def seen(client: "pexpect.spawn[str]", user: str, *prompts: str) -> str:
    """A screen without what differs by chance: names, codes, numbers, the dots of the drawing."""
    text = "".join(prompts) + str(client.before)
    for found, instead in ((user, "USER"), (r"\b\w{4}-\w{4}\b", "CODE"), (r"(?<=shows: )\d\d", "NN"), (r"[█▀▄ ]{9,}", "DOTS")):
        text = re.sub(found, instead, text)
    return text


def tries_wrong_codes(port: int, user: str) -> tuple[int, str, int | None]:
    """How often he is asked, all that he sees, and how it ends."""
    client, shown = ssh(port, user), []
    while client.expect_exact([PROMPT, pexpect.EOF]) == 0:
        shown.append(str(client.before) + PROMPT)
        client.sendline(WRONG_CODE)
    text = seen(client, user, *shown)
    client.close()
    return len(shown), text, client.exitstatus


def presses_enter(house: House, person: Person, port: int, user: str) -> tuple[str, str]:
    """Somebody who may not be that user approves meanwhile, and the number is typed: what the page says, and what the screen shows."""
    client, prompts = ssh(port, user), Prompts(house, pathlib.Path("/"))
    code = prompts.code(client)
    shown = [str(client.before) + PROMPT]
    client.sendline("")
    page = prompts.decide(person, code)
    client.expect_exact(NUMBER)
    shown.append(str(client.before) + NUMBER)
    client.sendline(prompts.number(page))
    client.expect_exact(PROMPT)  # sshd lets its client try again
    text = seen(client, user, *shown)
    client.close(force=True)
    return re.sub(r"<[^>]*>|\d+|\s+", " ", page), text


def test_p3_a_wrong_code_of_nobody_is_as_anybodys(house: House, sshd: int, person: Person) -> None:
    """What users type that aren't there, sshd replaces by control bytes of the same length."""
    person.sign_in()
    house.ctl("link", "add", USER, "--email", person.email)
    linked, unlinked, unknown = (tries_wrong_codes(sshd, user) for user in (USER, UNLINKED, UNKNOWN))
    assert linked[0] == 3 and "Permission denied" in linked[1] and linked[2] == 255
    assert unlinked == linked and unknown == linked


def test_p3_enter_and_an_approval_of_nobody_are_as_anybodys(house: House, sshd: int, person: Person) -> None:
    person.sign_in()
    unlinked, unknown = (presses_enter(house, person, sshd, user) for user in (UNLINKED, UNKNOWN))
    assert "One step is left" in unlinked[0] and unlinked[1].count("CODE") == 2
    assert unknown == unlinked


def descendants(pid: int) -> set[int]:
    """All that came of a process and is there."""
    found: set[int] = set()
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for child in path.read_text().split():
                found |= {int(child)} | descendants(int(child))
    return found


def waiting(house: House) -> list[str]:
    return [row["local_user"] for row in json.loads(house.ctl("approval", "list").stdout)]


@pytest.mark.parametrize(("pressed", "seconds"), [(False, 5), (True, 15)], ids=["prompt", "wait"])
def test_p9_a_client_that_dies_takes_its_conversation_along(house: House, sshd_process: tuple[int, int], person: Person, pressed: bool, seconds: float) -> None:
    """At its prompt at once. While the module waits for the page, sshd sees it with the next prompt, ten seconds later; the code lives for 100."""
    port, server = sshd_process
    person.sign_in()
    wait_until(lambda: not descendants(server) and waiting(house) == [])
    client = ssh(port)
    code = Prompts(house, pathlib.Path("/")).code(client)
    if pressed:
        client.sendline("")
    wait_until(lambda: waiting(house) == [USER] and descendants(server))
    os.kill(client.pid, signal.SIGKILL)
    client.wait()
    wait_until(lambda: not descendants(server), seconds)
    wait_until(lambda: waiting(house) == [], seconds)
    assert "not known here" in person.submit(person.get("/d"), user_code=code).text
