#!/usr/bin/env python3
"""Clicks through the station's page in headless Chromium and says what is wrong with it.

    click.py [--oriel PROGRAM] [--url http://127.0.0.1:8161/] [--device NAME]... [--open NAME] [--shots DIRECTORY]
             [--patience SECONDS] [--limit SECONDS]
    click.py --oriel PROGRAM --readme DIRECTORY [--minutes NUMBER]

Without --url and --oriel it starts mock.py, and also checks what only made-up data can show: hostile names, states of
rates, a thousand devices. With --oriel it starts that program as a station of its own with made-up agents, a device
that is down, and traps (real.py), and also checks what a new station shows, what arrives while one looks, and what an
end and a beginning leave. With --url it reads a real station: --device names must be in the overview, --open is the
device that is looked at (the first that is up without it). --patience: how long something new may take, more than an
interval. --limit ends all after so many seconds. --readme makes the pictures of the README from a station that has
watched a small made-up network and this machine for --minutes (20).

The browser reaches the station through a relay of this program, so that the station can seem gone and come back.
Fails on anything that the browser's console reports. --shots leaves pictures. Prints a line for each case; the exit
status is 0, or 1 with what was wrong. Needs chromium and chromedriver, else only the standard library.
"""

import argparse
import os
import signal
import sys
import threading
import time
import urllib.parse

import mock
from cases_charts import ChartCases
from cases_devices import DeviceCases
from cases_page import PageCases
from cases_real import RealCases
from pictures import Pictures
from real import RealStation
from relay import Relay
from webdriver import Browser, Failure


def run(cases, only):
    """Runs the cases of a class in the order in which they are written. Answers what failed."""
    failures = []
    for name in [name for name in vars(type(cases)) if name.startswith("case_")]:
        words = name[5:].replace("_", " ")
        if only and only not in words:
            continue
        start = time.monotonic()
        try:
            note = getattr(cases, name)()
            errors = [entry["message"] for entry in cases.b.log()]
            cases.check(not errors, f"the console: {errors[:3]}")
            took = f"  {time.monotonic() - start:.1f} s"
            print(f"good  {words}" + (f" ({note})" if note else "") + took, flush=True)
        except (Failure, OSError, LookupError, ValueError, TypeError) as failure:
            # Besides failures of the page: what the station answers isn't there, or isn't what the case can read.
            failures.append(words)
            kind = "" if isinstance(failure, Failure) else f"{type(failure).__name__}: "
            print(f"FAIL  {words}: {kind}{failure}", flush=True)
            cases.shot(f"failed-{name[5:]}")
            cases.b.resize(1400, 900)
            cases.b.log()
    return failures


def thousand(browser, options):
    """A thousand devices: all are there, and how long things take. Answers what failed."""
    server = mock.serve(port=0, devices=1000, fast=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser.open(f"http://127.0.0.1:{server.server_address[1]}/#/")
    browser.wait("a thousand devices", "document.querySelectorAll('tr.device').length === 1000", seconds=60)
    took = browser.run("""
        const search = document.getElementById('search');
        const times = [];
        for (const words of ['srv-09', '', 'rack 3', '']) {
            search.value = words;
            const start = performance.now();
            search.dispatchEvent(new Event('input'));
            document.body.offsetHeight;
            times.push(Math.round(performance.now() - start));
        }
        document.querySelector('[data-sort=in]').click();
        const start = performance.now();
        document.querySelector('[data-sort=name]').click();
        document.body.offsetHeight;
        times.push(Math.round(performance.now() - start));
        return times;""")
    browser.run("scrollTo(0, 20000)")
    time.sleep(0.5)
    browser.run("document.querySelectorAll('tr.device .row-link')[500].click()")
    browser.wait("a device", "document.getElementById('device-name')?.textContent")
    browser.keys("Escape")
    place = browser.wait("the place in the list again", "document.querySelector('tr.device') && Math.round(scrollY)")
    if place != 20000:
        raise Failure(f"the way back from a device leads to {place} instead of 20000 pixels down the list")
    if options.shots:
        browser.shot(os.path.join(options.shots, "thousand.png"))
    errors = [entry["message"] for entry in browser.log()]
    server.shutdown()
    note = f"searches {took[:4]} ms, sorting {took[4]} ms"
    print(f"FAIL  a thousand devices: {errors[:2]}" if errors else f"good  a thousand devices ({note})")
    return ["a thousand devices"] if errors else []


def alone(browser, options):
    """A station with one device shows charts of it at once, and says how to go on. Answers what failed."""
    server = mock.serve(port=0, devices=1, fast=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser.open(f"http://127.0.0.1:{server.server_address[1]}/#/")
    browser.wait(
        "charts of the only device",
        "[...document.querySelectorAll('#beginnings path.mean')].filter(p => p.getAttribute('d').length > 12).length"
        " === 2 && /oriel station add.*UDP port 162/.test(document.getElementById('beginnings').textContent)",
    )
    if options.shots:
        browser.shot(os.path.join(options.shots, "alone.png"))
    browser.click("#beginnings figcaption a")
    browser.wait("the large chart", "document.querySelector('.chart.large path.mean') !== null")
    errors = [entry["message"] for entry in browser.log()]
    server.shutdown()
    print(f"FAIL  one device: {errors[:2]}" if errors else "good  one device")
    return ["one device"] if errors else []


CASES = [DeviceCases, ChartCases, PageCases]


def click(host, port, options, kinds, is_mock=False):
    """Runs the cases against the station at an address. Answers what failed."""
    relay = Relay(host, port)
    failures = []
    with Browser() as browser:
        browser.theme("light")
        for kind in kinds:
            failures += run(kind(browser, f"http://127.0.0.1:{relay.port}/", options, is_mock, relay), options.only)
        if is_mock and not options.only:
            failures += alone(browser, options) + thousand(browser, options)
    return failures


def pictures(options):
    """The pictures of the README. Answers the exit status."""
    with RealStation(options.oriel, interval="2s") as station:
        end = time.monotonic() + 60 * options.minutes
        time.sleep(max(0, 60 * options.minutes * 0.7))
        station.link("core-switch", False, 8, "ge-8")
        time.sleep(7)
        station.link("core-switch", True, 8, "ge-8")
        time.sleep(max(0, end - time.monotonic()))
        with Browser() as browser:
            Pictures(browser, f"http://127.0.0.1:{station.port}/", options, False, None).take()
    return 0


class Ended(BaseException):
    """It takes too long, or was told to end: no failure of a case, so that none takes it for its own."""


def give_up(*_):
    signal.alarm(0)
    raise Ended("it takes too long, or was told to end")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--device", action="append", default=[])
    parser.add_argument("--open")
    parser.add_argument("--shots")
    parser.add_argument("--patience", type=float, default=60)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--oriel")
    parser.add_argument("--readme")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--only", help="cases whose names hold this")
    options = parser.parse_args()
    for directory in (options.shots, options.readme):
        if directory:
            os.makedirs(directory, exist_ok=True)
    if options.limit:
        signal.signal(signal.SIGALRM, give_up)
        signal.alarm(options.limit)
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, give_up)
    try:
        if options.readme:
            return pictures(options)
        if options.oriel:
            with RealStation(options.oriel) as station:
                RealCases.station = station
                failures = click("127.0.0.1", station.port, options, [RealCases, *CASES])
        elif options.url:
            target = urllib.parse.urlsplit(options.url)
            failures = click(target.hostname, target.port or 80, options, CASES)
        else:
            server = mock.serve(port=0, fast=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            failures = click(*server.server_address, options, CASES, is_mock=True)
    except (Failure, Ended) as failure:
        print(f"FAIL  {failure}")
        return 1
    print(f"{len(failures)} failed: {', '.join(failures)}" if failures else "all good")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
