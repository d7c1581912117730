#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What each shell offers with `ringfence completion SHELL` in force. Verbs and options are compared with what help prints.
# usage: completion.sh RINGFENCE
set -u
ringfence=$(readlink -f "${1:?usage: completion.sh RINGFENCE}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
cd "$work" || exit
mkdir folder policies
touch file.yaml policies/strict.yaml policies/build.yaml
export RINGFENCE_POLICIES=$work/policies
for shell in bash zsh fish; do "$ringfence" completion $shell >"$work/$shell" || exit; done

is() {	# NAME WANTED GOT
	[[ $2 != "$3" ]] || return 0
	printf 'completion.sh: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
	status=1
}
line() { sort | tr '\n' ' '; }

all_verbs=$("$ringfence" help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
# Options of a verb as help prints them: "-p --policy --wide".
options() { "$ringfence" help "$1" | grep -oE '^  +(-[a-zA-Z], +)?--[a-z-]+' | grep -oE -- '--?[a-zA-Z-]+'; }

# --- bash -----------------------------------------------------------------------------------------------------

in_bash() {	# WORD...: the last is what is being typed
	bash -uc '. ./bash; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _ringfence; printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | line
}

is "bash: verbs" "$({ echo "$all_verbs"; printf '%s\n' --help --version; } | line)" "$(in_bash ringfence '')"
is "bash: a verb's beginning" "unload " "$(in_bash ringfence unl)"
for verb in $all_verbs; do
	# "run" alone has a command line behind its "--".
	is "bash: options of $verb" "$({ options "$verb"; [[ $verb != run ]] || echo --; } | line)" "$(in_bash ringfence "$verb" -)"
done
is "bash: policies" "build file.yaml folder policies strict bash fish zsh " "$(in_bash ringfence run -p '' | tr ' ' '\n' |
	awk '/^(bash|fish|zsh)$/ { late = late $0 " "; next } NF { printf "%s ", $0 } END { printf "%s", late }')"
is "bash: policies behind =" "strict " "$(in_bash ringfence run --policy = str)"
is "bash: right behind =" "$(in_bash ringfence run -p '')" "$(in_bash ringfence run --policy =)"
is "bash: folders" "folder policies " "$(in_bash ringfence run --workspace '')"
is "bash: words of the synopsis" "bash fish zsh " "$(in_bash ringfence completion '')"
is "bash: verbs to help with" "$(line <<<"$all_verbs")" "$(in_bash ringfence help '')"
is "bash: a value that no table knows" " " "$(in_bash ringfence run --set '')"
is "bash: a command behind --" "sha256sum " "$(in_bash ringfence run -p strict -- sha256su | tr " " "\n" | sort -u | grep . | line)"
is "bash: its arguments" "file.yaml " "$(in_bash ringfence run -p strict -- cat 'fi' | tr ' ' '\n' | grep yaml | line)"
is "bash: no options of ours behind --" " " "$(in_bash ringfence explain -- --se)"

# --- fish -----------------------------------------------------------------------------------------------------

in_fish() {	# LINE
	# shellcheck disable=SC2016 # for fish
	HOME=$work fish --no-config -c 'source ./fish; complete -C $argv[1]' "$1" | cut -f1 | line
}

if command -v fish >/dev/null; then
	is "fish: verbs" "$(line <<<"$all_verbs")" "$(in_fish 'ringfence ')"
	for verb in $all_verbs; do
		is "fish: options of $verb" "$(options "$verb" | grep -- -- | line)" "$(in_fish "ringfence $verb --")"
	done
	is "fish: a preset" "strict " "$(in_fish 'ringfence run -p str')"
	is "fish: a file" "file.yaml " "$(in_fish 'ringfence run -p file')"
	is "fish: folders" "folder/ policies/ " "$(in_fish 'ringfence run --workspace ')"
	is "fish: words of the synopsis" "bash fish zsh " "$(in_fish 'ringfence completion ')"
	is "fish: verbs to help with" "$(line <<<"$all_verbs")" "$(in_fish 'ringfence help ')"
	is "fish: a command behind --" "sha256sum " "$(in_fish 'ringfence run -p strict -- sha256su')"
	is "fish: its arguments" "file.yaml " "$(in_fish 'ringfence run -p strict -- cat fil')"
else echo "completion.sh: no fish here: not asked"; fi

# --- zsh ------------------------------------------------------------------------------------------------------

# A shell with a terminal of its own; TAB completes, ^X writes down the line as it is then.
in_zsh() {	# LINE
	cat >zsh.rc <<-'E'
		PROMPT='' RPROMPT='' zle_bracketed_paste=()
		autoload -Uz compinit; compinit -u -d ./dump; . ./zsh
		LISTMAX=0; setopt no_auto_menu no_list_beep no_beep
		tell() { print -r -- "$BUFFER" >line; exit; }
		zle -N tell; bindkey '^I' complete-word '^X' tell
		: >ready
	E
	rm -f line ready
	zsh -fc 'zmodload zsh/zpty; zpty z zsh -fi; zpty -w z ". ./zsh.rc"
		for n in {1..100}; do [[ -e ready ]] && break; sleep 0.1; done
		zpty -w -n z "$1"$'"'\\t\\x18'"'
		for n in {1..100}; do [[ -s line ]] && break; sleep 0.1; done; zpty -d z' zsh "$1" >/dev/null 2>&1
	sed 's/ $//' line 2>/dev/null
}

if command -v zsh >/dev/null; then
	for verb in $all_verbs; do
		is "zsh: the verb $verb" "ringfence $verb" "$(in_zsh "ringfence ${verb:0:3}")"
	done
	is "zsh: an option" "ringfence run --workspace=" "$(in_zsh 'ringfence run --work')"
	is "zsh: a switch" "ringfence doctor --json" "$(in_zsh 'ringfence doctor --js')"
	is "zsh: a preset" "ringfence run -p strict" "$(in_zsh 'ringfence run -p str')"
	is "zsh: a folder" "ringfence run --workspace=folder/" "$(in_zsh 'ringfence run --workspace=f')"
	is "zsh: words of the synopsis" "ringfence completion fish" "$(in_zsh 'ringfence completion fi')"
	is "zsh: a command behind --" "ringfence run -p strict -- sha256sum" "$(in_zsh 'ringfence run -p strict -- sha256su')"
else echo "completion.sh: no zsh here: not asked"; fi

# --- wrong words ----------------------------------------------------------------------------------------------

for words in '' tcsh 'bash zsh'; do
	# shellcheck disable=SC2086 # words
	"$ringfence" completion $words >"$work/out" 2>"$work/err"
	is "completion $words: exit status" 2 $?
	is "completion $words: prints nothing" "" "$(<"$work/out")"
done

[[ $status != 0 ]] || echo "completion.sh: the shells offer what the tables say"
exit $status
