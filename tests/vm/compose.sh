#!/bin/bash
# Policies made of others, in a guest: tools/vm/run [--kernel K] -- tests/vm/compose.sh
# Prints "ok NAME" or "not ok NAME", and what was seen where a test fails. Exit status 1 if one did.
#
#   $dir/                    a folder of its own, the workspace
#     deep/…                 a path of more than 4,095 bytes: no rule is asked of it
#     files.yaml             judges files and unix
#     net.yaml               judges the network alone
#     bare.yaml              the same without saying so
# shellcheck disable=SC2317,SC2053 # called by name; patterns
set -u
dir=$(mktemp -d /tmp/compose.XXXXXX) || exit 1
trap 'cd /; rm -rf "$dir"' EXIT
here=$(dirname "$(readlink -f "$0")")
PATH=$here/../../build/bin:$PATH
cd "$dir" || exit 1
exec </dev/null
failed=0

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1"; shift; printf '    %s\n' "$@"; failed=1; }
same() { if [[ $2 == "$3" ]]; then ok "$1"; else not_ok "$1" "wanted: $2" "got:    $3" "$(cat err)"; fi; }	# NAME WANTED GOT
like() { if [[ $3 == $2 ]]; then ok "$1"; else not_ok "$1" "wanted: $2" "got:    $3"; fi; }	# NAME PATTERN GOT
status() { "$@" >out 2>err; echo $?; }
policy() { printf 'apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: %s }\nspec:\n' "$1"; cat; }	# NAME
connect() { python3 -c 'import socket,sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$1"; }
export -f connect

setup() {
	policy files >files.yaml <<-P
	  judges: [files, unix]
	  files:
	    - { allow: [read, write, exec], paths: ["/**"] }
	    - { deny: read, paths: ["$dir/secret"], reason: "the secret stays" }
	  unix:
	    - { allow: connect, paths: ["/**", "@**"] }
	P
	sed 's/^spec:/spec:\n  mode: audit/' files.yaml >audit.yaml
	policy net >net.yaml <<-P
	  judges: network
	  network:
	    - { allow: connect, to: 127.0.0.1, ports: 4001 }
	P
	sed '/judges/d; s/name: net/name: bare/' net.yaml >bare.yaml
	sed "s/name: net/name: other/" net.yaml >other.yaml
	echo treasure >secret
	python3 - <<-P
	import os
	for i in range(20):
	    os.mkdir("d" * 250)
	    os.chdir("d" * 250)
	open("far", "w").write("far away\n")
	P
	mkdir -p /root/.ssh /root/data; echo key >/root/.ssh/id; echo x >/root/data/x
	for port in 4001 4002; do python3 -m http.server --bind 127.0.0.1 $port >/dev/null 2>&1 & done
	for ((i = 0; i < 100; i++)); do connect 4001 && connect 4002 && break; sleep 0.1; done 2>/dev/null
}

# Reads a file whose path no rule can be asked for.
far() { python3 -c 'import os
for i in range(20): os.chdir("d" * 250)
print(open("far").read())'; }
export -f far

judges() {
	same "judges: another policy's files are left alone" 0 "$(status ringfence run -p files.yaml -p net.yaml -- bash -c 'cat /etc/passwd && mkdir x && mv x y && ln -s y z && rm -r y z')"
	same "judges: nothing is told of them" "" "$(cat err)"
	same "judges: the other policy refuses" 1 "$(status ringfence run -p files.yaml -p net.yaml -- cat secret)"
	like "judges: it is the other policy that is told" '*files files*"the secret stays"*' "$(cat err)"
	same "judges: what it allows is reached" 0 "$(status ringfence run -p files.yaml -p net.yaml -- bash -c 'connect 4001')"
	same "judges: what it does not allow is refused" 1 "$(status ringfence run -p files.yaml -p net.yaml -- bash -c 'connect 4002')"
	like "judges: by the policy that judges" '*ringfence: denied*127.0.0.1:4002*net (no rule allows it)*' "$(cat err)"
	same "judges: what can't be decided is refused by who judges" 1 "$(status ringfence run -p files.yaml -p net.yaml -- bash -c far)"
	same "judges: what can't be decided is left to an audited policy" 0 "$(status ringfence run -p audit.yaml -p net.yaml -- bash -c far)"
	like "judges: and is told as that one's" '*would*files*' "$(cat err)"
	same "judges: a fence in which nobody judges is refused" 2 "$(status ringfence run -p net.yaml -- true)"
	like "judges: with the sections" '*nobody judges files, unix*' "$(cat err)"
	same "judges: two that leave the same" 2 "$(status ringfence run -p net.yaml -p other.yaml -- true)"
	same "judges: without the key every file is taken away" 126 "$(status ringfence run -p files.yaml -p bare.yaml -- true)"
	like "judges: the warning says the cure" '*bare.yaml:3:*warning*say judges: ?network?*' "$(cat err)"
}

extends() {
	policy mine >mine.yaml <<-P
	  extends: coding-agent
	  files:
	    - { allow: [read, write], paths: ["/root/data/**", "/root/.ssh/**"] }
	    - { deny: write, paths: "$dir/work/release/**", reason: "people release" }
	P
	mkdir -p work/release
	local preset=(ringfence run -p coding-agent --workspace "$dir/work") mine=(ringfence run -p mine.yaml --workspace "$dir/work")
	same "extends: the base alone does not open it" 1 "$(status "${preset[@]}" -- cat /root/data/x)"
	same "extends: what it adds is there" 0 "$(status "${mine[@]}" -- bash -c "cat /root/data/x; echo more >/root/data/more")"
	same "extends: nothing is told" "" "$(cat err)"
	same "extends: what the base protects stays" 1 "$(status "${mine[@]}" -- bash -c "cat /root/.ssh/id")"
	like "extends: its rule is told by the base's name" '*denied read /root/.ssh/id*by mine coding-agent files?[0-9]*?"keys*' "$(cat err)"
	same "extends: what it denies is denied" 1 "$(status "${mine[@]}" --events events -- bash -c "echo x >$dir/work/release/x")"
	like "extends: by its own rule, with its own line" '*"rule":"files?1?","where":"mine.yaml:8"*' "$(cat events)"
	same "extends: --allow" 0 "$(status "${preset[@]}" --allow "read:/root/data/**" --allow read:/root/.ssh/id -- cat /root/data/x)"
	same "extends: --allow opens nothing that is protected" 1 "$(status "${preset[@]}" --allow "read:/root/**" -- cat /root/.ssh/id)"
	same "extends: --allow opens no port that is protected" 1 "$(status ringfence run -p package-install --workspace "$dir/work" --allow connect:127.0.0.1:4001 -- bash -c 'connect 4001')"
	like "extends: the rule says why" '*this host and private networks*' "$(cat err)"
	same "extends: with a preset that has no rule for it" 0 "$(status ringfence run -p read-only --allow connect:127.0.0.1:4001 -- bash -c 'connect 4001')"
	same "extends: and no other port" 1 "$(status ringfence run -p read-only --allow connect:127.0.0.1:4001 -- bash -c 'connect 4002')"
	same "extends: a wrong word ends it" 2 "$(status "${preset[@]}" --allow raed:/x -- true)"
	like "extends: with the cure" '--allow #1: *did you mean "read"?' "$(cat err)"
}

# NAME COMMAND...: runs under the base, with nothing in the environment; no denial is told.
starts() {
	local name=$1; shift
	same "base: $name starts" 0 "$(status env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=/root "$(type -P ringfence)" run -p "$dir/own.yaml" -- bash -c "cd / && exec \"\$@\"" - "$@")"
	same "base: $name is told of nothing" "" "$(cat err)"
}

base() {
	policy own >own.yaml <<-P
	  extends: base
	  files: { allow: [read, exec], paths: "$dir/program" }
	P
	cat >program.c <<-P
	#define _GNU_SOURCE
	#include <locale.h>
	#include <pwd.h>
	#include <pthread.h>
	#include <stdio.h>
	#include <time.h>
	#include <unistd.h>
	static void *thread(void *name) { pthread_setname_np(pthread_self(), name); return NULL; }
	int main(void)
	{
		time_t now = time(NULL);
		pthread_t id;
		setlocale(LC_ALL, "");
		pthread_create(&id, NULL, thread, "worker");
		pthread_join(id, NULL);
		return !getpwuid(getuid()) || !localtime(&now) || !sysconf(_SC_NPROCESSORS_ONLN);
	}
	P
	gcc -pthread -o program program.c
	starts "a C program" "$dir/program"
	starts sh sh -c 'echo "$HOME" >/dev/null; date; id; ls / >/dev/null; head -c 4 /dev/urandom | wc -c'
	starts bash bash -c 'for i in 1 2; do (true) | cat; done; [[ -r /proc/self/maps ]]; printf "%(%Y)T\n"; exec 3<<<x'
	starts python /usr/bin/python3 -c 'import ssl, random, subprocess, threading, multiprocessing, locale, time, os, platform, getpass
ssl.create_default_context(); subprocess.run(["true"], check=True); time.localtime(); open("/dev/null", "w").write("x")
locale.setlocale(locale.LC_ALL, ""); os.cpu_count(); platform.platform(); getpass.getuser(); open("/proc/self/maps").read(); random.SystemRandom().random()'
	type -P node >/dev/null && starts node node -e 'require("https"); require("crypto").randomBytes(4); const os = require("os");
os.cpus(); os.totalmem(); os.userInfo(); os.hostname(); os.loadavg(); require("child_process").execFileSync("true");
new (require("worker_threads").Worker)("1", { eval: true })'
	type -P perl >/dev/null && starts perl perl -e 'use POSIX; print strftime("%Y\n", localtime)'
	same "base: nothing of a home or a project is read" 1 "$(status ringfence run -p own.yaml -- cat secret /root/.ssh/id)"
	same "base: keys of certificates stay" 2 "$(status ringfence run -p own.yaml -- ls /etc/ssl/private)"
	same "base: nothing is reached" 1 "$(status ringfence run -p own.yaml -- bash -c 'cd /; connect 4001')"
	like "base: no server" "*denied connect tcp 127.0.0.1:4001*by own (no rule allows it)*" "$(cat err)"
}

# Sockets whose server is in the same fence, and one outside; and UDP sockets that are only connected.
sockets() {
	policy own-only >unix.yaml <<-P
	  files:
	    - { allow: [read, write, exec], paths: ["/**"] }
	  unix:
	    - { allow: bind, paths: ["@mine-*"] }
	  network:
	    - { allow: connect, to: 127.0.0.1, ports: 4001, protocols: udp }
	P
	cat >server.py <<-'P'
	import os, socket, sys
	def reach(kind, name):
	    s = socket.socket(socket.AF_UNIX, kind); s.bind(name)
	    if kind == socket.SOCK_STREAM: s.listen()
	    if os.fork() == 0:
	        c = socket.socket(socket.AF_UNIX, kind)
	        try: c.sendto(b"x", name) if kind == socket.SOCK_DGRAM else c.connect(name)
	        except OSError as e: print(name.replace("\0", "@"), e.strerror)
	        os._exit(0)
	    os.wait()
	for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
	    for name in ("own-%d" % kind, "\0mine-%d" % kind): reach(kind, name)
	try: socket.socket(socket.AF_UNIX).connect(sys.argv[1]); print("outside is reached")
	except PermissionError: pass
	P
	python3 -c 'import socket,time
s = socket.socket(socket.AF_UNIX); s.bind("outside"); s.listen(); time.sleep(120)' &
	until [[ -S outside ]]; do sleep 0.1; done
	same "sockets: a server of the same fence is reached, one outside is not" 0 "$(status ringfence run -p unix.yaml -- python3 server.py outside)"
	same "sockets: by every name" "" "$(cat out)"
	like "sockets: the one outside alone is told" "*denied connect $dir/outside*1 denial*" "$(cat err)"
	ip link set lo up
	same "udp: connecting to what is denied" 0 "$(status ringfence run -p unix.yaml -- python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(("127.0.0.1", 4002)); print(s.getsockname()[0])')"
	same "udp: gives the source, and is not told" "127.0.0.1" "$(cat out err)"
	same "udp: it sends nothing, then and later" 0 "$(status ringfence run -p unix.yaml -- python3 -c 'import socket
def refused(s):
    try: s.send(b"x")
    except PermissionError: return True
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(("127.0.0.1", 4002)); assert refused(s)
s.connect(("127.0.0.1", 4001)); assert refused(s)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(("127.0.0.1", 4001)); s.send(b"x")')"
	like "udp: what it would have sent is told by its address" "*denied connect udp 127.0.0.1:4002*by own-only (no rule allows it)*" "$(cat err)"
}

setup
[[ $# -gt 0 ]] || set -- judges extends base sockets
for part in "$@"; do $part; done
kill $(jobs -p) 2>/dev/null
exit $failed
