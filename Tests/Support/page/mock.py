#!/usr/bin/env python3
"""A station that makes its data up: serves the page and docs/station/api.md, for work on the page and its test.

    mock.py [--port 8161] [--page Sources/StationWeb/Page] [--devices 12] [--seed 1] [--fast]

Devices: the first ten are cases (a router, a switch of 48 ports, one that is down, one with long names, one with
hostile names, one that restarts, one with gaps and an old 32-bit counter, one new, one partial, one that is watched
for two minutes); the rest are servers.
All values are functions of the device and the time, so that every span of a chart has data and agrees with the next.
--fast makes a round of a device and an event every two seconds. Prints the page's address when it listens. Standard
library only.
"""

import argparse
import datetime
import http.server
import json
import os
import re
import threading
import time
import urllib.parse

from madeup import Station

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    station = None
    page = ""

    def log_message(self, *_):
        pass

    def answer(self, status, kind, body):
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def say(self, value, status=200):
        self.answer(status, "application/json; charset=utf-8", json.dumps(value).encode())

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        query = {name: values[0] for name, values in urllib.parse.parse_qs(parts.query).items()}
        try:
            self.route(parts.path, query)
        except (LookupError, ValueError) as error:
            self.say({"error": {"status": 404, "message": str(error).strip("'\"")}}, 404)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def route(self, path, query):
        station, now = self.station, time.time()
        if not path.startswith("/api/"):
            name = "index.html" if path == "/" else path[1:]
            file = os.path.join(self.page, name)
            kind = TYPES.get(os.path.splitext(name)[1])
            if "/" in name or kind is None or not os.path.isfile(file):
                raise LookupError(f"there is no {path}")
            with open(file, "rb") as stream:
                return self.answer(200, kind, stream.read())
        with station.lock:
            events = list(station.events)
        if path == "/api/v1/station":
            return self.say(station.station(now))
        if path == "/api/v1/devices":
            return self.say({"devices": [device.summary(now) for device in station.devices.values()]})
        if path == "/api/v1/events":
            return self.say(station.find_events(query))
        if path == "/api/v1/chart":
            return self.say(station.chart(query, now))
        if path == "/api/v1/chart.csv":
            chart = station.chart(query, now)
            rows = ["time," + ",".join(f"{line['name']},{line['name']} state" for line in chart["lines"])]
            for points in zip(*(line["points"] for line in chart["lines"])):
                at = datetime.datetime.fromtimestamp(points[0][0], datetime.timezone.utc).isoformat()
                rows.append(at + "".join(f",{'' if p[2] is None else p[2]},{p[4]}" for p in points))
            return self.answer(200, "text/csv; charset=utf-8", "\r\n".join(rows).encode())
        match = re.fullmatch(r"/api/v1/devices/(\d+)(/series)?", path)
        if match:
            device = station.devices.get(int(match[1]))
            if device is None:
                raise LookupError(f"there is no device {match[1]}")
            return self.say(station.series(device, now) if match[2] else device.details(now, events))
        raise LookupError(f"there is no {path}")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass  # A browser that goes away in the middle is no news.


def serve(port=8161, page=None, devices=12, seed=1, fast=False):
    """Makes a server that listens on loopback; port 0 takes a free one. The caller runs serve_forever."""
    here = os.path.dirname(os.path.abspath(__file__))
    Handler.page = page or os.path.join(here, "../../../Sources/StationWeb/Page")
    Handler.station = Station(devices, seed, 2 if fast else 10)
    threading.Thread(target=Handler.station.live, daemon=True).start()
    return Server(("127.0.0.1", port), Handler)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8161)
    parser.add_argument("--page")
    parser.add_argument("--devices", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fast", action="store_true")
    options = parser.parse_args()
    server = serve(**vars(options))
    print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
