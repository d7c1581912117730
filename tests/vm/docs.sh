#!/bin/bash
# What docs/service.md shows, command by command, in a guest with systemd (tools/vm/run --init systemd).
set -u
cd "$(dirname "$0")/../.." || exit
tree=$PWD
install -m 755 build/bin/ringfence /usr/bin/ && install -m 755 build/bin/ringfenced /usr/sbin/ &&
	install -D -m 755 build/libexec/ringfence/notify /usr/libexec/ringfence/notify &&
	install -m 644 systemd/ringfenced.socket systemd/ringfence-notify.socket /usr/lib/systemd/system/ &&
	sed 's|@PREFIX@|/usr|' systemd/ringfence-notify@.service.in >/usr/lib/systemd/system/ringfence-notify@.service &&
	sed 's|@PREFIX@|/usr|' systemd/ringfenced.service.in >/usr/lib/systemd/system/ringfenced.service &&
	systemctl daemon-reload && systemctl start ringfenced.socket ringfenced.service || { echo "not ok the service starts"; exit 1; }
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cd "$work" || exit
export LC_ALL=C.UTF-8 SYSTEMD_COLORS=0
python3 -B "$tree/tests/vm/docs.py" "$tree/docs/service.md"
