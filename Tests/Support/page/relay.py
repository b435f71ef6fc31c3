"""A relay of TCP connections that can be cut, so that a station can seem gone. Used by click.py."""

import socket
import threading


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
            except OSError:
                if listener.fileno() < 0:
                    return
                continue
            try:
                server = socket.create_connection(self.target)
            except OSError:
                # Nobody is there: the browser learns it at once.
                client.close()
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
