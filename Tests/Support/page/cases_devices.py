"""Cases: the overview and one device. Used by click.py."""

import time

from base import Base


class DeviceCases(Base):
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
        # A rate may become known, or unknown, between the answer and the page.
        for rest in range(20, -1, -1):
            rates = {d["name"]: d["in"] for d in self.get("devices")["devices"]}
            order = [rates[row[0]] is None for row in self.rows()]
            if order == sorted(order):
                break
            self.check(rest > 0, "what isn't known isn't last")
            time.sleep(1)
        self.b.click("[data-sort=health]")

    def case_overview_searches(self):
        name = self.rows()[-1][0]
        self.b.keys("/")
        self.check(self.b.run("return document.activeElement.id") == "search", "/ doesn't go to the search box")
        self.b.type(name[:30])
        self.check(name in [row[0] for row in self.rows()], f"searching {name!r} hides it")
        self.b.keys("Escape", "/")
        self.b.type("no device has such words")
        self.check(not self.rows(), "a search that fits nothing shows something")
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
        kept = self.b.run(
            "const { arrange } = await import('/dom.js'); const body = document.getElementById('devices');"
            "const nodes = [...body.children], focused = document.activeElement;"
            "arrange(body, [...nodes].reverse()); const kept = document.activeElement === focused;"
            "arrange(body, nodes); return kept && document.activeElement === focused"
        )
        self.check(kept, "sorting loses the focus")
        self.b.keys("Enter")
        self.b.wait("the device", "document.getElementById('device-name')?.textContent")
        self.b.keys("Escape")
        self.b.wait("the overview again", "document.querySelector('[data-view=overview]')")
        self.b.keys("?")
        self.b.wait("the help", "document.getElementById('help').open")
        self.shot("help")
        self.b.keys("Escape")
        self.b.wait("the help to close", "!document.getElementById('help').open")

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
        self.check(
            name
            in self.b.run(
                "return [...document.querySelectorAll('#interfaces > tr')].filter(r => !r.hidden)"
                ".map(r => r.querySelector('.p-name bdi').textContent)"
            ),
            "the filter hides what fits",
        )
        self.b.keys("Escape")

    def case_device_span_and_series(self):
        self.b.click("#device-spans [data-value='6h']")
        self.check("range=6h" in self.hash(), "the span isn't in the address")
        self.drawn("#device-charts")
        self.b.click("#series summary")
        self.b.wait("the series", "document.querySelectorAll('#series tbody tr').length > 0")
