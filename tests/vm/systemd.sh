#!/bin/bash
# What a guest with systemd as its first process gives a test (tools/vm/run --init systemd): tests of the service build on it.
# shellcheck disable=SC2317 # cases are called by name
set -u
cd "$(dirname "$0")/../.." || exit
failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

is() {	# NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$work/said" 2>&1; then echo "ok $name"; return; fi
	echo "not ok $name"; failed=1
	sed 's/^/# /' "$work/said" | tail -n 20
}

first_process() { [[ $(</proc/1/comm) == systemd ]]; }
booted() { [[ $(systemctl is-system-running) == running ]] || { systemctl --failed; systemctl list-jobs; return 1; }; }
lsm_is_there() { grep -q bpf /sys/kernel/security/lsm && mountpoint -q /sys/fs/bpf; }
one_cgroup_tree() { [[ $(stat -fc %T /sys/fs/cgroup) == cgroup2fs && -d /sys/fs/cgroup/system.slice ]]; }

transient_unit() {
	local status
	systemd-run --wait -q --unit=seven sh -c 'exit 7'
	status=$?
	[[ $status == 7 ]] || { echo "exit status $status"; return 1; }
	[[ $(systemd-run --wait -q --pipe cat /proc/self/cgroup) == 0::/system.slice/run-u* ]]
}

unit_of_a_file() {
	mkdir -p /run/systemd/system
	printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/echo from the unit\n' >/run/systemd/system/vm-file.service
	systemctl daemon-reload && systemctl start vm-file.service && systemctl is-active vm-file.service &&
		journalctl --sync && journalctl -q -u vm-file.service -o cat | grep -x 'from the unit'
}

socket_activation() {
	printf '[Socket]\nListenStream=/run/vm.sock\nAccept=yes\n' >/run/systemd/system/vm-socket.socket
	printf '[Service]\nExecStart=/bin/echo activated\nStandardOutput=socket\n' >/run/systemd/system/vm-socket@.service
	systemctl daemon-reload && systemctl start vm-socket.socket &&
		python3 -c 'import socket
s = socket.socket(socket.AF_UNIX); s.connect("/run/vm.sock"); assert s.recv(100) == b"activated\n"'
}

fence() { build/bin/ringfence run -p build -- true; }

fence_in_a_unit() {
	systemd-run --wait -q --pipe -p Delegate=yes -p WorkingDirectory="$PWD" build/bin/ringfence run -p build -- cat /etc/shadow
	(($? == 1))
}

is "systemd is the first process" first_process
is "the boot is done and nothing failed" booted
is "the BPF security module and bpffs" lsm_is_there
is "one tree of cgroups, systemd's" one_cgroup_tree
is "a transient unit: status and cgroup" transient_unit
is "a unit of a file, and what it says in the journal" unit_of_a_file
is "socket activation" socket_activation
is "a fence" fence
is "a fence in a unit refuses" fence_in_a_unit
exit $failed
