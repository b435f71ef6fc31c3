#!/usr/bin/env python3
"""The station's made-up counters through RRDtool, as commands on the input of `rrdtool -`.

    recorder_rrdtool.py record  DIRECTORY FEED            one update of a file a round and interface
    recorder_rrdtool.py cached  DIRECTORY FEED            the same through rrdcached, with a journal
    recorder_rrdtool.py day     DIRECTORY COUNT START SECONDS INTERVAL INTERFACES

FEED is the directory of `oriel-bench --mode recorder-feed`. Prints JSON lines. rrdtool reads its commands from a file and
writes its answers to one, so that nothing waits for this program; time is that of rrdtool, and of rrdcached with its end.
"""

import json
import os
import random
import subprocess
import sys
import time


def say(**fields):
    print(json.dumps(fields), flush=True)


def run(commands, directory, environment):
    """rrdtool with a file as its input: processor seconds, errors."""
    answers = os.path.join(directory, "answers")
    with open(commands, "rb") as source, open(answers, "wb") as sink:
        process = subprocess.Popen(["rrdtool", "-"], stdin=source, stdout=sink, cwd=directory, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    with open(answers, errors="replace") as lines:
        right = sum(1 for line in lines if line.startswith("OK"))
    with open(commands, "rb") as lines:
        wanted = sum(1 for _ in lines)
    os.remove(answers)
    return usage, wanted - right


def record(directory, feed, cached):
    environment = dict(os.environ, LC_ALL="C")
    usage, errors = run(os.path.join(feed, "create"), directory, environment)
    daemon = None
    began = time.monotonic()
    if cached:
        address = "unix:" + os.path.join(directory, "socket")
        os.mkdir(os.path.join(directory, "journal"))
        daemon = subprocess.Popen(
            ["rrdcached", "-g", "-F", "-l", address, "-p", os.path.join(directory, "pid"), "-b", directory,
             "-j", os.path.join(directory, "journal"), "-w", "1800", "-f", "3600"], cwd=directory,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.exists(address[5:]):
            if daemon.poll() is not None:
                sys.exit("recorder_rrdtool: rrdcached does not start")
            time.sleep(0.01)
        environment["RRDCACHED_ADDRESS"] = address
    usage, more = run(os.path.join(feed, "update"), directory, environment)
    errors += more
    cpu = usage.ru_utime + usage.ru_stime
    memory = usage.ru_maxrss
    if daemon:
        daemon.terminate()
        _, _, usage = os.wait4(daemon.pid, 0)
        daemon.returncode = 0
        cpu += usage.ru_utime + usage.ru_stime
        memory += usage.ru_maxrss
    wall = time.monotonic() - began
    files = [name for name in os.listdir(directory) if name.endswith(".rrd")]
    with open(os.path.join(feed, "update"), "rb") as lines:
        samples = sum(line.count(b":") for line in lines)
    say(peer="rrdcached" if cached else "rrdtool", mode="record", samples=samples, wall_s=wall, cpu_s=cpu,
        bytes=sum(os.path.getsize(os.path.join(directory, name)) for name in files), peak_rss_kb=memory,
        errors=errors)


class Pipe:
    """`rrdtool -`, asked one question after the other."""

    def __init__(self, directory):
        self.process = subprocess.Popen(
            ["rrdtool", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=directory,
            env=dict(os.environ, LC_ALL="C"))

    def ask(self, command):
        os.write(self.process.stdin.fileno(), command.encode() + b"\n")
        answer = bytearray()
        while True:
            part = os.read(self.process.stdout.fileno(), 1 << 20)
            if not part:
                sys.exit("recorder_rrdtool: rrdtool ended")
            answer += part
            # The last line says how long it took, or what was wrong.
            last = answer[answer.rfind(b"\n", 0, -1) + 1:]
            if answer.endswith(b"\n") and (last.startswith(b"OK ") or last.startswith(b"ERROR")):
                return answer


def day(directory, count, start, seconds, interval, interfaces):
    pipe = Pipe(directory)
    rows = 86400 // interval
    chance = random.Random(3)
    times = {"fetch": [], "xport": []}
    errors = 0
    for number in range(count):
        slack = max(seconds - 86400, 0)
        # The first question is the same for all peers.
        name = 1 if number == 0 else chance.randint(1, interfaces)
        begin = start + (slack if number == 0 else chance.randrange(0, slack + 1, interval))
        span = f"--start {begin} --end {begin + 86400}"
        began = time.perf_counter()
        answer = pipe.ask(f"fetch if{name}.rrd AVERAGE {span}")
        times["fetch"].append(time.perf_counter() - began)
        lines = answer.decode().splitlines()
        errors += lines[-1].startswith("ERROR") or len(lines) < rows
        if number == 0:
            values = (line.split() for line in lines if ": " in line)
            octets = sum(float(row[1]) for row in values if begin < int(row[0][:-1]) <= begin + 86400
                         and "nan" not in row[1])
            say(peer="rrdtool", mode="check", octets=octets * interval)
        began = time.perf_counter()
        answer = pipe.ask(f"xport {span} -m {rows + 10} DEF:i=if{name}.rrd:inOctets:AVERAGE "
                          f"DEF:o=if{name}.rrd:outOctets:AVERAGE XPORT:i:in XPORT:o:out")
        times["xport"].append(time.perf_counter() - began)
        errors += answer[-200:].splitlines()[-1].startswith(b"ERROR") or answer.count(b"<row>") < rows
    for what, mode in (("fetch", "day as text, all series"), ("xport", "day as text")):
        times[what].sort()
        say(peer="rrdtool", mode=mode, median_ms=times[what][count // 2] * 1e3, points=rows, errors=errors)


def main(arguments):
    if len(arguments) == 3 and arguments[0] in ("record", "cached"):
        record(os.path.abspath(arguments[1]), os.path.abspath(arguments[2]), arguments[0] == "cached")
    elif len(arguments) == 7 and arguments[0] == "day":
        day(arguments[1], *(int(text) for text in arguments[2:]))
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
