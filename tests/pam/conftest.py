# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt as a person meets it: pamtester with services of its own, and the page to approve on."""

import os
import pathlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pexpect
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import house as houses  # noqa: E402

MODULE = houses.BUILD / "pam_antara/pam_antara.so"
PROMPT = "or type the number it shows, or a one-time code: "
WRONG = "what was typed or approved is not right here"
SERVICES = """[service demo]

[service numbered]
completion_number = always

[service brief]

[service coded]
methods = code

[service paged]
methods = device

[service lightdm]
"""


@dataclass
class Prompts:
    house: houses.House
    folder: pathlib.Path

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "LD_PRELOAD": "libpam_wrapper.so",
            "PAM_WRAPPER": "1",
            "PAM_WRAPPER_SERVICE_DIR": str(self.folder),
            "DBUS_SYSTEM_BUS_ADDRESS": self.house.address,
            "LC_ALL": "C.UTF-8",
        }

    def ask(self, service: str = "demo", user: str = "nobody", *phases: str, tty: str = "") -> "pexpect.spawn[str]":
        words = [*([f"-Itty={tty}"] if tty else []), service, user, *(phases or ("authenticate",))]
        return pexpect.spawn("pamtester", words, env=self.environment(), timeout=20, encoding="utf-8", dimensions=(60, 200))

    def code(self, prompt: "pexpect.spawn[str]") -> str:
        """What stands on the screen, up to the prompt; gives the code."""
        prompt.expect_exact(PROMPT)
        found = re.search(r"Code  (\w{4}-\w{4})", prompt.before or "")
        assert found, prompt.before
        return found.group(1)

    def one_time(self, person: houses.Person, part: str = "") -> str:
        """A code of the dashboard, for the service that stands first there, or in a part of it."""
        values = [values for action, values in houses.Forms(part or person.get("/me").text).forms if action == "/me/code"]
        found = re.search(r">\s*(\w{5}-\w{5})\s*<", person.post("/me/code", values[0]).text)
        assert found
        return found[1]

    def decide(self, person: houses.Person, code: str, button: str = "approve") -> str:
        page = person.submit(person.get("/d"), user_code=code)
        return person.submit(page, button=button).text

    def number(self, page: str) -> str:
        """The one that a page shows after Approve."""
        found = re.search(r">\s*(\d\d)\s*<", page)
        assert found, page
        return found[1]


def bent(code: str) -> str:
    """One that nobody drew."""
    return ("C" if code[0] == "B" else "B") + code[1:]


def ended(prompt: "pexpect.spawn[str]") -> str:
    prompt.expect(pexpect.EOF)
    prompt.close()
    return str(prompt.before)


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[houses.House]:
    with houses.new_house(tmp_path_factory.mktemp("house"), bus, services=SERVICES) as running:
        yield running


@pytest.fixture(scope="module")
def prompts(house: houses.House, tmp_path_factory: pytest.TempPathFactory) -> Prompts:
    folder = tmp_path_factory.mktemp("pam.d")
    timeouts = {"brief": "timeout=3", "patient": ""}
    for service in ("demo", "numbered", "brief", "coded", "paged", "lightdm", "disabled", "patient"):
        options = {"auth": f"slug qr=on {timeouts.get(service, 'timeout=8')}", "account": "", "session": ""}
        lines = [f"{phase} required {MODULE} {words}\n" for phase, words in options.items()]
        (folder / service).write_text("".join(lines))
    return Prompts(house, folder)


@pytest.fixture
def linked(house: houses.House, person: houses.Person) -> houses.Person:
    """Somebody who may be nobody here."""
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email)
    return person


@pytest.fixture
def coded(house: houses.House, person: houses.Person) -> houses.Person:
    """Somebody who may be nobody at the service that takes one-time codes alone."""
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "coded")
    return person
