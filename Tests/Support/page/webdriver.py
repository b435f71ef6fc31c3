"""A browser driven over the W3C WebDriver protocol (https://www.w3.org/TR/webdriver2/): headless Chromium.

Standard library only. Used by click.py.
"""

import base64
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
    "Home": "\ue011",
    "Shift": "\ue008",
    "Tab": "\ue004",
}


class Failure(Exception):
    """The page isn't as it should be, or the browser can't do what it was told."""


class Browser:
    """One session of a browser with a profile of its own. A context manager, which ends what it started."""

    def __init__(self, width=1400, height=900, driver="chromedriver", chromium=None):
        self.size = (width, height)
        self.driver, self.chromium = driver, chromium or shutil.which("chromium") or shutil.which("google-chrome")
        self.process = self.session = None
        self.profile = tempfile.mkdtemp(prefix="page-")

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        if not shutil.which(self.driver) or not self.chromium:
            raise Failure("chromium and chromedriver are needed: apt-get install chromium chromium-driver")
        self.process = subprocess.Popen(
            [self.driver, f"--port={self.port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": self.profile},
        )
        arguments = [
            "--headless=new",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--no-first-run",
            "--disable-background-networking",
            f"--user-data-dir={self.profile}/profile",
            f"--window-size={self.size[0]},{self.size[1]}",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        wanted = {
            "capabilities": {
                "alwaysMatch": {
                    "browserName": "chrome",
                    "goog:loggingPrefs": {"browser": "ALL"},
                    "goog:chromeOptions": {"args": arguments, "binary": self.chromium},
                }
            }
        }
        for attempt in range(100):
            try:
                answer = self.call("POST", "/session", wanted)
                break
            except OSError:
                if attempt == 99 or self.process.poll() is not None:
                    raise Failure("chromedriver doesn't listen") from None
                time.sleep(0.1)
        self.session = answer["sessionId"]
        self.resize(*self.size)
        return self

    def __exit__(self, *_):
        if self.session:
            try:
                self.call("DELETE", f"/session/{self.session}")
            except (Failure, OSError):
                pass
        if self.process:
            self.process.terminate()
            self.process.wait(10)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = None if method != "POST" else json.dumps(body or {})
            connection.request(method, path, data, {"Content-Type": "application/json"})
            response = connection.getresponse()
            value = json.loads(response.read())["value"]
        finally:
            connection.close()
        if response.status != 200:
            raise Failure(f"{value.get('error')}: {value.get('message', '').splitlines()[0]}")
        return value

    def ask(self, method, path, body=None):
        return self.call(method, f"/session/{self.session}{path}", body)

    def resize(self, width, height, is_phone=False):
        """Sets the size of the page itself; a phone has a pixel ratio and touch."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            mobile=is_phone,
            deviceScaleFactor=2 if is_phone else 1,
        )

    def command(self, name, **parameters):
        """A command of Chromium's own protocol."""
        return self.ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def theme(self, name):
        """What the system prefers: light or dark."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def open(self, url):
        self.ask("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """Runs JavaScript in the page; what it returns."""
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def element(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        """Clicks in the middle of an element, as a person would: one that is covered is a failure."""
        self.ask("POST", f"/element/{self.element(selector)}/click")

    def text(self, selector):
        """The text of the first element, or None if there is none."""
        return self.run("return document.querySelector(arguments[0])?.textContent ?? null", selector)

    def count(self, selector):
        """How many elements there are that can be seen."""
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].filter(e => e.checkVisibility()).length", selector
        )

    def keys(self, *names, shift=False):
        """Presses keys, by their name or character, wherever the focus is."""
        actions = [{"type": "keyDown", "value": KEYS["Shift"]}] if shift else []
        for name in names:
            key = KEYS.get(name, name)
            actions += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        if shift:
            actions.append({"type": "keyUp", "value": KEYS["Shift"]})
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def type(self, words):
        self.keys(*words)

    def box(self, selector):
        """Place and size of an element in the window."""
        return self.run(
            "const b = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [b.x, b.y, b.width, b.height]",
            selector,
        )

    def drag(self, selector, start, end, height=0.5):
        """Drags over an element from one share of its width to another."""
        x, y, width, tall = self.box(selector)
        move = lambda share, duration: {
            "type": "pointerMove",
            "duration": duration,
            "origin": "viewport",
            "x": int(x + width * share),
            "y": int(y + tall * height),
        }
        self.pointer(
            move(start, 0),
            {"type": "pointerDown", "button": 0},
            move((start + end) / 2, 60),
            move(end, 60),
            {"type": "pointerUp", "button": 0},
        )

    def point(self, selector, share, height=0.5):
        """Points at a place of an element."""
        x, y, width, tall = self.box(selector)
        self.pointer(
            {
                "type": "pointerMove",
                "duration": 0,
                "origin": "viewport",
                "x": int(x + width * share),
                "y": int(y + tall * height),
            }
        )

    def pointer(self, *actions):
        self.ask(
            "POST",
            "/actions",
            {
                "actions": [
                    {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": list(actions)}
                ]
            },
        )

    def pinch(self, selector, start, end):
        """Two fingers on an element: their distance goes from one share of its width to another."""
        x, y, width, tall = self.box(selector)

        def finger(name, side):
            def move(share, duration):
                place = {"x": int(x + width * (0.5 + side * share / 2)), "y": int(y + tall / 2)}
                return {"type": "pointerMove", "duration": duration, "origin": "viewport", **place}

            return {
                "type": "pointer",
                "id": name,
                "parameters": {"pointerType": "touch"},
                "actions": [
                    move(start, 0),
                    {"type": "pointerDown", "button": 0},
                    move(end, 100),
                    {"type": "pointerUp", "button": 0},
                ],
            }

        self.ask("POST", "/actions", {"actions": [finger("left", -1), finger("right", 1)]})

    def wheel(self, selector, share, amount):
        x, y, width, tall = self.box(selector)
        self.ask(
            "POST",
            "/actions",
            {
                "actions": [
                    {
                        "type": "wheel",
                        "id": "wheel",
                        "actions": [
                            {
                                "type": "scroll",
                                "x": int(x + width * share),
                                "y": int(y + tall / 2),
                                "deltaX": 0,
                                "deltaY": amount,
                                "duration": 0,
                                "origin": "viewport",
                            }
                        ],
                    }
                ]
            },
        )

    def wait(self, what, script, *arguments, seconds=45):
        """Waits until a script answers something true, and answers that."""
        end = time.monotonic() + seconds
        while True:
            value = self.run(f"return ({script})", *arguments)
            if value:
                return value
            if time.monotonic() > end:
                raise Failure(f"waited {seconds} seconds in vain for: {what}")
            time.sleep(0.05)

    def log(self):
        """What the console got since the last call, warnings and errors only."""
        return [
            entry
            for entry in self.ask("POST", "/se/log", {"type": "browser"})
            if entry["level"] in ("SEVERE", "WARNING")
        ]

    def shot(self, path, is_whole=False):
        """A picture of the window, or of the whole page."""
        data = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=is_whole)["data"]
        with open(path, "wb") as stream:
            stream.write(base64.b64decode(data))
