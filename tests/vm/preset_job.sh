#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What people do under a preset, with real tools; runs inside the fence, in the workspace: preset_job.sh PRESET
# Prints "ok STEP" or "not ok STEP" with the tool's output.
set -u
preset=$1
upstream=$2

step() {	# NAME COMMAND...
	local name=$1 out; shift
	if out=$("$@" 2>&1); then echo "ok $preset: $name"; else
		echo "not ok $preset: $name"; echo "${out:-(no output)}" | tail -n 15 | sed 's/^/    /'
	fi
}

# ------------------------------------------------------------------------------------------------ tools

look() {
	git log --oneline >/dev/null && git status --short >/dev/null && grep -rq answer src && ls -la / /etc "$HOME" >/dev/null &&
		find . -name '*.c' | sort | xargs wc -l >/dev/null && id >/dev/null && df . >/dev/null && uptime >/dev/null
}
c_build() { make -s clean && make -s && make -s check; }
node_script() {
	node -e '
		const fs = require("fs"), os = require("os"), { execFileSync } = require("child_process");
		fs.mkdirSync("out/node", { recursive: true });
		fs.writeFileSync("out/node/a.tmp", String(os.cpus().length));
		fs.renameSync("out/node/a.tmp", "out/node/a");
		if (!fs.readFileSync("out/node/a", "utf8")) throw 1;
		execFileSync("cat", ["out/node/a"]);
		fs.rmSync("out/node", { recursive: true });'
}
node_reads() { node -e 'if (!require("fs").readFileSync("Makefile", "utf8").includes("check")) process.exit(1)'; }
python_script() {
	python3 -B - <<-'P'
	import json, multiprocessing, os, pathlib, shutil, sqlite3, subprocess, tempfile, threading
	out = pathlib.Path("out/python")
	out.mkdir(parents=True)
	(out / "a.json").write_text(json.dumps({"a": [1, 2]}))
	assert json.loads((out / "a.json").read_text())["a"] == [1, 2]
	os.replace(out / "a.json", out / "b.json")
	with sqlite3.connect(out / "db") as db:
	    db.execute("create table t (x)")
	with tempfile.TemporaryDirectory() as d:
	    shutil.copy(out / "b.json", d)
	    shutil.move(os.path.join(d, "b.json"), out / "c.json")
	with multiprocessing.Pool(2) as pool:
	    assert pool.map(abs, [-1, -2]) == [1, 2]
	subprocess.run(["true"], check=True)
	shutil.rmtree(out)
	P
}
python_reads() { python3 -B -c 'import pathlib, ssl, json; assert "check" in pathlib.Path("Makefile").read_text()'; }
files() {	# moves between places of different rights, and of whole folders
	mkdir -p out/d && echo x >out/d/f && mv out/d out/e && mv out/e/f /tmp/preset-f && mv /tmp/preset-f out/e/f && ln out/e/f out/e/g &&
		tar -C out -cf /tmp/preset.tar e && tar -C out -xf /tmp/preset.tar && cp -a out/e out/h && chmod -R u+w out/h &&
		touch -d yesterday out/h/f && sed -i s/x/y/ out/h/f && rm -r out/e out/h /tmp/preset.tar
}
# As npm, pip, cargo, git and editors put things in place: folders and links that take another's name.
renames() {
	mkdir -p out/node_modules/{.cli-Xk2,.bin} out/node_modules/.cli-Xk2/node_modules/dep && echo x >out/node_modules/.cli-Xk2/cli.js &&
		mv -T out/node_modules/.cli-Xk2 out/node_modules/cli && ln -s ../cli/cli.js out/node_modules/.bin/cli &&
		mv -T out/node_modules/cli out/node_modules/.cli-old && mkdir out/node_modules/cli && rm -r out/node_modules/.cli-old &&
		ln -s ../cli/other.js out/node_modules/.bin/.cli-tmp && mv -T out/node_modules/.bin/.cli-tmp out/node_modules/.bin/cli || return
	mkdir -p out/venv/site-packages/package && mv -T out/venv/site-packages/package out/venv/site-packages/~ackage &&
		ln -s site-packages out/venv/lib64 && rm -r out/venv/site-packages/~ackage || return
	mkdir -p out/target/incremental/s-working && mv -T out/target/incremental/s-working out/target/incremental/s-done || return
	echo x >out/.file.swp && ln -s user@host.1 out/.#file && mv -T out/.file.swp out/file && cp out/file out/file~ && mv -T out/file~ out/file &&
		rm out/.#file && rm -r out/node_modules out/venv out/target out/file || return
	mkdir out/tree && mkdir out/tree/.vscode out/tree/.git && mv -T out/tree out/moved && rm -r out/moved
}
git_renames() {	# what git itself renames and links in its folder
	mkdir -p moving/deep && echo x >moving/deep/f && git add moving && git mv moving moved && git rm -rqf moved &&
		git update-ref refs/heads/renames HEAD && git tag t-renames && git pack-refs --all && git gc -q && git update-ref -d refs/heads/renames && git tag -d t-renames
}
scratch() { local d; d=$(mktemp -d) && echo x >"$d/f" && sort "$d/f" && python3 -c '
import multiprocessing.shared_memory as m
s = m.SharedMemory(create=True, size=8); s.close(); s.unlink()' && rm -r "$d"; }
git_work() {
	git fetch -q "file://$upstream" && git switch -qc topic-$$ && echo "$$" >>two && git add two && git commit -qm notes &&
		git stash list && git switch -q - && git merge -q topic-$$ && git rebase -q HEAD~1 && git tag t-$$ && git gc -q
}
git_clone() { rm -rf out/second && git clone -q "file://$upstream" out/second && git -C out/second config user.name x &&
	git -C out/second switch -qc other origin/feature && test -e out/second/.git/hooks && rm -rf out/second; }
terminal() { script -qec 'tty' /dev/null | grep -q pts; }
cache() { mkdir -p ~/.cache/tool && echo x >~/.cache/tool/f.tmp && mv ~/.cache/tool/f.tmp ~/.cache/tool/f; }
loopback() {
	python3 -B - <<-'P'
	import http.server, socket, socketserver, threading, urllib.request
	class Server(http.server.ThreadingHTTPServer):
	    server_bind = socketserver.TCPServer.server_bind  # without asking name servers who we are
	s = Server(("0.0.0.0", 8123), http.server.SimpleHTTPRequestHandler)
	threading.Thread(target=s.serve_forever, daemon=True).start()
	assert urllib.request.urlopen("http://127.0.0.1:8123/Makefile").status == 200
	u = socket.socket(socket.AF_UNIX); u.bind("out/sock"); u.listen()
	socket.socket(socket.AF_UNIX).connect("out/sock")
	P
	local s=$?; rm -f out/sock; return $s
}
node_server() { node -e 'const s = require("http").createServer((q, r) => r.end("x")).listen(8124, async () => {
	const t = await (await fetch("http://127.0.0.1:8124/")).text(); process.exit(t == "x" ? 0 : 1) })'; }
npm_install() { npm install --offline --no-audit --no-fund --silent && node -e 'require("dep")' && test -e node_modules/dep/built; }
pip_install() {
	python3 -m venv --without-pip .venv && .venv/bin/python3 -c 'import sys; assert sys.prefix.endswith(".venv")' &&
		python3 -m pip --python .venv/bin/python3 install --quiet --no-index --disable-pip-version-check ./wheels/*.whl &&
		.venv/bin/python3 -c 'import dep; assert dep.answer == 42' && rm -rf .venv
}
agent_state() { echo '{}' >~/.claude.json.tmp && mv ~/.claude.json.tmp ~/.claude.json && mkdir -p ~/.claude/projects && echo x >~/.claude/projects/p; }
home_document() { echo more >>~/Documents/letter && mv ~/Documents/letter ~/Documents/l && mv ~/Documents/l ~/Documents/letter; }

# -------------------------------------------------------------------------------------------------- jobs

if [[ $preset == read-only ]]; then export GIT_OPTIONAL_LOCKS=0; else mkdir -p out; fi
step "look around" look
case $preset in
coding-agent)
	step "git: fetch, branch, commit, merge, rebase, gc" git_work
	step "git: what it renames itself" git_renames
	step "git: a second clone, with its own hooks and configuration" git_clone
	step "build a C project and run its tests" c_build
	step "a node script" node_script
	step "a python script" python_script
	step "moves and links" files
	step "renames deep in the workspace" renames
	step "scratch" scratch
	step "caches" cache
	step "a terminal of its own" terminal
	step "servers on this host" loopback
	step "a node server" node_server
	step "the agent's own state" agent_state ;;
build)
	step "build a C project and run its tests" c_build
	step "a node script" node_script
	step "a python script" python_script
	step "moves and links" files
	step "renames deep in the workspace" renames
	step "scratch" scratch
	step "caches" cache ;;
package-install)
	step "npm install, with an install script" npm_install
	step "pip install in a virtual environment" pip_install
	step "renames deep in the workspace" renames
	step "build a C project and run its tests" c_build
	step "scratch" scratch ;;
offline)
	step "build a C project and run its tests" c_build
	step "a python script" python_script
	step "a node script" node_script
	step "moves and links" files
	step "renames deep in the workspace" renames
	step "a document at home" home_document
	step "servers on this host" loopback
	step "a terminal of its own" terminal ;;
read-only)
	step "a node script" node_reads
	step "a python script" python_reads
	step "scratch" scratch ;;
esac
