# SPDX-License-Identifier: GPL-3.0-or-later
"""A private bus of the system type with the real polkitd. Needs root and a private mount namespace."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type> <user>messagebus</user> <auth>EXTERNAL</auth>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow user="*"/> <deny own="*"/> <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/> <allow receive_type="method_return"/>
    <allow receive_type="error"/> <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <include>/usr/share/dbus-1/system.d/org.freedesktop.PolicyKit1.conf</include>
  <includedir>{policies}</includedir>
</busconfig>
"""
ACTIONS = pathlib.Path("/usr/share/polkit-1/actions")
RULES = pathlib.Path("/etc/polkit-1/rules.d")


def stop(process: subprocess.Popen[bytes], seconds: float = 10.0) -> int:
    """Asks a process that we started to end, and waits; kills it only if it doesn't."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def wait_for_socket(path: pathlib.Path, process: subprocess.Popen[bytes], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(path))
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not serve {path}")


def wait_for_name(address: str, name: str, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = subprocess.run(["busctl", f"--address={address}", "status", name], capture_output=True, check=False)
        if status.returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError(f"nobody has {name} on the private bus")


def bind(source: pathlib.Path, target: pathlib.Path) -> None:
    subprocess.run(["mount", "--bind", str(source), str(target)], check=True)


@contextlib.contextmanager
def private_bus(root: pathlib.Path, rules: str = "") -> Iterator[str]:
    """Yields the bus address; `root` is the source tree, `rules` the text of a polkit rules file."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="antara-bus-"))
    folder.chmod(0o755)
    policies, actions, own_rules = folder / "bus.d", folder / "actions", folder / "rules"
    policies.mkdir()
    shutil.copytree(ACTIONS, actions)
    shutil.copytree("/usr/share/polkit-1/rules.d", own_rules)
    shutil.copy(root / "polkit/org.antara1.policy", actions)
    shutil.copy(root / "dbus/org.antara1.conf", policies)
    (own_rules / "10-antara-test.rules").write_text(rules)
    os.chown(folder, pwd.getpwnam("messagebus").pw_uid, -1)
    for path in (own_rules, *own_rules.iterdir()):
        os.chown(path, pwd.getpwnam("polkitd").pw_uid, -1)
    bind(actions, ACTIONS)
    bind(own_rules, RULES)

    address = f"unix:path={folder}/bus"
    (folder / "bus.conf").write_text(BUS_CONFIG.format(socket=folder / "bus", policies=policies))
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address}
    with open(folder / "log", "wb") as log:
        bus = subprocess.Popen(["dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--nosyslog"], stderr=log, start_new_session=True)
        polkitd = None
        try:
            wait_for_socket(folder / "bus", bus)
            polkitd = subprocess.Popen(["/usr/lib/polkit-1/polkitd", "--no-debug"], stdout=log, stderr=log, env=environment, start_new_session=True)
            wait_for_name(address, "org.freedesktop.PolicyKit1")
            yield address
        finally:
            if polkitd:
                stop(polkitd)
            stop(bus)
            for target in (RULES, ACTIONS):
                subprocess.run(["umount", str(target)], check=False)
            shutil.rmtree(folder)
