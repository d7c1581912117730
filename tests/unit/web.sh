#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Opens the web page in headless Chromium, before a stand-in for the service: see web_page.py.
# usage: web.sh RINGFENCE [--keep]   --keep: the picture becomes the one in docs
set -u
ringfence=$(readlink -f "${1:?usage: web.sh RINGFENCE [--keep]}")
tree=$(cd "$(dirname "$0")/../.." && pwd)
build=$(dirname "$(dirname "${ringfence#"$tree"/}")")
cd "$tree" || exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

command -v chromium >/dev/null || tools/deps browser >"$work/deps" 2>&1
if ! command -v chromium >/dev/null || ! command -v python3 >/dev/null; then
	echo "skip the web page: there is no chromium or no python3 on this host, and it could not be installed"
	tail -n 3 "$work/deps"
	exit 0
fi
make -s B="$build" "$build/unit/web" || exit
timeout 300 python3 -B tests/unit/web_page.py "$build/unit/web" "$work" || exit
if [[ ${2-} == --keep ]]; then cp "$work/web.png" docs/web.png; fi
