#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs what a page shows: docs.py PAGE.md, in the current folder. "<!-- file NAME -->" before a block makes the file. A line of a
console block that begins with "# " is a command of root's, with "$ " one of the user me; what follows is compared with what it prints, where
something does: "…" is anything in a line, "…" alone any lines, and the number of cat[277] is any. A command without output must end with 0.
"<!-- before" … "-->" has lines that a shell of root's runs first, all of which must end with 0: what the page takes to be there.
"<!-- not run: WHY -->" before a console block is said, and the block left alone."""
import os
import re
import subprocess
import sys


def blocks(text):
    """(kind, what, text): of files their name, of blocks that are not run the reason, of preparations nothing."""
    pattern = r"^<!-- before\n(.*?)^-->$|(?:^<!-- (file|not run:) ([^\n]+) -->\n)?^```(\w*)\n(.*?)^```$"
    for match in re.finditer(pattern, text, re.M | re.S):
        if match[1] is not None:
            yield "before", None, match[1]
        elif match[2] or match[4] == "console":
            yield match[2] or "console", match[3], match[5]


def commands(block):
    command, shown = None, []
    for line in block.splitlines():
        if line.startswith(("# ", "$ ")):
            if command:
                yield command, shown
            command, shown = line, []
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
            parts = re.split(r"…|(?<=\w\[)(?<!files\[)(?<!network\[)(?<!unix\[)\d+(?=\])", line)
            pattern += ".*".join(re.escape(part) for part in parts) + r"\n"
    return re.fullmatch(pattern, said) is not None


def run(command, shown, name=None):
    shell = ["runuser", "-u", "me", "--"] if command.startswith("$") else []
    home = {"HOME": "/home/me", "USER": "me"} if shell else {}
    try:
        done = subprocess.run([*shell, "bash", "-c", command[2:]], env={**os.environ, **home}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, text=True)
    except subprocess.TimeoutExpired:
        print(f"not ok {name or command}\n# it does not end")
        return False
    said = done.stdout + ("" if done.stdout.endswith("\n") or not done.stdout else "\n")
    good = matches(shown, said) if shown else done.returncode == 0
    print(("ok " if good else "not ok ") + (name or command))
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
    for kind, what, block in blocks(text):
        if kind == "file":
            os.makedirs(os.path.dirname(os.path.abspath(what)), exist_ok=True)
            with open(what, "w", encoding="utf-8") as file:
                file.write(block)
        elif kind == "before":
            good &= run("# set -e\n" + block, [], "before: " + block.splitlines()[0])
        elif kind == "not run:":
            for command, _ in commands(block):
                print(f"skip {command}: {what}")
        else:
            for command, shown in commands(block):
                good &= run(command, shown)
    return not good


sys.exit(main())
