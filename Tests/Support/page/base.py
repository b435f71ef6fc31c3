"""What the cases share: opening views, waiting, and asking the station itself. Used by the cases_*.py files."""

import json
import os
import time
import urllib.request

from webdriver import Failure


class Base:
    """The browser `b`, the page's address `url`, the options of click.py; `is_mock`: the data are made up."""

    def __init__(self, browser, url, options, is_mock, relay):
        self.b, self.url, self.options, self.is_mock, self.relay = browser, url, options, is_mock, relay
        self.patience = options.patience

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
        self.b.wait(
            f"{count} charts drawn in {selector}",
            "[...document.querySelectorAll(arguments[0] + ' path.mean')]"
            ".filter(p => (p.getAttribute('d') ?? '').length > 12).length >= arguments[1]",
            selector,
            count,
        )

    def shot(self, name):
        if self.options.shots:
            self.b.shot(os.path.join(self.options.shots, f"{name}.png"))

    def rows(self):
        return self.b.run(
            "return [...document.querySelectorAll('tr.device')].filter(r => !r.hidden)"
            ".map(r => [r.dataset.name, r.dataset.state, r.dataset.device])"
        )

    def news(self):
        """Waits until the page has shown something newer than now."""
        before = self.b.run("return document.body.dataset.sequence")
        self.b.wait("a new sequence", "document.body.dataset.sequence !== arguments[0]", before, seconds=self.patience)
        time.sleep(0.4)

    def hash(self):
        return self.b.run("return location.hash")

    def choose(self):
        """The device that is looked at: --open, or one that is up with many interfaces."""
        devices = self.get("devices")["devices"]
        if self.options.open:
            devices = [device for device in devices if device["name"] == self.options.open]
            self.check(devices, f"the station has no {self.options.open!r}")
        up = [device for device in devices if device["state"] == "up"] or devices
        return max(up, key=lambda device: (device["interfaces"]["total"] in range(2, 20), -device["id"]))
