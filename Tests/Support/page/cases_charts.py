"""Cases: the large chart. Used by click.py."""

import re
import time
import urllib.parse
import urllib.request

from base import Base


class ChartCases(Base):
    def span(self):
        """What the chart shows, in seconds."""
        link = self.b.run("return document.getElementById('chart-csv').href")
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query))
        return float(query["from"]), float(query["to"])

    def age(self):
        """How far back the record reaches that the chart shows, in seconds; more than any span without a beginning."""
        query = urllib.parse.urlsplit(self.b.run("return document.getElementById('chart-csv').href")).query
        chart = self.get(f"chart?{query}")
        return max(20, chart["to"] - chart["begins"]) if chart.get("begins") else 1e9

    def is_long(self, seconds):
        """Whether the chart shows so many seconds, or all that there is if that is less; answers what it shows."""
        left, right = self.span()
        return abs(right - left - min(seconds, self.age())) < 4, right - left

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
        # No chart is shorter than 20 s.
        self.check(0.2 < share < max(0.4, 25 / (end - start)), f"dragging over 30 % shows {share:.0%}")
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
        for name, seconds in (
            ("15m", 900),
            ("6h", 21600),
            ("24h", 86400),
            ("7d", 604800),
            ("30d", 2592000),
            ("1h", 3600),
        ):
            self.b.click(f"#chart-spans [data-value='{name}']")
            isRight, shown = self.is_long(seconds)
            self.check(isRight, f"{name} shows {shown} seconds")
            self.check(f"last={name}" in self.hash(), f"{name} isn't in the address")
            time.sleep(0.2)
        length = lambda: self.span()[1] - self.span()[0]
        start = length()
        self.b.keys("+")
        self.check(abs(length() - max(20, start / 2)) < 3, "+ doesn't halve the span")
        self.b.keys("-", "-")
        isRight, shown = self.is_long(2 * start)
        self.check(isRight, f"- doesn't double the span: {shown} seconds")
        before = self.span()
        self.b.keys("ArrowLeft")
        self.check(self.span()[1] < before[1] - 0.2 * (before[1] - before[0]), "ArrowLeft doesn't go back")
        self.b.keys("Home")
        self.check("last=" in self.hash(), "Home isn't live")
        self.b.wheel(".chart.large", 0.5, -240)
        self.b.wait("the wheel to zoom", "location.hash.includes('from=')")
        self.check(length() < max(25, 0.95 * (before[1] - before[0])), "the wheel doesn't zoom in")
        self.b.click("#chart-earlier")
        self.b.click("#chart-later")
        self.b.click("#chart-in")
        self.b.click("#chart-out")
        self.b.click("#chart-live")
        self.check("last=" in self.hash(), "Live isn't live")
        self.b.click("#chart-spans [data-value='1h']")
        self.drawn(".chart.large")

    def case_chart_zooms_by_pinch(self):
        self.b.resize(390, 844, True)
        self.b.keys("Home")
        start, end = self.span()
        self.b.pinch(".chart.large", 0.3, 0.6)
        self.b.wait("two fingers to zoom", "location.hash.includes('from=')")
        left, right = self.span()
        share = (right - left) / (end - start)
        self.check(0.4 < share < max(0.65, 25 / (end - start)), f"spreading two fingers twice as far shows {share:.0%}")
        self.b.resize(1400, 900)
        self.b.keys("Home")
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
        self.b.wait(
            "the line to go", "document.querySelectorAll('.chart.large path.mean').length === arguments[0]", lines - 1
        )
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

    def case_chart_begins_with_the_record(self):
        if not self.is_mock:
            return "only with made-up data"
        self.open("#/chart?object=1001&chart=traffic&of=10&last=1h")
        self.drawn(".chart.large", 2)
        self.b.wait(
            "two minutes, and no more",
            "(() => { const q = new URL(document.getElementById('chart-csv').href).searchParams;"
            "return q.get('to') - q.get('from') < 900; })()",
        )
        self.check(self.b.count(".chart.large rect.state") == 0, "something is hatched")
        chosen = self.b.text("#chart-spans [aria-pressed=true]")
        self.check(chosen == "1h", f"1h was chosen, and now {chosen} is")
        first = self.span()
        self.news()
        self.b.wait(
            "it to grow",
            "new URL(document.getElementById('chart-csv').href).searchParams.get('to') > arguments[0]",
            first[1],
        )
        self.check(abs(self.span()[0] - first[0]) < 1, "the beginning moves")
        self.device(10)
        self.drawn("#device-charts", 4)
        self.check(self.b.count("#device-charts rect.state") == 0, "something is hatched in a small chart")
        self.shot("young")

    def case_chart_states_are_explained(self):
        if not self.is_mock:
            return "only with made-up data"
        for path, states in (
            ("#/chart?object=700&chart=traffic&of=7&last=6h", ["gap", "unknown", "wrapped"]),
            ("#/chart?object=600&chart=traffic&of=6&last=6h", ["reset"]),
        ):
            self.open(path)
            self.drawn(".chart.large")
            for state in states:
                self.check(self.b.count(f"#chart-notes [data-state={state}]") == 1, f"{state} isn't explained")
                self.check(
                    self.b.run(
                        "return document.querySelectorAll(arguments[0]).length",
                        f".chart.large .state[data-state={state}]",
                    )
                    > 0,
                    f"{state} isn't marked",
                )
        path = self.b.run("return document.querySelector('.chart.large path.mean').getAttribute('d')")
        self.check(path.count("M") > 5, "the line goes through resets")
        self.open("#/chart?object=9999&chart=traffic")
        self.b.wait("the refusal", "/no such/.test(document.querySelector('.wait').textContent)")
        time.sleep(0.3)
        # The browser reports the refusal itself.
        other = [entry["message"] for entry in self.b.log() if "status of 404" not in entry["message"]]
        self.check(not other, f"the console: {other[:2]}")
