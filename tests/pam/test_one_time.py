# SPDX-License-Identifier: GPL-3.0-or-later
"""One-time codes: drawn on the dashboard, typed at the prompt."""

import re

from conftest import PROMPT, WRONG, Prompts, bent, ended
from house import House, Person

RIGHT = "successfully authenticated"


def test_a_one_time_code_is_in_once(prompts: Prompts, coded: Person) -> None:
    code = prompts.one_time(coded)
    for first in (True, False):
        prompt = prompts.ask("coded")
        prompt.expect_exact("One-time code: ")
        prompt.sendline(code.lower())
        text = ended(prompt)
        assert (RIGHT in text) == first
        assert first or WRONG in text


def test_a_one_time_code_is_an_answer_beside_the_page(house: House, prompts: Prompts, person: Person) -> None:
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "demo")
    prompt = prompts.ask()
    prompt.expect_exact(PROMPT)
    prompt.sendline(prompts.one_time(person))
    assert RIGHT in ended(prompt)


def test_a_service_that_takes_codes_alone_shows_no_page(prompts: Prompts, coded: Person) -> None:
    prompt = prompts.ask("coded")
    prompt.expect_exact("One-time code: ")
    assert "/d" not in str(prompt.before) and not re.search(r"\w{4}-\w{4}", str(prompt.before))
    prompt.sendline("")
    assert WRONG in ended(prompt)  # at once: nobody could approve


def test_under_silent_enter_tells_what_code_is_meant_and_the_next_is_none(prompts: Prompts, coded: Person) -> None:
    prompt = prompts.ask("coded", "nobody", "authenticate(PAM_SILENT)")
    prompt.expect_exact("Password: ")
    prompt.sendline("")
    prompt.expect("sign in nobody on web01(.|\n)*One-time code: ")
    prompt.sendline("")
    text = ended(prompt)
    assert RIGHT not in text and "Authentication failure" in text


def test_a_service_that_takes_none_has_no_button_and_no_word_of_it(house: House, prompts: Prompts, person: Person) -> None:
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "paged")
    assert "/me/code" not in person.get("/me").text
    prompt = prompts.ask("paged")
    prompt.expect_exact("or type the number it shows: ")
    prompt.sendline("BCDFG-HJKLM")
    assert WRONG in ended(prompt)


def test_p3_a_wrong_code_says_the_same_for_whoever_it_is(prompts: Prompts, coded: Person) -> None:
    wrong = bent(prompts.one_time(coded))
    texts = set()
    for user in ("nobody", "daemon", "no-such-user"):
        prompt = prompts.ask("coded", user)
        prompt.expect_exact("One-time code: ")
        shown = str(prompt.before).partition("Antara:")[2].replace(user, "USER")
        prompt.sendline(wrong)
        texts.add((shown, re.sub(r"Event \S+ \(antaractl explain \S+\)", "EVENT", ended(prompt)), prompt.exitstatus))
    assert len(texts) == 1, texts


def test_under_silent_it_asks_for_a_password_and_enter_tells_the_rest(house: House, prompts: Prompts, person: Person) -> None:
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "demo")
    prompt = prompts.ask("demo", "nobody", "authenticate(PAM_SILENT)")
    prompt.expect_exact("Password: ")
    assert "Code" not in str(prompt.before)
    prompt.sendline("")
    code = prompts.code(prompt)
    prompts.decide(person, code)
    prompt.sendline("")
    assert RIGHT in ended(prompt)
    prompt = prompts.ask("demo", "nobody", "authenticate(PAM_SILENT)")
    prompt.expect_exact("Password: ")
    prompt.sendline(prompts.one_time(person))
    assert RIGHT in ended(prompt)
