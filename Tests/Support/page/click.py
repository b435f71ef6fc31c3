#!/usr/bin/env python3
"""Clicks through the station's page in headless Chromium and says what is wrong with it.

    click.py [--url http://127.0.0.1:8161/] [--device NAME]... [--open NAME] [--shots DIRECTORY] [--patience SECONDS]

Without --url it starts mock.py, and also checks what only made-up data can show: hostile names, states of rates, a
thousand devices. With --url it reads a real station: --device names must be in the overview, --open is the device that
is looked at (the first that is up without it). --patience: how long something new may take, more than an interval.

The browser reaches the station through a relay of this program, so that the station can seem gone and come back.
Fails on anything that the browser's console reports. --shots leaves pictures. Prints a line for each case; the exit
status is 0, or 1 with what was wrong. Needs chromium and chromedriver, else only the standard library.
"""

import argparse
import os
import sys
import threading
import time
import urllib.parse

import mock
from cases_charts import ChartCases
from cases_devices import DeviceCases
from cases_page import PageCases
from relay import Relay
from webdriver import Browser, Failure


def run(cases, only):
    """Runs the cases of a class in the order in which they are written. Answers what failed."""
    failures = []
    for name in [name for name in vars(type(cases)) if name.startswith("case_")]:
        words = name[5:].replace("_", " ")
        if only and only not in words:
            continue
        try:
            note = getattr(cases, name)()
            errors = [entry["message"] for entry in cases.b.log()]
            cases.check(not errors, f"the console: {errors[:3]}")
            print(f"good  {words}" + (f" ({note})" if note else ""), flush=True)
        except Failure as failure:
            failures.append(words)
            print(f"FAIL  {words}: {failure}", flush=True)
            cases.shot(f"failed-{name[5:]}")
            cases.b.resize(1400, 900)
            cases.b.log()
    return failures


def thousand(browser, options):
    """A thousand devices: all are there, and how long things take. Answers what failed."""
    server = mock.serve(port=0, devices=1000)
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--device", action="append", default=[])
    parser.add_argument("--open")
    parser.add_argument("--shots")
    parser.add_argument("--patience", type=float, default=30)
    parser.add_argument("--only", help="cases whose names hold this")
    options = parser.parse_args()
    if options.shots:
        os.makedirs(options.shots, exist_ok=True)
    if options.url:
        target = urllib.parse.urlsplit(options.url)
        host, port = target.hostname, target.port or 80
    else:
        server = mock.serve(port=0)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.server_address
    relay = Relay(host, port)
    failures = []
    try:
        with Browser() as browser:
            browser.theme("light")
            url = f"http://127.0.0.1:{relay.port}/"
            for kind in (DeviceCases, ChartCases, PageCases):
                failures += run(kind(browser, url, options, not options.url, relay), options.only)
            if not options.url and not options.only:
                failures += thousand(browser, options)
    except Failure as failure:
        print(f"FAIL  {failure}")
        return 1
    print(f"{len(failures)} failed: {', '.join(failures)}" if failures else "all good")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
