# SPDX-License-Identifier: GPL-3.0-or-later
"""Who comes to the host of the story from outside, how, and what is there for it."""

import pathlib
from collections.abc import Callable

import story as stories
from outside import HERE, SERVER, Browser
from story import PASSWORD, Story, Terminal


class Visitor:
    """A local user who is linked, with a browser outside that is signed in."""

    def __init__(self, story: Story, name: str) -> None:
        self.story, self.name, self.email = story, name, f"{name}@example.org"
        stories.add_user(story.host, story.outside, name)
        story.host.ask("account", "add", self.email)
        story.host.ask("link", "add", name, "--email", self.email, "--service", "sshd")
        self.browser = self.browser_at(HERE)

    def browser_at(self, address: str) -> Browser:
        browser = Browser(self.story.outside, self.email, address)
        browser.sign_in()
        return browser


def prompted(story: Story, user: str) -> Terminal:
    story.on_laptop(f"ssh -o PubkeyAuthentication=no {user}@{SERVER}")
    return story.ssh


def is_in(terminal: Terminal, user: str) -> bool:
    return user in terminal.run("id -un").split()


def comes_in_by_code(story: Story, user: str, browser: Browser) -> bool:
    terminal = prompted(story, user)
    terminal.ask("ne-time code: ")  # who asked three times in ten minutes is asked for nothing else
    terminal.enter(browser.one_time("sshd"))
    return is_in(terminal, user)


def comes_in_as_without_antara(story: Story, user: str) -> bool:
    """By password and by key, and nothing of Antara is shown."""
    terminal = prompted(story, user)
    shown = terminal.ask("assword: ")  # of PAM or of sshd itself
    terminal.enter(PASSWORD)
    by_password = is_in(terminal, user)
    story.on_laptop(f"ssh -o PreferredAuthentications=publickey {user}@{SERVER}")
    story.ssh.arrive()
    return by_password and is_in(story.ssh, user) and "Antara" not in shown


def is_refused_by_key(story: Story, user: str) -> None:
    story.on_laptop(f"ssh -o PreferredAuthentications=publickey {user}@{SERVER}")
    story.ssh.is_refused()


def comes_in_unasked(story: Story, user: str) -> bool:
    """By a key that an approval let in before."""
    story.on_laptop(f"ssh {user}@{SERVER}")
    story.ssh.arrive()
    return is_in(story.ssh, user) and "key" in story.ssh.run("echo $ANTARA_AUTH_METHOD").split()


def reboot(story: Story, meanwhile: Callable[[], None] = lambda: None) -> None:
    story.hang_up()
    story.host.stop()
    meanwhile()
    story.host.boot()
    story.outside.connect(story.host.box)


def lines_in(story: Story, service: str) -> bool:
    return "pam_antara.so" in (story.host.root / "etc/pam.d" / service).read_text()


def note(story: Story) -> pathlib.Path:
    return story.host.root / "var/lib/antaractl/sshd.pending"


def sudo(story: Story, command: str) -> str:
    """Alice's, by a one-time code."""
    story.ssh.type(f"sudo -k {command}")
    story.ssh.ask(stories.SUDO)
    story.ssh.type(story.alice.one_time("sudo"))
    return story.ssh.finish()


def sudo_by_password(story: Story, command: str) -> str:
    """As a host without Antara does."""
    story.ssh.type(f"sudo -k {command}")
    story.ssh.ask(stories.SUDO)
    story.ssh.type(PASSWORD)
    return story.ssh.finish()
