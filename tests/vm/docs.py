#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs what a page shows: docs.py PAGE.md, in a folder of its own. "<!-- file NAME -->" before a block makes the file. A line of a
console block that begins with "# " is a command of root's; what follows is compared with what it prints, where something does: "…" is
anything in a line, "…" alone any lines. A command without output must end with 0."""
import os
import re
import subprocess
import sys


def blocks(text):
    for match in re.finditer(r"(?:<!-- file (\S+) -->\n)?^```(\w*)\n(.*?)^```$", text, re.M | re.S):
        yield match[1], match[2], match[3]


def commands(block):
    command, shown = None, []
    for line in block.splitlines():
        if line.startswith("# "):
            if command:
                yield command, shown
            command, shown = line[2:], []
        else:
            shown.append(line)
    if command:
        yield command, shown


def matches(shown, said):
    pattern = ""
    for line in shown:
        if line == "…":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("…")) + r"\n"
    return re.fullmatch(pattern, said) is not None


def run(command, shown):
    try:
        done = subprocess.run(["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, text=True)
    except subprocess.TimeoutExpired:
        print(f"not ok {command}\n# it does not end")
        return False
    said = done.stdout + ("" if done.stdout.endswith("\n") or not done.stdout else "\n")
    good = matches(shown, said) if shown else done.returncode == 0
    print(("ok " if good else "not ok ") + command)
    if not good:
        print(f"# exit status {done.returncode}")
        for line in said.splitlines()[:30]:
            print("# " + line)
    sys.stdout.flush()
    return good


def main():
    good = True
    with open(sys.argv[1], encoding="utf-8") as page:
        text = page.read()
    for name, kind, block in blocks(text):
        if name:
            os.makedirs(os.path.dirname(os.path.abspath(name)), exist_ok=True)
            with open(name, "w", encoding="utf-8") as file:
                file.write(block)
        elif kind == "console":
            for command, shown in commands(block):
                good &= run(command, shown)
    return not good


sys.exit(main())
