#!/bin/bash
# The package installed in a guest, a policy applied, a power cut, a boot: units that the policy selects are refused from their
# first instruction, at the boot and while the service is stopped, killed or masked. Starts the guests itself, on a root that
# outlives them: boot.sh [PACKAGE.deb]. KERNEL=trixie for another kernel than bookworm.
# usage in a guest: boot.sh --first PACKAGE.deb | --second
# shellcheck disable=SC2317 # cases are called by name
set -u
cd "$(dirname "$0")/../.." || exit
failed=0
record=/var/log/boot-test

is() {	# NAME COMMAND...
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then echo "ok $name"; return; fi
	echo "not ok $name"; failed=1
	tail -n 30 <<<"$said" | sed 's/^/# /'
}

# --- in the guests ----------------------------------------------------------------------------------------

policy() {
	cat <<-'E'
		apiVersion: ringfence.dev/v1
		kind: Policy
		metadata: { name: boot-test }
		spec:
		  select: [{ cgroup: "system.slice/agent-*.service" }]
		  files:
		    - { allow: [read, write, exec], paths: ["/**"] }
		    - { deny: read, paths: ["/etc/boot-test-secret"], reason: "a test's secret" }
	E
}

# An ordinary unit whose first act is to read the secret; what came of it stands in a file.
unit() {	# NAME
	cat >"/etc/systemd/system/$1.service" <<-E
		[Unit]
		Description=Reads a secret
		[Service]
		Type=oneshot
		ExecStart=/bin/cat /etc/boot-test-secret
		Environment=LC_ALL=C
		StandardOutput=append:$record/$1
		StandardError=append:$record/$1
		[Install]
		WantedBy=ringfence-vm.target
	E
}

refused() { [[ $(<"$record/$1") == *'/etc/boot-test-secret: Permission denied' ]] || { echo "$1: $(<"$record/$1")"; return 1; }; }
open() { [[ $(<"$record/$1") == the\ secret ]] || { echo "$1: $(<"$record/$1")"; return 1; }; }
started() {	# NAME: anew
	: >"$record/$1"
	systemctl start "$1.service" 2>/dev/null
}

first() {	# PACKAGE
	DEBIAN_FRONTEND=noninteractive dpkg --no-triggers --force-unsafe-io -i "$1" || return
	mkdir -p $record
	echo the secret >/etc/boot-test-secret
	for each in agent-boot agent-late open-boot; do unit $each; done
	systemctl daemon-reload
	systemctl enable -q agent-boot.service open-boot.service || return
	started agent-boot; open agent-boot || return
	rm -f $record/*
	# What is the test's own is written through; what the service acknowledged must need no sync.
	sync
	policy | ringfence apply -f - || return
	echo b >/proc/sysrq-trigger
	sleep 60
}

answers() { ringfence status >/dev/null; }
enforced() { [[ $(ringfence get policies boot-test -o json) == *'"type": "Enforced"'* ]] && ringfence status | grep 'enforced: 1'; }
fenced_anew() { started agent-late; refused agent-late; }
killed() {
	systemctl mask -q --runtime ringfenced.service ringfenced.socket # nobody starts it again
	systemctl kill -s KILL ringfenced.service
	until ! systemctl is-active -q ringfenced.service; do sleep 0.2; done
}
masked() { ! systemctl start ringfenced.service 2>/dev/null && ! answers 2>/dev/null; }
stopped() { systemctl stop ringfenced.service ringfenced.socket && ! systemctl is-active -q ringfenced.service; }
back() { systemctl unmask -q --runtime ringfenced.service ringfenced.socket && systemctl start ringfenced.socket ringfenced.service && enforced; }
reads_as_ever() { started open-boot; open open-boot; }
told() { journalctl --sync; journalctl -q -o cat RINGFENCE_POLICY=boot-test OBJECT_SYSTEMD_UNIT=agent-boot.service | grep 'a test.s secret'; }
order() {	# how long after it was up the unit began
	local up began
	up=$(systemctl show -P ActiveEnterTimestampMonotonic ringfenced.service)
	began=$(systemctl show -P ExecMainStartTimestampMonotonic agent-boot.service)
	echo "# the unit began $(((began - up) / 1000)) ms after the service was up"
	((up && began > up))
}

second() {
	for ((n = 0; n < 300; n++)); do [[ ! -s $record/agent-boot || ! -s $record/open-boot ]] || break; sleep 0.2; done
	is "after the power cut: a selected unit is refused at its first act" refused agent-boot
	is "another unit reads" open open-boot
	is "it was told in the journal" told
	is "the policy is in force" enforced
	is "a selected unit began after the service was up" order
	is "stopped: nobody serves" stopped
	is "stopped: a new unit is fenced" fenced_anew
	is "started again: the policy is in force" back
	is "killed: it is gone" killed
	is "killed: a new unit is fenced" fenced_anew
	is "masked: it does not start" masked
	is "masked: a new unit is fenced" fenced_anew
	is "masked: another unit reads" reads_as_ever
	is "unmasked: it takes over" back
	is "and a new unit is fenced" fenced_anew
	return $failed
}

# --- on the host ------------------------------------------------------------------------------------------

guest() { tools/vm/run --kernel "${KERNEL:-bookworm}" --init systemd --disk "$work/disk" --disk-root --timeout 400 -- "$@"; }

power_cut() {	# PACKAGE
	local status=0
	guest tests/vm/boot.sh --first "$1" || status=$?
	((status == 119)) || { echo "exit status $status"; return 1; }
}

main() {	# [PACKAGE]
	local package=${1-}
	[[ $package ]] || for package in build/deb/ringfence_*.deb; do :; done
	[[ -e $package ]] || { echo "skip boot: there is no package (make deb)"; exit 0; }
	work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-boot.XXXXXX") || exit
	trap 'rm -rf "$work"' EXIT
	is "installed, applied, and the power cut" power_cut "$package"
	guest tests/vm/boot.sh --second || failed=1
	exit $failed
}

# In the guests it is the package's programs that are called.
[[ ${1-} != --* ]] || PATH=/usr/sbin:/usr/bin:/sbin:/bin
case ${1-} in
--first) first "$2" ;;
--second) second ;;
*) main "$@" ;;
esac
