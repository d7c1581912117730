# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Tries each "OP ARGUMENT" line of stdin and prints it with how it went: "ok" or the name of the errno.

An attempt that succeeds really does what it says, so that a check of the files afterwards means something.
"""
import errno
import os
import socket
import subprocess
import sys


def read(path):
    if os.path.isdir(path):
        os.listdir(path)
    else:
        with open(path, "rb") as f:
            f.read(1)


def append(path):
    fd = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.write(fd, b"\n")
    os.close(fd)


def create(path):
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755))


def replace(path):
    """As editors and git do: a new file takes the old one's name."""
    new = "replace.tmp"
    create(new)
    try:
        os.rename(new, path)
    finally:
        if os.path.exists(new):
            os.unlink(new)


def second_name(path):
    """Reads by a name of our own what may not be read, or written, by its first."""
    os.link(path, "second-name")
    try:
        append("second-name")
    finally:
        os.unlink("second-name")


def run(path):
    subprocess.run([path], check=True)


def endpoint(text):
    host, port = text.rsplit(":", 1)
    host = host.strip("[]")
    return socket.AF_INET6 if ":" in host else socket.AF_INET, (host, int(port))


def tcp(text):
    family, address = endpoint(text)
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(5)
        s.connect(address)


def udp(text):
    family, address = endpoint(text)
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.sendto(b"x", address)


def listen(text):
    family, address = endpoint(text)
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(address)
        s.listen()


def unix(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.connect("\0" + path[1:] if path[0] == "@" else path)


OPS = {
    "read": read,
    "append": append,
    "create": create,
    "replace": replace,
    "link": second_name,
    "unlink": os.unlink,
    "move": lambda path: os.rename(path, path + ".moved"),
    "chmod": lambda path: os.chmod(path, 0o700),
    "mkdir": os.mkdir,
    "run": run,
    "tcp": tcp,
    "udp": udp,
    "listen": listen,
    "unix": unix,
}

for line in sys.stdin:
    op, argument = line.split(maxsplit=1)
    argument = argument.strip()
    try:
        OPS[op](argument)
        result = "ok"
    except OSError as e:
        result = errno.errorcode.get(e.errno, str(e))
    print(op, argument, result, flush=True)
