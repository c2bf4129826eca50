# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else behind the daemon's name, on a bus whose policy lets anybody have it."""

import os
import pathlib
import subprocess
import time

import pexpect
import private_bus
import pytest
from conftest import Prompts, ended

OPEN_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:abstract={name}</listen>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"""
OWN_IT = """
import sys, time, dbus.bus
bus = dbus.bus.BusConnection(sys.argv[1])
bus.request_name("org.antara1")
print("owned", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(("user", "believed"), [("nobody", False), ("root", True)])
def test_p4_an_impostor_is_not_believed(prompts: Prompts, tmp_path: pathlib.Path, user: str, believed: bool) -> None:
    """Neither impostor answers: of root's the module waits for an answer, of a stranger's it wants none."""
    name = f"antara-open-bus-{os.getpid()}-{user}"
    config = tmp_path / "bus.conf"
    config.write_text(OPEN_BUS.format(name=name))
    bus = subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork", "--nosyslog", "--print-address"], stdout=subprocess.PIPE)
    assert bus.stdout and bus.stdout.readline()
    address = f"unix:abstract={name}"
    impostor = subprocess.Popen(["/usr/bin/python3", "-c", OWN_IT, address], user=user, stdout=subprocess.PIPE)
    try:
        assert impostor.stdout and impostor.stdout.readline() == b"owned\n"
        begun = time.monotonic()
        environment = {**prompts.environment(), "DBUS_SYSTEM_BUS_ADDRESS": address}
        prompt = pexpect.spawn("pamtester", ["demo", "nobody", "authenticate"], env=environment, timeout=20, encoding="utf-8")
        text = ended(prompt)
        assert "cannot retrieve authentication info" in text and prompt.exitstatus == 1
        assert (time.monotonic() - begun > 2) == believed
    finally:
        private_bus.stop(impostor)
        private_bus.stop(bus)
