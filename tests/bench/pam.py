# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module costs whoever signs in: libpam called in this process, against a daemon that is there, hung or away."""

import contextlib
import ctypes
import os
import pathlib
import re
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import house as houses
from load import cpu_seconds

MODULE = houses.BUILD / "pam_antara/pam_antara.so"
USER = "nobody"
TIMEOUT = 3  # of the module, in seconds
STACKS = {
    "account": f"account required {MODULE}\n",
    "unix": "account required pam_unix.so\n",
    "code": f"auth required {MODULE} timeout={TIMEOUT}\n",
}
SERVICES = "[service account]\nmethods = device\n\n[service code]\nmethods = code\n"
PAM_SUCCESS, PAM_AUTHINFO_UNAVAIL = 0, 9
MSEC_MAX = 5.0


class Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class Response(ctypes.Structure):
    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


TALK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.POINTER(Message)), ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)


class Conversation(ctypes.Structure):
    _fields_ = [("talk", TALK), ("data", ctypes.c_void_p)]


LIBPAM = ctypes.CDLL("libpam.so.0")
LIBC = ctypes.CDLL(None)
LIBC.calloc.restype = LIBC.strdup.restype = ctypes.c_void_p
LIBPAM.pam_acct_mgmt.argtypes = LIBPAM.pam_authenticate.argtypes = LIBPAM.pam_end.argtypes = [ctypes.c_void_p, ctypes.c_int]


@dataclass
class Call:
    """One phase of one service, with `typed` at its only prompt."""

    folder: pathlib.Path
    service: str
    typed: str = ""
    answered: float = 0.0  # when it was typed

    def talk(self, count: int, _messages: object, ret: "ctypes._Pointer[ctypes.c_void_p]", _data: object) -> int:
        answers = LIBC.calloc(count, ctypes.sizeof(Response))
        last = Response.from_address(answers + (count - 1) * ctypes.sizeof(Response))
        last.text = LIBC.strdup(self.typed.encode())
        ret[0] = answers
        self.answered = time.perf_counter()
        return PAM_SUCCESS

    @contextlib.contextmanager
    def begun(self) -> Iterator[ctypes.c_void_p]:
        talk = TALK(self.talk)
        handle = ctypes.c_void_p()
        conversation = Conversation(talk, None)
        code = LIBPAM.pam_start_confdir(self.service.encode(), USER.encode(), ctypes.byref(conversation), str(self.folder).encode(), ctypes.byref(handle))
        assert code == PAM_SUCCESS, code
        yield handle
        LIBPAM.pam_end(handle, PAM_SUCCESS)

    def phase(self, function: Callable[[ctypes.c_void_p, int], int], expected: int) -> float:
        """Milliseconds, from the answer where there was a prompt."""
        with self.begun() as handle:
            begun = time.perf_counter()
            code = function(handle, 0)
            ended = time.perf_counter()
        assert code == expected, f"{self.service}: {code} for {expected}"
        return (ended - max(begun, self.answered)) * 1000


def draw_code(person: houses.Person) -> str:
    values = next(values for action, values in houses.Forms(person.get("/me").text).forms if action == "/me/code")
    found = re.search(r">\s*(\w{5}-\w{5})\s*<", person.post("/me/code", values).text)
    assert found
    return found[1]


def in_words(name: str, found: list[float], most: float) -> None:
    slow = statistics.quantiles(found, n=20)[-1] if len(found) > 1 else found[0]
    verdict = "holds" if statistics.median(found) < most else "MISSED"
    print(f"{name}: {statistics.median(found):.2f} ms, 95 % within {slow:.2f} ms; less than {most:g} ms {verdict}")


@contextlib.contextmanager
def processor_time(house: houses.House, rounds: int) -> Iterator[None]:
    """Of the daemon, for each of the rounds: it says what a busy machine hides."""
    assert house.antarad
    before = cpu_seconds(house.antarad.pid)
    yield
    print(f"  of it the daemon's processor time: {(cpu_seconds(house.antarad.pid) - before) * 1000 / rounds:.2f} ms")


def accounts(house: houses.House, folder: pathlib.Path, rounds: int) -> dict[str, list[float]]:
    """Beside pam_unix, which reads two files."""
    found: dict[str, list[float]] = {"account": [], "unix": []}
    with processor_time(house, rounds):
        for _ in range(rounds):
            for service, times in found.items():
                times.append(Call(folder, service).phase(LIBPAM.pam_acct_mgmt, PAM_SUCCESS))
        in_words("the account phase", found["account"], MSEC_MAX)
    print(f"  {statistics.median(found['account']) / statistics.median(found['unix']):.1f} times that of pam_unix")
    return {"pam_account_msec": found["account"], "pam_unix_msec": found["unix"]}


def codes(house: houses.House, folder: pathlib.Path, person: houses.Person, rounds: int) -> dict[str, list[float]]:
    """From the answer at the prompt to PAM_SUCCESS, durable; the processor's time has the drawing as well."""
    found = []
    with processor_time(house, rounds):
        for _ in range(rounds):
            found.append(Call(folder, "code", draw_code(person)).phase(LIBPAM.pam_authenticate, PAM_SUCCESS))
        in_words("a one-time code", found, MSEC_MAX)
    return {"pam_code_msec": found}


def outages(house: houses.House, folder: pathlib.Path) -> dict[str, list[float]]:
    """A daemon that hangs, and one that is away."""
    assert house.antarad
    call = Call(folder, "code")
    house.antarad.send_signal(signal.SIGSTOP)
    try:
        hung = call.phase(LIBPAM.pam_authenticate, PAM_AUTHINFO_UNAVAIL)
    finally:
        house.antarad.send_signal(signal.SIGCONT)
    house.stop()
    away = call.phase(LIBPAM.pam_authenticate, PAM_AUTHINFO_UNAVAIL)
    house.start()
    in_words("PAM_AUTHINFO_UNAVAIL of a daemon that hangs", [hung], TIMEOUT * 1000 + 500)
    in_words("PAM_AUTHINFO_UNAVAIL of a daemon that is away", [away], MSEC_MAX * 10)
    return {"pam_hung_msec": [hung], "pam_away_msec": [away]}


def measure(address: str, folder: pathlib.Path, rounds: int) -> dict[str, list[float]]:
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = address
    stacks = folder / "pam.d"
    stacks.mkdir()
    for name, text in STACKS.items():
        (stacks / name).write_text(text)
    with houses.new_house(folder, address, services=SERVICES) as house:
        person = houses.Person(house, "alice@example.org")
        person.sign_in()
        house.ctl("link", "add", USER, "--email", person.email)
        return accounts(house, stacks, rounds) | codes(house, stacks, person, rounds) | outages(house, stacks)
