#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fail if a floor of daemon/ includes a header from a floor above it, or a library that is not its own."""

import pathlib
import re
import sys

MAY_USE = {
    "base": {"base"},
    "crypto": {"base", "crypto"},
    "store": {"base", "crypto", "store"},
    "core": {"base", "crypto", "store", "core"},
    "http": {"base", "crypto", "core", "http"},
    "bus": {"base", "crypto", "core", "bus"},
    "jobs": {"base", "crypto", "core", "jobs"},
    "web": set(),
    "main.c": {"base", "crypto", "store", "core", "http", "bus", "jobs"},
}

# Libraries that only some floors may see, so that the rest can be tested without them.
ONLY_IN = {
    "libsoup/": {"http", "jobs"},
    "systemd/sd-bus.h": {"bus"},
    "gdbm.h": {"store"},
    "gnutls/": {"crypto"},
    "nettle/": {"crypto"},
    "curl/": {"jobs"},
    "gio/": {"http", "bus", "jobs"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)


def complaints(root):
    for path in sorted(root.glob("**/*.[ch]")):
        floor = path.relative_to(root).parts[0]
        if floor not in MAY_USE:
            yield f"{path}: {floor} is no floor of the house"
            continue
        for header in INCLUDE.findall(path.read_text()):
            target = header.split("/")[0]
            if target in MAY_USE and target not in MAY_USE[floor]:
                yield f"{path}: {floor} may not include {header}"
            for prefix, homes in ONLY_IN.items():
                if header.startswith(prefix) and floor not in homes:
                    yield f"{path}: only {', '.join(sorted(homes))} may include <{header}>"


if __name__ == "__main__":
    found = list(complaints(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    sys.exit(1 if found else 0)
