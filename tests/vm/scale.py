#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Many policies, many sandboxes, many applies: descriptors, maps and memory stay; and what an apply takes. Run it where the build is:
scale.py [POLICIES SANDBOXES APPLIES]    sandboxes for each policy
scale.py --apply RULES [TIMES]           median of applies of a policy of so many rules; with tools/vm/run --icount in instructions"""
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time

SOCKET = "/run/ringfence/api.sock"
ROOT = "/sys/fs/cgroup/scale-test"
failed = 0


def report(good, name, why=""):
    global failed
    failed |= not good
    print(f"ok {name}" if good else f"not ok {name}\n# {why}", flush=True)


class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(300)
        self.sock.connect(SOCKET)


def ask(method, path, body=None):
    connection = Connection("localhost")
    connection.request(method, path, body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def start():
    os.makedirs("/run/ringfence", exist_ok=True)
    agent = subprocess.Popen(["build/bin/ringfenced"], stderr=open("/tmp/agent-log", "w"))
    for _ in range(3000):
        try:
            if ask("GET", "/readyz")[0] == 200:
                return agent
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit("not ok the service starts\n# " + open("/tmp/agent-log").read())


def policy(i, revision, rules=""):
    return (f"apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: {{ name: scale-{i} }}\nspec:\n"
            f"  select: [{{ cgroup: \"scale-test/p{i}-*\" }}]\n  files:\n"
            f"    - {{ allow: [read, write, exec], paths: [\"/**\"] }}\n"
            f"    - {{ deny: read, paths: [\"/srv/{i}/{revision}/**\"] }}\n{rules}")


def apply(text):
    began = time.monotonic()
    status, answer = ask("POST", "/v1/apply?file=scale", text)
    took = time.monotonic() - began
    if status != 200 or '"type":"Enforced","status":"True"' not in answer.replace(" ", ""):
        report(False, "an apply", f"{status} {answer[:600]}")
        sys.exit(1)
    return took


def figures(agent):
    status = open(f"/proc/{agent.pid}/status").read()
    maps = json.loads(subprocess.check_output(["bpftool", "-j", "map", "show"]))
    return {
        "descriptors": len(os.listdir(f"/proc/{agent.pid}/fd")),
        "maps": len(maps),
        "programs": len(json.loads(subprocess.check_output(["bpftool", "-j", "prog", "show"]))),
        "kB of maps": sum(m.get("bytes_memlock", 0) for m in maps) // 1024,
        "kB of the service": int(re.search(r"VmRSS:\s+(\d+)", status)[1]),
    }


def scale(policies, sandboxes, applies):
    agent = start()
    os.makedirs(ROOT, exist_ok=True)
    apply("---\n".join(policy(i, 0) for i in range(policies)))
    for i in range(policies):
        for n in range(sandboxes):
            os.mkdir(f"{ROOT}/p{i}-{n}")
    took, early = [], None
    for n in range(1, applies + 1):
        took.append(apply(policy(n % policies, n)))
        if n == applies // 6:
            early = figures(agent)
    late = figures(agent)
    listed = len(json.loads(ask("GET", "/v1/sandboxes?limit=500")[1])["items"])
    report(listed >= min(500, policies * sandboxes), "all sandboxes are there", f"{listed} are listed")
    for name, value in late.items():
        print(f"# {name}: {early[name]} after {applies // 6} applies, {value} after {applies}")
        report(abs(value - early[name]) <= early[name] * 0.05, f"{name}: within 5 %", f"{early[name]}, then {value}")
    print(f"# an apply with {policies} policies and {policies * sandboxes} sandboxes: {statistics.median(took) * 1000:.0f} ms at the median")
    agent.terminate()
    report(agent.wait(60) == 0, "it ends when it is told to", open("/tmp/agent-log").read()[-600:])


def time_applies(rules, times):
    agent = start()
    text = subprocess.check_output(["awk", "-v", f"n={rules - 1}", "-f", "tests/bench/rules.awk"], text=True)
    text = text.replace("spec:\n", "spec:\n  select: [{ cgroup: \"scale-test/*\" }]\n")
    # Each is another policy than those before: what is compiled once need not be again.
    took = [apply(text.replace("  network:", f"    - {{ deny: write, paths: [\"/srv/revision-{n}/**\"] }}\n  network:")) for n in range(times)]
    print(f"# {rules} rules: {statistics.median(took) * 1000:.1f} ms at the median of {times} ({min(took) * 1000:.1f} to {max(took) * 1000:.1f})")
    report(True, f"applies of {rules} rules")
    agent.terminate()
    agent.wait(60)


if len(sys.argv) > 1 and sys.argv[1] == "--apply":
    time_applies(int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 5)
else:
    scale(*(int(word) for word in sys.argv[1:] or (50, 50, 300)))
sys.exit(failed)
