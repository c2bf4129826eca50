# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/admin.md, lived: what the page has root and Alice type is typed, and where it has her open a page she does."""

import os
import pathlib
import re
from collections.abc import Callable

import certificates
import outside as outsides
import pexpect
from guide import Step
from host import Host, wait_until
from outside import Browser, Outside

EMAIL, PASSWORD = "alice@example.org", "right horse"
PROMPT = "or a one-time code: "
SUDO = "[sudo] password for alice: "
READY = "ready> "
SSH_FAILED = 255  # ssh(1): what it says itself; else it is the shell's
# What the page says, and what is typed instead: nobody sits there who would be asked, or would wait for a minute.
INSTEAD = {
    "systemd-ask-password -n": f"printf '%s' '{outsides.MAIL_PASSWORD}'",
    "antaractl account resume": "until said=$(antaractl account resume alice@example.org 2>&1); do [[ $said = *'in a minute.' ]] || exit 1; sleep 1; done; :",
}
# What differs on the screen each time.
SHAPES = {"WDJB-MJHT": r"\w{4}-\w{4}", "203.0.113.7": re.escape(outsides.HERE), "100 s": r"\d+ s"}


class Terminal:
    """An ssh on the laptop, and the shell in it once it is in."""

    def __init__(self, outside: Outside, command: str) -> None:
        environment = {**os.environ, "PATH": f"{outside.tools()}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "TERM": "dumb"}
        self.spawned = pexpect.spawn("sh", ["-c", command], env=environment, timeout=60, encoding="utf-8", dimensions=(60, 200))
        self.shown = ""

    def ask(self, prompt: str) -> str:
        """What is shown up to that prompt."""
        self.spawned.expect_exact(prompt)
        self.shown = str(self.spawned.before) + prompt
        return self.shown

    def code(self) -> str:
        if not self.shown.endswith(PROMPT):
            self.ask(PROMPT)
        found = re.search(r"Code  (\w{4}-\w{4})", self.shown)
        assert found, self.shown
        return found[1]

    def type(self, text: str) -> None:
        self.spawned.sendline(text)
        self.shown = ""

    def enter(self, text: str) -> None:
        """The last answer: a shell comes."""
        self.type(text)
        self.arrive()

    def arrive(self) -> None:
        """The shell gets a prompt that nothing else looks like."""
        self.spawned.expect(r"[$#] ")
        self.run(f"PS1='{READY[:-1]}'\" \"", check=False)

    def run(self, command: str, check: bool = True) -> str:
        self.type(command)
        return self.finish(check)

    def finish(self, check: bool = True) -> str:
        """What a command said that has been typed; it must have gone well."""
        said = self.ask(READY).removesuffix(READY)
        if check:
            self.type("echo status=$?")
            assert "status=0" in self.ask(READY).splitlines(), said
        return said

    def is_refused(self) -> None:
        """The server hangs up, and no shell has come."""
        self.spawned.expect(pexpect.EOF)
        self.spawned.close()
        assert self.spawned.exitstatus == SSH_FAILED

    def close(self) -> None:
        self.spawned.close(force=True)


class Story:
    def __init__(self, host: Host, outside: Outside) -> None:
        self.host, self.outside = host, outside
        self.alice = Browser(outside, EMAIL)
        self.terminal: Terminal | None = None
        self.runs = False  # something that was typed in Alice's session

    def do(self, step: Step) -> None:
        doers: dict[str, Callable[[str], None]] = {
            "sh": self.on_server,
            "sh laptop": self.on_laptop,
            "sh session": self.in_session,
            "text": self.is_shown,
            "mark": self.somebody_acts,
        }
        if step.kind != "mark":
            self.settle()
        try:
            doers[step.kind](step.text)
        except Exception as problem:
            raise AssertionError(f"docs/admin.md, line {step.line}: {problem}") from problem

    def settle(self) -> None:
        if self.runs:
            self.ssh.finish()
        self.runs = False

    @property
    def ssh(self) -> Terminal:
        assert self.terminal
        return self.terminal

    def on_server(self, text: str) -> None:
        for old, new in INSTEAD.items():
            text = text.replace(old, new)
        self.host.box.run("bash", "-euo", "pipefail", "-c", f"cd /root\n{text}")

    def on_laptop(self, text: str) -> None:
        self.hang_up()
        self.terminal = Terminal(self.outside, text)

    def hang_up(self) -> None:
        if self.terminal:
            self.terminal.close()
        self.terminal = None

    def in_session(self, text: str) -> None:
        self.ssh.type(text)
        self.runs = True

    def is_shown(self, text: str) -> None:
        shown = self.ssh.ask(PROMPT)
        for line in text.splitlines():
            pattern = re.escape(line.strip())
            for old, new in SHAPES.items():
                pattern = pattern.replace(re.escape(old), new)
            assert re.search(pattern, shown), f"{line!r} is not shown:\n{shown}"

    def somebody_acts(self, what: str) -> None:
        acts: dict[str, Callable[[], None]] = {
            "alice signs in to the pages": self.sign_in,
            "alice approves, and types the number": self.approve,
            "alice types her password": self.sudo_by_password,
            "alice presses Enter, approves, and types the number": self.sudo_by_approval,
            "alice types a one-time code": lambda: self.ssh.enter(self.one_time("sshd")),
            "alice types her password alone": self.password_alone,
            "alice types a dash, then her password": self.password_instead,
            "alice is outside": self.is_outside,
            "a renewed certificate": self.renew_certificate,
            "browsers are shown the new one": lambda: wait_until(self.certificate_is_shown),
            "newer packages": self.newer_packages,
        }
        acts[what]()

    def sign_in(self) -> None:
        self.alice.sign_in()
        assert EMAIL in self.alice.get("/me").text

    def one_time(self, service: str) -> str:
        self.ssh.code()
        return self.alice.one_time(service)

    def approve(self) -> None:
        number = self.alice.approve(self.ssh.code())
        assert number
        self.ssh.enter(number)

    def sudo_by_password(self) -> None:
        self.ssh.ask(SUDO)
        self.ssh.type(PASSWORD)

    def sudo_by_approval(self) -> None:
        self.ssh.ask(SUDO)
        self.ssh.type("")
        number = self.alice.approve(self.ssh.code())
        assert number
        self.ssh.type(number)

    def password_alone(self) -> None:
        assert "Antara" not in self.ssh.ask("Password: ")
        self.ssh.enter(PASSWORD)

    def password_instead(self) -> None:
        self.type_dash()
        self.ssh.enter(PASSWORD)

    def type_dash(self) -> None:
        """At Antara's prompt, and the password's comes."""
        self.ssh.ask("ne-time code: ")  # who asked three times in ten minutes is asked for nothing else
        self.ssh.type("-")
        self.ssh.ask("Password: ")

    def is_outside(self) -> None:
        """What she had open has ended, and nothing else opens: page, key, password."""
        self.ssh.spawned.expect(pexpect.EOF)
        assert EMAIL not in self.alice.get("/me").text
        self.on_laptop(f"ssh -o PreferredAuthentications=publickey alice@{outsides.SERVER}")
        self.ssh.is_refused()
        self.on_laptop(f"ssh -o PubkeyAuthentication=no alice@{outsides.SERVER}")
        self.type_dash()
        self.ssh.type(PASSWORD)
        self.ssh.is_refused()

    def renew_certificate(self) -> None:
        """As her browsers trust it from now on."""
        certificates.issue(self.outside.folder / outsides.ISSUER, outsides.ISSUER)
        copy_certificate(self.host.root, self.outside)

    def certificate_is_shown(self) -> bool:
        return self.outside.certificate_shown().split() == (self.outside.folder / outsides.ISSUER / "chain.pem").read_text().split()

    def newer_packages(self) -> None:
        for name in ("antara", "libpam-antara"):
            self.host.box.run("sh", "-c", f"rm /root/{name}_*.deb && mv /root/newer-{name}.deb /root/{name}_9.deb")


def prepare(root: pathlib.Path, outside: Outside) -> None:
    """A tree that has what the page takes for granted: a name, a certificate, a mail server that is trusted."""
    (root / "etc/apt/apt.conf.d/offline").write_text('APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\n')
    (root / "etc/hostname").write_text("web01\n")
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 web01\n{outsides.HERE} {outsides.MAIL}\n")
    copy(outside.folder / outsides.MAIL / "chain.pem", root / "usr/local/share/ca-certificates/mail.crt")
    copy_certificate(root, outside)


def copy_certificate(root: pathlib.Path, outside: Outside) -> None:
    """To where the page has root find it."""
    for name in ("chain.pem", "key.pem"):
        copy(outside.folder / outsides.ISSUER / name, root / "root" / name)


def copy(source: pathlib.Path, place: pathlib.Path) -> None:
    place.write_bytes(source.read_bytes())


def add_user(host: Host, outside: Outside, name: str, *options: str) -> None:
    """With a password, and the laptop's key."""
    key = (outside.folder / "key.pub").read_text().strip()
    host.box.run("useradd", "--create-home", "--shell=/bin/bash", *options, name)
    host.box.run("sh", "-c", f"echo '{name}:{PASSWORD}' | chpasswd")
    host.box.run("sh", "-c", f"install -d -o {name} -m 0700 ~{name}/.ssh && echo '{key}' > ~{name}/.ssh/authorized_keys")
