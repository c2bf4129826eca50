#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start all of Antara in one terminal: bus, polkitd, antarad, two web apps, one PAM service. Called by scripts/run."""

import argparse
import contextlib
import json
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import daemon_process
import mailbox
import private_bus

ROOT = pathlib.Path(__file__).resolve().parent.parent
ANTARAD = ROOT / "build/daemon/antarad"
ANTARACTL = ROOT / "build/antaractl/antaractl"
MODULE = ROOT / "build/pam_antara/pam_antara.so"
APPS = ("Bakery", "Library")
SERVICE = "demo"
LOCAL_USER = "nobody"

CONFIG = """# Written by scripts/run at each start
[daemon]
state_dir = {folder}/state
kek_file = {folder}/kek

[http]
listen = localhost:{port}

[mail]
transport = maildir:{folder}/mail
from = antara@localhost

[tenant try]
issuer = http://localhost:{port}
display_name = Antara, to try
sign_up = open

[pam]
host_name = {host}

[service {service}]
"""

ENV = """# . this file in another terminal
export DBUS_SYSTEM_BUS_ADDRESS={address}
export PATH={bin}:$PATH
"""

PAMTESTER = """#!/bin/sh
# pamtester with the services of this folder alone; /etc/pam.d stays untouched
exec env LD_PRELOAD=libpam_wrapper.so PAM_WRAPPER=1 PAM_WRAPPER_SERVICE_DIR={services} /usr/bin/pamtester "$@"
"""

WELCOME = """
Antara runs.  Ctrl-C stops it; what it knows stays in {folder}.

 1. Web: open both, sign in with any address, and compare what they know of you.
{apps}
    The mail with link and code is printed here. Your sessions and apps:  http://localhost:{port}/me

 2. Host: in another terminal, as root
      . {folder}/env
      antaractl link add {user} --email ADDRESS      (the address that you signed in with)
      pamtester {service} {user} authenticate acct_mgmt
    Open the URL that the prompt shows, approve there, then press Enter.

 3. Look at it all:
      antaractl status;  antaractl app list;  antaractl service list;  antaractl link list
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/run", description="Build Antara and start all of it in this terminal.")
    parser.add_argument("--dir", type=pathlib.Path, default=ROOT / "run", help="where everything is kept (run/)")
    parser.add_argument("--port", type=int, default=8080, help="of Antara; the apps take the next two (8080)")
    parser.add_argument("--check", action="store_true", help="only look whether it could start")
    return parser.parse_args()


def refuse(problem: str) -> None:
    sys.exit(f"scripts/run: {problem}")


def check_ports(port: int) -> None:
    if not 1 <= port <= 65533:
        refuse(f"--port {port}: a port is 1 to 65533 here, since the apps take the next two")
    for number in range(port, port + 1 + len(APPS)):
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with contextlib.suppress(FileNotFoundError), socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, number))
                except OSError as error:
                    if host == "127.0.0.1" or error.errno == 98:
                        refuse(f"port {number} is taken ({error.strerror}): choose another with --port")


def prepare(folder: pathlib.Path, port: int) -> pathlib.Path:
    for name in ("", "state", "pam.d", "bin"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    daemon_process.make_kek(ANTARAD, folder / "kek")
    config = folder / "antarad.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, host=socket.gethostname(), service=SERVICE))
    lines = "".join(f"{phase} required {MODULE}\n" for phase in ("auth", "account"))
    (folder / "pam.d" / SERVICE).write_text(lines)
    pamtester = folder / "bin/pamtester"
    pamtester.write_text(PAMTESTER.format(services=shlex.quote(str(folder / "pam.d"))))
    pamtester.chmod(0o755)
    with contextlib.suppress(FileNotFoundError):
        (folder / "bin/antaractl").unlink()
    (folder / "bin/antaractl").symlink_to(ANTARACTL)
    return config


def antaractl(address: str, *words: str) -> dict[str, str] | list[dict[str, str]]:
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address}
    answer = subprocess.run([str(ANTARACTL), "--json", *words], env=environment, check=True, capture_output=True, text=True)
    result: dict[str, str] | list[dict[str, str]] = json.loads(answer.stdout)
    return result


def client_ids(folder: pathlib.Path, address: str, port: int) -> dict[str, str]:
    """Registers the apps at the first start; a start on another port registers them anew."""
    kept = folder / "apps.json"
    known: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    for number, name in enumerate(APPS, port + 1):
        if f"{name} {number}" not in known:
            made = antaractl(address, "app", "add", name, "--redirect-uri", f"http://127.0.0.1:{number}/callback")
            assert isinstance(made, dict)
            known[f"{name} {number}"] = made["client_id"]
    kept.write_text(json.dumps(known))
    return known


@contextlib.contextmanager
def web_apps(known: dict[str, str], port: int) -> Iterator[None]:
    processes = []
    try:
        for number, name in enumerate(APPS, port + 1):
            words = ["--issuer", f"http://localhost:{port}", "--client-id", known[f"{name} {number}"], "--port", str(number), "--name", name]
            processes.append(subprocess.Popen(["/usr/bin/python3", str(ROOT / "examples/webapp.py"), *words], start_new_session=True))
        yield
    finally:
        for process in processes:
            private_bus.stop(process)


def serve(folder: pathlib.Path, antarad: subprocess.Popen[bytes], letters: mailbox.Mailbox) -> None:
    """Prints each mail's link until Ctrl-C."""
    while antarad.poll() is None:
        for letter in letters.fresh():
            print(f"Mail to {letter.to}: {letter.subject}\n    {letter.link}\n    code {letter.code}", flush=True)
        time.sleep(0.2)
    refuse(f"antarad ended with {antarad.returncode}; its words are in {folder}/antarad.log")


def run(folder: pathlib.Path, port: int) -> None:
    config = prepare(folder, port)
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(private_bus.private_bus(ROOT))
        antarad = daemon_process.start(ANTARAD, config, address, folder / "antarad.log")
        stack.callback(private_bus.stop, antarad)
        stack.enter_context(web_apps(client_ids(folder, address, port), port))
        (folder / "env").write_text(ENV.format(address=shlex.quote(address), bin=shlex.quote(str(folder / "bin"))))
        apps = "\n".join(f"      {name:8} http://127.0.0.1:{number}/" for number, name in enumerate(APPS, port + 1))
        print(WELCOME.format(folder=folder, apps=apps, port=port, service=SERVICE, user=LOCAL_USER), flush=True)
        serve(folder, antarad, mailbox.Mailbox(folder / "mail"))


def main() -> None:
    asked = arguments()
    if os.geteuid() != 0:
        refuse("needs root")
    check_ports(asked.port)
    if asked.check:
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(asked.dir.resolve(), asked.port)
    except KeyboardInterrupt:
        print("\nStopped. What it knows stays for the next start.")
    except (RuntimeError, subprocess.CalledProcessError) as problem:
        refuse(f"{problem}; see {asked.dir}/antarad.log")


if __name__ == "__main__":
    main()
