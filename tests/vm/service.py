# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What tests before a real service share: results as lines, commands, the service itself."""
import subprocess
import time

RINGFENCE = "build/bin/ringfence"
failed = 0


def report(good, name, why=""):
    global failed
    failed |= not good
    print(f"ok {name}" if good else f"not ok {name}\n" + "\n".join("# " + line for line in str(why).splitlines()), flush=True)


def run(*words, text=None):
    return subprocess.run(words, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def start_service():
    service = subprocess.Popen(["build/bin/ringfenced"], stderr=open("/tmp/service-said", "a"))
    for _ in range(600):
        if run(RINGFENCE, "api", "GET", "/readyz").returncode == 0:
            return service
        time.sleep(0.1)
    return service


def failures():
    return failed
