"""Cases: events, and what holds for all views. Used by click.py."""

import re
import time
import urllib.request

import madeup
from base import Base
from probes import CONTRAST, OUTSIDE, UNLABELLED

LIGHT, DARK = "light", "dark"


class PageCases(Base):
    def case_events(self):
        self.open("#/events")
        self.b.wait(
            "events",
            "document.querySelectorAll('li.event').length > 0 || "
            "/No event/.test(document.getElementById('events-count').textContent)",
        )
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
            self.b.wait(
                "the found",
                "document.querySelectorAll('li.event').length > 0 && [...document.querySelectorAll("
                "'li.event')].slice(3).every(e => arguments[0].includes(Number(e.dataset.event)))",
                found,
            )
            self.check(f"search={word}" in self.hash(), "the search isn't in the address")
            self.b.run("document.activeElement.blur()")
            self.b.click("li.event button.event-open")
            self.b.wait("the variables", "document.querySelector('.varbinds tbody tr') !== null")
            self.check(
                self.b.run("return document.querySelector('button.event-open').ariaExpanded") == "true", "no aria"
            )
            self.shot("events-open")
            if self.is_mock:
                self.news()
            self.check(self.b.count(".varbinds tbody tr") > 0, "news close what was open")
            self.b.keys("/", "Escape")
        kind = known[0]["kind"]
        self.b.click(f"#events-kinds [data-value={kind}]")
        self.b.wait(
            "one kind",
            "document.querySelectorAll('li.event').length > 0 && [...document.querySelectorAll("
            "'li.event')].every(e => e.dataset.kind === arguments[0])",
            kind,
        )
        self.b.click("#events-kinds [data-value='']")
        of = next((event for event in known if event["device"]), None)
        if of:
            self.b.run(
                "const s = document.getElementById('events-device'); s.value = arguments[0];"
                "s.dispatchEvent(new Event('change'))",
                str(of["device"]),
            )
            self.b.wait(
                "one device",
                "document.querySelectorAll('li.event').length > 0 && [...document.querySelectorAll("
                "'li.event a')].every(e => e.hash === '#/device/' + arguments[0])",
                of["device"],
            )
        if self.is_mock:
            self.open("#/events")
            self.b.wait("events", "document.querySelectorAll('li.event').length > 0")
            newest = self.b.run("return document.querySelector('li.event').dataset.event")
            self.b.wait(
                "a new event",
                "document.querySelector('li.event').dataset.event !== arguments[0]",
                newest,
                seconds=self.patience,
            )
            self.b.run("scrollTo(0, 600)")
            where = "return document.elementFromPoint(300, 400).closest('li.event').dataset.event"
            seen, top = self.b.run(where), self.b.run("return document.querySelector('li.event').dataset.event")
            self.b.wait(
                "another event",
                "document.querySelector('li.event').dataset.event !== arguments[0]",
                top,
                seconds=self.patience,
            )
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
        views = ["#/", f"#/device/{number}", "#/events", f"#/chart?device={number}&chart=polling"]
        if self.is_mock:
            views += ["#/device/3", "#/device/9", "#/chart?object=700&chart=errors&of=7&last=6h"]
        for theme in (DARK, LIGHT):
            self.b.theme(theme)
            for view in views:
                self.open(view)
                self.b.wait(
                    "the view",
                    "document.querySelector('main .view') && !/^loading$/.test("
                    "document.querySelector('main [role=status]')?.textContent)",
                )
                time.sleep(0.5)
                bad = self.b.run(CONTRAST)
                self.check(not bad, f"too little contrast in {view}, {theme}: {bad[:4]}")
                bad = self.b.run(UNLABELLED)
                self.check(not bad, f"{view}: {bad[:4]}")
        return f"{2 * len(views)} views"

    def case_narrow_windows(self):
        number = self.choose()["id"]
        views = ["#/", f"#/device/{number}", "#/events", f"#/chart?device={number}&chart=polling"]
        if self.is_mock:
            views += ["#/device/4", "#/device/5", "#/chart?object=400&chart=traffic&of=4"]
        sizes = ((360, 740), (390, 844), (820, 1180), (3840, 2160))
        if not self.is_mock and not self.options.shots:
            sizes = ((360, 740), (3840, 2160))
        for width, height in sizes:
            self.b.resize(width, height, width < 500)
            for index, view in enumerate(views):
                self.open(view)
                self.b.wait("the view", "document.querySelector('main .view')")
                time.sleep(0.3)
                if width in (390, 3840) and index < 4:
                    self.shot(f"at-{width}-{index}")
                # A phone's window grows with what doesn't fit, so innerWidth wouldn't tell.
                wide = self.b.run("return document.documentElement.scrollWidth - arguments[0]", width)
                self.check(wide <= 0, f"{view} is {wide} pixels wider than {width}")
                out = self.b.run(OUTSIDE)
                self.check(not out, f"{view} at {width}: outside of their row: {out}")
        self.b.resize(1400, 900)
        return f"{len(sizes) * len(views)} views"

    def case_untrusted_text_stays_text(self):
        seen, wanted = set(), ["app.js"]
        while wanted:
            name = wanted.pop()
            seen.add(name)
            with urllib.request.urlopen(self.url + name) as answer:
                source = answer.read().decode()
            found = re.search(
                r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|"
                r"createContextualFragment|DOMParser|setHTML",
                source,
            )
            self.check(not found, f"{name} makes elements from strings: {found and found[0]}")
            wanted += [other for other in re.findall(r'from "\./([\w.]+)"', source) if other not in seen | set(wanted)]
        with urllib.request.urlopen(self.url) as answer:
            self.check("default-src 'self'" in answer.headers.get("Content-Security-Policy", ""), "no content policy")
        if not self.is_mock:
            return f"{len(seen)} modules"
        for view, words in (
            ("#/", madeup.HOSTILE),
            ("#/device/5", madeup.HOSTILE),
            ("#/events?device=5", madeup.HOSTILE),
            ("#/device/5", madeup.HOSTILE_ALIAS),
            ("#/chart?object=500&chart=traffic&of=5", "<img src=x"),
        ):
            self.open(view)
            self.b.wait(f"{words} as text", "document.querySelector('main').textContent.includes(arguments[0])", words)
            found = self.b.run(
                "return [window.pwned ?? null, document.querySelectorAll('main script, main img, main b:not(#totals b, "
                "figcaption b), main [onerror], main iframe, a[href^=javascript]').length]"
            )
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
        self.b.wait(
            "the events",
            "document.querySelectorAll('li.event').length > 0 || "
            "/No event/.test(document.getElementById('events-count').textContent)",
        )
        self.check(not self.b.count("#banner"), "the banner stays")
        self.b.keys("g")
        self.b.wait("the overview", "document.querySelector('[data-view=overview]')")
        self.b.wait("news", "Number(document.body.dataset.sequence) > arguments[0]", before, seconds=self.patience)
        # The browser itself reports what it couldn't load meanwhile.
        other = [
            entry["message"] for entry in self.b.log() if "Failed to load resource: net::ERR" not in entry["message"]
        ]
        self.check(not other, f"the console: {other[:2]}")
