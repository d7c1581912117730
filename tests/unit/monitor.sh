#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Drives `ringfence monitor` in tmux over a fixed file of events, hostile names among them, and compares what is drawn with
# the kept screens; a storm through a pipe; the terminal afterwards; the page's keys.
# usage: monitor.sh RINGFENCE [--keep]   --keep: what is drawn becomes the kept screens
set -u
ringfence=$(readlink -f "${1:?usage: monitor.sh RINGFENCE [--keep]}")
keep=${2-}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=ringfence-test-$$
status=0
t() { tmux -L "$server" -f /dev/null "$@"; }
trap 't kill-server 2>/dev/null; rm -rf "$work"' EXIT
command -v tmux >/dev/null || { echo "monitor.sh: no tmux; skipped"; exit 0; }

fail() { echo "monitor.sh: $*"; status=1; }
screen() { t capture-pane -p -t m | sed 's/ *$//'; }
# Waits until the screen shows a text.
shows() {
	for ((i = 0; i < 60; i++)); do
		screen | grep -qF -- "$1" && return
		sleep 0.05
	done
	fail "\"$1\" is not shown:"
	screen
	return 1
}
start() {	# WIDTH HEIGHT COMMAND
	t kill-session -t m 2>/dev/null
	t new-session -d -s m -x "$1" -y "$2" "cd $work && stty sane && { $3; }; echo ended with \$?; stty -a | tr ' ;' '\n\n' | grep -x echo; sleep 60"
}
settle() {
	local last="" now
	for ((i = 0; i < 50; i++)); do
		now=$(screen)
		[[ $i -gt 2 && $now == "$last" ]] && return
		last=$now
		sleep 0.12
	done
}
compare() {	# NAME
	settle
	screen >"$work/now"
	[[ $keep ]] && cp "$work/now" "$here/screens/$1.txt"
	diff -u "$here/screens/$1.txt" "$work/now" || fail "$1 is drawn otherwise"
}

cp "$here/screens/events.json" "$work/events.json"
utf8="env TZ=UTC LC_ALL=C.UTF-8 $ringfence monitor -o tui"
for size in "60 10" "80 24" "200 60"; do
	read -r w h <<<"$size"
	start "$w" "$h" "$utf8 events.json"
	shows ": ended" && compare "stream-$w"
	t send-keys -t m g g
	shows "by folder" && compare "folders-$w"
	t send-keys -t m g g g g Home Down Enter
	shows "/srv/keys/host01.pem" && compare "details-$w"
done

# A filter, typed: a mistake is said beside it, Escape takes it back; context; search; mute.
start 80 24 "$utf8 events.json"
shows ": ended"
t send-keys -t m / "nofield=x"
shows "has no field"
t send-keys -t m C-u "comm=curl" Enter
shows "filter: comm=curl (61 hidden)" && compare filter
t send-keys -t m F
shows "shown dim" && compare context
t send-keys -t m F / C-u Enter m
shows "muted " && compare muted
t send-keys -t m M "\\" shadow Enter
shows "/etc/shadow" && compare search
t send-keys -t m c
shows "ringfence monitor --once -o lines events.json"
t send-keys -t m w C-u out.json Enter
shows "$work/out.json"
cmp -s "$work/out.json" "$work/events.json" || fail "what is written is not what came"
t send-keys -t m "?"
shows "every key" && compare help
t send-keys -t m Escape
t resize-window -t m -x 50 -y 9
shows "at least 60x10 is needed"
t resize-window -t m -x 80 -y 24
shows "ringfence monitor"
t send-keys -t m q
shows "ended with 0" && shows "echo"

# No UTF-8, no colour.
start 80 24 "env TZ=UTC LC_ALL=C NO_COLOR=1 $ringfence monitor -o tui events.json"
shows ": ended" && compare plain
t capture-pane -e -p -t m | grep -qE $'\033\\[(3[0-7]|[0-9;]*;3[0-7]|38)' && fail "NO_COLOR, and there are colours"

# No name drives the terminal, whatever it is.
for s in "$here"/screens/*.txt; do
	LC_ALL=C grep -q $'[\001-\010\013-\037\177]' "$s" && fail "$s has control characters"
done

# Whatever ends it, the terminal is as it was.
for signal in TERM HUP; do
	start 80 24 "$utf8 events.json"
	shows ": ended"
	kill -"$signal" "$(t list-panes -t m -F '#{pane_pid}' | xargs -I{} pgrep -P {} -f ringfence-monitor)"
	shows "ended with" && shows "echo"
done

# A storm: 200,000 records, exact at its end; a key is answered within 100 ms, in one of three tries on a busy host.
python3 - "$work/storm.json" <<'END'
import sys
with open(sys.argv[1], "w") as f:
    for i in range(200000):
        f.write('{"type":"denial","time":"2026-03-01T10:00:%02dZ","sandbox":%d,"tgid":9,"comm":"c%d","kind":"file","access":"read","object":"/d%d/e%d/f%d","verdict":"denied","policy":"p","rule":"files[%d]","why":"rule","count":%d,"again":false}\n' % (i // 4000, i % 8, i % 50, i % 9, i % 100, i, i % 7, 1 + i % 2))
END
start 80 24 "cat storm.json | $utf8 -"
shows ": reading"
for ((i = 0; i < 600; i++)); do screen | grep -q ": ended" && break; sleep 0.1; done
shows "made 300000 = told 200000 + merged 100000 + lost 0"

for _ in 1 2 3; do
	worst=$(python3 "$here/monitor_storm.py" "$ringfence" "$work/storm.json") || worst=9999
	((worst < 100)) && break
done
echo "monitor.sh: in a storm a key was answered within $worst ms at the slowest"
((worst < 100)) || fail "a key waited $worst ms in a storm"

# The page says what the table of keys says.
"$(dirname "$ringfence")/../libexec/ringfence/monitor" --keys >"$work/keys"
sed -n '/^\.SH KEYS/,/^\.PP/p' "$here/../../docs/man/ringfence-monitor.1" | sed -n '/^\.TP/{n;s/\\f[BR]//g;s/\\e/\\/g;s/\\-/-/g;p;}' >"$work/page"
cut -f1 "$work/keys" | diff - "$work/page" || fail "the man page's keys are not those of the table"
[[ $status == 0 ]] && echo "monitor.sh: what is drawn is what was kept"
exit $status
