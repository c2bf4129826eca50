# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on which a host's prompt is approved: what it names, and what it says of the number."""

import html
import re

import pytest
from house import House, Person
from prompt import Prompt

ELSEWHERE = "203.0.113.7"
ONLY_THERE = "Type this only in the terminal on web01 where you began; nobody will ask you for it."


@pytest.fixture
def prompt(house: House, person: Person) -> Prompt:
    """At a host's service, from an address that isn't the viewer's."""
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email)
    return Prompt(house, "demo", "nobody", rhost=ELSEWHERE, tty="pts/7", ruser="mallory")


def code(prompt: Prompt) -> str:
    found = re.search(r"Code  (\w{4}-\w{4})", prompt.info)
    assert found, prompt.info
    return found[1]


def rows(page: str) -> dict[str, str]:
    """The list of a page: what is named, and its value."""
    return {html.unescape(name): html.unescape(value) for name, value in re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", page)}


def test_the_page_names_who_asks_for_what_and_from_where(prompt: Prompt, person: Person) -> None:
    page = person.submit(person.get("/d"), user_code=code(prompt)).text
    assert '<p class="host">web01</p>' in page and "demo asks: let somebody in as nobody?" in page
    shown = rows(page)
    wanted = {
        "Code": code(prompt),
        "Service": "demo",
        "Local user": "nobody",
        "Asked by": "mallory",
        "Terminal": "pts/7",
        "Request came from": ELSEWHERE,
        "You are at": "127.0.0.1",
        "Account": person.email,
    }
    assert {name: shown.get(name) for name in wanted} == wanted
    names = list(shown)
    assert names.index("You are at") == names.index("Request came from") + 1  # side by side, to be compared
    assert page.count('<button type="submit" name="decision" value="approve">') == 1 and "primary" not in page
    prompt.close()


def test_p11_the_number_is_shown_with_where_alone_it_may_be_typed(prompt: Prompt, person: Person) -> None:
    asked = person.submit(person.get("/d"), user_code=code(prompt))
    assert ONLY_THERE not in html.unescape(asked.text)
    decided = html.unescape(person.submit(asked, button="approve").text)
    assert ONLY_THERE in decided and "type this number at the prompt" in decided
    number = re.search(r">\s*(\d\d)\s*<", decided)
    assert number and prompt.type(number[1])[0] == "approved"
    prompt.close()
