#!/bin/bash
# Where the kernel can't enforce, `ringfence run` says so in one line and starts nothing.
# usage: refuse.sh NAME PATTERN: what the line must say, as an extended regular expression
set -u
name=$1 pattern=$2
dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT

cat >"$dir/policy.yaml" <<'P'
apiVersion: ringfence.dev/v1
kind: Policy
metadata: { name: all }
spec:
  files:
    - { allow: [read, write, exec], paths: ["/**"] }
P

ringfence run -p "$dir/policy.yaml" -- touch "$dir/started" >"$dir/out" 2>"$dir/err"
status=$?
why=
[[ $status == 2 ]] || why+="# exit status $status, not 2"$'\n'
[[ $(wc -l <"$dir/err") == 1 && ! -s $dir/out ]] || why+="# not one line on stderr alone"$'\n'
grep -Eq -- "$pattern" "$dir/err" || why+="# it lacks: $pattern"$'\n'
[[ ! -e $dir/started ]] || why+="# the command was started"$'\n'
if [[ -z $why ]]; then echo "ok $name"; exit; fi
echo "not ok $name"
printf '%s' "$why"
cat "$dir/out" "$dir/err"
exit 1
