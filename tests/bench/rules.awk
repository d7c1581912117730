# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Prints a policy of N file rules of the kinds that people write: awk -v n=N -f rules.awk
# The last eight are over the file that the benchmark opens; the order of the others is fixed.

function below(k) { seed = (seed * 1103515245 + 12345) % 2147483648; return int(seed / 65536) % k }

function word(  w, i, len) {
	len = 3 + below(6)
	w = ""
	for (i = 0; i < len; i++) w = w substr("abcdefghijklmnopqrstuvwxyz", 1 + below(26), 1)
	return w
}

function pattern(  dir, kind, each) {
	dir = top[1 + below(7)] "/" word() "/" word()
	kind = below(100)
	each = common[1 + below(16)]
	if (kind < 25) return dir "/" word() ".conf"
	if (kind < 55) return dir "/**"
	if (kind < 65) return dir "/**/" each "/**"
	if (kind < 77) return dir "/*." substr(word(), 1, 3)
	if (kind < 87) return dir "/{" word() "," each "}/**"
	if (kind < 97) return dir "[0-9]/" word() "?"
	return kind == 97 ? "/**/*." substr(word(), 1, 3) : "/**/" each "/**"
}

function rule(what, glob) { printf "    - { %s, paths: [\"%s\"] }\n", what, glob }

BEGIN {
	seed = 11
	split("/usr/lib /home /var/lib /etc /opt /srv /data/sets", top, " ")
	split("node_modules .git target build .cache venv dist .ssh .aws vendor .idea secrets keys private tmp log", common, " ")
	split("allow: [read]|allow: [read, write]|deny: [write]|allow: [read, exec]|deny: [read, write]", does, "|")
	print "apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: rules }\nspec:\n  files:"
	for (i = 0; i < n - 8; i++) rule(does[1 + int(i * 5 / n)], pattern())
	rule("allow: [read, exec]", "/usr/**")
	rule("allow: [read, write, exec]", "/srv/agent/**")
	rule("deny: [write]", "/srv/agent/**/.git/hooks/**")
	rule("deny: [write]", "/srv/agent/**/.git/config")
	rule("deny: [read, write]", "/srv/agent/**/*.pem")
	rule("deny: [read, write]", "/srv/agent/**/.env*")
	rule("deny: [exec]", "/srv/*/src*/**/*.so")
	rule("allow: [read, write]", "/srv/agent/src11/**/f*e")
	print "  network:\n    - allow: connect\n    - allow: bind"
}
