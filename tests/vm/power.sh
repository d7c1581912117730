#!/bin/bash
# Power cuts at random moments of applies: each boot has the revision that was acknowledged last or the one that was on its way,
# whole, and the kernel enforces just that. Starts the guests itself, on one disk: power.sh [CUTS [SEED]]
# KERNEL=trixie for another kernel than bookworm.
# A cut loses what the guest's kernel had not written to its disk; a disk that loses what it took is not played.
# usage in a guest: power.sh --guest ACKNOWLEDGED TRIED MILLISECONDS; 0 milliseconds: no cut
set -u
cd "$(dirname "$0")/../.." || exit
cgroup=/sys/fs/cgroup/power-test

# --- in a guest -------------------------------------------------------------------------------------------

# Revision N: what it denies is named for N, at its beginning and at its end, some pages apart.
policy() {	# N
	local i
	echo "# revision $1"
	cat <<-E
		apiVersion: ringfence.dev/v1
		kind: Policy
		metadata: { name: power-test }
		spec:
		  select: [{ cgroup: "power-test/*" }]
		  files:
		    - { allow: [read, write, exec], paths: ["/**"] }
		    - { deny: read, paths: ["/tmp/power/$1.first"] }
	E
	for ((i = 0; i < 100; i++)); do echo "    - { deny: write, paths: [\"/srv/of-revision-$1/folder-$i/*\"], reason: \"filler\" }"; done
	echo "    - { deny: read, paths: [\"/tmp/power/$1.last\"] }"
}

fail() { echo "failed: $*"; exit 1; }

kept() {	# sets now: the revision that is there, "" for none; whole or not at all
	now=''
	ringfence get policies power-test -o json >/tmp/now 2>/tmp/error || {
		grep -q 'there is no policy' /tmp/error || fail "get: $(</tmp/error)"
		return
	}
	python3 -c 'import json, sys; sys.stdout.write(json.load(open("/tmp/now"))["text"])' >/tmp/text || fail "get says: $(</tmp/now)"
	now=$(sed -n '1s/^# revision //p' /tmp/text)
	policy "$now" | cmp - /tmp/text || fail "revision $now is not whole"
}

reads() { (echo $BASHPID >"$cgroup/try/cgroup.procs"; cat "/tmp/power/$1" >/dev/null 2>&1); }

enforced() {	# N OTHER...: just that is enforced
	local n=$1 other
	mkdir -p $cgroup/try
	! reads "$n.first" && ! reads "$n.last" || fail "revision $n is there and not enforced"
	shift
	for other; do [[ $other == "$n" ]] || { reads "$other.first" && reads "$other.last"; } || fail "revision $n is there, $other is enforced"; done
	rmdir $cgroup/try
}

guest() {	# ACKNOWLEDGED TRIED MILLISECONDS
	local n
	mkdir -p $cgroup /tmp/power
	for ((n = 0; n < $2 + 2; n++)); do touch /tmp/power/$n.{first,last}; done
	build/bin/ringfenced 2>/tmp/agent &
	for ((n = 0; n < 600; n++)); do ! ringfence api GET /readyz >/dev/null 2>&1 || break; sleep 0.1; done
	kept
	[[ ${now:-0} == "$1" || ${now:-0} == "$2" ]] || fail "revision ${now:-0} is there; $1 was acknowledged, $2 was tried: $(</tmp/agent)"
	! grep 'no state of ours' /tmp/agent || fail "something was set aside"
	[[ -z $now ]] || enforced "$now" "$1" "$2" $(($1 > 0 ? $1 - 1 : 0)) $(($2 + 1))
	echo "found ${now:-0}"
	(($3)) || return 0
	(sleep "$(printf '%d.%03d' $(($3 / 1000)) $(($3 % 1000)))"; echo b >/proc/sysrq-trigger) &
	for ((n = $2 + 1; ; n++)); do
		policy $n >/tmp/policy.yaml
		echo "try $n"
		ringfence apply -f /tmp/policy.yaml >/tmp/applied 2>&1 || fail "apply: $(</tmp/applied)"
		echo "acknowledged $n"
	done
}

# --- on the host ------------------------------------------------------------------------------------------

main() {	# [CUTS [SEED]]
	local cuts=${1:-10} seed=${2:-$(date +%s)} acknowledged=0 tried=0 cut wait status failed=0
	work=$(mktemp -d "${TMPDIR:-/tmp}/ringfence-power.XXXXXX") || exit
	trap 'rm -rf "$work"' EXIT
	RANDOM=$seed
	echo "# $cuts cuts, seed $seed"
	for ((cut = 1; cut <= cuts + 1; cut++)); do
		wait=$((cut > cuts ? 0 : 50 + RANDOM % 4000)) status=0
		tools/vm/run --kernel "${KERNEL:-bookworm}" --disk "$work/disk" --timeout 120 -- \
			tests/vm/power.sh --guest $acknowledged $tried $wait >"$work/out" 2>"$work/err" || status=$?
		if ((status != (wait ? 119 : 0))) || grep -q '^failed' "$work/out"; then
			echo "not ok boot $cut: revision $acknowledged was acknowledged, $tried tried"; failed=1
			{ echo "exit status $status"; grep -v '^try\|^ackn' "$work/out"; tail -n 20 "$work/err"; } | sed 's/^/# /'
			break
		fi
		# Before the first cut there is nothing to find.
		((cut == 1)) || echo "ok cut $((cut - 1)): $acknowledged acknowledged, $tried tried, $(grep ^found "$work/out")"
		# What was found counts as acknowledged where the cut came before anything was.
		acknowledged=$(sed -n 's/^found //p; s/^acknowledged //p' "$work/out" | tail -n 1)
		tried=$(sed -n 's/^try //p' "$work/out" | tail -n 1); tried=${tried:-$acknowledged}
	done
	exit $failed
}

if [[ ${1-} == --guest ]]; then shift; guest "$@"; else main "$@"; fi
