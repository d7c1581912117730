# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Peers that a fenced task may try to reach: preset_peers.py LOG ADDRESS:PORT... PATH... @NAME...

Takes every address for its own, on loopback, so that nothing ever leaves the guest. Each connection and each
datagram is a line of LOG; "ready" is its first.
"""
import os
import selectors
import socket
import subprocess
import sys

log = open(sys.argv[1], "a", buffering=1)
poll = selectors.DefaultSelector()


def serve_net(text):
    host, port = text.rsplit(":", 1)
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    prefix = "128" if family == socket.AF_INET6 else "32"
    if host not in ("127.0.0.1", "::1"):
        nodad = ["nodad"] if family == socket.AF_INET6 else []
        subprocess.run(["ip", "addr", "replace", host + "/" + prefix, "dev", "lo"] + nodad, check=True)
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        s = socket.socket(family, kind)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((host, int(port)))
        register(s, kind, text)


def serve_unix(name):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if name[0] != "@":
        os.makedirs(os.path.dirname(name), exist_ok=True)
        if os.path.exists(name):
            os.unlink(name)
    s.bind("\0" + name[1:] if name[0] == "@" else name)
    register(s, socket.SOCK_STREAM, name)


def register(s, kind, name):
    if kind == socket.SOCK_STREAM:
        s.listen()
    poll.register(s, selectors.EVENT_READ, name)


def answer(s, name):
    if s.type == socket.SOCK_STREAM:
        s.accept()[0].close()
    else:
        s.recv(64)
    print(name, file=log)


for arg in sys.argv[2:]:
    (serve_unix if arg[0] in "@/" else serve_net)(arg)
print("ready", file=log)
while True:
    for key, _ in poll.select():
        answer(key.fileobj, key.data)
