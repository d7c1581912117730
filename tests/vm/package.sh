#!/bin/bash
# The Debian package in a guest with systemd: installed, it serves; removed, it says what stays; purged, its state is gone.
# usage: package.sh [PACKAGE.deb]
# shellcheck disable=SC2317 # cases are called by name
set -u
cd "$(dirname "$0")/../.." || exit
failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
package=${1-}
[[ $package ]] || for package in build/deb/ringfence_*.deb; do :; done
[[ -e $package ]] || { echo "skip package: none is built (make deb)"; exit 0; }

is() {	# NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$work/said" 2>&1; then echo "ok $name"; return; fi
	echo "not ok $name"; failed=1
	sed 's/^/# /' "$work/said" | tail -n 30
}

# Triggers are of the host's other packages; the index of its man pages alone takes an emulated processor minutes.
dpkg_() { DEBIAN_FRONTEND=noninteractive dpkg --no-triggers --force-unsafe-io "$@"; }
answers() { curl -sf -o /dev/null --max-time 90 --unix-socket /run/ringfence/api.sock http://localhost/healthz; }
loaded() { [[ -d /sys/fs/bpf/ringfence/links ]]; }

installs() { dpkg_ -i "$package"; }
serves() {
	systemctl is-active ringfenced.socket ringfenced.service && systemctl is-enabled ringfenced.socket ringfenced.service &&
		answers && loaded
}
finds_presets() { (cd "$work" && /usr/bin/ringfence run -p build -- cat /etc/shadow; (($? == 1))); }

# Every verb has its page, and each shell its completion.
is_furnished() {
	local verb
	for verb in $(/usr/bin/ringfence help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
		[[ $verb == help || $verb == version || -s /usr/share/man/man1/ringfence-$verb.1.gz ]] || { echo "no page: $verb"; return 1; }
	done
	ls /usr/share/man/man8/ringfenced.8.gz /usr/share/man/man5/ringfence-policy.5.gz /usr/share/man/man5/ringfence-notify.5.gz /usr/libexec/ringfence/notify /usr/share/zsh/vendor-completions/_ringfence \
		/usr/share/fish/vendor_completions.d/ringfence.fish &&
		bash -c '. /usr/share/bash-completion/completions/ringfence; complete -p ringfence'
}

# What the service wrote is kept until the purge.
upgrades() {
	touch /var/lib/ringfence/kept
	dpkg_ -i "$package" >"$work/upgrade" 2>&1 || { cat "$work/upgrade"; return 1; }
	! grep 'stays fenced' "$work/upgrade" && systemctl is-active ringfenced.service && answers && loaded && [[ -e /var/lib/ringfence/kept ]]
}

removed_it_says_what_stays() {
	dpkg_ -r ringfence >"$work/remove" 2>&1 || { cat "$work/remove"; return 1; }
	grep 'What is fenced stays fenced' "$work/remove" && grep 'ringfence unload' "$work/remove"
}
removed_it_is_stopped() { ! systemctl is-active ringfenced.service ringfenced.socket && [[ ! -e /usr/sbin/ringfenced ]]; }
removed_all_stays() { loaded && [[ -e /var/lib/ringfence/kept ]]; }

still_fenced() {
	# A fence that was there before the removal: its task is refused after it as before.
	local n
	for ((n = 0; n < 100; n++)); do [[ ! -s $work/after ]] || break; sleep 0.2; done
	[[ $(<"$work/before") == refused && $(<"$work/after") == refused ]] || { cat "$work/before" "$work/after"; return 1; }
}
begin_fence() {
	cat >"$work/job" <<-'E'
		try() { if cat /etc/shadow >/dev/null 2>&1; then echo open; else echo refused; fi; }
		try >before
		until [ -e go ]; do sleep 0.2; done
		try >after
	E
	(cd "$work" && setsid /usr/bin/ringfence run -p build -- sh ./job >/dev/null 2>&1 &)
	local n
	for ((n = 0; n < 300; n++)); do [[ ! -s $work/before ]] || return 0; sleep 0.2; done
	return 1
}
go() { touch "$work/go"; still_fenced; }

purges() { dpkg_ -P ringfence && [[ ! -e /var/lib/ringfence ]] && loaded; }
comes_again() { dpkg_ -i "$package" && systemctl is-active ringfenced.service && answers; }

is "it installs" installs
is "the service is enabled, runs and answers" serves
is "a fence with a preset of the package" finds_presets
is "man pages and completions" is_furnished
is "an upgrade says nothing of an end, and serves on" upgrades
is "a fence begins" begin_fence
is "removed, it says what stays and how to end it" removed_it_says_what_stays
is "removed, the service is stopped" removed_it_is_stopped
is "removed, the engine and the state stay" removed_all_stays
is "removed, what was fenced is fenced" go
is "purged, the state is gone and the engine stays" purges
is "installed again, it takes over" comes_again
exit $failed
