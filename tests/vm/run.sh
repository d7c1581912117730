#!/bin/bash
# What `ringfence run` and `unload` promise, in a guest: tools/vm/run [--kernel K] --cpus 2 -- tests/vm/run.sh
# Prints "ok NAME" or "not ok NAME", and what was seen where a test fails. Exit status 1 if one did.
#
#   $dir/                    a folder of its own, the workspace
#     secret                 denied by wide.yaml; everything else is allowed
#     vault                  denied and hidden by hide.yaml
#     many/{1..30}           denied by many.yaml
#     tool                   a program that noexec.yaml does not let run
#     policies/near.yaml     a preset
# shellcheck disable=SC2317,SC2053,SC2016,SC2046,SC2048,SC2086,SC2012 # called by name; patterns; words that are to be split
set -u
dir=$(mktemp -d /tmp/run.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
here=$(dirname "$(readlink -f "$0")")
cd "$dir" || exit 1
exec </dev/null
failed=0

# ------------------------------------------------------------------------------------------- the frame

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1"; shift; printf '    %s\n' "$@"; failed=1; }
same() { if [[ $2 == "$3" ]]; then ok "$1"; else not_ok "$1" "wanted: $2" "got:    $3"; fi; }	# NAME WANTED GOT
like() { if [[ $3 == $2 ]]; then ok "$1"; else not_ok "$1" "wanted: $2" "got:    $3"; fi; }	# NAME PATTERN GOT
yes() { local name=$1; shift; if "$@"; then ok "$name"; else not_ok "$name" "failed: $*"; fi; }
status() { "$@" >out 2>err; echo $?; }
wait_for() { local i; for ((i = 0; i < 200; i++)); do "$@" >/dev/null 2>&1 && return; sleep 0.05; done; return 1; }
fences() { find /sys/fs/cgroup -type d -name 'ringfence-[0-9]*' | wc -l; }

policy() {	# NAME EXTRA-RULES [GUARDS-OFF]
	cat <<-P
	apiVersion: ringfence.dev/v1
	kind: Policy
	metadata: { name: $1 }
	spec:
	  guards: { off: [${3-}] }
	  files:
	    - allow: [read, write, exec]
	      paths: ["/**"]
	$2
	  network:
	    - allow: connect
	    - allow: bind
	  unix:
	    - allow: connect
	      paths: ["/**", "@**"]
	P
}

deny() { printf '    - deny: [%s]\n      paths: ["%s"]\n      reason: "%s"\n' "$1" "$dir/$2" "$3"; }

setup() {
	echo treasure >secret; echo gold >vault; echo free >free; cp /bin/true tool
	mkdir policies
	policy wide "$(deny "read, write" secret "the secret stays")" >wide.yaml
	policy open "" >open.yaml
	# Who starts a fence within a fence works on the engine.
	policy outer "$(deny "read, write" secret "the secret stays")" "engine, bpf, capabilities, cgroups" >outer.yaml
	policy noexec "$(deny exec tool "no tools")" >noexec.yaml
	policy other "$(deny read free "not free here")" >other.yaml
	policy hide "$(printf '    - deny: [read, write]\n      paths: ["%s"]\n      hide: true\n' "$dir/vault")" >hide.yaml
	mkdir many; touch many/{1..30}
	policy many "$(deny read 'many/*' "one by one")" >many.yaml
	policy near "" >policies/near.yaml
	chmod 755 "$dir"; chmod 644 ./*.yaml free
}

run() { ringfence run -p wide.yaml "$@"; }
# In the background, with $runner its pid; the shell has INT and QUIT ignored there.
start() { env --default-signal=INT,QUIT ringfence run -p wide.yaml "$@" & runner=$!; }

# ------------------------------------------------------------------------------------------ exit status

test_status() {
	same "exit status 0" 0 "$(status run -- true)"
	same "exit status 7" 7 "$(status run -- sh -c 'exit 7')"
	same "ended by SIGTERM" 143 "$(status run -- sh -c 'kill -TERM $$')"
	same "ended by SIGKILL" 137 "$(status run -- sh -c 'kill -KILL $$')"
	same "not found" 127 "$(status run -- no-such-command)"
	like "not found is told" "ringfence: cannot run no-such-command: not found" "$(<err)"
	same "no such file" 127 "$(status run -- ./no-such-command)"
	same "not executable" 126 "$(status run -- ./free)"
	same "a script without #!" 3 "$(echo 'exit 3' >script; chmod +x script; status run -- ./script)"
	same "exec denied by the policy" 126 "$(status ringfence run -p noexec.yaml -- ./tool)"
	like "its denial is told first" "ringfence: denied exec $dir/tool *files\[1\] \"no tools\"*cannot run ./tool: *" \
		"$(<err)"
	same "an exit status of a nested command" 5 "$(status run -- sh -c 'sh -c "exit 5"')"
}

# ------------------------------------------------------------------------------------- what it is given

test_passing() {
	same "arguments" "<a b><><c'd><-x>" "$(run -- printf '<%s>' 'a b' '' "c'd" -x)"
	same "standard input" "hello" "$(echo hello | run -- cat)"
	same "a large standard input" 3000000 "$(head -c 3000000 /dev/zero | run -- wc -c)"
	same "standard output and error apart" "out/err" \
		"$(run -- sh -c 'echo out; echo err >&2' 2>err)/$(<err)"
	same "descriptors" "$(ls /proc/self/fd | wc -l)" "$(run -- sh -c 'exec ls /proc/self/fd' | wc -l)"
	same "a ring of the caller is not" "0" "$(python3 -c '
import ctypes, os
libc = ctypes.CDLL(None)
ring = libc.syscall(425, 4, ctypes.create_string_buffer(120))
os.set_inheritable(ring, True)
os.execvp("ringfence", ["ringfence", "run", "-p", "wide.yaml", "--", "ls", "-l", "/proc/self/fd"])' | grep -c io_uring)"
	same "a descriptor of the caller" "seven" "$(run -- sh -c 'cat <&7' 7< <(echo seven))"
	same "a closed standard input" "closed" "$(run -- sh -c 'test -e /proc/$$/fd/0 || echo closed' <&-)"
	same "a closed standard error" 4 "$(run -- sh -c 'cat secret; exit 4' >out 2>&-; echo $?)"
	same "the working directory" "$dir" "$(run -- pwd)"
	same "the umask" 0027 "$(umask 027; run -- sh -c umask)"
	same "the environment" "v" "$(NAME=v run -- printenv NAME)"
	like "the sandbox's number" "[1-9]*" "$(run -- printenv RINGFENCE_SANDBOX)"
	same "the parent is run" "ringfence" "$(run -- sh -c 'cat /proc/$PPID/comm')"
	same "resource limits" "$(ulimit -l) $(ulimit -n)" "$(run -- bash -c 'echo $(ulimit -l) $(ulimit -n)')"
	same "--user" "nobody /nonexistent nobody" "$(run --user nobody -- sh -c 'echo $(id -un) $HOME $LOGNAME')"
	same "groups of --user" "$(id -G nobody)" "$(run --user nobody -- id -G)"
	same "an unknown --user" 2 "$(status run --user no-such-user -- touch started)"
}

# -------------------------------------------------------------------------------------------- denials

test_denials() {
	same "a denied read fails" 1 "$(status run -- cat secret)"
	like "a denial is one line" \
		"ringfence: denied read $dir/secret  cat\[*\]  by wide files\[1\] \"the secret stays\"" \
		"$(grep ' denied read' err)"
	like "a summary follows" "*ringfence: 1 denial*" "$(<err)"
	same "no denial, no line" "" "$(run -- true 2>&1)"
	same "-q says nothing" "cat: secret: Permission denied" "$(run -q -- cat secret 2>&1)"
	same "--audit lets it through" "treasure" "$(run --audit -- cat secret 2>err)"
	like "--audit tells" "*would deny*$dir/secret*" "$(<err)"
	run -q --events events.json -- cat secret 2>/dev/null
	same "--events FILE" "read $dir/secret wide 1" "$(json events.json)"
	run -q --events events.json -- cat secret 2>/dev/null
	same "--events adds" 2 "$(grep -c secret events.json)"
	run -q --events - -- cat secret >out 2>/dev/null
	same "--events -" "read $dir/secret wide 1" "$(json out)"
	same "--events where it can't" 2 "$(status run --events /no/such/folder -- touch started)"
	same "two policies: both must allow" "1 1" \
		"$(status run -p other.yaml -- cat secret) $(status run -p other.yaml -- cat free)"
	like "the second is named" "*by other files*" "$(<err)"
	same "one of them alone" 0 "$(status ringfence run -p other.yaml -- cat secret)"
	same "denials while the command is running" "told" "$(run -- sh -c '
		cat secret; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; grep -q " denied " live && { echo told; break; }; done' \
		2>live)"
	run -- sh -c 'for i in 1 2 3 4 5; do cat secret; done; sleep 1.5' >/dev/null 2>err
	same "repeats add up" 5 "$(repeats err)"
	ringfence run -p many.yaml --events all.json --log all.log -- sh -c 'cat many/*' >/dev/null 2>err
	same "a walk is told in two lines" "2 1" \
		"$(grep -c "^ringfence: denied" err) $(grep -c "^ringfence: denied read $dir/many/\*, 29 objects  cat\[" err)"
	same "and counted whole" "1 30 30" "$(grep -c "^ringfence: 30 denials" err) $(wc -l <all.json) $(grep -c "^ringfence: denied" all.log)"
}

json() {	# FILE: each event's access, object, policy, count; fails where a line is no JSON
	python3 -c '
import json, sys
for line in open(sys.argv[1]):
    e = json.loads(line)
    a = e["access"]
    print(a if isinstance(a, str) else ",".join(a), e.get("object") or e.get("path"), e["policy"], e["count"])
' "$1" 2>&1 | tail -n 1
}

repeats() { python3 -c '
import re, sys
n = 0
for line in open(sys.argv[1]):
    if " denied " in line:
        m = re.search(r"\((\d+) more", line)
        n += int(m.group(1)) if m else 1
print(n)' "$1"; }

# --------------------------------------------------------------------------------------------- signals

# Starts a command that writes the signals it gets to the file `got`, and waits until it is ready.
start_catcher() {
	rm -f got ready
	start -- bash -c 'for s in "$@"; do trap "echo $s >>got" "$s"; done; trap "exit 9" TERM
		: >ready; while :; do sleep 0.1; done' - "$@"
	wait_for test -e ready
}

test_signals() {
	local s ended
	for s in HUP INT QUIT USR1 USR2 WINCH ALRM CONT; do
		start_catcher "$s"
		kill -"$s" "$runner"
		wait_for test -s got
		kill -TERM "$runner"; wait "$runner"; ended=$?
		same "SIG$s reaches the command once; then SIGTERM ends it" "$s 9" "$(tr '\n' ' ' <got)$ended"
	done
	start -- sleep 60
	wait_for pgrep -P "$runner" sleep; kill -TERM "$runner"; wait "$runner"
	same "SIGTERM ends both" 143 $?
	(trap '' HUP; run -- sh -c 'kill -HUP $$; echo alive' >out); same "an ignored signal stays ignored" alive "$(<out)"
	same "SIGCHLD ignored by the caller" 6 "$(python3 -c '
import os, signal, subprocess, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
pid = os.fork()
if not pid: os.execvp("ringfence", ["ringfence", "run", "-p", "wide.yaml", "--", "sh", "-c", "exit 6"])
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))')"
	same "kill 0 from inside" 143 "$(setsid -w ringfence run -p wide.yaml -- sh -c 'kill -TERM 0; sleep 5'; echo $?)"
	stop_and_go
}

stop_and_go() {
	local child
	start -- sleep 60
	wait_for pgrep -P "$runner" sleep; child=$(pgrep -P "$runner" sleep)
	kill -STOP "$child"
	yes "a stopped command stops run" wait_for grep -q '^State:.*T' "/proc/$runner/status"
	kill -CONT "$runner"
	yes "run continued continues the command" wait_for grep -q '^State:.*S' "/proc/$child/status"
	kill -TERM "$runner"; wait "$runner" 2>/dev/null
}

test_terminal() { while read -r line; do [[ $line == "ok "* || $line == "skip "* ]] || failed=1; echo "$line"; done < <(python3 "$here/run_tty.py"); }

# ------------------------------------------------------------------------------------- who lives longer

test_background() {
	run -- sh -c '(sleep 1; cat secret >leaked; echo tried >tried; sleep 1) & ' >out 2>err
	like "a survivor is told" "ringfence: [12] process* still run* in the fence (cgroup /sys/fs/cgroup/*ringfence-*)" "$(<err)"
	wait_for test -e tried
	same "a survivor stays fenced" "" "$(cat leaked)"
	same "unload is refused while it lives" 1 "$(status ringfence unload)"
	like "and tells who" "ringfence: sandbox * lives: * task* in cgroup */ringfence-*" "$(head -1 err)"
	wait_for pgrep_none; run -- true
	same "its cgroup goes with a later run" 0 "$(fences)"
	same "its state as well" 0 "$(find /run/ringfence -name 'sandbox-*' | wc -l)"
}

pgrep_none() { ! grep -qs . /sys/fs/cgroup/ringfence-*/cgroup.procs; }

test_killed() {
	rm -f go leaked tried
	start -- sh -c 'until test -e go; do sleep 0.05; done; cat secret >leaked 2>/dev/null; echo tried >tried'
	wait_for pgrep -P "$runner"
	kill -KILL "$runner"; wait "$runner" 2>/dev/null
	ringfence run -p open.yaml -- true
	same "another run spares the fence of a killed one" 1 "$(fences)"
	: >go; wait_for test -e tried
	same "killed with -9, the tree stays fenced" "" "$(cat leaked)"
	wait_for pgrep_none; ringfence run -p open.yaml -- true
	same "what it left is cleaned up" "0 0" "$(fences) $(find /run/ringfence -name 'sandbox-*' | wc -l)"
}

test_nested() {
	local i
	run() { ringfence run -p outer.yaml "$@"; }
	same "nested: the inner policy denies" 1 "$(status run -- ringfence run -p other.yaml -- cat free)"
	same "nested: the outer one as well" 1 "$(status run -- ringfence run -p other.yaml -- cat secret)"
	like "and is named with its rule" "*denied read $dir/secret*by outer files\[1\] \"the secret stays\"*" "$(<err)"
	same "nested: what both allow" 0 "$(status run -- ringfence run -p other.yaml -- cat wide.yaml)"
	test_depth
	for i in {1..17}; do policy "many$i" "" >"many$i.yaml"; done
	same "sixteen policies" 0 "$(status ringfence run $(printf -- '-p many%d.yaml ' {1..16}) -- true)"
	same "seventeen policies" 2 "$(status ringfence run $(printf -- '-p many%d.yaml ' {1..17}) -- touch started)"
	like "are too many" "ringfence: 17 policies here *" "$(<err)"
	same "too many with the outer ones" 2 \
		"$(status run -- ringfence run $(printf -- '-p many%d.yaml ' {1..16}) -- touch started)"
	same "a child cgroup is fenced" "moved 1" "$(run -- sh -c '
		own=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)
		mkdir "$own/sub" && echo $$ >"$own/sub/cgroup.procs" && echo moved; cat secret; echo $?' 2>err | xargs)"
	same "and goes with its parent" 0 "$(fences)"
	run() { ringfence run -p wide.yaml "$@"; }
	same "a fence within a fence needs the engine" 2 "$(status run -- ringfence run -p other.yaml -- true)"
	like "and is told where it is" "*this runs in a fence already (cgroup */ringfence-*)*leave*-p A -p B*" "$(cat err)"
	like "so is doctor, which asks nothing else" "*FAIL  fence *see the 1 line with FAIL.*ringfence: 1 denial*" "$(run -- ringfence doctor 2>&1)"
}

# Four fences, each within the one before: what each denies, the task within all of them can't read, and whose rule it was is
# told.
test_depth() {
	local i off="engine, bpf, capabilities, cgroups"
	for i in 1 2 3 4; do
		echo "$i" >"level$i"
		((i < 4)) || off=""
		policy "depth$i" "$(deny read "level$i" "not at level $i")" "$off" >"depth$i.yaml"
	done
	deep() { ringfence run -p depth1.yaml -- ringfence run -q -p depth2.yaml -- ringfence run -q -p depth3.yaml -- ringfence run -p depth4.yaml -- "$@"; }
	for i in 1 2 3 4; do
		same "nested four deep: level $i denies" 1 "$(status deep cat "level$i")"
		like "and is named with its rule" "*denied read $dir/level$i*by depth$i files\[1\] \"not at level $i\"*" "$(<err)"
	done
	same "what all four allow" free "$(deep cat free 2>/dev/null)"
	same "no fence is left of four" 0 "$(fences)"
}

# ---------------------------------------------------------------------------------------------- cgroups

test_cgroups() {
	local top=/sys/fs/cgroup
	same "beneath the caller's cgroup" "0::/outer/ringfence" "$(in_cgroup outer ringfence run -p wide.yaml -- \
		cat /proc/self/cgroup | sed 's/-[0-9]*$//')"
	same "in a cgroup namespace without a mount of its own" "1" "$(in_cgroup outer unshare -C \
		ringfence run -q -p wide.yaml -- cat secret >/dev/null 2>&1; echo $?)"
	same "in a cgroup namespace with one" "1" "$(in_cgroup outer unshare -Cm sh -c \
		'umount /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && ringfence run -q -p wide.yaml -- cat secret' >/dev/null 2>&1; echo $?)"
	echo "+pids +memory" >$top/cgroup.subtree_control
	same "with controllers on" 1 "$(in_cgroup outer ringfence run -q -p wide.yaml -- cat secret 2>/dev/null; echo $?)"
	same "nothing is switched on beneath" "" "$(cat $top/outer/cgroup.subtree_control)"
	echo 1 >$top/outer/cgroup.max.descendants
	in_cgroup outer ringfence run -p outer.yaml -- ringfence run -p open.yaml -- touch started >out 2>err
	like "a full cgroup is told" "2 ringfence: cannot make the cgroup *cgroup.max.descendants*" "$? $(<err)"
	echo max >$top/outer/cgroup.max.descendants
	mkdir $top/outer/threads; echo threaded >$top/outer/threads/cgroup.type
	in_cgroup outer/threads ringfence run -p wide.yaml -- touch started >out 2>err
	like "a threaded cgroup is told" "2 ringfence: the cgroup around * is threaded*" "$? $(<err)"
	rmdir $top/outer/threads $top/outer
	{ echo "-pids -memory" >$top/cgroup.subtree_control; } 2>/dev/null || : # somebody else wants them
	same "no fence is left in them" 0 "$(fences)"
}

in_cgroup() { local name=$1; shift; mkdir -p "/sys/fs/cgroup/$name"; sh -c 'echo $$ >"/sys/fs/cgroup/$0/cgroup.procs" && exec "$@"' "$name" "$@"; }

test_scope() {
	[[ -d /run/systemd/system ]] || return 0
	same "in a systemd scope" 1 "$(status systemd-run --quiet --scope ringfence run -q -p wide.yaml -- cat secret)"
}

# Programs that change their user look for the audit log, and give up where it is refused rather than missing.
test_users() {
	same "su" "uid=65534(nobody)" "$(ringfence run -q -p wide.yaml -- su -s /bin/sh -c id nobody 2>&1 | cut -d' ' -f1)"
	same "runuser" "uid=65534(nobody)" "$(ringfence run -q -p wide.yaml -- runuser -u nobody id 2>&1 | cut -d' ' -f1)"
}

# A task's own number is the one that its process namespace gives it.
test_pid_namespace() {
	local owner='import fcntl, os, sys; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, int(sys.argv[1]) or os.getpid())'
	same "who gets a pipe's signals: oneself" 0 "$(status unshare -pf ringfence run -q -p wide.yaml -- python3 -c "$owner" 0)"
	same "and nobody else" 1 "$(status unshare -pf ringfence run -q -p wide.yaml -- python3 -c "$owner" 1)"
	like "as its caller sees it" "*Operation not permitted*" "$(<err)"
}

# ----------------------------------------------------------------------------------------- the engine

test_seals() {
	local links=/sys/fs/bpf/ringfence/links link=/sys/fs/bpf/ringfence/links/inode_permission
	same "a hidden file is not there" 1 "$(status ringfence run -p hide.yaml -- cat vault)"
	like "as its reader sees it" "*No such file or directory*" "$(<err)"
	same "the seals' hook is attached meanwhile" yes "$(ringfence run -p hide.yaml -- sh -c "test -e $link && echo yes")"
	same "and that of stat" yes "$(ringfence run -p hide.yaml -- sh -c "test -e $links/inode_getattr && echo yes")"
	same "and detached afterwards" no "$(test -e $link -o -e $links/inode_getattr && echo yes || echo no)"
	like "doctor says so" "*inode_permission is not attached*" "$(ringfence doctor)"
	sed 's/hide: true/hide: open/' hide.yaml >opened.yaml
	same "hidden from opens alone" 1 "$(status ringfence run -p opened.yaml -- cat vault)"
	like "it is not there either" "*No such file or directory*" "$(<err)"
	same "no hook is attached for that" no "$(ringfence run -p opened.yaml -- sh -c "test -e $link -o -e $links/inode_getattr && echo yes || echo no")"
	same "and stat finds it" 0 "$(status ringfence run -p opened.yaml -- stat vault)"
	ln vault vault-name
	same "another name does not open it" 1 "$(status ringfence run -p hide.yaml -- cat vault-name)"
	rm vault-name
}

test_policies() {
	local rename='import os; os.rename("deep/a", "deep/b")'
	export RINGFENCE_POLICIES=$dir/policies
	same "a preset" 0 "$(status ringfence run -p near -- true)"
	same "an unknown preset" 2 "$(status ringfence run -p naer -- touch started)"
	same "and what was meant" 'ringfence: there is no preset "naer"; did you mean "near"?' "$(<err)"
	unset RINGFENCE_POLICIES
	cat open.yaml >both.yaml; echo --- >>both.yaml; cat other.yaml >>both.yaml
	same "several documents: all count" 1 "$(status ringfence run -p both.yaml -- cat free)"
	same "a policy with errors" 2 "$(sed 's/allow:/alow:/' open.yaml >bad.yaml; status ringfence run -p bad.yaml -- touch started)"
	like "told with their place" "bad.yaml:7:*" "$(<err)"
	same "no policy" 2 "$(status ringfence run -- touch started)"
	same "no command" 2 "$(status ringfence run -p open.yaml)"
	policy vars "$(printf '    - deny: [read]\n      paths: ["${WORKSPACE}/${WHAT}"]\n')" >vars.yaml
	same "--set and the workspace" "1 0" "$(status ringfence run -p vars.yaml --set WHAT=free -- cat free) $(
		status ringfence run -p vars.yaml --set WHAT=free --workspace /srv -- cat free)"
	same "what was compiled once is not mixed up" "1 0 1" "$(status ringfence run -p vars.yaml --set WHAT=free -- cat free) $(
		status ringfence run -p vars.yaml --set WHAT=tool -- cat free) $(
		status ringfence run -p vars.yaml --set WHAT=free -- cat free)"
	mkdir -p deep/a
	policy stay "$(printf '    - deny: write\n      paths: ["%s/deep/**/*.pem"]\n' "$dir")" >stay.yaml
	policy goes "$(printf '    - deny: write\n      paths: ["%s/deep/**/*.pem"]\n      moves: true\n' "$dir")" >goes.yaml
	same "nor what differs by moves: true alone" "1 0" "$(status ringfence run -p stay.yaml -- python3 -c "$rename") $(
		status ringfence run -p goes.yaml -- python3 -c "$rename")"
	same "an unbound variable" 2 "$(status ringfence run -p vars.yaml -- touch started)"
}

test_engine() {
	local i pids=() all=''
	same "unload" "0 no" "$(status ringfence unload) $(test -e /sys/fs/bpf/ringfence -o -e /run/ringfence && echo yes || echo no)"
	same "unload again" 0 "$(status ringfence unload)"
	for i in 1 2 3 4; do run -q -- cat secret >"out.$i" 2>"err.$i" & pids+=($!); done
	for i in "${pids[@]}"; do wait "$i"; all+="$? "; done
	same "four first runs at once" "1 1 1 1 " "$all"
	same "one engine, one version" "1" "$(find /sys/fs/bpf/ringfence/links -name file_open | wc -l)"
	set_engine abi=0
	same "a load that was cut off is done again" 1 "$(status run -q -- cat secret)"
	set_engine version=9.9.9
	same "another version of the same ABI is used" 1 "$(status run -q -- cat secret)"
	set_engine abi=99
	same "another ABI is not" 2 "$(status run -- touch started)"
	like "is told" 'ringfence: the engine in the kernel is of version 9.9.9 (ABI 99), *"ringfence unload" with that version first' "$(<err)"
	set_engine "abi=$(awk '$2 == "RF_ABI" { print $3 }' "$here/../../include/ringfence/abi.h")"
	same "the same ABI can be unloaded" 0 "$(status ringfence unload)"
	same "not root" 2 "$(status setpriv --reuid nobody --regid nogroup --clear-groups ringfence run -p open.yaml -- touch started)"
	same "is told in one line" 1 "$(wc -l <err)"
	same "no command was ever started after an error" no "$(test -e started && echo yes || echo no)"
}

set_engine() {	# abi=N or version=TEXT, as another program would have left it
	python3 - "$1" <<-'P'
	import json, subprocess, sys
	pin = ["pinned", "/sys/fs/bpf/ringfence/maps/engine"]
	tool = "/usr/sbin/bpftool"
	entry = json.loads(subprocess.check_output([tool, "-j", "map", "dump"] + pin))[0]
	value = [int(b, 16) for b in entry["value"]]
	what, new = sys.argv[1].split("=")
	if what == "abi": value[0:4] = [int(new), 0, 0, 0]
	else: value[-32:] = list(new.encode().ljust(32, b"\0"))
	subprocess.check_call([tool, "map", "update"] + pin + ["key", "0", "0", "0", "0", "value"] + [str(b) for b in value])
	P
}

test_left_over() {
	run -- true
	same "no tag is left" 0 "$(left tags)"
	same "no seal is left" 0 "$(left seals)"
	same "no merge is left" 0 "$(left merges)"
	same "no fence is left" 0 "$(fences)"
	same "no state is left" 0 "$(find /run/ringfence -name 'sandbox-*' | wc -l)"
}

left() { /usr/sbin/bpftool -j map dump pinned "/sys/fs/bpf/ringfence/maps/$1" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))'; }

setup
for each in ${*:-status passing denials signals terminal background killed nested cgroups scope users pid_namespace seals policies left_over engine}; do
	"test_$each"
done
exit $failed
