# SPDX-License-Identifier: GPL-3.0-or-later
"""PORT THREADS [register]: asks on new connections until a line comes on standard input, then says how it went as one JSON value.

It asks for /healthz, or registers an app each time: an answer that is given only when what it tells is on the disk.
"""

import http.client
import json
import sys
import threading
from dataclasses import dataclass, field

APP = json.dumps({"redirect_uris": ["http://127.0.0.1/callback"], "client_name": "Knock"})


@dataclass
class Tally:
    answered: int = 0
    problems: list[str] = field(default_factory=list)
    apps: list[str] = field(default_factory=list)


def ask(client: http.client.HTTPConnection, register: bool, tally: Tally) -> None:
    if register:
        client.request("POST", "/oauth/register", APP, {"Connection": "close", "Content-Type": "application/json"})
    else:
        client.request("GET", "/healthz", headers={"Connection": "close"})
    answer = client.getresponse()
    body = answer.read().decode()
    if answer.status not in (200, 201):
        raise http.client.HTTPException(f"{answer.status} {body}")
    tally.answered += 1
    if register:
        tally.apps.append(json.loads(body)["client_id"])


def knock(port: int, register: bool, tally: Tally, until: threading.Event) -> None:
    while True:
        client = http.client.HTTPConnection("localhost", port, timeout=30)
        try:
            ask(client, register, tally)
        except (OSError, http.client.HTTPException) as problem:
            tally.problems.append(repr(problem))
        finally:
            client.close()
        if until.wait(0.05 if register else 0.01):  # a thousand apps at most register themselves
            return


def main() -> None:
    port, count, register = int(sys.argv[1]), int(sys.argv[2]), "register" in sys.argv[3:]
    until = threading.Event()
    tallies = [Tally() for _ in range(count)]
    threads = [threading.Thread(target=knock, args=(port, register, tally, until)) for tally in tallies]
    for thread in threads:
        thread.start()
    print("knocking", flush=True)
    sys.stdin.readline()
    until.set()
    for thread in threads:
        thread.join()
    problems = [problem for tally in tallies for problem in tally.problems]
    apps = [app for tally in tallies for app in tally.apps]
    print(json.dumps({"answered": sum(tally.answered for tally in tallies), "problems": problems, "apps": apps}))


if __name__ == "__main__":
    main()
