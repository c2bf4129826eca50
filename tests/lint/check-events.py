#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every event of the log has a MESSAGE_ID, and every MESSAGE_ID a text in the journal's catalog that journalctl takes."""

import pathlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator

EVENTS = "daemon/base/log-events.h"
IDS = "daemon/base/message-id.c"
CATALOG = "systemd/antara.catalog"


def doubles(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def complaints(root: pathlib.Path) -> Iterator[str]:
    events = re.findall(r"^#define (LOG_EVENT_\w+)", (root / EVENTS).read_text(), re.MULTILINE)
    rows = re.findall(r'^\s*\{(LOG_EVENT_\w+), "(\w+)"\}', (root / IDS).read_text(), re.MULTILINE)
    texts = re.findall(r"^-- (\w+)\nSubject: \S.*\n(?:[\w-]+: .*\n)+\n\S", (root / CATALOG).read_text(), re.MULTILINE)
    headers = re.findall(r"^-- (\w+)$", (root / CATALOG).read_text(), re.MULTILINE)
    ids = [message_id for _, message_id in rows]

    yield from (f"{IDS}: {event} has no row with a MESSAGE_ID of its own (systemd-id128 new)" for event in events if event not in dict(rows))
    yield from (f"{IDS}: {event} is no event of {EVENTS}" for event, _ in rows if event not in events)
    yield from (f"{IDS}: {message_id} is no 128 bits in hexadecimal" for message_id in ids if not re.fullmatch("[0-9a-f]{32}", message_id))
    yield from (f"{IDS}: {name} stands there twice" for name in doubles([event for event, _ in rows]) + doubles(ids))
    yield from (f"{CATALOG}: {event} ({message_id}) has no text with a subject" for event, message_id in rows if message_id not in texts)
    yield from (f"{CATALOG}: {message_id} is no event's" for message_id in headers if message_id not in ids)
    yield from (f"{CATALOG}: {message_id} stands there twice" for message_id in doubles(headers))


def compiled(root: pathlib.Path) -> Iterator[str]:
    """systemd's own compiler reads it."""
    with tempfile.TemporaryDirectory(prefix="antara-catalog-") as folder:
        place = pathlib.Path(folder, "usr/lib/systemd/catalog")
        place.mkdir(parents=True)
        pathlib.Path(folder, "var/lib/systemd/catalog").mkdir(parents=True)
        (place / "antara.catalog").write_bytes((root / CATALOG).read_bytes())
        done = subprocess.run(["journalctl", "--update-catalog", f"--root={folder}"], capture_output=True, text=True, check=False)
        listed = subprocess.run(["journalctl", "--list-catalog", f"--root={folder}"], capture_output=True, text=True, check=False).stdout
        if done.returncode or done.stderr or listed.count("Antara:") != (root / CATALOG).read_text().count("\n-- "):
            yield f"{CATALOG}: journalctl does not take all of it: {done.stderr}{listed}"


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    found = [*complaints(root), *compiled(root)]
    print("\n".join(found))
    sys.exit(1 if found else 0)
