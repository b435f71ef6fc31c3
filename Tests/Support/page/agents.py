"""Made-up devices that answer SNMP (v2c, RFC 3416) on loopback, so that a real station has something to poll.

Used by real.py. What they say follows from the time; counters are integrals of smooth waves, so that they never go
back.
"""

import bisect
import math
import socket
import threading
import time

INTEGER, STRING, OID, COUNTER32, GAUGE32, TICKS, COUNTER64 = 0x02, 0x04, 0x06, 0x41, 0x42, 0x43, 0x46
NO_SUCH_INSTANCE, END_OF_MIB = 0x81, 0x82
GET, GET_NEXT, RESPONSE, GET_BULK, TRAP = 0xA0, 0xA1, 0xA2, 0xA5, 0xA7


def packed(tag, body):
    """One value of BER (X.690)."""
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def number(tag, value):
    return packed(tag, int(value).to_bytes(int(value).bit_length() // 8 + 1, "big"))


def name(arcs):
    body = bytearray([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        part = [arc & 0x7F]
        while arc := arc >> 7:
            part.append(0x80 | arc & 0x7F)
        body += bytes(reversed(part))
    return packed(OID, bytes(body))


def take(data, at):
    """The value at a place: (tag, body, the place behind it)."""
    tag, size = data[at], data[at + 1]
    at += 2
    if size & 0x80:
        count = size & 0x7F
        size = int.from_bytes(data[at : at + count], "big")
        at += count
    return tag, data[at : at + size], at + size


def parts(body):
    """The values inside of a value."""
    at, found = 0, []
    while at < len(body):
        tag, part, at = take(body, at)
        found.append((tag, part))
    return found


def arcs(body):
    found, arc = [body[0] // 40, body[0] % 40], 0
    for byte in body[1:]:
        arc = arc << 7 | byte & 0x7F
        if byte < 0x80:
            found.append(arc)
            arc = 0
    return tuple(found)


def encoded(tag, value):
    """A value of a type."""
    if tag == STRING:
        return packed(STRING, value.encode() if isinstance(value, str) else value)
    if tag == OID:
        return name(value)
    return number(tag, int(value) & 0xFFFFFFFF if tag in (COUNTER32, TICKS) else value)


def listen(host_number):
    """A socket on an address of its own, as devices have them; where only 127.0.0.1 is loopback, on that."""
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        found.bind((f"127.0.1.{host_number}", 0))
    except OSError:
        found.bind(("127.0.0.1", 0))
    return found


class Wave:
    """A level that goes up and down around a mean, never below a tenth of it, and the integral of that."""

    def __init__(self, mean, seed):
        self.mean = mean
        self.parts = [
            (share, period * (1 + seed % 7 / 20), seed * 1.7 + period)
            for share, period in ((0.34, 613.0), (0.26, 157.0), (0.19, 41.0), (0.11, 13.0))
        ]

    def level(self, at):
        return self.mean * (1 + sum(a * math.sin(2 * math.pi * at / p + f) for a, p, f in self.parts))

    def sum(self, at):
        waves = sum(a * p / (2 * math.pi) * math.cos(2 * math.pi * at / p + f) for a, p, f in self.parts)
        return self.mean * (at - waves)


class Port:
    """An interface: its name, what it is for, its speed in Mbit/s, and the share of that which is used; 0: down."""

    def __init__(self, name, alias, speed, use, kind=6):
        self.name, self.alias, self.speed, self.use, self.kind = name, alias, speed, use, kind


class Agent:
    """One device on an address of loopback. `host` is that of a server: (processors, memory in GiB, {path: (size in
    GiB, share)})."""

    def __init__(self, host_number, label, description, location, ports, host=None):
        self.label, self.started, self.seed = label, time.time() - 40 * 86400, sum(label.encode())
        self.values = {}
        self.fill(description, location, ports)
        if host:
            self.fill_host(*host)
        self.names = sorted(self.values)
        self.socket = listen(host_number)
        self.address = "{}:{}".format(*self.socket.getsockname())
        threading.Thread(target=self.serve, daemon=True).start()

    def stop(self):
        self.socket.close()

    def trap(self, port, trap, binds):
        """Sends a trap to a port of this machine. `binds`: (arcs, tag, value) below iso.org.dod.internet."""
        root = (1, 3, 6, 1)
        head = [((2, 1, 1, 3, 0), TICKS, self.age() * 100), ((6, 3, 1, 1, 4, 1, 0), OID, root + trap)]
        binds = b"".join(packed(0x30, name(root + arcs) + encoded(tag, value)) for arcs, tag, value in head + binds)
        body = packed(TRAP, number(INTEGER, 1) + number(INTEGER, 0) + number(INTEGER, 0) + packed(0x30, binds))
        self.socket.sendto(packed(0x30, number(INTEGER, 1) + packed(STRING, b"public") + body), ("127.0.0.1", port))

    def put(self, arcs, tag, value):
        self.values[(1, 3, 6, 1) + arcs] = (tag, value)

    def age(self):
        return time.time() - self.started

    def fill(self, description, location, ports):
        system, table, more = (2, 1, 1), (2, 1, 2, 2, 1), (2, 1, 31, 1, 1, 1)
        self.put(system + (1, 0), STRING, description)
        self.put(system + (2, 0), OID, (1, 3, 6, 1, 4, 1, 99999, 1))
        self.put(system + (3, 0), TICKS, lambda: self.age() * 100)
        self.put(system + (4, 0), STRING, "noc@example.net")
        self.put(system + (5, 0), STRING, self.label)
        self.put(system + (6, 0), STRING, location)
        self.put((2, 1, 2, 1, 0), INTEGER, len(ports))
        for index, port in enumerate(ports, 1):
            columns = {
                1: (INTEGER, index),
                2: (STRING, port.name),
                3: (INTEGER, port.kind),
                4: (INTEGER, 1500),
                5: (GAUGE32, min(port.speed * 1_000_000, 0xFFFFFFFF)),
                6: (STRING, bytes([2, 0, 0, self.seed & 0xFF, 0, index])),
                7: (INTEGER, 1),
                8: (INTEGER, 1 if port.use else 2),
            }
            for column, (tag, value) in columns.items():
                self.put(table + (column, index), tag, value)
            self.put(more + (1, index), STRING, port.name)
            self.put(more + (15, index), GAUGE32, port.speed)
            self.put(more + (18, index), STRING, port.alias)
            self.put(more + (19, index), TICKS, 0)
            for way, first in ((0, 6), (1, 10)):
                wave = Wave(port.speed * 125_000 * port.use * (1 if way else 0.6), self.seed + 3 * index + way)
                self.put(more + (first, index), COUNTER64, lambda wave=wave: wave.sum(self.age()))
                for column, size in ((1, 900), (2, 90_000), (3, 60_000)):
                    self.put(more + (first + column, index), COUNTER64, lambda w=wave, s=size: w.sum(self.age()) / s)
                self.put(table + (13 + 6 * way, index), COUNTER32, 0)
                self.put(table + (14 + 6 * way, index), COUNTER32, 0)

    def fill_host(self, processors, memory, disks):
        load = Wave(processors * 18, self.seed)
        for index in range(1, processors + 1):
            each = Wave(18, self.seed + 5 * index)
            self.put((2, 1, 25, 3, 2, 1, 3, index), STRING, f"cpu{index - 1}")
            self.put((2, 1, 25, 3, 3, 1, 2, index), INTEGER, lambda each=each: each.level(self.age()))
        raw = (4, 1, 2021, 11)
        self.put(raw + (50, 0), COUNTER32, lambda: load.sum(self.age()) * 0.7)
        self.put(raw + (52, 0), COUNTER32, lambda: load.sum(self.age()) * 0.3)
        self.put(raw + (53, 0), COUNTER32, lambda: 100 * processors * self.age() - load.sum(self.age()))
        used, total = Wave(memory * 0.42, self.seed + 1), memory * 1_048_576
        # A level that hardly moves, for memory doesn't breathe like traffic.
        level = lambda: int((memory * 0.42 * 0.9 + used.level(self.age()) * 0.1) * 1_048_576)
        for arc, value in ((5, total), (6, lambda: total - level() - total // 4), (14, 40_000), (15, total // 4)):
            self.put((4, 1, 2021, 4, arc, 0), INTEGER, value)
        for index, minutes in ((1, 1), (2, 5), (3, 15)):
            depth = load.mean * (1 - 1 / minutes)
            self.put(
                (4, 1, 2021, 10, 1, 5, index),
                INTEGER,
                lambda m=minutes, d=depth: d + load.level(self.age()) / m,
            )
        for index, (path, (size, share)) in enumerate(disks.items(), 1):
            row = (2, 1, 25, 2, 3, 1)
            self.put(row + (2, index), OID, (1, 3, 6, 1, 2, 1, 25, 2, 1, 4))
            self.put(row + (3, index), STRING, path)
            self.put(row + (4, index), INTEGER, 65536)
            self.put(row + (5, index), INTEGER, size * 16384)
            self.put(row + (6, index), INTEGER, int(size * 16384 * share))

    # SNMP.

    def serve(self):
        while True:
            try:
                data, peer = self.socket.recvfrom(65536)
                self.socket.sendto(self.answer(data), peer)
            except (IndexError, ValueError):
                continue
            except OSError:
                return

    def answer(self, data):
        (_, version), (_, community), (kind, body) = parts(take(data, 0)[1])
        if community != b"public":
            raise ValueError("a foreign community")
        (_, request), (_, first), (_, second), (_, binds) = parts(body)
        wanted = [arcs(parts(bind)[0][1]) for _, bind in parts(binds)]
        if kind == GET:
            found = [(each, self.encoded(each)) for each in wanted]
        elif kind == GET_NEXT:
            found = [self.following(each) for each in wanted]
        elif kind == GET_BULK:
            single, times = int.from_bytes(first, "big"), min(40, int.from_bytes(second, "big"))
            found = [self.following(each) for each in wanted[:single]]
            rest = wanted[single:]
            for _ in range(times):
                row = [self.following(each) for each in rest]
                found, rest = found + row, [each for each, _ in row]
        else:
            raise ValueError("this kind of request isn't answered")
        binds = packed(0x30, b"".join(packed(0x30, name(each) + value) for each, value in found))
        body = packed(RESPONSE, packed(INTEGER, request) + number(INTEGER, 0) + number(INTEGER, 0) + binds)
        return packed(0x30, packed(INTEGER, version) + packed(STRING, community) + body)

    def following(self, wanted):
        place = bisect.bisect_right(self.names, wanted)
        if place == len(self.names):
            return wanted, packed(END_OF_MIB, b"")
        return self.names[place], self.encoded(self.names[place])

    def encoded(self, wanted):
        if wanted not in self.values:
            return packed(NO_SUCH_INSTANCE, b"")
        tag, value = self.values[wanted]
        return encoded(tag, value() if callable(value) else value)


def network():
    """A small network: a switch, an access point and a server."""
    return [
        Agent(
            1,
            "core-switch",
            "Core switch, 12 ports, release 4.2.1",
            "Comms room",
            [Port(f"ge-{index}", alias, 1000, use) for index, (alias, use) in enumerate(
                [("uplink", 0.31), ("file-server", 0.22), ("office-ap", 0.09), ("desk 1", 0.02), ("desk 2", 0.012),
                 ("desk 3", 0.03), ("meeting room", 0.006), ("workshop", 0.015), ("printer", 0.001), ("", 0), ("", 0),
                 ("", 0)], 1)],
        ),
        Agent(
            2,
            "office-ap",
            "Wireless access point, release 2.0",
            "First floor",
            [Port("eth0", "to core-switch", 1000, 0.09), Port("wlan0", "staff", 866, 0.06, 71),
             Port("wlan1", "guests", 300, 0.05, 71)],
        ),
        Agent(
            3,
            "file-server",
            "Linux file-server 6.12.0-amd64 x86_64",
            "Comms room",
            [Port("lo", "", 10, 0.01, 24), Port("eno1", "to core-switch", 1000, 0.22)],
            (4, 32, {"/": (120, 0.38), "/srv": (4000, 0.71), "/srv/backup": (8000, 0.58)}),
        ),
    ]
