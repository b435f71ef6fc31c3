"""Cases: what only a real station can show, told from outside: a new station, traps as they come, an end and a
beginning. Used by click.py --oriel."""

import time

from base import Base

# Rectangles of a chart that are hatched: [state, where they begin and end as shares of the width of the plot].
HATCHED = """
const chart = document.querySelector('.chart.large');
const plot = chart.querySelector('clipPath rect');
const [left, width] = [Number(plot.getAttribute('x')), Number(plot.getAttribute('width'))];
return [...chart.querySelectorAll('rect.state')].map(r => {
  const x = Number(r.getAttribute('x'));
  return [r.dataset.state, (x - left) / width, (x + Number(r.getAttribute('width')) - left) / width];
});
"""


class RealCases(Base):
    """`station`: the RealStation."""

    station = None

    def named(self, label):
        found = [device for device in self.get("devices")["devices"] if device["name"] == label]
        self.check(found, f"the station has no {label!r}")
        return found[0]

    def until(self, what, condition):
        """Waits for something that the station itself says."""
        end = time.monotonic() + self.patience
        while not condition():
            self.check(time.monotonic() < end, f"waited {self.patience} seconds in vain for: {what}")
            time.sleep(0.2)

    def case_new_station_fills_its_charts(self):
        self.overview()
        self.until(
            "all devices to be asked",
            lambda: all(device["state"] != "new" for device in self.get("devices")["devices"]),
        )
        number = self.named("core-switch")["id"]
        self.until("traffic", lambda: self.get(f"devices/{number}")["in"] is not None)
        port = self.get(f"devices/{number}")["interfaceList"][0]["object"]
        self.open(f"#/chart?object={port}&chart=traffic&of={number}&last=1h")
        self.drawn(".chart.large", 2)
        chart = self.get(f"chart?object={port}&chart=traffic&from=-1h")
        age = chart["to"] - chart["begins"]
        self.check(age < 600, f"the station says that it is {age} seconds old")
        early = [point for line in chart["lines"] for point in line["points"] if point[0] <= chart["begins"]]
        self.check(early and all(point[2:] == [None, None, "ok"] for point in early), "gaps before the first record")
        self.b.wait(
            "the span to be the station's age",
            "(() => { const q = new URL(document.getElementById('chart-csv').href).searchParams;"
            "return q.get('to') - q.get('from') < 600; })()",
        )
        self.b.wait(
            "the line to fill the chart",
            "(() => { const plot = document.querySelector('.chart.large clipPath rect').getBBox();"
            "return document.querySelector('.chart.large path.mean').getBBox().width > 0.6 * plot.width; })()",
            seconds=self.patience,
        )
        self.shot("new-chart")
        # The same over a whole hour: empty before the beginning, not hatched.
        start, end = chart["begins"] - 3000, chart["begins"] + 600
        self.open(f"#/chart?object={port}&chart=traffic&of={number}&from={start:.0f}&to={end:.0f}")
        self.drawn(".chart.large", 2)
        early = [mark for mark in self.b.run(HATCHED) if mark[1] < 0.8]
        self.check(not early, f"hatched before the first record: {early}")
        self.shot("new-hour")
        return f"{age:.0f} seconds old"

    def case_device_that_is_down(self):
        self.until("lab-printer to be down", lambda: self.named("lab-printer")["state"] == "down")
        self.overview()
        self.b.wait("it to come first", "document.querySelector('tr.device').dataset.name === 'lab-printer'")
        self.check("1 down" in self.b.text("#totals [data-total=devices]"), "the totals don't say so")
        self.check("(1 down)" in self.b.run("return document.title"), "the title doesn't say so")
        self.check(self.b.text("tr.device .note.trouble"), "the row doesn't say why")
        self.b.click("tr.device .row-link")
        self.b.wait("the device", "document.getElementById('device-name')?.textContent === 'lab-printer'")
        self.b.wait("the reason", "/Down since/.test(document.getElementById('device-message').textContent)")
        self.check(self.b.count("#device-message") == 1, "the reason is hidden")
        self.shot("down")
        return self.b.text("#device-message")

    def case_inform_arrives_while_one_looks(self):
        self.open("#/events")
        self.b.wait("events", "document.querySelectorAll('li.event').length > 0")
        self.station.inform("linkDown", "ifIndex.3", "i", "3", "ifAlias.3", "s", "blue <b>cable</b> & co")
        isThere = "document.querySelector('li.event[data-kind=inform]') !== null"
        self.b.wait("the inform", isThere, seconds=self.patience)
        self.check("linkDown" in self.b.text("li.event[data-kind=inform] .event-title"), "it isn't called linkDown")
        self.b.click("li.event[data-kind=inform] button.event-open")
        self.b.wait("its variables", "document.querySelectorAll('.varbinds tbody tr').length >= 2")
        table = self.b.text(".varbinds")
        for words in ("ifIndex.3", "ifAlias.3", "blue <b>cable</b> & co"):
            self.check(words in table, f"the variables lack {words}: {table}")
        self.check(self.b.count(".varbinds b") == 0, "what a device sent became markup")
        self.shot("inform")
        self.b.keys("/")
        self.b.type("cable")
        self.b.wait(
            "only that",
            "document.querySelectorAll('li.event').length === 1 && document.querySelector('li.event').dataset.kind"
            " === 'inform'",
        )
        self.b.keys("Escape")
        self.overview()
        self.station.link("core-switch", True, 8, "ge-8")
        self.b.wait(
            "the trap beside the devices",
            "[...document.querySelectorAll('.recent .event')].some(e => /linkUp .ge-8.*core-switch/.test("
            "e.querySelector('.event-title').textContent + e.querySelector('.event-where').textContent))",
            seconds=self.patience,
        )
        self.shot("trap")

    def case_station_off_for_a_while_is_a_gap(self):
        device = self.named("core-switch")
        self.open(f"#/chart?device={device['id']}&chart=polling&last=15m")
        self.drawn(".chart.large")
        self.b.log()
        self.station.stop()
        stopped = time.time()
        self.b.wait("the loss to be said", "document.body.dataset.connection === 'lost'", seconds=self.patience)
        # More than three intervals without a sample are a gap.
        time.sleep(max(0, stopped + 6 - time.time()))
        self.station.start()
        back = time.time()
        self.b.wait("the connection again", "document.body.dataset.connection === 'live'", seconds=self.patience)
        self.until("the next rounds", lambda: (self.named("core-switch")["lastSeen"] or 0) > back + 2)
        self.b.wait(
            "the gap to be marked", "document.querySelector('.chart.large rect.state.gap') !== null",
            seconds=self.patience,
        )  # fmt: skip
        self.b.wait("the gap to be explained", "document.querySelector('#chart-notes [data-state=gap]') !== null")
        self.shot("gap")
        other = [
            entry["message"] for entry in self.b.log() if "Failed to load resource: net::ERR" not in entry["message"]
        ]
        self.check(not other, f"the console: {other[:2]}")
