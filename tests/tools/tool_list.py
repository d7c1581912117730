# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The tools of docs/tools.md, as tools/tools-table runs them.

A command is a shell script under `set -e`, in a workspace with a C project, an npm package and a wheel, which is a git
repository. It fails unless the tool did its work. Fixes are tried in their order where it fails: options of `ringfence run`, a
VARIABLE=VALUE for the command, or "off GUARD…" for a policy that extends the preset and switches guards off.
"""

TOOLS = []


def tool(name, what, command, *fixes, needs=None, root=False, seconds=90):
    TOOLS.append({"name": name, "what": what, "command": command, "fixes": list(fixes), "root": root, "seconds": seconds,
                  "needs": [name.split(":")[0].split(",")[0]] if needs is None else needs.split()})


# Waits until its arguments succeed: a server is up.
UNTIL = 'until_ok() { for _ in {1..60}; do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; return 1; }\n'
WEB = "--allow connect:127.0.0.1:8000"
WRITE = "--allow 'write:${WORKSPACE}/**'"

# ------------------------------------------------------------------------------------------------------ git, builds

tool("git: look", "status, log, diff, grep", "git status --short; git log --oneline; echo x >>/dev/null; git diff; git grep -q answer || git grep -q hello")
tool("git: work", "a branch, a commit, a clone by file://, a tag",
     "git switch -qc topic; echo x >x; git add x; git commit -qm x; git clone -q file://$PWD out; git tag t")
tool("git: init", "a repository in a new folder", "git init -q new; cd new; echo x >x; git add x; git commit -qm x")
tool("make, gcc", "build a C program, run it", "make -s hello; ./hello")
tool("clang", "build a C program, run it", "clang -o hello src/hello.c; ./hello")
tool("cmake", "configure and build in a folder of its own", "cmake -S . -B out >/dev/null; cmake --build out >/dev/null; out/hello-cmake", seconds=90)
tool("cargo", "a new package, without dependencies, built and run",
     "export PATH=$HOME/.cargo/bin:$PATH; cargo init -q --vcs none --name hello new; cd new; cargo run -q --offline", needs="rustc", seconds=90)
tool("javac", "compile a class, run it",
     "mkdir out; echo 'class A { public static void main(String[] a) { System.out.println(1); } }' >out/A.java; javac -d out out/A.java; java -cp out A", seconds=90)
tool("shellcheck", "look at a script", "echo 'echo hello' | shellcheck -s bash -")

# ---------------------------------------------------------------------------------------------------- interpreters

tool("python3", "a script that uses processes, a temporary folder, sqlite", """python3 -B - <<-'P'
import multiprocessing, sqlite3, subprocess, tempfile
with tempfile.TemporaryDirectory() as d, sqlite3.connect(d + "/db") as db:
    db.execute("create table t (x)")
with multiprocessing.Pool(2) as pool:
    assert pool.map(abs, [-1, -2]) == [1, 2]
subprocess.run(["true"], check=True)
P""")
tool("python3: venv, pip", "a virtual environment, a wheel that lies in the workspace", "python3 -m venv --without-pip .venv; "
     "python3 -m pip --python .venv/bin/python3 install -q --no-index --disable-pip-version-check wheels/*.whl; .venv/bin/python3 -c 'import dep'", seconds=90)
tool("pip --user", "a wheel that lies in the workspace, into the home", "python3 -m pip install -q --user --break-system-packages --no-index "
     "--disable-pip-version-check wheels/*.whl; python3 -c 'import dep'", "PYTHONUSERBASE=$PWD/.user", needs="python3", seconds=90)
tool("http.server", "serve a folder on loopback, fetch from it", UNTIL + "python3 -m http.server -b 127.0.0.1 8111 >/dev/null 2>&1 & "
     "until_ok curl -sf http://127.0.0.1:8111/Makefile; r=$?; kill %1; exit $r", "--allow bind:127.0.0.1:8111", needs="python3 curl")
tool("node", "a script that reads, and listens on loopback", "node -e 'const s = require(\"http\").createServer((q, r) => r.end(\"x\")).listen(8112, "
     "\"127.0.0.1\", async () => { await fetch(\"http://127.0.0.1:8112/\"); process.exit() })'", "--allow bind:127.0.0.1:8112")
tool("npm", "install a package that lies in the workspace", "npm install --offline --no-audit --no-fund --silent; node -e 'require(\"dep\")'", seconds=90)
tool("perl", "a one-liner that changes files", "perl -MPOSIX -pi -e 's/hello/goodbye/' src/hello.c", "TMPDIR=$PWD")
tool("bash", "a here-document, process substitution, a job", "cat <<<x >/dev/null; diff <(echo 1) <(echo 1); sleep 0.1 & wait")

# --------------------------------------------------------------------------------------------------- keys, network

tool("curl", "a server on loopback, outside the fence", "curl -sf http://127.0.0.1:8000/ >/dev/null", WEB)
tool("wget", "the same", "wget -q -O /dev/null http://127.0.0.1:8000/", WEB)
tool("openssl", "a key and a certificate", "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /tmp/$$.key -out /tmp/$$.crt -subj /CN=x -days 1; rm /tmp/$$.*")
tool("ssh-keygen", "a key in the workspace", "ssh-keygen -q -t ed25519 -N '' -f key")
tool("ssh-agent", "an agent in the fence, a key added and listed", "d=$(mktemp -d); ssh-keygen -q -t ed25519 -N '' -f $d/key; eval $(ssh-agent -a $d/agent) >/dev/null; "
     "trap 'kill $SSH_AGENT_PID' EXIT; ssh-add -q $d/key; ssh-add -l >/dev/null", needs="ssh-agent ssh-add")
tool("gpg", "a key in a keyring of its own, a signature", "export GNUPGHOME=$(mktemp -d); trap 'gpgconf --kill all' EXIT; gpg --batch -q --passphrase '' --quick-gen-key x@example.org ed25519; "
     "echo x | gpg --batch -q --clearsign >/dev/null", seconds=90)
tool("gpg: home", "the keys in ~/.gnupg", "gpg --batch -q --passphrase '' --quick-gen-key x@example.org ed25519; gpgconf --kill all", "GNUPGHOME=/tmp", seconds=90)

# --------------------------------------------------------------------------------------------- terminals, editors

tool("tmux", "a session, keys sent, the screen read", UNTIL + "d=$(mktemp -d); trap 'tmux -S $d/s kill-server' EXIT; tmux -f /dev/null -S $d/s new -d 'sh'; tmux -S $d/s send 'echo hel''lo' Enter; "
     "seen() { tmux -S $d/s capture-pane -p | grep -qx hello; }; until_ok seen")
tool("vim", "change a file in batch", "vim -u NONE -es -c '%s/hello/goodbye/' -c wq src/hello.c; grep -q goodbye src/hello.c")
tool("less", "a file, on a terminal", "script -qec 'less -E -F Makefile' /dev/null | grep -q hello", needs="less script")
tool("man", "a page", "man -P cat ls | head -n 5 | grep -qi ls")
tool("script", "a terminal of its own", "script -qec tty /dev/null | grep -q pts")

# --------------------------------------------------------------------------------------------------------- tasks

tool("gdb", "run a program to a breakpoint", "gdb -q -batch -ex 'break main' -ex run -ex bt -ex kill /bin/true 2>&1 | grep -Eq 'exited|main|No stack'; gdb -q -batch -ex 'starti' -ex 'info registers rip' /bin/true | grep -q rip", seconds=90)
tool("strace", "a child", "strace -f -o /dev/null true")
tool("valgrind", "a child", "valgrind -q true", seconds=90)
tool("perf", "count a child's instructions or time", "perf stat -e task-clock true", "off perf", "off perf capabilities")
tool("ps", "all tasks", "ps aux | grep -q '[p]s aux'")
tool("pgrep", "a task by its name", "sleep 5 & pgrep sleep >/dev/null; kill %1")
tool("top", "one screen in batch", "top -b -n 1 | grep -q Tasks")
tool("fuser", "who has a file open", "exec 3<Makefile; fuser -s Makefile")
tool("lsof", "what this shell has open", "lsof -p $$ 2>/dev/null | grep -q bash")
tool("kill", "a task outside the fence", "kill -0 $(pgrep -o -f tools/peers.py)", "off signals", needs="pgrep", root=True)
tool("nice, taskset", "one's own priority and processors", "nice -n 5 taskset -c 0 true", needs="nice taskset")

# --------------------------------------------------------------------------------------------------- files, data

tool("tar", "pack and unpack with gzip, in /tmp", "d=$(mktemp -d); tar -czf $d/a.tgz .; mkdir $d/x; tar -xzf $d/a.tgz -C $d/x --exclude=.git; rm -r $d")
tool("zip", "pack and unpack in the workspace", "zip -qr a.zip src; unzip -tq a.zip", needs="zip unzip")
tool("find, xargs", "walk the workspace and /usr/share/doc", "find . -name '*.c' -print0 | xargs -0 wc -l; find /usr/share/doc -maxdepth 1 | wc -l", needs="find xargs")
tool("jq", "read package.json", "jq -e .name package.json")
tool("sqlite3", "a data base in the workspace", "sqlite3 db 'create table t (x); insert into t values (1); select * from t'")
tool("postgres", "a server of one's own, asked by its socket", "d=$(mktemp -d); initdb -N -A trust -D $d/data >/dev/null; "
     "pg_ctl -s -w -D $d/data -o \"-k $d -h ''\" -l $d/log start || { cat $d/log; exit 1; }; r=0; psql -h $d -Atc 'select 1' postgres || r=1; pg_ctl -s -m immediate -D $d/data stop; exit $r",
     needs="initdb pg_ctl psql", seconds=90)

# ------------------------------------------------------------------------------------- containers, other sandboxes

tool("docker", "ask the engine for its containers", "docker ps >/dev/null")
tool("podman", "list containers", "podman ps")
tool("unshare", "a user namespace of its own", "unshare -r true", "off namespaces capabilities", "off namespaces capabilities --allow 'write:/proc/self/**'")
tool("bwrap", "a new root of bind mounts", "bwrap --ro-bind / / --dev /dev --proc /proc true", "off namespaces capabilities mounts")
tool("flatpak", "list applications", "flatpak list")
tool("fakeroot", "files that seem to be root's", "fakeroot sh -c 'chown root Makefile; id -u' | grep -qx 0", seconds=90)
tool("chromium", "headless, a page to text", "chromium --headless --no-sandbox --disable-gpu --user-data-dir=$(mktemp -d) --dump-dom 'data:text/html,<p>hello' | grep -q hello", seconds=90)
tool("Xvfb", "an X server with a client", "xvfb-run -a xdpyinfo", needs="xvfb-run")

# ---------------------------------------------------------------------------------------------------- the system

tool("dpkg", "list packages, build one", "dpkg -l bash >/dev/null; d=$(mktemp -d); mkdir -p $d/p/DEBIAN; printf 'Package: p\\nVersion: 1\\nArchitecture: all\\nMaintainer: x\\nDescription: x\\n' >$d/p/DEBIAN/control; "
     "chmod 755 $d/p $d/p/DEBIAN; dpkg-deb -b $d/p $d/p.deb >/dev/null")
tool("apt-get: look", "install, simulated", "apt-get -s install bash >/dev/null", needs="apt-get", seconds=90)
tool("apt-get", "install a package that lies in the workspace", "mkdir -p p/DEBIAN; printf 'Package: fence-p\\nVersion: 1\\nArchitecture: all\\nMaintainer: x\\nDescription: x\\n' >p/DEBIAN/control; "
     "chmod 755 p p/DEBIAN; dpkg-deb -b p p.deb >/dev/null; apt-get -y install ./p.deb; apt-get -y purge fence-p", root=True, seconds=90)
tool("su", "become another user", "su -s /bin/true nobody", root=True)
tool("sudo", "become root", "sudo -n true", root=True)
tool("mount", "a tmpfs", "d=$(mktemp -d); mount -t tmpfs none $d; umount $d", root=True)
tool("systemctl", "ask for units", "systemctl list-units --no-pager >/dev/null", "--allow connect:/run/dbus/system_bus_socket")
tool("systemctl: start", "start a unit", "systemctl start systemd-ask-password-console.path", needs="systemctl", root=True)
tool("systemd-run", "run a command as a unit", "systemd-run -q --wait true", root=True)
tool("journalctl", "read the journal", "journalctl -n 1 >/dev/null", root=True)
tool("dbus-run-session", "a bus of its own, asked", "dbus-run-session -- dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames", seconds=90)
tool("crontab", "change one's table", "echo '0 0 * * * true' | crontab -")
tool("at", "a job for later", "echo true | at now + 1 day")
tool("ip", "show addresses", "ip addr show lo | grep -q 127.0.0.1")
tool("ip: change", "add an address", "ip addr add 127.0.0.9/8 dev lo; ip addr del 127.0.0.9/8 dev lo", needs="ip", root=True)
tool("ss", "list listening sockets", "ss -ltn | grep -q 8000", "off sockets")
tool("rsync", "copy a tree", "rsync -a src/ out/")
tool("ruby", "a script", "ruby -e 'puts 1'")
tool("go", "build a program", "go version")
tool("redis", "a server of one's own", "redis-server --version", needs="redis-server")
tool("screen", "a session", "screen -ls")
