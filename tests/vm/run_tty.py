#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`ringfence run` on a terminal: part of run.sh, in whose folder it runs (wide.yaml denies `secret`)."""
import fcntl, os, pty, re, select, shlex, signal, struct, termios, time

# A command that says when signals will find it as it shall stay. Not a shell's `echo ready; sleep 60`: dash forgets a
# SIGINT, and does not stop, in the moment in which it starts the second command, fenced or not.
PERL = ["perl", "-e", '$| = 1; print "rea", "dy\\n"; sleep shift; print "do", "ne\\n"; exit 3']
RUN = ["ringfence", "run", "-p", "wide.yaml", "--"]


class Terminal:
    """A program as the leader of a session on a terminal of its own."""

    def __init__(self, argv, term="dumb"):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ.update(TERM=term, NO_COLOR="1")
            for signo in (signal.SIGINT, signal.SIGQUIT):  # a shell may have started us with them ignored
                signal.signal(signo, signal.SIG_DFL)
            os.execvp(argv[0], argv)

    def until(self, pattern, seconds=20):
        """Reads until a pattern comes; what was read up to it, or None."""
        end = time.time() + seconds
        while time.time() < end:
            found = re.search(pattern, self.seen)
            if found:
                text, self.seen = self.seen[: found.end()], self.seen[found.end():]
                return text
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    data = os.read(self.fd, 65536)
                except OSError:
                    data = b""
                if not data:
                    break
                self.seen += data
        return None

    def type(self, data):
        os.write(self.fd, data)

    def size(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self):
        end = time.time() + 20
        while time.time() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            self.until(b"\0never\0", 0.1)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        return "hangs"


def same(name, wanted, got):
    print(f"ok {name}" if wanted == got else f"not ok {name} (wanted {wanted!r}, got {got!r})", flush=True)


def interrupt():
    t = Terminal(RUN + PERL + ["60"])
    t.until(b"ready")
    t.type(b"\x03")
    same("Ctrl-C ends the command", 130, t.end())
    t = Terminal(RUN + ["bash", "-c", "n=0; trap 'n=$((n+1)); echo caught $n' INT; echo ready; "
                              "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done; echo times $n; exit 4"])
    t.until(b"ready")
    t.type(b"\x03")
    same("Ctrl-C comes once, and the command may go on", True, bool(t.until(b"times 1")))
    same("then with its own status", 4, t.end())
    t = Terminal(RUN + PERL + ["60"])
    t.until(b"ready")
    t.type(b"\x1c")
    same("Ctrl-\\ too", 131, t.end())


def job_control():
    t = Terminal(["bash", "--norc", "-i"])
    t.type(b"PS1='$ '\n" + shlex.join(RUN + PERL + ["2"]).encode() + b"\n")
    t.until(b"ready")
    t.type(b"\x1a")
    same("Ctrl-Z gives the shell back", True, bool(t.until(b"Stopped")))
    t.type(b"sleep 3; jobs; echo mark''ed\n")
    same("the command rests meanwhile", False, b"done" in (t.until(b"marked") or b"done"))
    t.type(b"fg\n")
    same("fg lets it go on", True, bool(t.until(b"done")))
    t.type(b"echo status=$?\n")
    same("and its status comes back", True, bool(t.until(b"status=3")))
    t.type(" ".join(RUN).encode() + b" sh -c 'sleep 0.3; cat secret; echo b''ack' &\n")
    same("in the background a denial is told", True, bool(t.until(rb"denied read [^\r\n]*/secret")))
    t.type(b"wait; " + " ".join(RUN).encode() + b" cat\n")
    time.sleep(1)
    t.type(b"echoed\n")
    same("reads from the terminal", True, bool(t.until(rb"echoed\r\nechoed")))
    t.type(b"\x04")
    t.type(b"exit 0\n")
    t.end()


def size():
    t = Terminal(RUN + ["bash", "-c", "stty size; trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done"])
    t.until(b"ready")
    t.size(33, 99)
    same("a new size reaches the command", True, bool(t.until(b"33 99")))
    same("and it ends", 0, t.end())


def lines():
    t = Terminal(RUN + ["sh", "-c", "test -t 0 && test -t 1 && test -t 2 && echo tty"])
    same("the terminal is the command's", True, bool(t.until(b"tty")))
    t.end()
    t = Terminal(RUN + ["sh", "-c", "stty raw; cat secret 2>/dev/null; sleep 0.5; stty sane"])
    same("a raw terminal gets whole lines", True, bool(t.until(rb"ringfence: denied [^\n]*\r\n")))
    t.end()


def screens():
    """Programs that draw on the whole screen, in a fence in which something is refused meanwhile."""
    run = RUN[:-1] + ["--log", "log", "--"]
    meanwhile = "(sleep 2; cat secret 2>/dev/null; echo >over) & "
    for name, command, quit in (
        ("vim", "vim -u NONE -N free", b":q!\r"),
        ("vim, at its start", "vim -u NONE -N secret", b":q!\r"),
        ("less", "less free", b"q"),
        ("top", "top", b"q"),
        ("an agent's raw mode", "perl -e 'system(q(stty raw -echo)); print qq(\\e[?1049h); sysread(STDIN, $c, 1);"
                                " print qq(\\e[?1049l); system(q(stty sane))'", b"q"),
    ):
        for file in ("over", "log"):
            if os.path.exists(file):
                os.unlink(file)
        t = Terminal(run + ["bash", "-c", meanwhile + command], "xterm")
        t.size(24, 80)
        for _ in range(900):
            t.until(rb"\0never\0", 0.1)
            if os.path.exists("over"):
                break
        t.until(rb"\0never\0", 2)
        drawn, t.seen = t.seen, b""
        same(f"{name}: nothing is written into its screen", False, b"ringfence:" in drawn)
        same(f"{name}: the log has it at once", True, "denied read" in open("log").read())
        t.type(quit)
        same(f"{name}: it is told afterwards, then the summary", True,
             bool(t.until(rb"(?s)ringfence: denied read .*ringfence: \d+ denial")))
        t.end()
    t = Terminal(["bash", "--norc", "-i"])
    t.type(b"PS1='$ '\n" + shlex.join(RUN + ["bash", "--norc", "-i"]).encode() + b"\n")
    t.type(b"echo rea''dy\n")
    t.until(b"ready")
    t.type(b"cat secret\n")
    same("a shell's prompt is no full screen", True, bool(t.until(b"ringfence: denied read", 10)))
    t.type(b"exit\n")
    t.until(b"denial")
    t.type(b"exit\n")
    t.end()
    for word, first in (("live", True), ("end", False), ("off", False)):
        t = Terminal(RUN[:-1] + ["--denials=" + word, "--", "sh", "-c", "cat secret 2>/dev/null; sleep 1; echo behind"])
        told = b"ringfence: denied" in (t.until(b"behind") or b"")
        rest = bool(t.until(rb"ringfence: 1 denial", 5))
        same(f"--denials={word}", (first, word != "off"), (told, rest))
        t.end()


def hangup():
    t = Terminal(RUN + ["sh", "-c", "trap 'echo hup >hup; exit' HUP; echo ready; while :; do sleep 0.05; done"])
    t.until(b"ready")
    os.close(t.fd)
    for _ in range(100):
        if os.path.exists("hup"):
            break
        time.sleep(0.05)
    same("a hangup reaches the command", True, os.path.exists("hup"))
    os.waitpid(t.pid, 0)


for test in (interrupt, job_control, size, lines, screens, hangup):
    test()
