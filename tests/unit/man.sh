#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Compares the man pages with what `ringfence help` prints from the tables: verbs, synopses, sentences, options.
# usage: man.sh RINGFENCE
set -eu
ringfence=${1:?usage: man.sh RINGFENCE}
pages=$(dirname "$0")/../../docs/man
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# Man source to plain text: fonts, quoted minus signs, double spaces.
plain() { sed -e 's/\\f[BIR]//g; s/\\-/-/g; s/  */ /g; s/ $//'; }

# The lines of a section that stand where its arguments or tags do.
synopsis() { sed -n '/^\.SH SYNOPSIS/,/^\.SH DESCRIPTION/p' "$1" | grep -v '^\.' | plain; }
tags() { awk -v name="$2" '/^\.SH/ { on = $2 == name } tag && on { print } { tag = $0 == ".TP" }' "$1" | plain; }
sentence() { sed -n '/^\.SH NAME/{n;p;}' "$1" | plain | sed 's/^[^ ]* - //'; }

differ() {
	if ! diff -u "$work/help" "$work/page" >"$work/diff"; then
		echo "man.sh: $1 is not what help says:"
		sed 1,2d "$work/diff"
		status=1
	fi
}

verbs=$("$ringfence" help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
for verb in $verbs; do
	case $verb in help | version) continue ;; esac
	page=$pages/ringfence-$verb.1
	if [ ! -f "$page" ]; then
		echo "man.sh: there is no $page"
		status=1
		continue
	fi
	"$ringfence" help "$verb" >"$work/all"
	sed -n 's/^usage: //p' "$work/all" >"$work/help"
	sed -n 3p "$work/all" >>"$work/help"
	sed -n 's/^  *\(-[^ ].*\)/\1/p' "$work/all" | sed 's/   *.*//' >>"$work/help"
	{ synopsis "$page"; sentence "$page"; tags "$page" OPTIONS; } >"$work/page"
	differ "$page"
done

echo "$verbs" >"$work/help"
tags "$pages/ringfence.1" VERBS | sed 's/ .*//' >"$work/page"
differ "$pages/ringfence.1"

# The page source itself, where a formatter is at hand.
if command -v groff >/dev/null; then
	for page in "$pages"/*.[158]; do
		groff -man -Tutf8 -ww -z "$page" 2>"$work/diff" || status=1
		if [ -s "$work/diff" ]; then
			cat "$work/diff"
			status=1
		fi
	done
fi
[ $status = 0 ] && echo "man.sh: the pages agree with the tables"
exit $status
