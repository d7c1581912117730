#!/bin/bash
# Tests of the guest runner itself: every way in which a run can end has its own exit status, and leaves nothing.
# KERNEL names the kernel (bookworm); prints "ok NAME" or "not ok NAME" a case.
# shellcheck disable=SC2016,SC1003,SC2317 # what stands in single quotes is for the guest's shell
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
run=tools/vm/run
kernel=${KERNEL:-bookworm}
failed=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-runner.XXXXXX") || exit
# A temporary folder of our own for the runner shows what it leaves there.
mkdir "$tmp/t"; export TMPDIR=$tmp/t
trap 'rm -rf "$tmp"' EXIT

guest() { "$run" --kernel "$kernel" --timeout 120 "$@" >"$tmp/out" 2>"$tmp/err"; }

is() {	# NAME STATUS WANTED [PATTERN-ON-STDERR]
	local why=''
	[[ $2 == "$3" ]] || why="exit status $2, not $3"
	[[ -z ${4-} ]] || grep -Eq -- "$4" "$tmp/err" || why+=" stderr lacks: $4"
	[[ -z $(ls "$TMPDIR") ]] || why+=" left behind: $(ls "$TMPDIR")"
	[[ -z $(leftover) ]] || why+=" qemu still runs"
	if [[ -z $why ]]; then echo "ok $1"; return; fi
	echo "not ok $1"; failed=1
	{ echo "# $why"; sed 's/^/# /' "$tmp/err" | tail -n 40; }
}

same() {	# NAME WANTED GOT
	if [[ $2 == "$3" ]]; then echo "ok $1"; else echo "not ok $1"; failed=1; printf '# wanted: %q\n# got:    %q\n' "$2" "$3"; fi
}

leftover() { pgrep -f "qemu-system-x86_64 .*path=$TMPDIR/"; }

wait_for() {	# COMMAND...: up to a minute
	local n=0
	[[ -d $TMPDIR ]] || { echo "not ok the test's own folder $tmp is gone"; exit 1; }
	until "$@"; do n=$((n + 1)); ((n < 600)) || return 1; sleep 0.1; done
}

# --- the command's own status and output -------------------------------------------------------------------

status_passes_through() {
	local s
	for s in 0 1 126 255; do guest -- sh -c "exit $s"; is "exit status $s" $? "$s"; done
	guest -- sh -c 'kill -TERM $$'; is "a signal is 128+N" $? 143
	guest -- /no/such/command; is "a command that is not there" $? 127
}

words_are_not_split() {
	guest -- printf '<%s>' 'a  b' "it's" '' '$HOME' '*' $'x\ny' '\' '"'
	same "arguments arrive as they were" '<a  b><it'\''s><><$HOME><*><x
y><\><">' "$(<"$tmp/out")"
}

output_is_bytes() {
	head -c 2000000 /dev/urandom >"$tmp/t/bytes"
	(cd "$tmp/t" && "$OLDPWD/$run" --kernel "$kernel" -- cat bytes) >"$tmp/out" 2>"$tmp/err"
	same "output is the command's, byte for byte" "$(sha256sum <"$tmp/t/bytes")" "$(sha256sum <"$tmp/out")"
	rm "$tmp/t/bytes"
	guest -- sh -c 'echo o; echo e >&2; echo "<1>kernel says" >/dev/kmsg; echo again >/dev/stderr; cat'
	same "stdout alone, without the console" o "$(<"$tmp/out")"
	same "stderr alone, without the console" $'e\nagain' "$(<"$tmp/err")"
	"$run" --kernel "$kernel" -- sh -c 'for i in 1 2 3 4; do echo $i; echo e$i >&2; done' >"$tmp/out" 2>&1
	same "one file for both keeps their order" "1 e1 2 e2 3 e3 4 e4 " "$(tr '\n' ' ' <"$tmp/out")"
}

output_is_live() {
	local began=$SECONDS line
	# The reader ends the run: what it reads it must have got long before the command's end.
	read -r line < <("$run" --kernel "$kernel" --timeout 60 -- sh -c 'echo first; sleep 50' 2>/dev/null)
	same "output arrives while the command runs" first "$line"
	((SECONDS - began < 40)); same "and early" 0 $?
	wait_for no_leftover; same "a reader that leaves ends the guest" 0 $?
}
no_leftover() { [[ -z $(leftover) && -z $(ls "$TMPDIR") ]]; }

background_does_not_hold() {
	guest -- sh -c 'sleep 1000 & echo done'
	is "a process left in the background does not hold the guest" $? 0
	same "its starter's output is complete" "done" "$(<"$tmp/out")"
}

status_is_not_forged() {
	guest -- sh -c 'echo status 0; echo status 0 >&2; exit 3'
	is "output that looks like a status is none" $? 3
}

# --- the guest ---------------------------------------------------------------------------------------------

guest_is_furnished() {
	guest --cpus 2 -- bash -c '
		set -e; cd /; v=$(uname -r)
		[ "$(nproc)" = 2 ]; [ "$(hostname)" = guest ]; [ "$HOME" = /root ]; [ "$LANG" = C.UTF-8 ]; [ "$(id -u)" = 0 ]
		grep -q bpf /sys/kernel/security/lsm; [ -e /sys/kernel/btf/vmlinux ]; [ -e "/boot/config-$v" ]
		for d in /sys/fs/cgroup:cgroup2fs /sys/fs/bpf:bpf_fs /tmp:tmpfs /run:tmpfs /dev/shm:tmpfs /dev/pts:devpts \
			/sys/kernel/security:securityfs /sys/kernel/tracing:tracefs /sys/kernel/debug:debugfs
		do [ "$(stat -fc %T "${d%:*}")" = "${d#*:}" ] || { echo "$d" >&2; exit 1; }; done
		modprobe loop; modprobe vfat; modprobe ext4; modprobe tun; [ -c /dev/net/tun ]
		ping -c1 -W2 127.0.0.1 >/dev/null 2>&1 || : >/dev/tcp/127.0.0.1/9 2>&1 || true
		[ "$(cat /sys/class/net/lo/flags)" = 0x9 ]; [ "$(ls /sys/class/net)" = lo ]
		[ -z "$(ls /tmp)" ]; touch /etc/ringfence-was-here /usr/bin/ringfence-was-here
		case $PATH in */build/bin:*) ;; *) exit 1;; esac'
	is "the guest is furnished" $? 0
	[[ ! -e /etc/ringfence-was-here ]]; same "the host's root is not written" 0 $?
}

folder_is_the_callers() {
	local d="$tmp/t/a folder"
	mkdir -p "$d"; echo here >"$d/file"
	(cd "$d" && "$OLDPWD/$run" --kernel "$kernel" -- sh -c 'pwd; cat file') >"$tmp/out" 2>"$tmp/err"
	same "the caller's folder, though it is under /tmp" "$(cd "$d" && pwd -P)"$'\nhere' "$(<"$tmp/out")"
	rm -r "$d"
}

icount_counts() {
	guest --icount --cpus 2 -- true; is "--icount refuses two processors" $? 125 'one processor'
	guest --icount -- true; is "--icount" $? 0
}

systemd_boots() {
	[[ $(readlink -f /sbin/init) == */systemd ]] || { echo "ok --init systemd # SKIP no systemd-sysv here"; return; }
	guest --init systemd -- sh -c 'cat /proc/1/comm; systemd-run --wait -q true; systemctl is-active basic.target; exit 9'
	is "--init systemd: status" $? 9
	same "--init systemd: output" $'systemd\nactive' "$(<"$tmp/out")"
}

disk_outlives() {
	local f=/var/lib/ringfence/file
	guest --disk "$tmp/disk" -- sh -c "echo kept >$f; sync $f; echo lost >$f.2; echo b >/proc/sysrq-trigger; sleep 60"
	is "--disk: a power cut" $? 119
	guest --disk "$tmp/disk" -- sh -c "cat $f; test ! -s $f.2; echo \$?; echo ordinary >$f.3"
	is "--disk: the next boot" $? 0
	same "what was written through is there, what was not is not" $'kept\n0' "$(<"$tmp/out")"
	guest --disk "$tmp/disk" -- sh -c "cat $f.3"
	same "an ordinary end writes through" ordinary "$(<"$tmp/out")"
	rm -f "$tmp/disk"
}

root_outlives() {
	guest --disk "$tmp/disk" --disk-root -- sh -c 'echo kept >/etc/kept; rm /etc/passwd; sync; echo b >/proc/sysrq-trigger; sleep 60'
	is "--disk-root: a power cut" $? 119
	guest --disk "$tmp/disk" --disk-root -- sh -c 'cat /etc/kept; test ! -e /etc/passwd'
	is "--disk-root: the next boot" $? 0
	same "what was written to the root is there" kept "$(<"$tmp/out")"
	rm -f "$tmp/disk"
	"$run" --disk-root -- true 2>"$tmp/err"; is "--disk-root without --disk" $? 125 'wants a --disk'
}

terminal_is_one() {
	command -v script >/dev/null || { echo "ok --tty # SKIP no script(1)"; return; }
	script -qec "$run --kernel $kernel --tty -- sh -c 'test -t 0 -a -t 1 -a -t 2 && tty && (: </dev/tty) && exit 6'" \
		/dev/null >"$tmp/out" 2>"$tmp/err" </dev/null
	is "--tty: a terminal, and the status" $? 6
}

# --- the ways to end badly ---------------------------------------------------------------------------------

faults_are_loud() {
	guest -- sh -c 'echo c >/proc/sysrq-trigger; sleep 60'; is "a panic" $? 120 'KERNEL PANIC'
	grep -q 'sysrq triggered crash' "$tmp/err"; same "a panic is told with its line" 0 $?
	guest -- sh -c 'echo "<1>Oops: 0000 [#1] SMP" >/dev/kmsg'; is "an oops, though the command succeeded" $? 121 'KERNEL OOPS'
	guest -- sh -c 'echo "<1>BUG: kernel NULL pointer dereference" >/dev/kmsg'; is "a BUG" $? 121 'KERNEL OOPS'
	guest -- sh -c 'echo "<0>watchdog: BUG: soft lockup - CPU#0 stuck for 22s!" >/dev/kmsg'; is "a lockup" $? 122 LOCKUP
	guest -- sh -c 'echo "<3>rcu: INFO: rcu_preempt self-detected stall on CPU" >/dev/kmsg'; is "an RCU stall" $? 122 LOCKUP
	guest -- sh -c 'echo "<1>DEBUG: nothing. Oopsie" >/dev/kmsg'; is "a harmless line is none" $? 0
	guest -- sh -c 'echo b >/proc/sysrq-trigger; sleep 60'; is "a reset without a status" $? 119 'WITHOUT A STATUS'
}

timeout_ends_it() {
	guest --timeout 20 -- sh -c 'echo out; sleep 300'; is "a timeout" $? 124 'TIMED OUT'
	same "output before the timeout" out "$(<"$tmp/out")"
}

wrong_use_is_told() {
	"$run" --kernel /no/such/kernel -- true 2>"$tmp/err"; is "a missing kernel" $? 123 'no folder'
	"$run" --kernel potato -- true 2>"$tmp/err"; is "an unknown kernel" $? 123 'no kernel'
	mkdir "$tmp/empty"
	"$run" --kernel "$tmp/empty" -- true 2>"$tmp/err"; is "a folder without a kernel" $? 123 'no kernel in'
	"$run" --no-such-option -- true 2>"$tmp/err"; is "an unknown option" $? 125 'no option'
	"$run" 2>"$tmp/err"; is "no command" $? 125 'no command'
	"$run" --mem 99999999 -- true 2>"$tmp/err"; is "qemu that cannot start" $? 125 'qemu failed'
}

# A shell in the background has SIGINT ignored; setsid gives the runner a group of its own, as a terminal would.
interrupted() {	# NAME SIGNAL STATUS
	local pid
	python3 -c 'import os,signal,sys
signal.signal(signal.SIGINT, signal.SIG_DFL); os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' \
		"$run" --kernel "$kernel" -- sh -c 'echo up; sleep 300' >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	wait_for grep -qs up "$tmp/out"
	if [[ $2 == INT ]]; then kill -INT -- "-$pid"; else kill "-$2" "$pid"; fi
	wait "$pid" 2>/dev/null
	is "$1" $? "$3"
}

killed_hard() {
	local pid
	"$run" --kernel "$kernel" -- sh -c 'echo up; sleep 300' >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	wait_for grep -qs up "$tmp/out"
	kill -KILL "$pid"; wait "$pid" 2>/dev/null
	wait_for no_qemu; same "SIGKILL of the runner leaves no guest" 0 $?
	rm -rf "${TMPDIR:?}"/*
}
no_qemu() { [[ -z $(leftover) ]]; }

# An ordinary user's guest sees what that user may read, as root of its own.
ordinary_user() {
	((EUID == 0)) || { echo "ok an ordinary user # SKIP not root: all of this ran as one"; return; }
	local home=$tmp/home
	chmod 755 "$tmp"; mkdir -p "$home/kernels"; chmod 1777 "$TMPDIR"
	cp -a "$(tools/vm/kernel "$kernel")" "$home/kernels/"
	chown -R nobody: "$home"
	(cd / && HOME=$home setpriv --reuid nobody --regid nogroup --clear-groups \
		"$OLDPWD/$run" --kernel "$home"/kernels/* -- sh -c 'id -u; cat /etc/shadow; ls -A /root; modprobe loop && echo m') \
		>"$tmp/out" 2>"$tmp/err"
	is "an ordinary user" $? 0
	same "root in its guest, without the host's secrets" $'0\nm' "$(<"$tmp/out")"
	rm -rf "$home"
}

two_at_once() {
	local a b
	"$run" --kernel "$kernel" -- sh -c 'exit 11' 2>"$tmp/err" & a=$!
	"$run" --kernel "$kernel" -- sh -c 'exit 12' 2>"$tmp/err" & b=$!
	wait "$a"; a=$?; wait "$b"
	is "two guests at once" "$a $?" "11 12"
}

ctrl_c() { interrupted "Ctrl-C" INT 130; }
sigterm() { interrupted "SIGTERM" TERM 143; }

# Words name single tests; without any, all.
# shellcheck disable=SC2048 # names of functions
for each in ${*:-status_passes_through words_are_not_split output_is_bytes output_is_live background_does_not_hold \
	status_is_not_forged guest_is_furnished folder_is_the_callers icount_counts systemd_boots disk_outlives root_outlives terminal_is_one \
	faults_are_loud timeout_ends_it wrong_use_is_told ctrl_c sigterm killed_hard ordinary_user two_at_once}
do "$each"; done
exit $failed
