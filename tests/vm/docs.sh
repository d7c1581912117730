#!/bin/bash
# What docs/service.md, the README and the guide show, command by command, in a guest with systemd (tools/vm/run --init systemd).
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
status=0
python3 -B "$tree/tests/vm/docs.py" "$tree/docs/service.md" || status=1
# The others take an ordinary user with a project to be there.
ringfence delete policy --all >/dev/null 2>&1
useradd -m -s /bin/bash me || exit
for page in README.md docs/policy-guide.md; do
	project=/home/me/project
	rm -rf "$project" && install -d -o me -g me "$project" && cd "$project" || exit
	echo "# $page"
	python3 -B "$tree/tests/vm/docs.py" "$tree/$page" || status=1
done
exit $status
