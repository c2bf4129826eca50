# SPDX-License-Identifier: GPL-3.0-or-later
"""A Debian with systemd as PID 1, in a folder, with no network but its own loopback. Needs root, and no systemd on the host."""

import contextlib
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

CGROUPS = pathlib.Path("/sys/fs/cgroup")
SECONDS_BOOT = 120.0
SECONDS_STOP = 60.0
SECONDS_COMMAND = 300.0

# systemd-nspawn wants a unified hierarchy as /sys/fs/cgroup; a host with both kinds has it one floor deeper.
START = """
for group; do mkdir -p "$group" && echo $$ > "$group/cgroup.procs" || exit 1; done
mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd || exit 1
if [ -d /sys/fs/cgroup/unified ]; then
    mount --move /sys/fs/cgroup/unified /mnt && mount --move /mnt /sys/fs/cgroup || exit 1
fi
exec systemd-nspawn --quiet --directory="$ROOT" --machine="$NAME" --boot --register=no --keep-unit --console=pipe \
    --private-network --capability=all --system-call-filter="bpf keyctl add_key"
"""


@dataclass
class Box:
    """A running one; `leader` is its PID 1 as the host sees it."""

    process: subprocess.Popen[bytes]
    leader: int

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = ["nsenter", "--target", str(self.leader), "--all", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"]
        done = subprocess.run(
            [*command, "DEBIAN_FRONTEND=noninteractive", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS_COMMAND,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)} in the box: {done.returncode}\n{done.stdout}")
        return done

    def output(self, *words: str) -> str:
        return self.run(*words).stdout.strip()

    def shown(self, unit: str, name: str) -> str:
        return self.output("systemctl", "show", "--value", f"--property={name}", unit)


def first_child(process: subprocess.Popen[bytes]) -> int | None:
    with contextlib.suppress(OSError):
        found = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return int(found[0]) if found else None
    return None


def wait_until_up(process: subprocess.Popen[bytes]) -> Box:
    """systemd-nspawn has other children before the one that stays."""
    end = time.monotonic() + SECONDS_BOOT
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"systemd-nspawn has ended with {process.returncode}")
        leader = first_child(process)
        box = Box(process, leader or 0)
        if leader and box.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"):
            return box
        time.sleep(0.2)
    raise RuntimeError("systemd did not come up")


def stop(box: Box) -> None:
    """What doesn't end is killed with its groups."""
    box.run("systemctl", "poweroff", check=False)
    with contextlib.suppress(subprocess.TimeoutExpired):
        box.process.wait(SECONDS_STOP)


def groups_of(name: str) -> list[pathlib.Path]:
    """Of the hierarchies that systemd uses, ours."""
    homes = [home for home in (CGROUPS / "unified", CGROUPS / "systemd") if home.is_dir()] or [CGROUPS]
    return [home / f"antara-{name}" for home in homes]


def end_groups(groups: list[pathlib.Path]) -> None:
    """Kills what is left in them, which a systemd-nspawn that was killed leaves running, and removes them."""
    for group in groups:
        for procs in group.rglob("cgroup.procs"):
            for pid in procs.read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
    end = time.monotonic() + SECONDS_STOP
    while any(group.exists() for group in groups) and time.monotonic() < end:
        for group in groups:
            for folder in [*sorted(group.rglob("*/"), key=lambda path: -len(path.parts)), group]:
                with contextlib.suppress(OSError):
                    folder.rmdir()
        time.sleep(0.05)


@contextlib.contextmanager
def boot(root: pathlib.Path, name: str, log: pathlib.Path) -> Iterator[Box]:
    """Boots the tree `root`, which keeps what is changed in it. What can't boot fails, with what systemd-nspawn said."""
    groups = groups_of(name)
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", START, "sh", *map(str, groups)]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ROOT": str(root), "NAME": name}
    with open(log, "wb") as out:
        process = subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    try:
        box = wait_until_up(process)
    except (RuntimeError, subprocess.TimeoutExpired) as problem:
        end_groups(groups)
        process.wait()
        raise AssertionError(f"the box does not boot: {problem}\n{log.read_text(errors='replace')[-4000:]}") from problem
    try:
        yield box
    finally:
        stop(box)
        end_groups(groups)
