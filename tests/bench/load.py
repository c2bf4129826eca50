# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a server, and bench-load asking it: the load on one core, the server on the other."""

import json
import os
import pathlib
import subprocess
from dataclasses import dataclass, field

import house as houses

SERVER_CORE = 0
LOAD_CORE = 1
CONNECTIONS = 64
ENOUGH_SECONDS = 600.0
SERVER = ("taskset", "-c", str(SERVER_CORE))  # before the command of a server

Line = dict[str, str]


@dataclass(frozen=True)
class Step:
    """One request; {NAME} in it stands for a value of the line, `take` says what of the answer becomes one."""

    path: str
    form: str = ""
    method: str = "POST"
    headers: tuple[str, ...] = ()
    status: int = 200
    take: tuple[tuple[str, str], ...] = ()

    def plan(self, host: str) -> dict[str, object]:
        head = "".join(line + "\r\n" for line in (f"{self.method} {self.path} HTTP/1.1", f"Host: {host}", *self.headers))
        return {"head": head, "body": self.form, "status": self.status, "take": self.take}


@dataclass
class Result:
    """Of one run: `rounds` are whole goes through the steps."""

    rounds: int
    seconds: float
    cpu_usec: float
    median_usec: int
    p99_usec: int
    values: list[Line] = field(repr=False)
    collected: list[Line] = field(repr=False)

    @property
    def rate(self) -> float:
        return self.rounds / self.seconds


def pin(pid: int) -> None:
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {SERVER_CORE})


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads so far."""
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> float:
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


@dataclass
class Target:
    """A server that listens on 127.0.0.1; `wrong_max` is the share of wrong answers that its clients live with."""

    pid: int
    port: int
    host: str
    wrong_max: float = 0.0

    def run(self, steps: list[Step], values: list[Line], seconds: float | None = None, *, collect: bool = False, connections: int = CONNECTIONS) -> Result:
        """For `seconds`, or without them once for each line. Fails when an answer is not what a step expects."""
        plan = {
            "port": self.port,
            "connections": connections,
            "seconds": seconds or ENOUGH_SECONDS,
            "once": seconds is None,
            "collect": collect,
            "steps": [step.plan(self.host) for step in steps],
            "values": values,
        }
        command = ["taskset", "-c", str(LOAD_CORE), str(houses.BUILD / "tests/bench/bench-load")]
        before = cpu_seconds(self.pid)
        done = subprocess.run(command, input=json.dumps(plan), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        used = cpu_seconds(self.pid) - before
        out = json.loads(done.stdout)
        assert out["wrong"] <= (out["wrong"] + out["rounds"]) * self.wrong_max, f"{out['wrong']} wrong answers of {steps}; the first:\n{out['first_wrong']}"
        rounds = int(out["rounds"])
        return Result(rounds, out["seconds"], used / rounds * 1e6, out["median_usec"], out["p99_usec"], out["values"], out["collected"])
