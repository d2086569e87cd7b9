"""Load without wrk: `python -m bench.client URL [--seconds 2] [-H 'Name: value']` prints JSON."""

import argparse
import http.client
import json
import threading
import time
from urllib.parse import urlsplit

from bench.rounds import percentile

CONNECTIONS = 2


class Client(threading.Thread):
    """One connection that sends the next request as soon as it has a response."""

    def __init__(self, url: str, headers: dict[str, str], until: float) -> None:
        super().__init__(daemon=True)
        self.url, self.headers, self.until = urlsplit(url), headers, until
        self.seconds: list[float] = []
        self.bad = 0

    def run(self) -> None:
        """Send requests until the monotonic clock reaches `until`."""
        connection = http.client.HTTPConnection(self.url.netloc, timeout=30)
        target = self.url.path + (f"?{self.url.query}" if self.url.query else "")
        while time.monotonic() < self.until:
            started = time.monotonic()
            connection.request("GET", target, headers=self.headers)
            answer = connection.getresponse()
            answer.read()
            self.bad += answer.status != 200
            self.seconds.append(time.monotonic() - started)


def main() -> None:
    """Run the clients, and print one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("-H", dest="headers", action="append", default=[])
    options = parser.parse_args()
    headers = dict(header.split(": ", 1) for header in options.headers)
    started = time.monotonic()
    clients = [Client(options.url, headers, started + options.seconds) for _ in range(CONNECTIONS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    durations = [seconds for client in clients for seconds in client.seconds]
    result = {
        "requests": len(durations),
        "seconds": time.monotonic() - started,
        "bad": sum(client.bad for client in clients),
        "p99_ms": 1000 * percentile(durations, 0.99),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
