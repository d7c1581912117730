#!/bin/bash
# Runs several tests in one guest, because the engine's load costs some ten seconds a boot. tools/check starts it.
# usage: all.sh NAME SECONDS COMMAND ...: three words a test
# Before a test it prints "== begin NAME", after it "== end NAME STATUS SECONDS", between them what the test prints.
# The exit status says only that all had their turn.
set -u
cd "$(dirname "$0")/../.." || exit

while (($# >= 3)); do
	name=$1 seconds=$2 command=$3
	shift 3
	echo "== begin $name"
	began=$EPOCHREALTIME
	timeout --kill-after=5 "$seconds" bash -c "$command" </dev/null 2>&1
	status=$?
	[[ $status != 124 && $status != 137 ]] || printf '\n%s: ended after %s seconds\n' "$name" "$seconds"
	# The test's last line may lack its end.
	printf '\n== end %s %s %s\n' "$name" "$status" $(((${EPOCHREALTIME/./} - ${began/./} + 500000) / 1000000))
done
exit 0
