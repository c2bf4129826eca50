# SPDX-License-Identifier: GPL-3.0-or-later
"""npm's oidc-provider, in memory: what oidc-provider.mjs starts, as the steps of the bench."""

import contextlib
import json
import pathlib
import subprocess
from collections.abc import Iterator

import private_bus
from load import SERVER, Target
from oauth import REDIRECT_URI
from servers import Server, Size, usual

HERE = pathlib.Path(__file__).resolve().parent


@contextlib.contextmanager
def oidc_provider(size: Size) -> Iterator[Server]:
    command = [*SERVER, "node", "oidc-provider.mjs", str(size.people), str(size.apps), REDIRECT_URI]
    process = subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout
        ready = json.loads(process.stdout.readline())
        lines = [{"client": f"app{app}", "cookie": cookie, "backend": ready["backend"]} for app in range(size.apps) for cookie in ready["cookies"]]
        paths = {"authorize": "/auth", "token": "/token", "introspect": "/token/introspection", "userinfo": "/me", "device": "/device/auth"}
        yield usual("oidc-provider", Target(process.pid, ready["port"], f"localhost:{ready['port']}"), lines, paths)
    finally:
        private_bus.stop(process)
