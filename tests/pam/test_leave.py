# SPDX-License-Identifier: GPL-3.0-or-later
"""A person leaves a service of a host on his own page: nothing of his lets anybody in there until he is linked anew."""

import re

import pytest
from conftest import PROMPT, Prompts
from house import Forms, House, Person
from talks import account, result_of, sit_down, talk

PAM_SUCCESS, PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_ACCT_EXPIRED = 0, 7, 10, 13


@pytest.fixture
def alone(house: House, person: Person) -> Person:
    """The only one who may be nobody, at two services."""
    house.ctl("link", "remove", "nobody", check=False)
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "demo", "--service", "coded")
    return person


def card(person: Person, service: str = "demo") -> str:
    """What his page says of a service."""
    (found,) = re.findall(rf"<h3>{service}\b.*?</li>", person.get("/me").text, re.DOTALL)
    return str(found)


def slug(person: Person) -> str:
    return re.findall(r'class="mono">([^<]+)<', card(person))[0]


def leave(person: Person) -> None:
    (values,) = [values for action, values in Forms(card(person)).forms if action == "/me/leave"]
    assert "<h3>demo" not in person.post("/me/leave", values).text


def approved(prompts: Prompts, person: Person) -> int:
    """Whoever is shown a number, as a stranger to the prompt is, types it."""
    terminal = sit_down(prompts)
    page = prompts.decide(person, prompts.code(terminal))
    terminal.sendline(prompts.number(page) if "nobody will ask you for it" in page else "")
    return result_of(terminal)


def test_p2_who_left_is_refused_at_the_next_prompt_and_by_the_account_phase(prompts: Prompts, alone: Person) -> None:
    assert approved(prompts, alone) == PAM_SUCCESS and account(prompts) == PAM_SUCCESS
    leave(alone)
    assert approved(prompts, alone) == PAM_USER_UNKNOWN and account(prompts) == PAM_ACCT_EXPIRED


def test_what_was_left_is_one_service_alone(prompts: Prompts, alone: Person) -> None:
    leave(alone)
    assert account(prompts, service="coded") == PAM_SUCCESS
    code = prompts.one_time(alone)  # there is one button left
    assert talk(prompts, "typed", 1, "coded", ANTARA_TEST_USER="nobody", ANTARA_TEST_TYPED=code)["result"] == PAM_SUCCESS


def test_p2_what_was_approved_or_drawn_before_is_worth_nothing(prompts: Prompts, alone: Person) -> None:
    code = prompts.one_time(alone, card(alone))
    terminal = sit_down(prompts)
    assert "Approved" in prompts.decide(alone, prompts.code(terminal))
    leave(alone)
    terminal.sendline("")
    assert result_of(terminal) == PAM_AUTH_ERR
    terminal = sit_down(prompts)
    terminal.expect_exact(PROMPT)
    terminal.sendline(code)
    assert result_of(terminal) == PAM_AUTH_ERR


def test_who_is_linked_anew_is_in_under_another_name(house: House, prompts: Prompts, alone: Person) -> None:
    before = slug(alone)
    leave(alone)
    house.ctl("link", "add", "nobody", "--email", alone.email, "--service", "demo", "--service", "coded")
    assert approved(prompts, alone) == PAM_SUCCESS and account(prompts) == PAM_SUCCESS
    assert slug(alone) != before
