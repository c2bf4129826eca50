#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the suites one after the other and count. Called by scripts/test; each suite says how long it took."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree
from collections.abc import Callable
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUZZ_SECONDS = 60  # each target, in the long form


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: list[str] = field(default_factory=list)  # of skips, and what failed

    def add(self, other: "Count") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.reasons += other.reasons


def command(*words: str, folder: pathlib.Path = ROOT, **environment: str) -> bool:
    print("+", " ".join(words), flush=True)
    return subprocess.run(words, cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, check=False).returncode == 0


def quiet(*words: str, log: str, **environment: str) -> bool:
    """Runs a command whose output matters only when it fails."""
    path = ROOT / log
    with open(path, "wb") as out:
        done = subprocess.run(words, cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        print("+", " ".join(words))
        print(path.read_text(errors="replace")[-8000:], flush=True)
    return done.returncode == 0


def step(done: bool) -> Count:
    return Count(passed=int(done), failed=int(not done))


def build(folder: str, *options: str, target: str = "all", **environment: str) -> bool:
    if not (ROOT / folder / "build.ninja").exists():
        if not quiet("meson", "setup", folder, *options, log=f"{folder}.setup.log", **environment):
            return False
    return quiet("ninja", "-C", folder, target, log=f"{folder}.compile.log", **environment)


def meson_suites(folder: str, *suites: str, **environment: str) -> Count:
    """Runs meson's tests and counts their sub-tests, as the TAP of GLib's tests names them."""
    words = [word for suite in suites for word in ("--suite", suite)]
    log = ROOT / folder / "meson-logs/testlog.json"
    log.unlink(missing_ok=True)
    good = command("meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs", *words, **environment)
    count = Count()
    for line in log.read_text().splitlines() if log.exists() else []:
        row = json.loads(line)
        lines = [text for text in row.get("stdout", "").splitlines() if text.startswith(("ok ", "not ok "))]
        skips = [text.partition(" # SKIP ")[::2] for text in lines if " # SKIP " in text]
        count.skipped += len(skips)
        count.reasons += [f"skipped {name.split(' ')[-1]} in {folder}: {reason}" for name, reason in skips]
        taps = [text.startswith("ok ") for text in lines if " # SKIP " not in text]
        bad = row["result"] not in ("OK", "EXPECTEDFAIL")
        if bad:
            count.reasons.append(f"failed {row['name']} in {folder}: {row['result']}")
        count.passed += sum(taps) if taps else int(not bad)
        count.failed += max(len(taps) - sum(taps), int(bad))
    if not good and not count.failed:
        count.failed = 1
    return count


def junit(path: pathlib.Path) -> Count:
    if not path.exists():
        return Count(failed=1)
    count = Count()
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        skipped = case.find("skipped")
        problem = next((found for found in (case.find("failure"), case.find("error")) if found is not None), None)
        if problem is not None:
            count.failed += 1
            count.reasons.append(f"failed {name}: {(problem.get('message') or '').partition(chr(10))[0][:200]}")
        elif skipped is not None:
            count.skipped += 1
            count.reasons.append(f"skipped {name}: {skipped.get('message')}")
        else:
            count.passed += 1
    return count


def pytest(*places: str, folder: str = "build-strict", **environment: str) -> Count:
    """In a mount namespace of its own, where the private bus binds its files."""
    report = ROOT / f"{folder}/{'-'.join((places[0].replace('/', '-'), *environment.values()))}.xml"
    report.unlink(missing_ok=True)
    words = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *places]
    good = command(
        *("unshare", "--mount", "--propagation", "private", *words),
        ANTARA_BUILD=str(ROOT / folder),
        ANTARA_TOOLS=str(ROOT / "build-strict/tests/tools"),
        **environment,
    )
    count = junit(report)
    if not good and not count.failed:
        count.failed = 1
    return count


def strict() -> Count:
    if not build("build-strict", "--native-file", "build-strict.ini"):
        return Count(failed=1)
    return meson_suites("build-strict", "unit", "threads", "fuzz", "lint")


def thread_sanitizer() -> Count:
    if not build("build-tsan", "-Db_sanitize=thread", "-Db_lundef=false"):
        return Count(failed=1)
    return meson_suites("build-tsan", "threads", TSAN_OPTIONS="halt_on_error=1")


CLANG = ("-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dc_args=-fno-sanitize-recover=all")


def clang() -> Count:
    """Warnings are errors in the release builds; here clang would call variables unused that are there for their cleanup."""
    if not build("build-clang", *CLANG, CC="clang"):
        return Count(failed=1)
    return meson_suites("build-clang", "fuzz")


def release() -> Count:
    count = Count()
    for compiler in ("gcc", "clang"):
        count.add(step(build(f"build-release-{compiler}", "-Dbuildtype=release", "-Dwerror=true", "-Dtests=false", CC=compiler)))
        count.add(pytest("tests/integration/test_secrets.py", folder=f"build-release-{compiler}"))
    count.add(pytest("tests/pam/test_leaks.py", folder="build-release-gcc"))
    return count


def coverage() -> Count:
    if not build("build-coverage", "-Db_coverage=true", "-Dbuildtype=debug", "-Dtest_loopback=true"):
        return Count(failed=1)
    count = meson_suites("build-coverage", "unit")
    for floor in ("core", "crypto", "store"):
        print(f"coverage of {floor}/", flush=True)
        command(
            "gcovr",
            "--root",
            str(ROOT),
            "--filter",
            f"daemon/{floor}/",
            "--exclude-unreachable-branches",
            "--print-summary",
            "--output",
            f"build-coverage/coverage-{floor}.txt",
            "build-coverage",
        )
    return count


def tidy() -> Count:
    sources = sorted(str(path) for place in ("daemon", "pam_antara", "antaractl") for path in (ROOT / place).rglob("*.c"))
    if not build("build-clang", *CLANG, CC="clang"):
        return Count(failed=1)
    return step(quiet("run-clang-tidy", "-quiet", "-p", "build-clang", *sources, log="build-clang/tidy.log"))


def python_style() -> Count:
    places = ["scripts", "tests", "examples", "po", "man", "docs", "antaractl"]
    count = step(quiet("black", "--check", "--line-length", "160", *places, log="build-strict/black.log"))
    return count


def integration() -> Count:
    return pytest("tests/integration")


def conformance() -> Count:
    return pytest("tests/conformance")


def workers() -> Count:
    """All of it once more with more threads than this machine may have processors."""
    return pytest("tests/integration", ANTARA_TEST_WORKERS="4")


def pam() -> Count:
    return pytest("tests/pam", "--ignore=tests/pam/test_leaks.py")


def package() -> Count:
    """The .deb files, and a Debian with systemd that installs them."""
    return pytest("tests/package")


def npm_tests(place: str) -> Count:
    folder = ROOT / "tests" / place
    if not command("npm", "ci", "--no-audit", "--no-fund", "--silent", folder=folder):
        return Count(failed=1)
    return pytest(f"tests/{place}")


def clients() -> Count:
    return npm_tests("clients")


def browser() -> Count:
    return npm_tests("browser")


def fuzz() -> Count:
    if not build("build-fuzz", *CLANG, "-Dfuzz=true", target="fuzzers", CC="clang"):
        return Count(failed=1)
    count = Count()
    for program in sorted((ROOT / "build-fuzz/tests/fuzz").glob("fuzz-*")):
        if program.is_file():
            corpus = ROOT / "build-fuzz/corpus" / program.name
            corpus.mkdir(parents=True, exist_ok=True)
            saved = ROOT / "tests/fuzz/corpus" / program.name.removeprefix("fuzz-")
            count.add(step(quiet(str(program), f"-max_total_time={FUZZ_SECONDS}", "-timeout=5", str(corpus), str(saved), log=f"build-fuzz/{program.name}.log")))
    return count


SHORT: list[Callable[[], Count]] = [strict, thread_sanitizer, clang, release, coverage, python_style, integration, conformance, pam, clients, browser, package]
LONG: list[Callable[[], Count]] = [*SHORT, workers, tidy, fuzz]


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/test")
    parser.add_argument("--long", action="store_true", help="the full form, for before a piece of work is called done")
    parser.add_argument("--only", action="append", metavar="SUITE", help=", ".join(suite.__name__ for suite in LONG))
    asked = parser.parse_args()
    if asked.long:
        os.environ["ANTARA_TEST_LONG"] = "1"
    total = Count()
    for suite in LONG if asked.long or asked.only else SHORT:
        if asked.only and suite.__name__ not in asked.only:
            continue
        print(f"=== {suite.__name__}", flush=True)
        begun = time.monotonic()
        count = suite()
        total.add(count)
        print(f"=== {suite.__name__}: {count.passed} passed, {count.failed} failed, {time.monotonic() - begun:.0f} s", flush=True)
    print("\n".join(total.reasons))
    print(f"{total.passed} passed, {total.failed} failed" + (f", {total.skipped} skipped" if total.skipped else ""))
    sys.exit(1 if total.failed or not total.passed else 0)


if __name__ == "__main__":
    main()
