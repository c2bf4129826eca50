# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that is muted for its user: whoever knocks sees what he always saw, no page lets anybody in, and one-time codes do."""

import json
import re
from collections.abc import Iterator

import pexpect
import pytest
from conftest import PROMPT, WRONG, Prompts, ended
from house import Forms, House, Person

RIGHT = "successfully authenticated"
MUTED = "You have muted this host"


def unmute_forms(person: Person) -> list[dict[str, str]]:
    return [values for action, values in Forms(person.get("/me").text).forms if action == "/me/unmute"]


@pytest.fixture
def alone(house: House, person: Person) -> Iterator[Person]:
    """Linked at one service, and the only one who is linked."""
    house.ctl("link", "remove", "nobody", check=False)
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "demo")
    yield person
    for form in unmute_forms(person):
        person.post("/me/unmute", form)


def mute(prompts: Prompts, person: Person) -> None:
    prompt = prompts.ask()
    page = prompts.decide(person, prompts.code(prompt), button="mute")
    assert "Muted" in page
    prompt.sendline("")
    assert "declined on the page" in ended(prompt) and prompt.exitstatus == 1


def page_for(person: Person, prompt: "pexpect.spawn[str]", prompts: Prompts) -> str:
    return person.submit(person.get("/d"), user_code=prompts.code(prompt)).text


def test_while_muted_a_page_lets_nobody_in_and_a_one_time_code_does(prompts: Prompts, alone: Person) -> None:
    mute(prompts, alone)
    prompt = prompts.ask()
    assert MUTED in page_for(alone, prompt, prompts)
    prompt.sendline(prompts.one_time(alone))
    assert RIGHT in ended(prompt) and prompt.exitstatus == 0
    assert "No page lets anybody in as nobody until" in alone.get("/me").text
    (form,) = unmute_forms(alone)
    assert "/me/unmute" not in alone.post("/me/unmute", form).text
    prompt = prompts.ask()
    prompts.decide(alone, prompts.code(prompt))
    prompt.sendline("")
    assert RIGHT in ended(prompt)


def test_what_was_approved_before_is_refused_and_the_event_says_why(house: House, prompts: Prompts, alone: Person) -> None:
    first = pexpect.spawn("pamtester", ["-I", "rhost=203.0.113.7", "demo", "nobody", "authenticate"], env=prompts.environment(), timeout=20, encoding="utf-8")
    number = re.search(r">\s*(\d\d)\s*<", prompts.decide(alone, prompts.code(first)))
    assert number
    mute(prompts, alone)
    first.sendline(number[1])
    text = ended(first)
    found = re.search(r"Event (\w{4}-\w{2})", text)
    assert WRONG in text and found
    assert json.loads(house.ctl("explain", found[1]).stdout)["reason"] == "muted"


def test_p3_whoever_knocks_or_enters_the_code_sees_no_difference(house: House, prompts: Prompts, alone: Person) -> None:
    """Prompt, page and end for users who are muted, linked, not linked, or nobody."""
    mute(prompts, alone)
    seen = set()
    for user in ("nobody", "daemon", "no-such-user"):
        stranger = Person(house, f"{user}.{alone.email}")
        stranger.sign_in()
        prompt = prompts.ask("demo", user)
        code = prompts.code(prompt)
        shown = re.sub("[█▀▄ ]{9,}", "QR", str(prompt.before).partition("Antara:")[2])
        page = stranger.submit(stranger.get("/d"), user_code=code)
        assert 'value="mute"' not in page.text
        approved = stranger.submit(page, button="approve").text.replace("nobody will ask", "none will ask")  # no name
        number = prompts.number(approved)
        prompt.sendline(number)
        end = re.sub(r"Event \S+ \(antaractl explain \S+\)", "EVENT", ended(prompt)).partition("pamtester:")[0]  # PAM's code is the stack's affair
        drawn, typed = re.sub(rf">\s*{number}\s*<", ">X<", approved), end.replace(number, "X", 1)  # elsewhere it is a date's, or a picture's
        texts = [re.sub(rf"{code}|{user}|\d\d:\d\d(:\d\d)?|[A-Za-z0-9_-]{{22,}}", "X", text) for text in (shown, page.text, drawn, typed)]
        seen.add((*texts, prompt.exitstatus))
    assert len(seen) == 1, sorted(seen)


def test_p13_a_stranger_who_enters_a_code_mutes_nobody(house: House, prompts: Prompts, alone: Person) -> None:
    stranger = Person(house, "stranger." + alone.email)
    stranger.sign_in()
    prompt = prompts.ask()
    page = stranger.submit(stranger.get("/d"), user_code=prompts.code(prompt))
    values = next(values for action, values in Forms(page.text).forms if action == "/d/decide")
    refused = stranger.post("/d/decide", {**values, "decision": "mute"})
    assert refused.status_code == 403 and "Muted" not in refused.text
    assert "/me/unmute" not in alone.get("/me").text
    prompts.decide(alone, values["user_code"])
    prompt.sendline("")
    assert RIGHT in ended(prompt)


def test_the_prompt_of_a_muted_user_shows_its_code_still(prompts: Prompts, alone: Person) -> None:
    mute(prompts, alone)
    prompt = prompts.ask()
    prompt.expect_exact(PROMPT)
    assert "Code  " in str(prompt.before)
    prompt.close(force=True)
