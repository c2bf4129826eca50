# SPDX-License-Identifier: GPL-3.0-or-later
"""Screen lockers: programs that are not root, at services that let them ask about their own user."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

import pexpect
import pytest
from bus_caller import BusCaller, Refused, bus_caller
from conftest import MODULE, Prompts, ended
from house import LIMITS, House, Person, instead_of, new_house, wait_until

LINE = r"Approve (\w{4}-\w{4}) at \S+/d, then (press )?Enter.*: "
LINE_CHARS = 80
RIGHT = "successfully authenticated"
DENIED = "org.antara1.Error.AccessDenied"
BAD = "org.freedesktop.DBus.Error.InvalidArgs"
PLACES_OF_USER = 4
SERVICES = """[service locker]
unprivileged = yes

[service demo]
"""


@pytest.fixture(scope="module")
def house(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with new_house(tmp_path_factory.mktemp("house"), bus, services=SERVICES) as running:
        yield running


@pytest.fixture(scope="module")
def prompts(house: House) -> Iterator[Prompts]:
    """Where everybody can read it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="antara-pam-"))
    folder.chmod(0o755)
    module = shutil.copy(MODULE, folder)
    for service in ("locker", "demo", "nowhere"):
        (folder / service).write_text(f"auth required {module} slug\naccount required {module}\n")
    yield Prompts(house, folder)
    shutil.rmtree(folder)


@pytest.fixture
def somebody(house: House) -> Iterator[BusCaller]:
    with bus_caller(house.address, "nobody") as caller:
        yield caller


@pytest.fixture
def linked(house: House, person: Person) -> Person:
    person.sign_in()
    house.ctl("link", "add", "nobody", "--email", person.email, "--service", "locker")
    return person


def unlock(prompts: Prompts, service: str = "locker", user: str = "nobody", *phases: str) -> "pexpect.spawn[str]":
    """The module in a process of nobody, without a terminal's name, as in a locker."""
    words = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--", "pamtester", service, user, *(phases or ("authenticate",))]
    return pexpect.spawn("setpriv", words, env={**prompts.environment(), "HOME": "/"}, timeout=20, encoding="utf-8", dimensions=(60, 200))


def number_on(page: str) -> str:
    found = re.search(r">\s*(\d\d)\s*<", page)
    assert found, page
    return found[1]


def refused(caller: BusCaller, member: str, *words: object) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        caller.call(member, *words)
    return caught.value.args[0], caught.value.args[1]


def test_a_locker_opens_by_the_page_and_always_by_its_number(prompts: Prompts, linked: Person) -> None:
    prompt = unlock(prompts, "locker", "nobody", "authenticate", "acct_mgmt")
    prompt.expect(LINE)
    assert prompt.match and len(prompt.match[0]) <= LINE_CHARS
    page = prompts.decide(linked, prompt.match[1])
    prompt.sendline("")
    prompt.expect_exact("Type the number that the page shows: ")
    prompt.sendline(number_on(page))
    text = ended(prompt)
    assert RIGHT in text and "account management done" in text and prompt.exitstatus == 0


def test_a_locker_opens_by_a_one_time_code(prompts: Prompts, linked: Person) -> None:
    prompt = unlock(prompts)
    prompt.expect(LINE)
    prompt.sendline(prompts.one_time(linked))
    assert RIGHT in ended(prompt)


def test_p2_a_wrong_number_another_account_and_a_decline_open_nothing(house: House, prompts: Prompts, linked: Person) -> None:
    other = Person(house, "other." + linked.email)
    other.sign_in()
    for who, button, right in ((linked, "approve", False), (other, "approve", True), (linked, "decline", False)):
        prompt = unlock(prompts)
        prompt.expect(LINE)
        assert prompt.match
        page = prompts.decide(who, prompt.match[1], button)
        number = number_on(page) if button == "approve" else ""
        prompt.sendline(number if right or not number else f"{(int(number) + 1) % 100:02d}")
        text = ended(prompt)
        assert RIGHT not in text and "Not approved" in text and prompt.exitstatus == 1


@pytest.mark.parametrize(
    ("service", "user"),
    [("locker", "daemon"), ("locker", "root"), ("locker", "no-such-user"), ("demo", "nobody"), ("sudo", "nobody"), ("nowhere", "nobody"), ("locker", "")],
)
def test_p5_another_user_or_service_is_refused_alike(somebody: BusCaller, service: str, user: str) -> None:
    """Whoever or whatever is there: the same name and words."""
    expected = (DENIED, "You may not do that.")
    assert refused(somebody, "Open", service, user, {}) == expected
    assert refused(somebody, "Account", service, user) == expected


def test_p5_the_module_gets_nothing_for_another_user(prompts: Prompts, linked: Person) -> None:
    for service, user in (("locker", "daemon"), ("demo", "nobody")):
        text = ended(unlock(prompts, service, user))
        assert "Approve" not in text and "cannot retrieve authentication info" in text


def test_root_asks_for_everybody_still(house: House) -> None:
    with bus_caller(house.address, "root") as root:
        for service, user in (("locker", "daemon"), ("demo", "nobody")):
            assert root.open(service, user)["state"] == "ask"


def test_what_a_program_says_of_itself_is_not_on_the_page_and_spares_no_number(prompts: Prompts, somebody: BusCaller, linked: Person) -> None:
    lies = {"rhost": "127.0.0.1", "tty": "/dev/lie", "ruser": "liar", "qr": "on", "terminal": True}
    answer = somebody.open("locker", "nobody", **lies)
    assert answer["info"] == "" and "\n" not in answer["prompt"] and not answer["echo"]
    code = answer["prompt"].split()[1]
    page = linked.submit(linked.get("/d"), user_code=code)
    assert "the host itself" in page.text and "lie" not in page.text.replace("believe", "")
    number = number_on(linked.submit(page, button="approve").text)
    assert somebody.respond(answer["conversation"], "")["state"] == "ask"
    approved = somebody.respond(answer["conversation"], number)
    assert approved["state"] == "approved"
    assert set(approved["environment"]) == {"ANTARA_AUTH_METHOD", "ANTARA_EVENT"}  # no slug


def test_root_has_the_slug_there(house: House, prompts: Prompts, linked: Person) -> None:
    with bus_caller(house.address, "root") as root:
        answer = root.open("locker", "nobody")
        approved = root.respond(answer["conversation"], prompts.one_time(linked))
        assert "ANTARA_SLUG" in approved["environment"]


def test_a_conversation_is_its_openers_alone(house: House, somebody: BusCaller) -> None:
    conversation = somebody.open("locker", "nobody")["conversation"]
    with bus_caller(house.address, "nobody") as other, bus_caller(house.address, "root") as root:
        for caller in (other, root):
            for member, words in (("Respond", ("",)), ("Wait", (1,)), ("Cancel", ())):
                assert refused(caller, member, conversation, *words)[0] == BAD
    somebody.call("Cancel", conversation)


def test_p9_a_locker_that_dies_leaves_a_dead_code(prompts: Prompts, linked: Person) -> None:
    prompt = unlock(prompts)
    prompt.expect(LINE)
    assert prompt.match
    code = prompt.match[1]
    prompt.close(force=True)
    wait_until(lambda: "not known here" in linked.submit(linked.get("/d"), user_code=code).text)


def test_p13_its_places_are_few_and_none_of_roots(house: House, somebody: BusCaller) -> None:
    with bus_caller(house.address, "root") as root, bus_caller(house.address, "nobody") as again:
        for caller in (root, somebody):
            for _ in range(PLACES_OF_USER):
                caller.open("locker", "nobody")
        assert refused(somebody, "Open", "locker", "nobody", {}) == (BAD, "Too many conversations are under way.")
        assert root.open("locker", "nobody")["state"] == "ask"
        assert refused(again, "Open", "locker", "nobody", {})[0] == BAD  # of the user, not of the connection


@contextlib.contextmanager
def narrow(house: House, folder: pathlib.Path) -> Iterator[House]:
    with instead_of(house, folder, services=SERVICES, limits=f"{LIMITS} unprivileged_user:2/600") as other:
        yield other


def test_p13_who_spends_the_budget_of_lockers_takes_nothing_from_root(house: House, tmp_path: pathlib.Path) -> None:
    with narrow(house, tmp_path) as other, bus_caller(other.address, "nobody") as somebody, bus_caller(other.address, "root") as root:
        prompts = []
        for _ in range(3):
            answer = somebody.open("locker", "nobody")
            prompts.append(answer["prompt"])
            somebody.call("Cancel", answer["conversation"])
        assert [prompt.startswith("Approve ") for prompt in prompts] == [True, True, False] and prompts[2] == "One-time code: "
        assert root.open("locker", "nobody")["prompt"].startswith("Approve ")


def test_k11_a_service_of_roots_can_not_be_unprivileged(house: House, tmp_path: pathlib.Path) -> None:
    config = house.write_config()
    text = config.read_text().replace("[service demo]", "[service sudo]\nunprivileged = yes\n[service demo]")
    wrong = tmp_path / "wrong.conf"
    wrong.write_text(text)
    line = text.splitlines().index("[service sudo]") + 2
    done = subprocess.run(
        [str(os.environ["ANTARA_BUILD"]) + "/daemon/antarad", "--config", str(wrong), "--check-config"], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0 and f"wrong.conf:{line}: [service sudo] unprivileged: only root may ask" in done.stderr
