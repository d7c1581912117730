#!/bin/bash
# The service's units, under systemd: start, order, socket activation, watchdog, hardening (tools/vm/run --init systemd).
# shellcheck disable=SC2317 # cases are called by name
set -u
cd "$(dirname "$0")/../.." || exit
failed=0
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
socket=/run/ringfence/api.sock

is() {	# NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$work/said" 2>&1; then echo "ok $name"; return; fi
	echo "not ok $name"; failed=1
	{ cat "$work/said"; systemctl status ringfenced.service --no-pager -l; journalctl -q -u ringfenced -n 15 --no-pager; } |
		sed 's/^/# /' | tail -n 40
}

until_true() {	# COMMAND...: up to a minute
	local end=$((SECONDS + 60))
	while ((SECONDS < end)); do ! "$@" || return 0; sleep 0.2; done
	return 1
}

property() { systemctl show -P "$2" "$1"; }
pid() { property ringfenced.service MainPID; }
running() { [[ $(property ringfenced.service SubState) == running && $(pid) != 0 ]]; }
answers() { curl -sf -o /dev/null --max-time 20 --unix-socket "$socket" http://localhost/healthz; }

install_units() {
	install -m 755 build/bin/ringfenced /usr/sbin/ringfenced &&
		install -D -m 755 build/libexec/ringfence/notify /usr/libexec/ringfence/notify &&
		install -m 644 systemd/*.socket /usr/lib/systemd/system/ &&
		sed 's|@PREFIX@|/usr|' systemd/ringfence-notify@.service.in >/usr/lib/systemd/system/ringfence-notify@.service &&
		sed 's|@PREFIX@|/usr|' systemd/ringfenced.service.in >/usr/lib/systemd/system/ringfenced.service &&
		systemctl daemon-reload
}

nothing_to_complain() {
	systemd-analyze verify ringfenced.service ringfenced.socket ringfence-web.socket ringfence-notify.socket ringfence-notify@1.service >"$work/verify" 2>&1
	# That a man page is there is the package's own test.
	! grep ringfence "$work/verify" | grep -v "Command 'man "
}

# What a boot would start, and in which order.
boot_order() {
	systemctl enable -q ringfenced.service && systemctl is-enabled ringfenced.socket &&
		[[ " $(property sysinit.target Wants) " == *" ringfenced.service "* ]] &&
		[[ " $(property sysinit.target After) " == *" ringfenced.service "* ]] &&
		[[ " $(property sockets.target Wants) " == *" ringfenced.socket "* ]] &&
		[[ " $(property ringfenced.service After) " == *" local-fs.target "* ]]
}

socket_activates() {
	systemctl start ringfenced.socket && [[ $(stat -c '%a %U' "$socket") == '600 root' ]] && ! running && until_true answers && running
}

engine_is_loaded() { grep -q . <(ls -A /sys/fs/bpf/ringfence); }
modes() { [[ $(stat -c '%a %U' /run/ringfence /var/lib/ringfence | sort -u) == '700 root' ]]; }

comes_back() {	# SIGNAL
	local before
	before=$(pid)
	((before)) || { echo "it does not run"; return 1; } # 0 would be the test's own group
	kill "-$1" "$before"
	changed() { running && [[ $(pid) != "$before" ]]; }
	until_true changed && until_true answers
}

kept_by_stop() {
	systemctl stop ringfenced.service && engine_is_loaded && [[ -S "$socket" && -d /var/lib/ringfence ]] &&
		systemctl start ringfenced.service && answers
}

fence_beside_it() { build/bin/ringfence run -p build -- true; }

writes_no_more_than_its_own() {
	# In its namespace of mounts, as it would: what is not its own is read-only there.
	local p
	p=$(pid)
	for d in /etc /home /usr /var/log /sys/kernel /proc/sys/kernel; do
		! nsenter -t "$p" -m -- touch "$d/ringfence-was-here" || { echo "$d can be written"; return 1; }
	done
	nsenter -t "$p" -m -- test -w /sys/fs/bpf/ringfence -a -w /sys/fs/cgroup/cgroup.procs -a -w /var/lib/ringfence
}

# As hardened as it is, it can look at what others have: a file, and the unit's way to the journal.
tells_what_is_held() {
	cat >"$work/held.yaml" <<-'END'
		apiVersion: ringfence.dev/v1
		kind: Policy
		metadata: { name: held }
		spec:
		  select: [{ cgroup: "system.slice/holder.service" }]
		  files:
		    - { allow: [read, write, exec], paths: ["/**"] }
		    - { deny: read, paths: ["/etc/shadow"] }
	END
	systemd-run -q --unit=holder tail -f /etc/shadow && sleep 1 && build/bin/ringfence apply -f "$work/held.yaml" &&
		build/bin/ringfence describe policy held >"$work/policy" && build/bin/ringfence describe sandbox holder.service >"$work/sandbox" &&
		systemctl stop holder && build/bin/ringfence describe policy held >"$work/after" && build/bin/ringfence delete policy held
	cat "$work/policy" "$work/sandbox" "$work/after"
	for f in policy sandbox; do
		grep -q '^  read /etc/shadow  tail\[[0-9]*\]  open, by held files\[1\] (.*held.yaml:8)$' "$work/$f" &&
			grep -q '^  connect /run/systemd/journal/stdout  tail\[[0-9]*\]  connected.*, by held' "$work/$f" &&
			! grep -q 'not all\|libc' "$work/$f" || return
	done
	grep -q '^held open:  *none$' "$work/after"
}

few_capabilities() {
	local each
	each=$(awk '/^CapBnd/ { print $2 }' "/proc/$(pid)/status")
	# sys_admin bpf perfmon net_admin dac_read_search sys_ptrace sys_resource
	[[ $each == 000000c001281004 ]] || { echo "$each"; return 1; }
}

security_figure() {
	local said
	said=$(systemd-analyze security --no-pager ringfenced.service | tail -n 1)
	echo "# $said" >&3
	[[ $said =~ :\ ([0-9]+)\.[0-9] ]] && ((BASH_REMATCH[1] < 4))
}

# A unit with what distributions give theirs, all of which systemd does from inside the unit's cgroup; its first act is refused.
hardened_unit() {
	echo the secret >/etc/units-test-secret
	cat >/etc/systemd/system/agent-hard.service <<-'E'
		[Unit]
		StartLimitIntervalSec=0
		[Service]
		Type=oneshot
		ExecStartPre=/bin/true
		ExecStart=/bin/cat /etc/units-test-secret
		User=nobody
		PrivateTmp=yes
		PrivateDevices=yes
		PrivateUsers=yes
		ProtectSystem=strict
		ProtectHome=yes
		ProtectProc=invisible
		NoNewPrivileges=yes
		CapabilityBoundingSet=
		SystemCallFilter=@system-service
		StandardError=append:/run/units-test
	E
	systemctl daemon-reload
	build/bin/ringfence apply -f - <<-'E'
		apiVersion: ringfence.dev/v1
		kind: Policy
		metadata: { name: units-test }
		spec:
		  select: [{ cgroup: "system.slice/agent-*.service" }]
		  files:
		    - { allow: [read, write, exec], paths: ["/**"] }
		    - { deny: read, paths: ["/etc/units-test-secret"] }
	E
}

# The unit must get as far as its program, each time; systemd says by the exit status where it did not (219: cgroup).
hardened_starts() {
	local n
	for ((n = 1; n <= 15; n++)); do
		: >/run/units-test
		! systemctl start agent-hard.service 2>/dev/null || { echo "not refused"; return 1; }
		[[ $(property agent-hard.service ExecMainStatus) == 1 ]] &&
			[[ $(</run/units-test) == *'units-test-secret: Permission denied' ]] || {
			echo "start $n: $(property agent-hard.service ExecMainStatus) $(</run/units-test)"
			journalctl -q -u agent-hard -n 5 --no-pager -o cat
			return 1
		}
	done
}

told_once_each() {
	local said
	journalctl --sync
	said=$(journalctl -q -o cat RINGFENCE_POLICY=units-test)
	[[ $(grep -c units-test-secret <<<"$said") -ge 1 ]] && ! grep -v units-test-secret <<<"$said"
}

# ---- who is told

notified=/run/units-notified
unsafe() { [[ $(journalctl -q -o cat -u ringfenced -n 20) == *'others than its owner can write it'* ]]; }
taken() { [[ $(journalctl -q -o cat -u ringfenced -n 20) == *"notify.d: $1 are told of denials"* ]]; }

# A server that can't take the first two, a program, a desktop with nobody at it, and one who is not named by the policy.
those_who_are_told() {
	mkdir -p /etc/ringfence/notify.d && install -d -o nobody "$notified" && cat >"$notified/on-denial" <<-'E' && cat >"$notified/server.py" <<-'E2'
		#!/bin/sh
		{ cat; echo; id -u; grep -h '^Cap\|NoNewPrivs' /proc/self/status; } >/run/units-notified/said.$$ && mv /run/units-notified/said.$$ /run/units-notified/said
	E
		import http.server
		tries = 0
		class Handler(http.server.BaseHTTPRequestHandler):
		    def do_POST(self):
		        global tries
		        tries += 1
		        body = self.rfile.read(int(self.headers["Content-Length"]))
		        if tries > 2:
		            with open("/run/units-notified/posted", "a") as f:
		                f.write(f"try {tries} {self.headers['Authorization']} {body.decode()}\n")
		        self.send_response(503 if tries <= 2 else 204)
		        self.end_headers()
		http.server.HTTPServer(("127.0.0.1", 8099), Handler).serve_forever()
	E2
	chmod 755 "$notified/on-denial"
	systemd-run -q --unit=notify-server python3 "$notified/server.py"
	cat >/etc/ringfence/notify.d/test.yaml <<-'E'
		notify:
		  - { name: script, filter: "policy=units-test", every: 10s, command: [/run/units-notified/on-denial] }
		  - { name: hook, every: 10s, webhook: { url: "http://127.0.0.1:8099/x", headers: { Authorization: "Bearer secret" } } }
		  - { name: desk, desktop: nobody }
		  - { name: once, every: 1h, command: [/usr/bin/tee, -a, /run/units-notified/once] }
		  - { name: other, command: [/bin/touch, /run/units-notified/wrong] }
	E
	chmod 666 /etc/ringfence/notify.d/test.yaml
	until_true unsafe && chmod 600 /etc/ringfence/notify.d/test.yaml && until_true taken 5
}

warned_of_names() {
	build/bin/ringfence apply -f - <<-'E' 2>&1 | tee "$work/warned" | grep 'warning: notify: nobody in /etc/ringfence/notify.d is called "hok", did you mean "hook"?'
		apiVersion: ringfence.dev/v1
		kind: Policy
		metadata: { name: units-test }
		spec:
		  notify: [script, hok, hook, desk, once]
		  select: [{ cgroup: "system.slice/agent-*.service" }]
		  files:
		    - { allow: [read, write, exec], paths: ["/**"] }
		    - { deny: read, paths: ["/etc/units-test-secret"] }
	E
}

# An emulated processor that is busy can keep a helper from its end in time: what was refused next is told again.
refused_and() {	# COMMAND...
	systemctl start agent-hard.service 2>/dev/null
	sleep 3
	"$@"
}
has_said() { [[ -s $notified/said ]]; }
has_posted() { [[ -s $notified/posted ]]; }

a_command_is_told() {
	until_true refused_and has_said || { journalctl -q -n 30 --no-pager; return 1; }
	cat "$notified/said"
	# JSON, and as nobody, without any capability.
	head -n 1 "$notified/said" | python3 -c 'import json, sys
told = json.load(sys.stdin)
assert told["unit"] == "agent-hard.service" and told["policy"] == "units-test" and told["count"] >= 1, told
assert told["denials"][0]["object"] == "/etc/units-test-secret" and told["denials"][0]["rule"] == "files[1]", told
assert ": read /etc/units-test-secret (" in told["text"] and "in agent-hard.service" in told["text"], told' &&
		grep -qx "$(id -u nobody)" "$notified/said" && [[ $(grep -c '0000000000000000$' "$notified/said") == 5 ]]
}

a_webhook_is_told() {
	until_true refused_and has_posted || { journalctl -q -n 30 --no-pager; return 1; }
	grep '^try [0-9]* Bearer secret {.*"unit":"agent-hard.service"' "$notified/posted"
}

# Each start of a unit is another sandbox, and yet one unit: one that may be told once an hour is, however often it was refused.
no_more_than_one() {
	refused_and true && refused_and true
	[[ ! -e $notified/wrong ]] && (($(grep -o '"host"' "$notified/once" | wc -l) <= 1)) &&
		[[ $(journalctl -q -o cat -u ringfenced | grep -c "nobody is at nobody's desktop") == 1 ]]
}

ask_helper() {	# REQUEST: what the helper answers, which systemd starts
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect("/run/ringfence/notify.sock")
s.sendall(sys.argv[1].encode())
s.shutdown(socket.SHUT_WR)
print(s.makefile().read().strip())' "$1"
}

# With a session's bus there, notify-send is run as that user, and what it shows is no markup.
a_desktop_is_told() {
	local uid
	uid=$(id -u nobody)
	install -d -o nobody "/run/user/$uid"
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "/run/user/$uid/bus"
	cat >/usr/local/bin/notify-send <<-'E'
		#!/bin/sh
		{ id -u; echo "$DBUS_SESSION_BUS_ADDRESS"; printf '%s\n' "$@"; } >/run/units-notified/shown
	E
	chmod 755 /usr/local/bin/notify-send
	ask_helper '{"kind": "desktop", "user": "nobody", "body": "<b>one & two</b>"}'
	rm -r "/run/user/$uid" /usr/local/bin/notify-send
	cat "$notified/shown"
	[[ $(<"$notified/shown") == "$uid"$'\n'"unix:path=/run/user/$uid/bus"$'\n'*$'\n'"&lt;b&gt;one &amp; two&lt;/b&gt;" ]]
}

# The page for browsers: off; on through the socket that systemd makes, since the service can make none; the token outlives it;
# stopped, nobody starts it by connecting.
page() { curl -s -o /dev/null --max-time 20 -w '%{http_code}' ${2:+-H "Authorization: Bearer $2"} "http://127.0.0.1:877$1"; }
the_page() {
	local address
	build/bin/ringfence web 2>&1 | grep -q 'the page is off' && [[ $(page /) == 000 ]] || return
	systemctl enable -q ringfence-web.socket && systemctl restart ringfenced && until_true answers || return
	address=$(build/bin/ringfence web) && [[ $(stat -c '%a %U' /run/ringfence/web) == '600 root' ]] || return
	[[ $(page /) == 200 && $(page /v1/policies) == 401 && $(page /v1/policies "${address#*=}") == 200 ]] || return
	systemctl stop ringfenced && [[ $(page /) == 000 ]] && ! running || return
	systemctl start ringfenced && [[ $(build/bin/ringfence web) == "$address" && $(page /readyz "${address#*=}") == 200 ]] || return
	systemctl disable -q --now ringfence-web.socket && systemctl restart ringfenced && [[ $(page /) == 000 ]] &&
		build/bin/ringfence web 2>&1 | grep -q 'the page is off'
}

# It ends what does not end, in its time, with what it started; and says what was wrong.
the_helper_says_why() {
	local begun=$SECONDS
	[[ $(ask_helper '{"kind": "command", "command": ["/no/such"], "body": ""}') == '/no/such: it is not there' ]] &&
		[[ $(ask_helper '{"kind": "command", "command": ["/bin/false"], "body": ""}') == '/bin/false: ended with status 1' ]] &&
		[[ $(ask_helper '{"kind": "command", "user": "not-there", "command": ["/bin/true"], "body": ""}') == 'not-there: there is no such user' ]] &&
		[[ $(ask_helper 'no request') == 'the request: it is none' ]] &&
		[[ $(ask_helper '{"kind": "command", "command": ["/bin/sleep", "4321"], "body": ""}') == 'it took too long' ]] &&
		((SECONDS - begun < 40)) && sleep 1 && ! pgrep -fx '/bin/sleep 4321'
}

exec 3>&1
is "the units are installed" install_units
is "systemd finds nothing to complain of" nothing_to_complain
is "enabled: before sysinit.target, behind local-fs.target" boot_order
is "a client starts the service through its socket" socket_activates
is "the engine is loaded" engine_is_loaded
is "folders are root's alone" modes
is "a fence beside the service" fence_beside_it
is "killed: it comes back" comes_back KILL
is "stopped: what is loaded and known stays" kept_by_stop
is "a policy for a hardened unit" hardened_unit
is "a hardened unit, fenced, starts each time and is refused" hardened_starts
is "nothing but its own act is told" told_once_each
is "who is told is read when it is safe, while the service runs" those_who_are_told
is "a policy that names nobody: a warning" warned_of_names
is "a command is told, as nobody" a_command_is_told
is "a webhook is told, though not at its first try" a_webhook_is_told
is "nobody else is told, and once that nobody is there" no_more_than_one
is "a desktop is told, without markup" a_desktop_is_told
is "the helper says why not, and ends what does not end" the_helper_says_why
is "the page for browsers: off, on, stopped, off" the_page
is "it can write no more than its own" writes_no_more_than_its_own
is "what a unit held before it was fenced is told" tells_what_is_held
is "it has few capabilities" few_capabilities
is "systemd-analyze security: below 4" security_figure
build/bin/ringfence delete policy units-test >/dev/null
systemctl stop notify-server
rm -rf /etc/ringfence/notify.d "$notified"
exit $failed
