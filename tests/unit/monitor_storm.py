# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Storms `ringfence monitor` on a terminal of its own with the records on standard input, and prints how many
milliseconds the help page took to come at the slowest while they were read. usage: RINGFENCE FILE"""
import fcntl, os, pty, select, struct, subprocess, sys, termios, time

ringfence, records = sys.argv[1:]
data = subprocess.Popen(["cat", records], stdout=subprocess.PIPE)
pid, tty = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.dup2(data.stdout.fileno(), 0)
    os.environ.update(TERM="xterm", LC_ALL="C.UTF-8", TZ="UTC")
    os.execv(ringfence, [ringfence, "monitor", "-o", "tui", "-"])
data.stdout.close()


def until(word, seconds):
    seen, end = b"", time.monotonic() + seconds
    while word not in seen:
        if time.monotonic() > end or not select.select([tty], [], [], 0.5)[0] and time.monotonic() > end:
            sys.exit("no %r on the screen" % word)
        seen += os.read(tty, 65536) if select.select([tty], [], [], 0.5)[0] else b""


until(b"reading", 10)
worst = 0.0
for _ in range(5):
    start = time.monotonic()
    os.write(tty, b"?")
    until(b"scrolling up stops", 5)
    worst = max(worst, time.monotonic() - start)
    os.write(tty, b"q" if _ == 4 else b"\x1b")
    if data.poll() is not None:
        break
    time.sleep(0.25)
print(int(worst * 1000))
os.kill(pid, 15)
