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
import json
import os
import re
import socket
import sys
import threading
import time
import urllib.parse
import urllib.request

import mock
from webdriver import Browser, Failure

LIGHT, DARK = "light", "dark"

CONTRAST = """
const parse = (words) => {
  const [r, g, b, a = 1] = words.match(/[\\d.]+/g).map(Number);
  return /^color\\(srgb/.test(words) ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
};
const over = (top, below) => top.slice(0, 3).map((v, i) => v * top[3] + below[i] * (1 - top[3])).concat(1);
const light = (colour) => {
  const [r, g, b] = colour.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const bad = new Map();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !node.checkVisibility({visibilityProperty: true}) || node.closest('.spoken, option'))
    continue;
  const style = getComputedStyle(node);
  const layers = [];
  let faint = 1;
  for (let e = node; e; e = e.parentElement) {
    layers.unshift(parse(getComputedStyle(e).backgroundColor));
    faint *= Number(getComputedStyle(e).opacity);
  }
  const ground = layers.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  const ink = parse(node instanceof SVGElement ? style.fill : style.color);
  ink[3] *= faint;
  const [a, b] = [light(over(ink, ground)), light(ground)].sort((x, y) => y - x);
  const ratio = (a + .05) / (b + .05);
  const isLarge = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 600;
  if (ratio < (isLarge ? 3 : 4.5))
    bad.set(`${node.tagName}.${node.getAttribute('class')} ${ratio.toFixed(2)}`, walker.currentNode.data.slice(0, 30));
}
return [...bad].map(([k, v]) => `${k}: ${v}`);
"""

UNLABELLED = """
const name = (e) => (e.getAttribute('aria-label') || e.textContent || e.getAttribute('alt') || '').trim()
  || (e.getAttribute('aria-labelledby') && document.getElementById(e.getAttribute('aria-labelledby'))?.textContent);
const bad = [...document.querySelectorAll('a[href], button, input, select, section.part, aside, nav, dialog, [role]')]
  .filter(e => e.checkVisibility() && !name(e) && !/row|cell|columnheader|rowgroup|alert|status/.test(e.getAttribute('role')))
  .map(e => e.outerHTML.slice(0, 120));
if (document.querySelectorAll('main').length !== 1) bad.push('not one main');
if ([...document.querySelectorAll('h1')].length !== 1) bad.push('not one h1');
for (const id of [...document.querySelectorAll('[id]')].map(e => e.id))
  if (document.querySelectorAll('#' + CSS.escape(id)).length > 1) bad.push('id twice: ' + id);
return bad;
"""


class Relay:
    """Passes bytes between the browser and the station; `off` closes all and refuses, `on` listens again."""

    def __init__(self, host, port):
        self.target, self.pairs, self.listener = (host, port), set(), None
        self.port = 0
        self.on()

    def on(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.listener, self.port = listener, listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def off(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for one in list(self.pairs):
            self.end(one)

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(self.target)
            except OSError:
                if listener.fileno() < 0:
                    return
                continue
            for pair in ((client, server), (server, client)):
                self.pairs.add(pair[0])
                threading.Thread(target=self.pump, args=pair, daemon=True).start()

    def pump(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        self.end(source)
        self.end(sink)

    def end(self, one):
        self.pairs.discard(one)
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Test:
    """The cases, in order. Each leaves the page as it found it or opens what it needs."""

    def __init__(self, browser, url, options, is_mock):
        self.b, self.url, self.options, self.is_mock = browser, url, options, is_mock
        self.patience = options.patience
        self.failures = []

    def check(self, condition, message):
        if not condition:
            raise Failure(message)

    def get(self, path):
        with urllib.request.urlopen(self.url + "api/v1/" + path) as answer:
            return json.load(answer)

    def open(self, path=""):
        """Opens an address of the page afresh."""
        self.b.open("about:blank")
        self.b.open(self.url + path)

    def overview(self):
        self.open("#/")
        self.b.wait("the devices", "document.querySelector('[data-view=overview][data-loaded] tr.device') !== null")

    def device(self, number):
        self.open(f"#/device/{number}")
        self.b.wait("the device", "document.getElementById('device-name')?.textContent")

    def drawn(self, selector, count=1):
        self.b.wait(f"{count} charts drawn in {selector}", "[...document.querySelectorAll(arguments[0] + ' path.mean')]"
                    ".filter(p => (p.getAttribute('d') ?? '').length > 12).length >= arguments[1]", selector, count)

    def shot(self, name):
        if self.options.shots:
            self.b.shot(os.path.join(self.options.shots, f"{name}.png"))

    def rows(self):
        return self.b.run("return [...document.querySelectorAll('tr.device')].filter(r => !r.hidden)"
                          ".map(r => [r.dataset.name, r.dataset.state, r.dataset.device])")

    def news(self):
        """Waits until the page has shown something newer than now."""
        before = self.b.run("return document.body.dataset.sequence")
        self.b.wait("a new sequence", "document.body.dataset.sequence !== arguments[0]", before, seconds=self.patience)
        time.sleep(0.4)

    def hash(self):
        return self.b.run("return location.hash")

    # The cases.

    def case_overview_shows_all_devices(self):
        self.overview()
        took = self.b.run("return Math.round(performance.now())")
        known = {device["name"]: device for device in self.get("devices")["devices"]}
        rows = self.rows()
        self.check(len(rows) == len(known), f"{len(rows)} rows for {len(known)} devices")
        for name, state, _ in rows:
            self.check(known.get(name, {}).get("state") == state, f"{name!r} is {state} in the table")
        for name in self.options.device:
            self.check(name in known, f"the station has no {name!r}")
        if any(state == "down" for _, state, _ in rows):
            self.check(rows[0][1] == "down", "a device that is down doesn't come first")
        self.check(self.b.text("#totals [data-total=devices] b") == str(len(known)), "the total of devices is wrong")
        self.check(self.b.count("tr.device .spark-in[d^=M]") > 0, "no sparkline is drawn")
        self.shot("overview")
        return f"devices shown {took} ms after the start"

    def case_overview_sorts(self):
        self.b.click("[data-sort=name]")
        names = [row[0].lower() for row in self.rows()]
        self.check(self.b.run("return document.querySelector('th.c-name').ariaSort") == "ascending", "no aria-sort")
        self.b.click("[data-sort=name]")
        again = [row[0].lower() for row in self.rows()]
        self.check(again == names[::-1], "the second click doesn't turn the order")
        self.check("sort=name" in self.hash(), "the order isn't in the address")
        self.b.click("[data-sort=in]")
        rates = {d["name"]: d["in"] for d in self.get("devices")["devices"]}
        order = [rates[row[0]] for row in self.rows()]
        self.check(all(rate is None for rate in order[order.index(None):]) if None in order else True,
                   "what isn't known isn't last")
        self.b.click("[data-sort=health]")

    def case_overview_searches(self):
        name = self.rows()[-1][0]
        self.b.keys("/")
        self.check(self.b.run("return document.activeElement.id") == "search", "/ doesn't go to the search box")
        self.b.type(name[:30])
        rows = self.rows()
        self.check(rows and all(name[:30].lower() in row[0].lower() for row in rows) or self.is_mock is False,
                   f"searching {name!r} shows {rows}")
        self.check(len(rows) < max(2, len(self.get("devices")["devices"])), "the search leaves all")
        self.b.keys("Escape")
        self.check(len(self.rows()) == len(self.get("devices")["devices"]), "Escape doesn't clear the search")

    def case_overview_by_keyboard(self):
        self.overview()
        self.b.keys("j")
        first = self.b.run("return document.activeElement.closest('tr')?.dataset.device")
        rows = self.rows()
        self.check(first == rows[0][2], "j doesn't go to the first device")
        if len(rows) > 1:
            self.b.keys("j", "k", "ArrowDown")
            second = self.b.run("return document.activeElement.closest('tr')?.dataset.device")
            self.check(second == rows[1][2], "j, k and ArrowDown don't end at the second device")
            self.news()
            kept = self.b.run("return document.activeElement.closest('tr')?.dataset.device")
            self.check(kept == second, "the focus is lost when news come")
        self.b.keys("Enter")
        self.b.wait("the device", "document.getElementById('device-name')?.textContent")
        self.b.keys("Escape")
        self.b.wait("the overview again", "document.querySelector('[data-view=overview]')")
        self.b.keys("?")
        self.b.wait("the help", "document.getElementById('help').open")
        self.shot("help")
        self.b.keys("Escape")
        self.b.wait("the help to close", "!document.getElementById('help').open")

    def choose(self):
        """The device that is looked at: --open, or one that is up with many interfaces."""
        devices = self.get("devices")["devices"]
        if self.options.open:
            devices = [device for device in devices if device["name"] == self.options.open]
            self.check(devices, f"the station has no {self.options.open!r}")
        up = [device for device in devices if device["state"] == "up"] or devices
        return max(up, key=lambda device: (device["interfaces"]["total"] in range(2, 20), -device["id"]))

    def case_device_is_shown(self):
        chosen = self.choose()
        self.overview()
        self.b.click(f"tr[data-device='{chosen['id']}'] .row-link")
        self.b.wait("the device", "document.getElementById('device-name')?.textContent")
        self.check(self.b.text("#device-name") == chosen["name"], "another device is shown")
        facts = self.b.text("#device-facts")
        for key in ("address", "description", "location", "contact"):
            self.check((chosen[key] or "") in facts, f"the {key} is missing")
        self.check("doesn't" not in facts if chosen["verdict"] == "complete" else True, "the verdict is wrong")
        details = self.get(f"devices/{chosen['id']}")
        self.check(self.b.count("#interfaces > tr") == len(details["interfaceList"]), "not all interfaces are there")
        self.drawn("#device-charts", len(details["charts"]))
        if details["interfaceList"]:
            self.drawn("#interfaces", 2)
        self.check(self.b.count("#processors > li") == len(details["processors"]), "not all processors are there")
        self.check(self.b.count("#storage > li") >= len(details["storageList"]), "not all storage is there")
        self.shot("device")
        return chosen["name"]

    def case_device_interface_opens_and_stays(self):
        if not self.b.count("#interfaces > tr"):
            return "no interfaces"
        self.b.click("#interfaces > tr .open")
        self.drawn("#interfaces .p-drawer", 4)
        self.b.run("scrollTo(0, 300)")
        self.news()
        self.check(self.b.count("#interfaces .p-drawer .chart") >= 3, "news close what was open")
        self.check(self.b.run("return scrollY") == 300, "news move the page")
        self.shot("device-interface")
        self.b.click("#interfaces > tr .open")
        self.b.run("scrollTo(0, 0)")
        name = self.b.text("#interfaces > tr:last-child .p-name bdi")
        self.b.keys("/")
        self.b.type(name[:20])
        self.check(name in self.b.run("return [...document.querySelectorAll('#interfaces > tr')].filter(r => !r.hidden)"
                                      ".map(r => r.querySelector('.p-name bdi').textContent)"), "the filter hides what fits")
        self.b.keys("Escape")

    def case_device_span_and_series(self):
        self.b.click("#device-spans [data-value='6h']")
        self.check("range=6h" in self.hash(), "the span isn't in the address")
        self.drawn("#device-charts")
        self.b.click("#series summary")
        self.b.wait("the series", "document.querySelectorAll('#series tbody tr').length > 0")

    def span(self):
        """What the chart shows, in seconds."""
        link = self.b.run("return document.getElementById('chart-csv').href")
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query))
        return float(query["from"]), float(query["to"])

    def large(self):
        """Opens the large chart of the first interface or, without interfaces, of the first chart."""
        self.device(self.choose()["id"])
        has = self.b.count("#interfaces > tr")
        self.b.click("#interfaces > tr .p-name a" if has else "#device-charts figcaption a")
        self.drawn(".chart.large")
        return has

    def case_chart_zooms_by_drag(self):
        self.large()
        start, end = self.span()
        self.b.drag(".chart.large", 0.4, 0.7)
        self.b.wait("the address to hold the span", "/from=\\d+&to=\\d+/.test(location.hash)")
        left, right = self.span()
        share = (right - left) / (end - start)
        self.check(0.2 < share < 0.4, f"dragging over 30 % shows {share:.0%}")
        self.check(start < left and right < end, "the span isn't the one that was marked")
        self.check(self.b.run("return document.getElementById('chart-live').ariaPressed") == "false", "it says live")
        link = self.hash()
        self.drawn(".chart.large")
        self.shot("chart-zoomed")
        self.b.run("history.back()")
        self.b.wait("the way back", "location.hash.includes('last=')")
        self.open(link)
        self.drawn(".chart.large")
        again = self.span()
        self.check(abs(again[0] - left) <= 1 and abs(again[1] - right) <= 1, "a copied link shows something else")

    def case_chart_buttons_wheel_and_keys(self):
        for name, seconds in (("1h", 3600), ("6h", 21600), ("24h", 86400), ("7d", 604800), ("30d", 2592000), ("1h", 3600)):
            self.b.click(f"#chart-spans [data-value='{name}']")
            left, right = self.span()
            self.check(abs(right - left - seconds) < 2, f"{name} shows {right - left} seconds")
            self.check(f"last={name}" in self.hash(), f"{name} isn't in the address")
            time.sleep(0.2)
        length = lambda: self.span()[1] - self.span()[0]
        self.b.keys("+")
        self.check(abs(length() - 1800) < 2, "+ doesn't halve the span")
        self.b.keys("-", "-")
        self.check(abs(length() - 7200) < 2, "- doesn't double the span")
        before = self.span()
        self.b.keys("ArrowLeft")
        self.check(self.span()[1] < before[1] - 900, "ArrowLeft doesn't go back")
        self.b.keys("Home")
        self.check("last=" in self.hash(), "Home isn't live")
        self.b.wheel(".chart.large", 0.5, -240)
        self.b.wait("the wheel to zoom", "location.hash.includes('from=')")
        self.check(length() < 7000, "the wheel doesn't zoom in")
        self.b.click("#chart-earlier")
        self.b.click("#chart-later")
        self.b.click("#chart-in")
        self.b.click("#chart-out")
        self.b.click("#chart-live")
        self.check("last=" in self.hash(), "Live isn't live")
        self.b.click("#chart-spans [data-value='1h']")
        self.drawn(".chart.large")

    def case_chart_crosshair_figures_and_csv(self):
        self.b.point(".chart.large", 0.55)
        self.b.wait("the crosshair", "!document.querySelector('.chart.large .tip').hidden")
        tip = self.b.text(".chart.large .tip")
        self.check(re.search(r"\d", tip), f"the crosshair says {tip!r}")
        self.shot("chart")
        self.b.keys("ArrowLeft", shift=True)
        self.check(self.b.text("#spoken"), "Shift with an arrow says nothing")
        lines = self.b.count("#chart-figures tbody tr")
        self.check(lines >= 1, "no figures below the chart")
        self.b.click("#chart-figures tbody tr button")
        self.b.wait("the line to go", "document.querySelectorAll('.chart.large path.mean').length === arguments[0]", lines - 1)
        self.b.click("#chart-figures tbody tr button")
        self.drawn(".chart.large", lines)
        with urllib.request.urlopen(self.b.run("return document.getElementById('chart-csv').href")) as answer:
            self.check("csv" in answer.headers["Content-Type"], "the CSV isn't CSV")
            self.check(answer.readline().startswith(b"time"), "the CSV has no head")
        if self.b.count("#chart-overlay"):
            self.b.click("#chart-overlay")
            self.check("lines=overlay" in self.hash(), "Overlay isn't in the address")
            self.shot("chart-overlay")
            self.b.click("#chart-overlay")
        if self.b.count(".tabs a"):
            self.b.click(".tabs [data-kind=packets]")
            self.b.wait("the other chart", "/packets/i.test(document.getElementById('chart-title').textContent)")
            self.drawn(".chart.large")
        self.b.click("#chart-copy")
        self.b.keys("Escape")
        self.b.wait("the device again", "document.querySelector('[data-view=device]')")

    def case_chart_states_are_explained(self):
        if not self.is_mock:
            return "only with made-up data"
        for path, states in (("#/chart?object=700&chart=traffic&of=7&last=6h", ["gap", "unknown", "wrapped"]),
                             ("#/chart?object=600&chart=traffic&of=6&last=6h", ["reset"])):
            self.open(path)
            self.drawn(".chart.large")
            for state in states:
                self.check(self.b.count(f"#chart-notes [data-state={state}]") == 1, f"{state} isn't explained")
                self.check(self.b.run("return document.querySelectorAll(arguments[0]).length",
                                      f".chart.large .state[data-state={state}]") > 0, f"{state} isn't marked")
        path = self.b.run("return document.querySelector('.chart.large path.mean').getAttribute('d')")
        self.check(path.count("M") > 5, "the line goes through resets")
        self.open("#/chart?object=9999&chart=traffic")
        self.b.wait("the refusal", "/no such/.test(document.querySelector('.wait').textContent)")
        time.sleep(0.3)
        # The browser reports the refusal itself.
        other = [entry["message"] for entry in self.b.log() if "status of 404" not in entry["message"]]
        self.check(not other, f"the console: {other[:2]}")

    def case_events(self):
        self.open("#/events")
        self.b.wait("events", "document.querySelectorAll('li.event').length > 0 || "
                    "/No event/.test(document.getElementById('events-count').textContent)")
        count = self.b.count("li.event")
        if count == 0:
            return "no events"
        self.shot("events")
        known = self.get("events?limit=500")["events"]
        if len(known) > count:
            self.b.run("scrollTo(0, document.documentElement.scrollHeight)")
            self.b.wait("the next page", "document.querySelectorAll('li.event').length > arguments[0]", count)
            ids = self.b.run("return [...document.querySelectorAll('li.event')].map(e => Number(e.dataset.event))")
            self.check(ids == sorted(set(ids), reverse=True), "events are twice or out of order")
            self.b.run("scrollTo(0, 0)")
        with_binds = next((event for event in known if event["varbinds"]), None)
        if with_binds:
            word = re.sub(r"\W.*", "", with_binds["title"]) or with_binds["kind"]
            self.b.keys("/")
            self.b.type(word)
            found = [event["id"] for event in self.get(f"events?search={word}&limit=500")["events"]]
            self.b.wait("the found", "document.querySelectorAll('li.event').length > 0 && [...document.querySelectorAll("
                        "'li.event')].slice(3).every(e => arguments[0].includes(Number(e.dataset.event)))", found)
            self.check(f"search={word}" in self.hash(), "the search isn't in the address")
            self.b.run("document.activeElement.blur()")
            self.b.click("li.event button.event-open")
            self.b.wait("the variables", "document.querySelector('.varbinds tbody tr') !== null")
            self.check(self.b.run("return document.querySelector('button.event-open').ariaExpanded") == "true", "no aria")
            self.shot("events-open")
            if self.is_mock:
                self.news()
            self.check(self.b.count(".varbinds tbody tr") > 0, "news close what was open")
            self.b.keys("/", "Escape")
        kind = known[0]["kind"]
        self.b.click(f"#events-kinds [data-value={kind}]")
        self.b.wait("one kind", "document.querySelectorAll('li.event').length > 0 && [...document.querySelectorAll("
                    "'li.event')].every(e => e.dataset.kind === arguments[0])", kind)
        self.b.click("#events-kinds [data-value='']")
        of = next((event for event in known if event["device"]), None)
        if of:
            self.b.run("const s = document.getElementById('events-device'); s.value = arguments[0];"
                       "s.dispatchEvent(new Event('change'))", str(of["device"]))
            self.b.wait("one device", "document.querySelectorAll('li.event').length > 0 && [...document.querySelectorAll("
                        "'li.event a')].every(e => e.hash === '#/device/' + arguments[0])", of["device"])
        if self.is_mock:
            self.open("#/events")
            self.b.wait("events", "document.querySelectorAll('li.event').length > 0")
            newest = self.b.run("return document.querySelector('li.event').dataset.event")
            self.b.wait("a new event", "document.querySelector('li.event').dataset.event !== arguments[0]", newest,
                        seconds=self.patience)
            self.b.run("scrollTo(0, 600)")
            where = "return document.elementFromPoint(300, 400).closest('li.event').dataset.event"
            seen, top = self.b.run(where), self.b.run("return document.querySelector('li.event').dataset.event")
            self.b.wait("another event", "document.querySelector('li.event').dataset.event !== arguments[0]", top,
                        seconds=self.patience)
            time.sleep(0.2)
            self.check(self.b.run(where) == seen, "a new event moves what is being read")

    def case_theme_is_chosen_and_kept(self):
        self.overview()
        ground = lambda: self.b.run("return getComputedStyle(document.body).backgroundColor")
        seen = {}
        for _ in range(3):
            self.b.click("#theme")
            seen[self.b.run("return document.documentElement.dataset.theme ?? 'auto'")] = ground()
        self.check(set(seen) == {"auto", LIGHT, DARK}, f"the switch knows {list(seen)}")
        self.check(seen[LIGHT] != seen[DARK], "light and dark look alike")
        self.b.keys("t", "t")
        self.overview()
        self.check(ground() == seen[DARK], "the theme isn't remembered")
        self.b.keys("t")
        self.check(ground() == seen["auto"], "auto isn't auto")

    def case_contrast_and_labels(self):
        number = self.choose()["id"]
        views = ["#/", f"#/device/{number}", "#/events", f"#/chart?device={number}&chart=roundTrip"]
        if self.is_mock:
            views += ["#/device/3", "#/device/9", "#/chart?object=700&chart=errors&of=7&last=6h"]
        for theme in (DARK, LIGHT):
            self.b.theme(theme)
            for view in views:
                self.open(view)
                self.b.wait("the view", "document.querySelector('main .view') && !/^loading$/.test("
                            "document.querySelector('main [role=status]')?.textContent)")
                time.sleep(1)
                bad = self.b.run(CONTRAST)
                self.check(not bad, f"too little contrast in {view}, {theme}: {bad[:4]}")
                bad = self.b.run(UNLABELLED)
                self.check(not bad, f"{view}: {bad[:4]}")
        return f"{2 * len(views)} views"

    def case_narrow_windows(self):
        number = self.choose()["id"]
        views = ["#/", f"#/device/{number}", "#/events", f"#/chart?device={number}&chart=roundTrip"]
        if self.is_mock:
            views += ["#/device/4", "#/device/5", "#/chart?object=400&chart=traffic&of=4"]
        for width, height in ((360, 740), (390, 844), (820, 1180), (3840, 2160)):
            self.b.resize(width, height, width < 500)
            for index, view in enumerate(views):
                self.open(view)
                self.b.wait("the view", "document.querySelector('main .view')")
                time.sleep(0.7)
                if width in (390, 3840) and index < 4:
                    self.shot(f"at-{width}-{index}")
                wide = self.b.run("return document.documentElement.scrollWidth - innerWidth")
                self.check(wide <= 0, f"{view} is {wide} pixels wider than {width}")
        self.b.resize(1400, 900)
        return f"{4 * len(views)} views"

    def case_untrusted_text_stays_text(self):
        seen, wanted = set(), ["app.js"]
        while wanted:
            name = wanted.pop()
            seen.add(name)
            with urllib.request.urlopen(self.url + name) as answer:
                source = answer.read().decode()
            found = re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|"
                              r"createContextualFragment|DOMParser|setHTML", source)
            self.check(not found, f"{name} makes elements from strings: {found and found[0]}")
            wanted += [other for other in re.findall(r'from "\./([\w.]+)"', source) if other not in seen | set(wanted)]
        with urllib.request.urlopen(self.url) as answer:
            self.check("default-src 'self'" in answer.headers.get("Content-Security-Policy", ""), "no content policy")
        if not self.is_mock:
            return f"{len(seen)} modules"
        for view, words in (("#/", mock.HOSTILE), ("#/device/5", mock.HOSTILE), ("#/events?device=5", mock.HOSTILE),
                            ("#/device/5", mock.HOSTILE_ALIAS), ("#/chart?object=500&chart=traffic&of=5", "<img src=x")):
            self.open(view)
            self.b.wait(f"{words} as text", "document.querySelector('main').textContent.includes(arguments[0])", words)
            found = self.b.run("return [window.pwned ?? null, document.querySelectorAll('main script, main img, main b:not(#totals b, "
                               "figcaption b), main [onerror], main iframe, a[href^=javascript]').length]")
            self.check(found == [None, 0], f"{view}: {found}")
        return f"{len(seen)} modules"

    def case_station_gone_and_back(self):
        self.overview()
        self.b.log()
        before = int(self.b.run("return document.body.dataset.sequence"))
        self.relay.off()
        self.b.wait("the loss to be said", "document.body.dataset.connection === 'lost'", seconds=20)
        self.check("can't be reached" in self.b.text("#banner"), "the banner doesn't say so")
        self.check(len(self.rows()) > 0, "what was known is gone")
        self.shot("gone")
        # A view that is opened now must come to life by itself.
        self.b.keys("e")
        time.sleep(1)
        self.relay.on()
        self.b.wait("the connection again", "document.body.dataset.connection === 'live'", seconds=20)
        self.b.wait("the events", "document.querySelectorAll('li.event').length > 0 || "
                    "/No event/.test(document.getElementById('events-count').textContent)")
        self.check(not self.b.count("#banner"), "the banner stays")
        self.b.keys("g")
        self.b.wait("the overview", "document.querySelector('[data-view=overview]')")
        self.b.wait("news", "Number(document.body.dataset.sequence) > arguments[0]", before, seconds=self.patience)
        # The browser itself reports what it couldn't load meanwhile.
        other = [entry["message"] for entry in self.b.log() if "Failed to load resource: net::ERR" not in entry["message"]]
        self.check(not other, f"the console: {other[:2]}")

    def run(self, only):
        cases = [name for name in dir(Test) if name.startswith("case_")]
        order = sorted(cases, key=lambda name: getattr(Test, name).__code__.co_firstlineno)
        for name in order:
            if only and only not in name:
                continue
            words = name[5:].replace("_", " ")
            try:
                note = getattr(self, name)()
                errors = [entry["message"] for entry in self.b.log()]
                self.check(not errors, f"the console: {errors[:3]}")
                print(f"good  {words}" + (f" ({note})" if note else ""), flush=True)
            except Failure as failure:
                self.failures.append(words)
                print(f"FAIL  {words}: {failure}", flush=True)
                self.shot(f"failed-{name[5:]}")
                self.b.resize(1400, 900)
                self.b.log()


def thousand(browser, options, failures):
    """A thousand devices: all are there, and how long things take."""
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
    if options.shots:
        browser.shot(os.path.join(options.shots, "thousand.png"))
    errors = [entry["message"] for entry in browser.log()]
    print(f"{'FAIL' if errors else 'good'}  a thousand devices (searches {took[:4]} ms, sorting {took[4]} ms) {errors[:2] or ''}")
    if errors:
        failures.append("a thousand devices")
    server.shutdown()


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
    try:
        with Browser() as browser:
            browser.theme(LIGHT)
            test = Test(browser, f"http://127.0.0.1:{relay.port}/", options, not options.url)
            test.relay = relay
            test.run(options.only)
            if not options.url and not options.only:
                thousand(browser, options, test.failures)
    except Failure as failure:
        print(f"FAIL  {failure}")
        return 1
    print(f"{len(test.failures)} failed: {', '.join(test.failures)}" if test.failures else "all good")
    return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
