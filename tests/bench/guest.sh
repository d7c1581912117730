#!/bin/bash
# The benchmark's part in the guest: prints "VARIANT OPERATION INSTRUCTIONS" lines. tools/bench starts it.
# usage: guest.sh BUILD-FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$(readlink -f "$1")
export PATH=$build/bin:$PATH
ops=/srv/agent/ops
dir=/srv/agent/src11/src22/src33/src44
names="first create mkdir rename link chmod replace"
all="open stat $names exec tcp udp send"
# What the policy and the Landlock ruleset of ten rules name: the folders of the path, and what programs need.
ten="/usr /etc /dev /tmp /srv /srv/agent /srv/agent/src11 /srv/agent/src11/src22 /srv/agent/src11/src22/src33 $dir"

# Until the kernel's random numbers are ready, each one costs thousands of instructions: wait for them.
head -c 1 /dev/random >/dev/null

mount -t tmpfs srv /srv
mkdir -p "$dir" /srv/policies /tmp/copies
cp "$build/bench/ops" "$ops"

# What is run is read from memory: a guest that waits for its host's disk counts the time as instructions. Not from
# where names change: a rename asks the other mounts of its file system.
mount -t tmpfs copies /tmp/copies
libc=$(ldd /bin/true | grep -o '/[^ ]*/libc\.so[^ ]*')
for file in /bin/true "$build/bin/ringfence" "$PWD/policies/coding-agent.yaml" /etc/{ld.so.cache,passwd,nsswitch.conf} \
	$(ldd /bin/true "$build/bin/ringfence" | grep -o '/[^ ]*\.so[^ ]*' | sort -u) \
	"${libc%/*}"/{libnss_*,libcap,libm}.so.[0-9]; do
	[[ -e $file ]] || continue
	file=$(readlink -f "$file")
	cp "$file" "/tmp/copies/${file##*/}"
	mount --bind "/tmp/copies/${file##*/}" "$file"
done
# So is the home folder whose names the preset asks about.
export HOME=/srv/home
mkdir -p "$HOME"/.{config/git,cache/pip,cargo/bin,local/share,npm,ssh,claude}
touch "$HOME"/.{bashrc,profile,bash_history,gitconfig,vimrc}
cd /srv/agent

policy() {	# FOLDER...: everything beneath them, and the network
	printf 'apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: bench }\nspec:\n  files:\n'
	printf '    - { allow: [read, write, exec], paths: ["%s/**"] }\n' "$@"
	printf '  network:\n    - { allow: connect }\n    - { allow: bind }\n'
}
as() { sed "s/^/$1 /"; }

# On 6.1 an open differs by some eighty instructions from one process to the next: tools/bench takes the median.
several() { for _ in 1 2 3 4 5; do "$@"; done; }

# shellcheck disable=SC2048,SC2086 # one word an operation
fenced() {	# VARIANT POLICY OPERATION...
	local name=$1 rules=$2
	shift 2
	several ringfence run -q -p "$rules" --workspace /srv/agent -- "$ops" open | as "$name"
	[[ $* == open ]] || ringfence run -q -p "$rules" --workspace /srv/agent -- "$ops" ${*#open} | as "$name"
}

# shellcheck disable=SC2086 # one word a folder
policy $ten >/srv/policies/ten.yaml
policy /srv/agent >/srv/policies/one.yaml
{ policy $ten; printf '    - { deny: read, paths: ["/srv/kept/**"], hide: true }\n'; } |
	awk '/network:/ { net = 1 } net && !/hide/ { later = later $0 "\n"; next } { print } END { printf "%s", later }' >/srv/policies/hide.yaml
{ policy $ten | sed '/network:/,$d'; printf '    - { deny: [read, write], paths: ["/srv/agent/**/*.pem"] }\n'
	policy | sed -n '/network:/,$p'; } >/srv/policies/pem.yaml
generator="$OLDPWD/tests/bench/rules.awk"
for n in 10 1000 10000; do awk -v n=$n -f "$generator" >"/srv/policies/$n.yaml"; done

# --- without the engine

# shellcheck disable=SC2086
{
	several "$ops" open | as base
	"$ops" ${all#open} | as base
	several "$ops" landlock /srv/agent -- open | as landlock1
	several "$ops" landlock $ten -- open | as landlock10
	"$ops" landlock $ten -- ${all#open} | as landlock10
}

# --- with it

ringfence run -q -p /srv/policies/ten.yaml -- true
# shellcheck disable=SC2086
{
	several "$ops" open | as unfenced
	"$ops" ${all#open} | as unfenced
}
for cache in on off; do
	"$build/bench/switch" $cache
	fenced one-$cache /srv/policies/one.yaml open
	fenced ten-$cache /srv/policies/ten.yaml "$all"
	fenced preset-$cache coding-agent "$all"
	[[ $cache == off ]] || fenced pem-on /srv/policies/pem.yaml "open $names"
	for n in 10 1000 10000; do fenced rules$n-$cache /srv/policies/$n.yaml open; done
done
"$build/bench/switch" on

# A neighbour's fence, as long as it lives.
ringfence run -q -p coding-agent --workspace /srv/agent -- sleep 1000 &
until [[ $(find /sys/fs/cgroup/ -name cgroup.procs -path '*ringfence-*' -exec cat {} +) ]]; do sleep 0.1; done
several "$ops" open stat | as neighbour
kill %1; wait || true

# What hides from stat as well, which attaches hooks for everybody.
ringfence run -q -p /srv/policies/hide.yaml -- sleep 1000 &
until [[ $(find /sys/fs/cgroup/ -name cgroup.procs -path '*ringfence-*' -exec cat {} +) ]]; do sleep 0.1; done
several "$ops" open | as hide-neighbour
"$ops" stat | as hide-neighbour
fenced hide-on /srv/policies/hide.yaml "open stat"
kill %1; wait || true

"$ops" command true | as true
"$ops" command ringfence run -q -p coding-agent --workspace /srv/agent -- true | as run
"$ops" command ringfence run -q -p /srv/policies/ten.yaml -- true | as run-ten

# How far the figures drift within a boot. The kernel takes programs out for some seconds after their end.
ringfence unload
sleep 10
# shellcheck disable=SC2086
{
	several "$ops" open | as base-again
	"$ops" ${all#open} | as base-again
}
