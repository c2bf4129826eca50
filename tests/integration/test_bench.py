# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench can be run: its parts get the answers that they expect. What they measure is no test."""

import json
import subprocess
import sys

from house import ROOT

TIMES = {"pam_account_msec", "pam_unix_msec", "pam_code_msec", "pam_hung_msec", "pam_away_msec"}
PARTS = {"introspection", "userinfo", "refresh", "code", "exchange", "device"}


def test_the_short_bench_measures_every_part_against_a_bare_server() -> None:
    command = [sys.executable, "tests/bench/bench.py", "oauth", "--short", "--against", "libsoup", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    table, figures = done.stdout.rstrip().rsplit("\n", 1)
    parts = json.loads(figures)["parts"]
    assert set(parts) == PARTS
    assert all(min(part["ratios"]["bare libsoup"]["rate"]) > 0 for part in parts.values())
    assert table.count("antarad  ") == len(PARTS), table


def test_the_short_bench_signs_in_at_a_prompt() -> None:
    command = [sys.executable, "tests/bench/bench.py", "pam", "--short", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    times = json.loads(done.stdout.rstrip().rsplit("\n", 1)[1])["pam"]
    assert set(times) == TIMES and all(min(values) > 0 for values in times.values())
