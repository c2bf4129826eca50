# SPDX-License-Identifier: GPL-3.0-or-later
"""Codes that expire at a prompt, and the new ones that it offers. The daemon's clock goes on; the module's has no need to."""

import pathlib
import re
from collections.abc import Iterator

import later as laters
import pexpect
import pytest
from conftest import MODULE, PROMPT, Prompts, ended
from house import House, Person, new_house

CODE_SECONDS = 100  # of a service that has no time of its own
OFFERED = "That code has expired. Press Enter for a new one ({left} left): "
OVER = "That code has expired. Event "  # a full stop, and just one
RIGHT = "successfully authenticated"
SERVICES = """[service demo]

[service short]
timeout = 125

[service roomy]
timeout = 145

[service coded]
methods = code

[service sshd]

[service login]
"""


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[laters.Later]:
    with laters.clock_of_its_own(tmp_path_factory.mktemp("clock")) as later:
        yield later


@pytest.fixture(scope="module")
def house(clock: laters.Later, bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_house(tmp_path_factory.mktemp("house"), bus, services=SERVICES) as running:
        yield running


@pytest.fixture(scope="module")
def prompts(house: House, tmp_path_factory: pytest.TempPathFactory) -> Prompts:
    folder = tmp_path_factory.mktemp("pam.d")
    for service in ("demo", "short", "roomy", "coded", "sshd", "login"):
        (folder / service).write_text(f"auth required {MODULE} qr=off\naccount required pam_permit.so\n")
    return Prompts(house, folder)


def expire(prompt: "pexpect.spawn[str]", clock: laters.Later) -> None:
    clock.go_on(CODE_SECONDS)
    prompt.sendline("")


def test_a_new_code_is_as_good_as_the_first(prompts: Prompts, clock: laters.Later, linked: Person) -> None:
    prompt = prompts.ask()
    old = prompts.code(prompt)
    expire(prompt, clock)
    prompt.expect_exact(OFFERED.format(left=2))
    assert "not known here" in linked.submit(linked.get("/d"), user_code=old).text
    prompt.sendline("")
    new = prompts.code(prompt)
    assert new != old and "sign in nobody on web01" in str(prompt.before)
    assert "Approved" in prompts.decide(linked, new)
    prompt.sendline("")
    assert RIGHT in ended(prompt) and prompt.exitstatus == 0


def test_a_one_time_code_is_taken_beside_a_new_code(prompts: Prompts, house: House, clock: laters.Later, person: Person) -> None:
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "demo")
    prompt = prompts.ask()
    prompts.code(prompt)
    expire(prompt, clock)
    prompt.expect_exact(OFFERED.format(left=2))
    prompt.sendline("")
    prompts.code(prompt)
    prompt.sendline(prompts.one_time(person))
    assert RIGHT in ended(prompt)


def test_there_are_three_codes_in_all(prompts: Prompts, clock: laters.Later, linked: Person) -> None:
    prompt = prompts.ask()
    for left in (2, 1):
        prompts.code(prompt)
        expire(prompt, clock)
        prompt.expect_exact(OFFERED.format(left=left))
        prompt.sendline("")
    prompts.code(prompt)
    expire(prompt, clock)
    text = ended(prompt)
    assert OVER in text and "Press Enter for a new one" not in text and "Event" in text and prompt.exitstatus == 1


@pytest.mark.parametrize(("service", "offered"), [("demo", True), ("roomy", True), ("short", False), ("sshd", False)])
def test_a_new_code_is_offered_where_30_seconds_are_left(prompts: Prompts, clock: laters.Later, service: str, offered: bool) -> None:
    """sshd's own patience ends 20 s after its first code, unless the configuration knows better."""
    prompt = prompts.ask(service)
    prompts.code(prompt)
    expire(prompt, clock)
    if offered:
        prompt.expect_exact(OFFERED.format(left=2))
        prompt.sendline("-")
    text = ended(prompt)
    assert OVER in text and "Press Enter for" not in text and prompt.exitstatus == 1


def test_whoever_types_something_wants_no_new_code(prompts: Prompts, clock: laters.Later) -> None:
    prompt = prompts.ask()
    prompts.code(prompt)
    expire(prompt, clock)
    prompt.expect_exact(OFFERED.format(left=2))
    prompt.sendline("BCDFG-HJKLM")
    text = ended(prompt)
    assert "Code  " not in text and OVER in text and prompt.exitstatus == 1


def test_where_no_code_was_shown_none_is_offered(prompts: Prompts, clock: laters.Later) -> None:
    prompt = prompts.ask("coded")
    prompt.expect_exact("One-time code: ")
    expire(prompt, clock)
    text = ended(prompt)
    assert OVER in text and "Press Enter for" not in text


def test_under_silent_a_new_code_stands_in_the_prompt_at_once(prompts: Prompts, clock: laters.Later, linked: Person) -> None:
    prompt = prompts.ask("demo", "nobody", "authenticate(PAM_SILENT)")
    prompt.expect_exact("Password: ")
    prompt.sendline("")
    prompts.code(prompt)
    expire(prompt, clock)
    prompt.expect_exact(OFFERED.format(left=2))
    prompt.sendline("")
    code = prompts.code(prompt)
    assert "Password" not in str(prompt.before)
    prompts.decide(linked, code)
    prompt.sendline("")
    assert RIGHT in ended(prompt)


def test_under_silent_an_offer_is_left_without_a_word(prompts: Prompts, clock: laters.Later) -> None:
    prompt = prompts.ask("demo", "nobody", "authenticate(PAM_SILENT)")
    prompt.expect_exact("Password: ")
    expire(prompt, clock)
    prompt.expect_exact(OFFERED.format(left=2))
    prompt.sendline("-")
    text = ended(prompt)
    assert OVER not in text and "Not approved" not in text and prompt.exitstatus == 1


def test_p3_expiry_says_the_same_for_whoever_it_is(prompts: Prompts, clock: laters.Later, linked: Person) -> None:
    texts = set()
    for user in ("nobody", "daemon", "no-such-user"):
        prompt = prompts.ask("demo", user)
        prompts.code(prompt)
        expire(prompt, clock)
        prompt.expect_exact(OFFERED.format(left=2))
        prompt.sendline("")
        prompts.code(prompt)
        shown = str(prompt.before).partition("Antara:")[2]
        prompt.sendline("-")
        end = re.sub(r"Event \S+ \(antaractl explain \S+\)", "EVENT", ended(prompt))
        texts.add((re.sub(r"[A-Z]{4}-[A-Z]{4}", "CODE", shown).replace(user, "USER"), end, prompt.exitstatus))
    assert len(texts) == 1, sorted(texts)


def test_new_codes_are_of_the_budget_of_the_address(bus: str, prompts: Prompts, house: House, clock: laters.Later, tmp_path: pathlib.Path) -> None:
    """Three in ten minutes: after one sign-in that let all of its codes expire, the next has none for a page."""
    from house import LIMITS, instead_of

    narrow = LIMITS.replace("device_client:10000/60", "device_client:30/600")
    with instead_of(house, tmp_path, services=SERVICES, limits=narrow) as other:
        again = Prompts(other, prompts.folder)
        prompt = again.ask()
        for _ in range(2):
            again.code(prompt)
            expire(prompt, clock)
            prompt.expect("Press Enter for a new one")
            prompt.sendline("")
        again.code(prompt)
        prompt.close(force=True)
        prompt = again.ask()
        prompt.expect_exact("One-time code: ")
        assert PROMPT not in str(prompt.before)
        prompt.close(force=True)
