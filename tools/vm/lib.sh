# Shared by the scripts of tools/vm: exit statuses, messages, the cache. Sourced, not run.
# shellcheck shell=bash disable=SC2034 # used by those who source this

# 126 and 127 stay the guest command's own ("cannot run", "not found"), as do 128+N.
E_NOSTATUS=119 E_PANIC=120 E_OOPS=121 E_LOCKUP=122 E_KERNEL=123 E_TIMEOUT=124 E_SETUP=125

cache=${XDG_CACHE_HOME:-$HOME/.cache}/ringfence

say() { echo "vm/${0##*/}: $*" >&2; }
fail() { say "$@"; exit "$E_SETUP"; }

need_commands() {
	local c
	for c; do command -v "$c" >/dev/null || fail "no command \"$c\" here; as root: tools/deps vm"; done
}
