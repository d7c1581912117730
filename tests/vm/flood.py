#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Eight sandboxes are denied RATE times a second, DENIALS times in all, each under a name that was not told before a second is over,
while a monitor and a follower read. What it costs service and monitor is printed, in nanoseconds of their processes (instructions, in a
guest of `tools/vm/run --icount`); that nothing is uncounted is checked. usage: flood.py DENIALS RATE, where the build is."""
import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time

from service import RINGFENCE, failures, report, run, start_service

ROOT = "/sys/fs/cgroup/flood"
SANDBOXES, NAMES = 8, 2000
POLICY = """apiVersion: ringfence.dev/v1
kind: Policy
metadata: { name: flood }
spec:
  select: [{ cgroup: "flood/*" }]
  files:
    - { allow: [read, write, exec], paths: ["/**"] }
    - { deny: read, paths: ["/tmp/flood/**"], reason: "a test's" }
"""
denials, rate = int(sys.argv[1]), float(sys.argv[2])


def spent(pid):
    return int(open(f"/proc/{pid}/schedstat").read().split()[0])


def start_monitor():
    pid, tty = pty.fork()
    if not pid:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.environ.update(TERM="xterm", LC_ALL="C.UTF-8")
        os.execv(RINGFENCE, [RINGFENCE, "monitor"])
    return pid, tty


def drain(tty, seconds, word=None):
    """Reads what the monitor draws, for so long or until a word; whether that came."""
    seen, end = b"", time.monotonic() + seconds
    while time.monotonic() < end and not (word and word in seen):
        if not select.select([tty], [], [], 0.05)[0]:
            continue
        try:
            seen = seen[-4096:] + os.read(tty, 65536)
        except OSError:  # it has ended
            break
    return word and word in seen


def be_denied(unit, count):
    with open(f"{ROOT}/{unit}/cgroup.procs", "w") as procs:
        procs.write(str(os.getpid()))
    start = time.monotonic()
    for i in range(count):
        try:
            os.open(f"/tmp/flood/{i % NAMES}", 0)
        except PermissionError:
            pass
        ahead = start + i * SANDBOXES / rate - time.monotonic()
        if ahead > 0.01:
            time.sleep(ahead)
    os._exit(0)


def flood():
    children = []
    for i in range(SANDBOXES):
        child = os.fork()
        if not child:
            be_denied(f"s{i}", denials // SANDBOXES)
        children.append(child)
    return children


def alive(children):
    children[:] = [child for child in children if os.waitpid(child, os.WNOHANG)[0] == 0]
    return children


def press(tty):
    """The help page, and back: how long the key took, in seconds."""
    start = time.monotonic()
    os.write(tty, b"?")
    came = drain(tty, 10, b"scrolling up stops")
    took = time.monotonic() - start
    os.write(tty, b"\x1b")
    drain(tty, 0.5)
    return took if came else 10


def followed(path):
    """By sandbox: how many denials the follower's records tell of."""
    sums = {}
    for line in open(path):
        if not line.endswith("\n"):  # more of it comes
            break
        record = json.loads(line)
        if record["type"] in ("denial", "more", "lost"):
            sums[record["sandbox"]] = sums.get(record["sandbox"], 0) + record.get("count", 0)
    return sums


def main():
    os.makedirs("/tmp/flood", exist_ok=True)
    for i in range(SANDBOXES):
        os.makedirs(f"{ROOT}/s{i}", exist_ok=True)
    for i in range(NAMES):
        open(f"/tmp/flood/{i}", "w").close()
    service = start_service()
    run(RINGFENCE, "apply", "-f", "-", text=POLICY)
    follower = subprocess.Popen([RINGFENCE, "events", "-w", "-o", "json"], stdout=open("/tmp/flood-events", "w"),
                                stderr=open("/tmp/flood-said", "w"))
    monitor, tty = start_monitor()
    drain(tty, 5, b"connected")
    drain(tty, 2)
    before = spent(service.pid), spent(monitor), spent(follower.pid)
    start, worst, children = time.monotonic(), 0, flood()
    while alive(children):
        worst = max(worst, press(tty))
    took = time.monotonic() - start
    after = spent(service.pid), spent(monitor), spent(follower.pid)
    drain(tty, 4)
    made = {box["id"]: box for box in json.loads(run(RINGFENCE, "get", "sandboxes", "-o", "json").stdout)["items"] if box["unit"][0] == "s"}
    total = sum(box["made"] for box in made.values())
    told = sum(box["told"] for box in made.values())
    used = [(b - a) for a, b in zip(before, after)]
    print(f"# {total} denials in {took:.1f} s, {told} of them told one by one")
    for name, ns in zip(("service", "monitor", "follower"), used):
        print(f"# {name}: {ns / total:.0f} a denial, {ns / took / 1e7:.0f} % of a processor")
    print(f"# a key was answered within {worst * 1000:.0f} ms")
    report(total == denials // SANDBOXES * SANDBOXES, "all were denied", made)
    report(all(box["made"] == box["told"] + box["merged"] + box["lost"] for box in made.values()), "made = told + merged + lost", made)
    said = run(RINGFENCE, "status").stdout
    report("the log has all" in said, "the log tells of all", said)
    sums = {}
    for _ in range(100):
        time.sleep(0.2)
        sums = followed("/tmp/flood-events")
        if all(sums.get(box["id"]) == box["made"] for box in made.values()):
            break
    report(all(sums.get(box["id"]) == box["made"] for box in made.values()), "and so does who follows", (sums, made))
    said = open("/tmp/flood-said").read()
    report(not said, "who follows was served all the while", said)
    os.write(tty, b"q")
    drain(tty, 1)
    follower.terminate()
    service.terminate()
    service.wait()
    return failures()


raise SystemExit(main())
