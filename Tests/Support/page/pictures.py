"""The pictures of the README, from a real station. Used by click.py --readme."""

import os
import time

from base import Base
from webdriver import Failure

# What a picture may weigh, in bytes.
LIMIT = 150_000


class Pictures(Base):
    """Takes them with the browser `b`."""

    def number(self, label):
        return next(device["id"] for device in self.get("devices")["devices"] if device["name"] == label)

    def keep(self, name):
        path = os.path.join(self.options.readme, f"station-{name}.png")
        self.b.shot(path)
        size = os.path.getsize(path)
        print(f"{path}: {size} bytes")
        if size > LIMIT:
            raise Failure(f"{path} has {size} bytes; {LIMIT} are the most")

    def take(self):
        # A machine that is also building something would look troubled. It has five minutes to calm down.
        end = time.monotonic() + 300
        while any((device["cpu"] or 0) > 90 for device in self.get("devices")["devices"]):
            if time.monotonic() > end:
                break
            time.sleep(2)
        self.b.theme("dark")
        self.b.resize(1240, 480)
        self.overview()
        time.sleep(3)
        self.keep("overview")
        self.b.theme("light")
        self.b.resize(1240, 850)
        self.device(f"{self.number('file-server')}?range=15m")
        self.drawn("#device-charts", 4)
        self.drawn("#interfaces", 2)
        time.sleep(3)
        self.keep("device")
        self.b.theme("dark")
        self.b.resize(390, 780, True)
        self.overview()
        time.sleep(3)
        self.keep("phone")
