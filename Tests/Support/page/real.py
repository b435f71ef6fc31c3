"""A real station for the cases and for pictures: `oriel station` with made-up agents, one device that is down, traps.

Used by click.py.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

import agents
from webdriver import Failure


class RealStation:
    """A station that runs in a directory of its own. A context manager, which ends what it started."""

    def __init__(self, program, interval="1s"):
        self.program, self.interval = program, interval
        self.process, self.agents, self.silent = None, [], None
        self.listen, self.trap_port = "127.0.0.1:0", 0
        self.directory = tempfile.mkdtemp(prefix="oriel-page-")

    def __enter__(self):
        try:
            self.start()
            self.agents = agents.network()
            for agent in self.agents:
                self.add(agent.label, agent.address)
            # It answers nobody, and its port is nobody else's as long as the socket is there.
            self.silent = agents.listen(4)
            self.add("lab-printer", "{}:{}".format(*self.silent.getsockname()))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        for agent in self.agents:
            agent.stop()
        if self.silent:
            self.silent.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        """Starts it; a second time with the same data at the same ports."""
        log = os.path.join(self.directory, "log")
        with open(log, "wb") as stream:
            self.process = subprocess.Popen(
                [self.program, "station", "--data", os.path.join(self.directory, "data")]
                + ["--listen", self.listen, "--trap-port", str(self.trap_port)],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + 60
        while True:
            with open(log, encoding="utf-8") as stream:
                text = stream.read()
            page = re.search(r"^station: http://([\d.]+:(\d+))/$", text, re.MULTILINE)
            traps = re.search(r"^traps and informs: udp:[\d.]+:(\d+)", text, re.MULTILINE)
            if page and traps and "Control-C" in text:
                self.listen, self.port, self.trap_port = page[1], int(page[2]), int(traps[1])
                return
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise Failure(f"the station doesn't start: {text}")
            time.sleep(0.1)

    def stop(self):
        """Ends it as Control-C does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def run(self, *words):
        """Runs another command of the program to its end."""
        done = subprocess.run([self.program, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        if done.returncode != 0:
            raise Failure(f"oriel {' '.join(words)}: {(done.stdout + done.stderr).decode(errors='replace')}")

    def add(self, label, address):
        self.run(
            "station", "add", address, "-c", "public", "--name", label, "--interval", self.interval,
            "--data", os.path.join(self.directory, "data"),
        )  # fmt: skip

    def inform(self, trap, *binds):
        """Sends an inform to the station, which has confirmed it when this returns."""
        self.run("inform", "-c", "public", f"127.0.0.1:{self.trap_port}", "", trap, *binds)

    def link(self, label, is_up, index, port):
        """linkUp or linkDown (RFC 2863) from one of the made-up devices."""
        agent = next(agent for agent in self.agents if agent.label == label)
        binds = [((2, 1, 2, 2, 1, 1, index), agents.INTEGER, index), ((2, 1, 2, 2, 1, 2, index), agents.STRING, port)]
        agent.trap(self.trap_port, (6, 3, 1, 1, 5, 4 if is_up else 3), binds)

    def answers(self):
        """Whether the page is served."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/station", timeout=5):
                return True
        except OSError:
            return False
