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

    def __init__(self, argv):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ["TERM"] = "dumb"
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


for test in (interrupt, job_control, size, lines, hangup):
    test()
