# SPDX-License-Identifier: GPL-3.0-or-later
"""PORT TIMES: asks for /healthz on new connections, from TIMES threads, until a line comes on standard input; says how it went."""

import http.client
import sys
import threading


def knock(port: int, tally: list[int], until: threading.Event) -> None:
    while True:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            client.request("GET", "/healthz", headers={"Host": f"localhost:{port}", "Connection": "close"})
            tally[0 if client.getresponse().status == 200 else 1] += 1
        except (OSError, http.client.HTTPException) as problem:
            tally[1] += 1
            print(f"{problem!r}", file=sys.stderr)
        finally:
            client.close()
        if until.wait(0.01):
            return


def main() -> None:
    port, times = int(sys.argv[1]), int(sys.argv[2])
    until = threading.Event()
    tallies = [[0, 0] for _ in range(times)]
    threads = [threading.Thread(target=knock, args=(port, tally, until)) for tally in tallies]
    for thread in threads:
        thread.start()
    print("knocking", flush=True)
    sys.stdin.readline()
    until.set()
    for thread in threads:
        thread.join()
    print(f"{sum(tally[0] for tally in tallies)} answered, {sum(tally[1] for tally in tallies)} not")


if __name__ == "__main__":
    main()
