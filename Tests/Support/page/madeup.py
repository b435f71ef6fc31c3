"""Made-up devices and what they would have said: all values follow from the device and the time. Used by mock.py."""

import datetime
import json
import math
import re
import threading
import time
import zlib

HOSTILE = "<script>window.pwned=1</script>"
HOSTILE_ALIAS = '"><img src=x onerror="window.pwned=2"><b>bold</b>'


def mixed(*parts):
    """A number from 0 to 1 that looks random and follows from the parts."""
    state = 0x9E3779B9
    for part in parts:
        number = zlib.crc32(part.encode()) if isinstance(part, str) else int(part)
        state = ((state ^ number) * 0x85EBCA6B) & 0xFFFFFFFF
        state ^= state >> 13
        state = (state * 0xC2B2AE35) & 0xFFFFFFFF
        state ^= state >> 16
    return state / 0xFFFFFFFF


def noise(key, at, period):
    """A smooth wave between 0 and 1 without a visible period."""
    place = at / period
    low = math.floor(place)
    share = place - low
    share = share * share * (3 - 2 * share)
    return mixed(key, low) * (1 - share) + mixed(key, low + 1) * share


def daily(at):
    """How busy people are, 0 to 1, by local time of day."""
    local = datetime.datetime.fromtimestamp(at)
    hour = local.hour + local.minute / 60
    week = 0.45 if local.weekday() >= 5 else 1.0
    return week * (0.25 + 0.75 * max(0.0, math.sin(math.pi * (hour - 5) / 17)) ** 1.5)


class Device:
    """One made-up device; what it is follows from its number."""

    def __init__(self, number, started, interval):
        self.number, self.interval = number, interval
        self.case = number if number <= 10 else 0
        self.location, self.contact, self.version = (
            f"Rack {1 + number % 14}, row {chr(65 + number % 6)}",
            "noc@example.net",
            "2c",
        )
        self.name, self.description = f"srv-{number:04d}", "Linux 6.12.0-18-amd64 #1 SMP PREEMPT_DYNAMIC x86_64"
        ports = [
            ("lo", "", 24, 10_000_000),
            ("eth0", "uplink", 6, 1_000_000_000),
            ("eth1", "storage", 6, 10_000_000_000),
        ]
        if self.case == 1:
            self.name, self.description, self.version = "core-1", "Edge router, 12 ports, release 7.4.2", "3"
            ports = [
                (f"xe-0/0/{i}", ["transit", "peering", "core-2", "spare"][i % 4], 6, 10_000_000_000) for i in range(12)
            ]
        elif self.case == 2:
            self.name, self.description = "access-sw-3", "Access switch 48G, firmware 16.11.0009"
            ports = [
                (f"GigabitEthernet1/0/{i}", f"desk {100 + i}" if i % 3 else "", 6, 1_000_000_000) for i in range(1, 49)
            ]
        elif self.case == 3:
            self.name, self.location = "backup-nas", "Cellar"
        elif self.case == 4:
            self.name = (
                "a-device-whose-name-was-chosen-by-a-committee-and-that-nobody-could-shorten.campus-north.example.net"
            )
            self.location = (
                "Building 17, third floor, second corridor on the left, the room behind the room with the printer " * 2
            )
            self.description = "A very long description of hardware and software " * 5
            ports = [
                ("a-very-long-interface-name-" + "x" * 60, "alias that goes on and on " * 6, 6, 100_000_000)
            ] + ports
        elif self.case == 5:
            self.name, self.location = HOSTILE, HOSTILE_ALIAS
            self.description, self.contact = "javascript:window.pwned=3", "\u202egnp.exe\u202c & co <br>"
            ports = [("<img src=x onerror=window.pwned=4>", HOSTILE_ALIAS, 6, 1_000_000_000)] + ports
        elif self.case == 6:
            self.name, self.description = "ap-lobby", "Wireless access point"
            ports = [
                ("eth0", "PoE", 6, 1_000_000_000),
                ("wlan0", "guests", 71, 300_000_000),
                ("wlan1", "staff", 71, 866_000_000),
            ]
        elif self.case == 7:
            self.name, self.description, self.version = "old-router", "Router of 2003, 32-bit counters only", "1"
            ports = [("Ethernet0", "DSL", 6, 100_000_000), ("Ethernet1", "", 6, 100_000_000)]
        elif self.case == 8:
            self.name = "just-added"
        elif self.case == 9:
            self.name, self.description = "printer-2", "Printer"
            ports = [("net0", "", 6, 100_000_000)]
        elif self.case == 10:
            self.name = "young"
        self.address = f"udp:192.0.2.{number % 254 + 1}:161"
        self.ports, self.base = ports, number * 100
        self.boot = started - 86400 * (1 + 40 * mixed("boot", number))
        self.down_since = started - 2700 if self.case == 3 else None
        # When it was watched for the first time; None: longer ago than any span.
        self.born = started - 120 if self.case == 10 else None
        self.state = {3: "down", 8: "new"}.get(self.case, "up")
        if number > 60 and number % 97 == 0:
            self.state, self.down_since = "down", started - 600 * (number % 7 + 1)

    def round_at(self, now):
        """The time of the last round that ended."""
        shift = mixed("shift", self.number) * self.interval
        last = math.floor((now - shift) / self.interval) * self.interval + shift
        return min(last, self.down_since) if self.down_since else last

    def bucket_state(self, start, end):
        """What is wrong with the samples of a span, the worst first."""
        if self.down_since and end > self.down_since:
            return "gap"
        if self.case == 7:
            # Fifteen minutes without samples each third hour, a wrap each 25 minutes, nonsense each 90.
            middle = (start + end) / 2
            if middle % 10800 // 60 in range(40, 55):
                return "gap"
            if start // 5400 != end // 5400:
                return "unknown"
            return "wrapped" if start // 1500 != end // 1500 else "ok"
        if self.case == 6 and (start - 600) // 2400 != (end - 600) // 2400:
            return "reset"
        return "ok"

    def traffic(self, port, way, at):
        """Bits a second."""
        name, _, kind, speed = self.ports[port]
        key = f"{self.number}/{port}/{way}"
        if self.oper(port) != "up":
            return 0.0
        share = 0.004 + 0.5 * mixed("busy", self.number, port) ** 3 * (1 if way == "in" else 0.6)
        value = (
            speed
            * share
            * (0.3 + 0.7 * daily(at))
            * (0.35 + 0.9 * noise(key, at, 1700))
            * (0.7 + 0.6 * noise(key, at, 90))
        )
        if noise(key + "burst", at, 400) > 0.93:
            value = min(speed * 0.97, value * 3)
        return value

    def oper(self, port):
        if self.ports[port][1] == "spare" or (self.case == 2 and port % 3 == 2):
            return "down"
        return "up"

    def admin(self, port):
        return "down" if self.case == 2 and port % 12 == 2 else "up"

    def errors(self, port, at):
        return (
            12 * max(0.0, noise(f"e{self.number}/{port}", at, 500) - 0.8)
            if mixed("bad", self.number, port) > 0.9
            else 0.0
        )

    def gauge(self, name, at):
        key = f"{self.number}/{name}"
        if name == "cpu":
            return min(
                100.0, 4 + 60 * mixed("hot", self.number) * daily(at) + 25 * noise(key, at, 300) * noise(key, at, 47)
            )
        if name == "memory":
            return 25 + 60 * mixed("mem", self.number) + 8 * noise(key, at, 5000)
        if name == "load":
            return 0.05 + 3 * mixed("hot", self.number) * noise(key, at, 240)
        if name in ("roundTrip", "polling"):
            return (0.0004 + 0.02 * mixed("far", self.number)) * (0.8 + 0.8 * noise(key, at, 40) ** 3)
        return {1: 61.0, 9: None}.get(self.case, 30 + 66 * mixed("disk", self.number)) or 10.0

    def summary(self, now, history=True):
        at = self.round_at(now)
        isUp, isNew = self.state == "up", self.state == "new"
        hasHost = self.case not in (1, 2, 6, 7, 9)
        counted = [i for i, port in enumerate(self.ports) if port[2] != 24]
        known = lambda value: value if isUp else None
        up = sum(1 for i in counted if self.oper(i) == "up")
        total = {way: sum(self.traffic(i, way, at) for i in counted) for way in ("in", "out")}
        answer = {
            "id": self.number,
            "name": self.name,
            "address": self.address,
            "version": self.version,
            "state": self.state,
            "since": self.down_since or self.boot + 300,
            "lastSeen": None if isNew else at,
            "interval": self.interval,
            "verdict": "none" if not isUp else "partial" if self.case == 9 else "complete",
            "message": {
                3: "No answer to 6 requests; the last one went out 12 seconds ago. Is the address right, does the "
                "community fit, is UDP 161 open?",
                9: "hrStorageTable: the device answers genErr from row 3 on",
            }.get(self.case, "No answer to 9 requests" if self.state == "down" else None),
            "roundTrip": known(self.gauge("roundTrip", at)),
            "upTime": None if isNew else self.up_time(at),
            "description": self.description,
            "location": self.location,
            "contact": self.contact,
            "objectID": "1.3.6.1.4.1.8072.3.2.10",
            "cpu": known(self.gauge("cpu", at)) if self.case not in (2, 7, 9) else None,
            "memory": known(self.gauge("memory", at)) if self.case not in (2, 7, 9) else None,
            "storage": known(self.gauge("storage", at)) if hasHost else None,
            "load": known(self.gauge("load", at)) if hasHost else None,
            "in": known(total["in"]),
            "out": known(total["out"]),
            "errors": known(sum(self.errors(i, at) for i in counted)),
            "interfaces": (
                {
                    "up": up,
                    "down": sum(1 for i in counted if self.oper(i) != "up" and self.admin(i) == "up"),
                    "total": len(self.ports),
                }
                if not isNew
                else {"up": 0, "down": 0, "total": 0}
            ),
        }
        if history:
            answer["history"] = {"in": [], "out": []} if isNew else self.history(now, counted)
        return answer

    _history = {}

    def history(self, now, counted):
        """The last hour's minutes; minutes that are over are kept, for a thousand devices."""
        known = self._history.setdefault(self.number, {})
        minute = math.floor(now / 60)
        points = {"in": [], "out": []}
        for index in range(minute - 59, minute + 1):
            if index not in known:
                at = index * 60.0
                isGap = self.bucket_state(at - 60, at) in ("gap", "unknown", "reset")
                some = counted[:6]
                if self.number > 12:
                    # Cheap ones, of which there may be a thousand.
                    known[index] = [round(4e8 * noise(f"{self.number}{way}", at, 400)) for way in ("in", "out")]
                else:
                    known[index] = [
                        (
                            None
                            if isGap
                            else round(sum(self.traffic(i, way, at) for i in some) * len(counted) / max(1, len(some)))
                        )
                        for way in ("in", "out")
                    ]
            if self.born and index * 60 < self.born:
                continue
            points["in"].append(known[index][0])
            points["out"].append(known[index][1])
        for index in [index for index in known if index < minute - 60]:
            del known[index]
        return points

    def up_time(self, at):
        return (at - 600) % 2400 if self.case == 6 else at - self.boot

    def details(self, now, events):
        answer, at = self.summary(now), self.round_at(now)
        isUp, hasHost = self.state == "up", self.case not in (1, 2, 6, 7, 9)
        state = self.bucket_state(at - self.interval, at) if isUp else "gap"
        rate = lambda value: value if state in ("ok", "wrapped") else None
        answer["interfaceList"] = (
            []
            if self.state == "new"
            else [
                {
                    "object": self.base + i,
                    "index": str(i + 1),
                    "name": name,
                    "alias": alias,
                    "type": kind,
                    "speed": speed,
                    "mtu": 1500,
                    "address": f"02:00:00:00:{self.number % 256:02x}:{i:02x}",
                    "admin": self.admin(i),
                    "oper": self.oper(i),
                    "in": rate(self.traffic(i, "in", at)),
                    "inState": state,
                    "out": rate(self.traffic(i, "out", at)),
                    "outState": state,
                    "errors": rate(self.errors(i, at)),
                    "utilisation": rate(100 * max(self.traffic(i, way, at) for way in ("in", "out")) / speed),
                    "series": {
                        "in": (self.base + i) * 10,
                        "out": (self.base + i) * 10 + 1,
                        "errors": [(self.base + i) * 10 + 2],
                    },
                }
                for i, (name, alias, kind, speed) in enumerate(self.ports)
            ]
        )
        answer["processors"] = (
            [
                {
                    "object": self.base + 60 + i,
                    "name": f"cpu{i}",
                    "series": (self.base + 60 + i) * 10,
                    "load": min(100, self.gauge("cpu", at + 77 * i)),
                }
                for i in range(8)
            ]
            if hasHost and isUp
            else []
        )
        memory = self.gauge("memory", at) / 100
        answer["memoryUse"] = (
            {"total": 16 << 30, "used": int((16 << 30) * memory), "swapTotal": 4 << 30, "swapUsed": 123 << 20}
            if hasHost and isUp
            else None
        )
        disks = [
            ("/", 200e9, self.gauge("storage", at)),
            ("/boot", 1e9, 34.0),
            ("/srv/archive/with/a/long/path", 8e12, 78.5),
        ]
        answer["storageList"] = (
            [
                {
                    "object": self.base + 80 + i,
                    "name": name,
                    "kind": "disk",
                    "total": int(size),
                    "used": int(size * share / 100),
                    "percent": share,
                    "series": (self.base + 80 + i) * 10,
                }
                for i, (name, size, share) in enumerate(disks)
            ]
            if hasHost and isUp
            else []
        )
        titles = {
            "cpu": ("Processors", "percent"),
            "memory": ("Memory", "percent"),
            "load": ("Load", ""),
            "polling": ("Time that a round took", "s"),
        }
        names = (
            []
            if self.state == "new"
            else (
                list(titles) if hasHost else ["polling"] if self.case in (2, 7, 9) else ["cpu", "memory", "polling"]
            )
        )
        answer["charts"] = [{"id": name, "title": titles[name][0], "unit": titles[name][1]} for name in names]
        answer["events"] = [event for event in events if event["device"] == self.number][:20]
        return answer


class Station:
    """All devices, and events that go on happening."""

    def __init__(self, count, seed, interval):
        self.started = time.time() - 3600 * 30
        self.devices = {number: Device(number, time.time(), interval) for number in range(1, count + 1)}
        self.seed, self.interval, self.restarted = seed, interval, time.time()
        self.events, self.lock = [], threading.Lock()
        now = time.time()
        for index in range(420):
            self.happen(now - (420 - index) * 620, index)

    def happen(self, at, index):
        """One event; its kind and device follow from the index."""
        live = [device for device in self.devices.values() if device.number <= 12]
        device = live[int(mixed("who", index, self.seed) * len(live))]
        kind = ["trap", "trap", "inform", "trap", "change", "walk", "restart", "trap", "state", "clock"][
            int(mixed("what", index, self.seed) * 10)
        ]
        port = device.ports[int(mixed("port", index) * len(device.ports))][0]
        titles = {
            "trap": ["linkDown", "linkUp"][index % 2] + f" ({port})",
            "inform": "coldStart",
            "change": f"sysLocation changed to {device.location}",
            "walk": "the walk is partial: ifXTable ended early",
            "restart": "restarted: up for 12 seconds",
            "state": ["went down", "is up again"][index % 2],
            "clock": "this machine's clock went back by 3.2 seconds",
            "station": "recorder started",
        }
        severity = {"restart": "warning", "walk": "warning", "state": "error" if index % 2 == 0 else "info"}.get(
            kind, "info"
        )
        if kind == "trap" and index % 2 == 0:
            severity = "warning"
        isTrap = kind in ("trap", "inform")
        binds = (
            [
                {
                    "oid": "1.3.6.1.2.1.1.3.0",
                    "name": "sysUpTime.0",
                    "type": "TimeTicks",
                    "value": "123456 (0:20:34.56)",
                },
                {
                    "oid": "1.3.6.1.6.3.1.1.4.1.0",
                    "name": "snmpTrapOID.0",
                    "type": "OBJECT IDENTIFIER",
                    "value": "linkDown",
                },
                {"oid": "1.3.6.1.2.1.2.2.1.1.2", "name": "ifIndex.2", "type": "INTEGER", "value": "2"},
                {"oid": "1.3.6.1.2.1.2.2.1.2.2", "name": "ifDescr.2", "type": "OCTET STRING", "value": port},
            ]
            if isTrap
            else []
        )
        isStation = kind in ("clock", "station")
        self.events.insert(
            0,
            {
                "id": int(at * 1_000_000),
                "time": at,
                "device": 0 if isStation else device.number,
                "deviceName": None if isStation else device.name,
                "kind": kind,
                "severity": severity,
                "source": f"192.0.2.{device.number % 254 + 1}:50162" if isTrap else None,
                "title": titles[kind],
                "trapOID": f"1.3.6.1.6.3.1.1.5.{3 + index % 2}" if isTrap else None,
                "varbinds": binds,
                "detail": {"before": "Lab", "after": device.location} if kind == "change" else {},
            },
        )

    def live(self):
        """A new event every seven seconds, every two if rounds are that fast, for ever."""
        index = 1000
        while True:
            time.sleep(min(7, self.interval))
            with self.lock:
                self.happen(time.time(), index)
                del self.events[5000:]
            index += 1

    def station(self, now):
        states = [device.state for device in self.devices.values()]
        today = datetime.datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        rounds = sum(
            int((now - self.restarted - mixed("shift", n) * self.interval) / self.interval) for n in self.devices
        )
        series = sum(len(device.ports) * 17 + 12 for device in self.devices.values())
        return {
            "version": "0.5.0",
            "started": self.restarted,
            "now": now,
            "dataBytes": 48 << 20,
            "devices": {"up": states.count("up"), "down": states.count("down"), "total": len(states)},
            "series": series,
            "samplesPerSecond": series / self.interval,
            "trapPort": 162,
            "eventsToday": sum(1 for event in self.events if event["time"] >= today),
            "sequence": rounds + len(self.events),
        }

    def find_events(self, query):
        words = query.get("search", "").lower().split()
        before, after = int(query.get("before") or 1 << 62), int(query.get("after") or 0)
        limit = min(500, int(query.get("limit") or 50))
        found = []
        for event in self.events:
            if not after < event["id"] < before or (query.get("kind") and event["kind"] != query["kind"]):
                continue
            if query.get("device") and str(event["device"]) != query["device"]:
                continue
            text = json.dumps([event["title"], event["source"], event["deviceName"], event["varbinds"]]).lower()
            if all(word in text for word in words):
                found.append(event)
        return {"events": found[:limit], "more": len(found) > limit}

    def chart(self, query, now):
        """The lines of one chart, from a few values in each bucket."""
        start, end = moment(query.get("from"), now, now - 3600), moment(query.get("to"), now, now)
        points = max(10, min(2000, int(query.get("points") or 400)))
        if not start < end:
            raise LookupError("from must be before to")
        if "device" in query:
            device, name = self.devices.get(int(query["device"])), query["chart"]
            units = {"cpu": "percent", "memory": "percent", "load": "", "polling": "s"}
            titles = {"cpu": "Processors", "memory": "Memory", "load": "Load", "polling": "Time that a round took"}
            if device is None or name not in units:
                raise LookupError("there is no such chart")
            title, unit = titles[name], units[name]
            lines = [(titles[name].lower(), lambda at: device.gauge(name, at))]
            if name == "load":
                lines = [
                    (f"{m} min", lambda at, m=m: sum(device.gauge("load", at - i * m * 12) for i in range(5)) / 5)
                    for m in (1, 5, 15)
                ]
        else:
            thing = int(query.get("object") or int(query["series"].split(",")[0]) // 10)
            device, port = self.devices.get(thing // 100), thing % 100
            if device is None:
                raise LookupError("there is no such object")
            name = query.get("chart") or ("load" if port >= 60 else "traffic")
            if port >= 80:
                title, unit, lines = "use", "octets", [("used", lambda at: 1e11 + 4e10 * noise("d", at, 9e5))]
            elif port >= 60:
                title, unit, lines = f"cpu{port - 60}", "percent", [("load", lambda at: device.gauge("cpu", at + port))]
            else:
                title, unit = f"{device.ports[port][0]} {name}", {"traffic": "bit/s"}.get(name, f"{name}/s")
                scale = {"traffic": 1, "packets": 1 / 6400}.get(name)
                if scale:
                    lines = [(way, lambda at, way=way: scale * device.traffic(port, way, at)) for way in ("in", "out")]
                else:
                    lines = [
                        (f"{way} {what}", lambda at, k=k: device.errors(port, at + k * 900) * (0.2 + k / 5))
                        for k, (way, what) in enumerate((w, x) for w in ("in", "out") for x in ("errors", "discards"))
                    ]
        interval = device.interval
        step = max(interval, (end - start) / points)
        nice = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400]
        step = next((size for size in nice if size >= step), 86400)
        first = math.floor(start / step) * step + step
        answer = []
        for index, (line, value) in enumerate(lines):
            rows, at = [], first
            while at <= min(end, now) and at - step >= start - step:
                state = device.bucket_state(at - step, at)
                if device.born and at <= device.born:
                    rows.append([at, None, None, None, "ok"])
                elif state in ("gap", "unknown", "reset") and (state != "gap" or step < 900):
                    rows.append([at, None, None, None, state])
                else:
                    values = [
                        value(at - step * share) for share in ((0,) if step <= interval else (0, 0.2, 0.4, 0.6, 0.8))
                    ]
                    rows.append([at, min(values), sum(values) / len(values), max(values), state])
                at += step
            answer.append({"name": line, "series": index + 1, "points": rows})
        return {
            "title": title,
            "unit": unit,
            "from": start,
            "to": end,
            "step": step,
            "begins": device.born,
            "lines": answer,
        }

    def series(self, device, now):
        at = device.round_at(now)
        rows = []
        for i, (name, *_rest) in enumerate(device.ports):
            for k, metric in enumerate(("ifHCInOctets", "ifHCOutOctets", "ifInErrors")):
                rows.append(
                    {
                        "id": (device.base + i) * 10 + k,
                        "object": device.base + i,
                        "objectName": name,
                        "metric": metric,
                        "oid": f"1.3.6.1.2.1.31.1.1.1.{6 + 4 * k}.{i + 1}",
                        "type": "Counter64",
                        "unit": "octets",
                        "nature": "counter",
                        "last": {"time": at, "value": str(int(at * 1e6) + k)},
                    }
                )
        return {"series": rows}


def moment(words, now, otherwise):
    """Reads from= and to=: seconds, or relative to now."""
    if not words:
        return otherwise
    match = re.fullmatch(r"-(\d+)([smhd])", words)
    return now - int(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]] if match else float(words)
