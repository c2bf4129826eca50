# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt of the real module, decided on the bus by the local user himself. Names begin with rows of the threat model."""

import json

import pytest
from conftest import Prompts, ended
from house import House, Person, wait_until


@pytest.fixture
def alone(house: House, person: Person) -> Person:
    """Nobody else may be nobody here: with several the bus would not know whom it is."""
    person.sign_in()
    house.ctl("link", "remove", "nobody", check=False)
    house.ctl("link", "add", "nobody", "--email", person.email)
    return person


def the_one(house: House, user: str = "nobody") -> str:
    """What waits of a user; there is one at a time."""
    rows = json.loads(house.ctl("approval", "list", user=user).stdout)
    return str(rows[0]["id"]) if len(rows) == 1 else ""


def test_b8_the_number_of_an_approval_on_the_bus_is_typed_at_the_prompt(house: House, prompts: Prompts, alone: Person) -> None:
    prompt = prompts.ask("demo", "nobody", "authenticate", "acct_mgmt", "open_session", tty="pts/1")
    prompts.code(prompt)
    approved = json.loads(house.ctl("approval", "approve", the_one(house), user="nobody").stdout)
    prompt.sendline("")
    prompt.expect_exact("Type the number")
    prompt.sendline(approved["number"])
    text = ended(prompt)
    assert "successfully authenticated" in text and "account management done" in text and prompt.exitstatus == 0


def test_denied_on_the_bus_is_refused_at_once(house: House, prompts: Prompts, alone: Person) -> None:
    prompt = prompts.ask(tty="pts/1")
    prompts.code(prompt)
    prompt.sendline("")
    house.ctl("approval", "deny", the_one(house), user="nobody")
    assert "declined on this host" in ended(prompt) and prompt.exitstatus == 1


def test_a_code_that_was_approved_on_the_bus_is_none_on_the_page(house: House, prompts: Prompts, alone: Person) -> None:
    prompt = prompts.ask(tty="pts/1")
    code = prompts.code(prompt)
    house.ctl("approval", "approve", the_one(house), user="nobody")
    assert "not known here" in alone.submit(alone.get("/d"), user_code=code).text
    prompt.close(force=True)


def test_a_prompt_that_is_gone_is_listed_no_more(house: House, prompts: Prompts, alone: Person) -> None:
    prompt = prompts.ask(tty="pts/1")
    prompts.code(prompt)
    assert the_one(house)
    prompt.close(force=True)
    wait_until(lambda: json.loads(house.ctl("approval", "list", user="nobody").stdout) == [])
