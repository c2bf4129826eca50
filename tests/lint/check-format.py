#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fail if clang-format would lay out a C file otherwise."""

import pathlib
import subprocess
import sys

root = pathlib.Path(sys.argv[1])
files = [str(path) for place in ("daemon", "pam_antara", "antaractl", "dbus", "tests") for path in sorted((root / place).rglob("*.[ch]"))]
sys.exit(subprocess.run(["clang-format", "--dry-run", "--Werror", *files], check=False).returncode)
