# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module returns, as libpam's numbers: the table of docs/pam.md, row by row."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import MODULE, SERVICES, Prompts, bent
from house import LIMITS, House, Person, instead_of
from talks import account, result_of, sit_down, talk

# security/_pam_types.h
PAM_SUCCESS, PAM_AUTH_ERR, PAM_AUTHINFO_UNAVAIL, PAM_USER_UNKNOWN, PAM_MAXTRIES, PAM_ACCT_EXPIRED, PAM_CONV_ERR = 0, 7, 9, 10, 11, 13, 19
IGNORED = 17  # PAM_CRED_ERR, which pam_debug says in place of a module that is ignored: libpam gives PAM_IGNORE to nobody
MACHINES = ("cron", "atd", "systemd-user")
PHASES = {"auth": ("auth", "cred"), "account": ("acct",), "session": ("open_session", "close_session"), "password": ("prechauthtok",)}


def stack(phase: str) -> str:
    """Gives the caller the module's own result."""
    options = "timeout=4" if phase == "auth" else ""
    instead = f"{phase} required pam_debug.so " + " ".join(f"{call}=cred_err" for call in PHASES[phase])
    return f"{phase} [success=done ignore=ignore default=die] {MODULE} {options}\n{instead}\n"


@pytest.fixture(scope="module")
def prompts(house: House, tmp_path_factory: pytest.TempPathFactory) -> Prompts:
    folder = tmp_path_factory.mktemp("pam.d")
    for service in ("demo", "numbered", "paged", "off", *MACHINES):
        (folder / service).write_text("".join(stack(phase) for phase in PHASES))
    return Prompts(house, folder)


@pytest.fixture
def alone(house: House, person: Person) -> Person:
    """Nobody else may be nobody, and he at one service."""
    house.ctl("link", "remove", "nobody", check=False)
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "demo")
    return person


@pytest.fixture
def hung(house: House) -> Iterator[None]:
    assert house.antarad
    house.antarad.send_signal(signal.SIGSTOP)
    yield
    house.antarad.send_signal(signal.SIGCONT)


def shown(found: dict[str, Any]) -> list[Any]:
    """What the module itself shows; pam_debug tells what it does."""
    return [call for call in found["calls"] if not call[0][1].endswith("=cred_err")]


def decided(prompts: Prompts, person: Person, button: str = "approve", user: str = "nobody") -> int:
    """By the page; whoever is shown a number types it."""
    terminal = sit_down(prompts, user=user)
    page = prompts.decide(person, prompts.code(terminal), button)
    terminal.sendline(prompts.number(page) if "nobody will ask you for it" in page else "")
    return result_of(terminal)


def test_p1_approved_is_success(prompts: Prompts, alone: Person) -> None:
    assert decided(prompts, alone) == PAM_SUCCESS
    assert talk(prompts, "typed", 1, ANTARA_TEST_USER="nobody", ANTARA_TEST_TYPED=prompts.one_time(alone))["result"] == PAM_SUCCESS


def test_declined_is_an_authentication_error(prompts: Prompts, alone: Person) -> None:
    assert decided(prompts, alone, "decline") == PAM_AUTH_ERR


@pytest.mark.parametrize("user", ["nobody", "daemon", "no-such-user"])
def test_a_wrong_code_is_an_authentication_error_for_whoever_it_is(prompts: Prompts, alone: Person, user: str) -> None:
    wrong = bent(prompts.one_time(alone))
    assert talk(prompts, "typed", 1, ANTARA_TEST_USER=user, ANTARA_TEST_TYPED=wrong)["result"] == PAM_AUTH_ERR


def test_a_wrong_number_is_an_authentication_error(prompts: Prompts, house: House, alone: Person) -> None:
    house.ctl("link", "add", "nobody", "--email", alone.email, "--service", "numbered")
    terminal = sit_down(prompts, "numbered")
    number = prompts.number(prompts.decide(alone, prompts.code(terminal)))
    terminal.sendline(f"{(int(number) + 1) % 100:02d}")
    assert result_of(terminal) == PAM_AUTH_ERR


def test_p2_another_account_is_an_authentication_error(prompts: Prompts, house: House, alone: Person) -> None:
    other = Person(house, "other." + alone.email)
    other.sign_in()
    assert decided(prompts, other) == PAM_AUTH_ERR


@pytest.mark.parametrize("user", ["daemon", "no-such-user"])
def test_p2_without_a_link_the_user_is_unknown(prompts: Prompts, alone: Person, user: str) -> None:
    assert decided(prompts, alone, user=user) == PAM_USER_UNKNOWN


def test_p2_a_suspended_account_is_an_authentication_error(prompts: Prompts, house: House, alone: Person) -> None:
    terminal = sit_down(prompts)
    page = prompts.decide(alone, prompts.code(terminal))
    house.ctl("account", "suspend", alone.email)
    terminal.sendline("")
    assert "Approved" in page and result_of(terminal) == PAM_AUTH_ERR
    assert account(prompts) == PAM_ACCT_EXPIRED


def test_whose_time_is_over_has_an_authentication_error(prompts: Prompts) -> None:
    terminal = sit_down(prompts)
    prompts.code(terminal)
    terminal.sendline("")
    assert result_of(terminal) == PAM_AUTH_ERR


def test_p13_knocking_and_guessing_are_too_many_tries(prompts: Prompts, house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Three codes of the page from one place; after them a service that takes no others is shut at once, and one that does when its tries are spent."""
    limits = LIMITS.replace("device_client:10000/60", "device_client:30/600").replace("otp_client:10000/60", "otp_client:6/600")
    with instead_of(house, tmp_path_factory.mktemp("strict"), services=SERVICES, limits=limits):
        for user, service in (("games", "paged"), ("nobody", "demo")):
            tries = [talk(prompts, "typed", 1, service, ANTARA_TEST_USER=user, ANTARA_TEST_TYPED="BCDFG-HJKLM") for _ in range(10)]
            results = [found["result"] for found in tries]
            assert results[:3] == [PAM_AUTH_ERR] * 3 and results[-1] == PAM_MAXTRIES, results
            assert set(results) == {PAM_AUTH_ERR, PAM_MAXTRIES} and tries[-1]["prompts"] == 0


def test_p4_a_daemon_that_is_away_is_unavailable(prompts: Prompts, house: House) -> None:
    house.stop()
    try:
        assert (talk(prompts, "typed", 1)["result"], account(prompts)) == (PAM_AUTHINFO_UNAVAIL, PAM_AUTHINFO_UNAVAIL)
    finally:
        house.start()


def test_p4_a_bus_that_is_away_is_unavailable(prompts: Prompts) -> None:
    nowhere = "unix:path=/nowhere"
    assert talk(prompts, "typed", 1, DBUS_SYSTEM_BUS_ADDRESS=nowhere)["result"] == PAM_AUTHINFO_UNAVAIL
    assert account(prompts, DBUS_SYSTEM_BUS_ADDRESS=nowhere) == PAM_AUTHINFO_UNAVAIL


def test_p4_a_daemon_that_hangs_is_unavailable(prompts: Prompts, hung: None) -> None:
    assert talk(prompts, "typed", 1)["result"] == PAM_AUTHINFO_UNAVAIL


def test_p4_a_daemon_that_restarts_is_unavailable(prompts: Prompts, house: House) -> None:
    terminal = sit_down(prompts)
    prompts.code(terminal)
    house.kill()
    house.start()
    terminal.sendline("")
    assert result_of(terminal) == PAM_AUTHINFO_UNAVAIL


def test_a_service_that_is_not_enabled_is_ignored_without_a_question(prompts: Prompts) -> None:
    found = talk(prompts, "typed", 1, "off")
    assert (found["result"], shown(found)) == (IGNORED, [])
    assert account(prompts, service="off") == IGNORED


@pytest.mark.parametrize("service", MACHINES)
def test_where_nobody_can_answer_it_is_ignored_without_a_daemon(prompts: Prompts, hung: None, service: str) -> None:
    found = talk(prompts, "typed", 1, service)
    assert (found["result"], shown(found)) == (IGNORED, [])
    assert account(prompts, service=service) == IGNORED


def test_p7_a_conversation_that_is_missing_or_broken_is_its_own_error(prompts: Prompts) -> None:
    results = {kind: talk(prompts, kind, 1)["result"] for kind in ("null", "failing", "empty", "hollow")}
    assert set(results.values()) == {PAM_CONV_ERR}, results


def test_p10_the_account_phase_says_who_may_be_the_user(prompts: Prompts, house: House, alone: Person) -> None:
    assert account(prompts) == PAM_SUCCESS
    assert [account(prompts, user) for user in ("daemon", "no-such-user")] == [PAM_ACCT_EXPIRED] * 2
    house.ctl("link", "remove", "nobody")
    assert account(prompts) == PAM_ACCT_EXPIRED


@pytest.mark.parametrize(("phase", "result"), [("setcred", PAM_SUCCESS), ("open", PAM_SUCCESS), ("close", PAM_SUCCESS), ("password", IGNORED)])
def test_p10_the_other_phases_ask_nothing(prompts: Prompts, phase: str, result: int) -> None:
    found = talk(prompts, "typed", 1, ANTARA_TEST_PHASE=phase)
    assert (found["result"], shown(found)) == (result, [])
