#!/bin/bash
# The package in a clean Debian 12: what it says it depends on is all that it needs. As root; minutes long.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
root=$(mktemp -d)
chmod 755 "$root"
trap 'rm -rf "$root"' EXIT

ok() { echo "ok clean: $1"; }
not() { echo "not ok clean: $1"; exit 1; }
inside() { DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"; }

tools/deps deb
tools/deb >/dev/null || not "the package is built"
# From wherever this host has its own packages.
# shellcheck disable=SC2016 # apt's own variable
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep '/debian/\?$' | head -n 1)
[[ $mirror ]] || not "this host has a mirror of Debian"
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 || { tail -n 5 "$root.log"; not "Debian 12 is there"; }
rm -f "$root.log"
cp build/deb/ringfence_*.deb "$root/root/"
inside apt-get update -qq
inside sh -c 'apt-get install -y -qq --no-install-recommends /root/ringfence_*.deb' >/dev/null 2>&1 || not "it is installed with what it depends on"
ok "it is installed with what it depends on"
inside ringfence version | grep -q '^ringfence ' || not "it starts"
ok "it starts"
inside sh -c 'ldd /usr/bin/ringfence /usr/sbin/ringfenced /usr/libexec/ringfence/*' | grep 'not found' && not "no library is missing"
ok "no library is missing"
for preset in $(inside ringfence presets | cut -d' ' -f1); do
	inside ringfence check -p "$preset" --workspace /srv >/dev/null 2>&1 || not "the preset $preset is good"
done
ok "all presets are good"
inside dpkg -V ringfence || not "its files are as packaged"
ok "its files are as packaged"
inside sh -c 'apt-get purge -y -qq ringfence' >/dev/null 2>&1 || not "it can be purged"
[[ ! -e $root/usr/bin/ringfence && ! -e $root/etc/ringfence ]] || not "it goes without a trace"
ok "it goes without a trace"
