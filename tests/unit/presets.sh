#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The presets: the protections stand in each, word for word and last; each can be checked, also where home is written
# otherwise; folders that are no workspace are refused by one line.
# usage: presets.sh RINGFENCE
set -eu
ringfence=${1:?usage: presets.sh RINGFENCE}
policies=$(dirname "$0")/../../policies
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
fail() { echo "presets.sh: $*"; status=1; }

# The protections of a section: from the line that announces them to the section's end.
protections() {
	awk '/^  (files|network|unix):/ { on = 0; print } /# ---- protections: the same in every preset/ { on = 1 }
		/# Name servers, wherever/ { on = 0 } on' "$1"
}

mkdir -p "$work/home/ws"
for preset in "$policies"/*.yaml; do
	# What policies are begun with has nothing to protect, and takes no workspace.
	[ "$preset" != "$policies/base.yaml" ] || continue
	protections "$preset" | sed 's/, and last, so that nothing above opens them//' >"$work/$(basename "$preset")"
	[ "$(grep -c 'the same in every preset' "$preset")" = 3 ] || fail "$preset does not announce protections in three sections"
	cmp -s "$work/$(basename "$preset")" "$work/build.yaml" ||
		[ ! -e "$work/build.yaml" ] || fail "$preset has other protections than build.yaml"
	for home in "$work/home" "$work//home/." "$work/home/../home"; do
		HOME=$home "$ringfence" check -f "$preset" --workspace "$work/home/ws" >"$work/out" 2>&1 || fail "$preset, home $home: $(cat "$work/out")"
	done
	for folder in / "$work/home" "$work" /etc /usr /usr/bin /var /root /home /boot /lib /opt /dev /proc /sys /run; do
		[ -d "$folder" ] || continue
		if HOME=$work/home "$ringfence" check -f "$preset" --workspace "$folder" >"$work/out" 2>&1; then fail "$preset takes $folder"; fi
		grep -c -e '--wide' "$work/out" >"$work/count" || :
		[ "$(wc -l <"$work/out") $(cat "$work/count")" = "1 1" ] || fail "$preset, $folder: $(cat "$work/out")"
		HOME=$work/home "$ringfence" check -f "$preset" --workspace "$folder" --wide >"$work/out" 2>&1 || fail "$preset --wide $folder: $(cat "$work/out")"
	done
done
# Scratch is no workspace: it is judged as scratch, in words.
HOME=$work/home "$ringfence" check -p coding-agent --workspace /tmp >"$work/out" 2>&1 || fail "scratch: $(cat "$work/out")"
grep -q 'note: /tmp is scratch that all share, and no workspace.*--wide' "$work/out" || fail "scratch, no note: $(cat "$work/out")"
HOME=$work/home "$ringfence" explain -p coding-agent --workspace /tmp -x /tmp/dropped >"$work/out" 2>&1 && fail "programs in /tmp run: $(cat "$work/out")"
HOME=$work/home "$ringfence" explain -p coding-agent --workspace /tmp --wide -x /tmp/dropped >"$work/out" 2>&1 || fail "--wide /tmp: $(cat "$work/out")"
# Without ${WORKSPACE} in a policy, it may be anything.
printf 'apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: p }\nspec:\n  files:\n    - { allow: read, paths: ["/a"] }\n' >"$work/p.yaml"
"$ringfence" check -f "$work/p.yaml" --workspace / >"$work/out" 2>&1 || fail "a policy without a workspace: $(cat "$work/out")"
# check fails where run would, and a name that no policy has is told.
# shellcheck disable=SC2016 # the policy's own
sed 's|/a|/a/${NONE}|' "$work/p.yaml" >"$work/q.yaml"
if "$ringfence" check -f "$work/q.yaml" >"$work/out" 2>&1; then fail "an unbound variable is no error"; fi
"$ringfence" check -f "$work/q.yaml" --set NONE=b >"$work/out" 2>&1 || fail "--set: $(cat "$work/out")"
"$ringfence" check -f "$work/q.yaml" --set NOEN=b >"$work/out" 2>&1 && fail "check takes a name that no policy has"
grep -q 'did you mean' "$work/out" && fail "NOEN is near to nothing that is declared"
"$ringfence" explain -f "$work/q.yaml" --set NOEN=b /a >"$work/out" 2>&1 && fail "explain takes a name that no policy has"
grep -q 'NOEN' "$work/out" || fail "explain: $(cat "$work/out")"
# explain and check take -p and --allow as run does: presets, files, several of them; with -f a name chooses.
export RINGFENCE_POLICIES="$policies"
asks() {
	want=$1 text=$2
	shift 2
	got=0
	HOME=$work/home "$ringfence" explain --workspace "$work/home/ws" "$@" >"$work/out" 2>&1 || got=$?
	[ "$got" = "$want" ] || fail "explain $*: status $got, not $want: $(cat "$work/out")"
	grep -qF -e "$text" "$work/out" || fail "explain $*: no \"$text\": $(cat "$work/out")"
}
asks 1 'coding-agent: denied: no rule matches' -p coding-agent -r /srv/data/x
asks 0 'coding-agent: allowed by --allow #1' -p coding-agent --allow 'read:/srv/data/**' -r /srv/data/x
asks 1 'keys and tokens' -p coding-agent --allow "read:$work/home/.ssh/**" -r "$work/home/.ssh/id_rsa"
printf 'apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: q }\nspec: { files: [{ deny: read, paths: /q, quiet: true }] }\n' >"$work/quiet.yaml"
asks 1 'q: denied by files[0] at '"$work"'/quiet.yaml:4: deny read (quiet: counted, told in the summary alone)' -f "$work/quiet.yaml" -r /q
# Python's folders of bytecode, which it tries to make by habit, are quiet; what would be put into them is not.
asks 1 '(quiet: counted' -p coding-agent -w /usr/share/gdb/python/gdb/__pycache__
asks 1 'coding-agent: denied by' -p coding-agent -w /usr/share/gdb/python/gdb/__pycache__/x.pyc
grep -q quiet "$work/out" && fail "bytecode in /usr is quiet: $(cat "$work/out")"
asks 1 'base: denied' -p coding-agent -p base -r "$work/home/ws/x"
asks 1 'base: denied' -p "$work/p.yaml" -p base -r /a
asks 0 'p: allowed by files[0]' -f "$work/p.yaml" -p p -r /a
asks 1 'base: denied' -f "$work/p.yaml" -p p -p base -r /a
asks 2 'one policy of the files at a time' -f "$work/p.yaml" -f "$policies/base.yaml" -p p -p base -r /a
asks 2 'there is no access "raed", did you mean "read"?' -p base --allow raed:/x -r /a
HOME=$work/home "$ringfence" explain -p coding-agnt -r /a >"$work/out" 2>&1 && fail "explain takes a preset that there is not"
grep -q 'did you mean "coding-agent"' "$work/out" || fail "explain -p coding-agnt: $(cat "$work/out")"
"$ringfence" check -p coding-agnt >"$work/out" 2>&1 && fail "check takes a preset that there is not"
grep -q 'did you mean "coding-agent"' "$work/out" || fail "check -p coding-agnt: $(cat "$work/out")"
"$ringfence" check -p "$work/p.yaml" -p base >"$work/out" 2>&1 || fail "check -p FILE -p PRESET: $(cat "$work/out")"
"$ringfence" check -f "$policies/build.yaml" --workspace "$work/home/ws" --set GIT_COMON_DIR=/x >"$work/out" 2>&1 &&
	fail "a misspelt name is taken"
grep -q 'did you mean "GIT_COMMON_DIR"' "$work/out" || fail "a misspelt name: $(cat "$work/out")"
# Default caches of package managers, and the folders that a fresh home lacks; beside them, what starts programs and what is hidden.
caches=".bun/install/cache .yarn/berry/cache .yarn/berry/index .nuget/packages .local/share/NuGet/http-cache .composer/cache .bundle/cache
.gem/ruby/3.1.0 .gem/ruby/3.1.0/gems/a/bin .local/share/gem/ruby/3.1.0/gems .ivy2/cache .sbt/boot .pub-cache/hosted .hex/packages .mix/archives
.cabal/packages .cabal/store .local/state/cabal/store .stack/pantry .opam/download-cache .julia/packages .julia/compiled .conan2/p .m2/wrapper/dists
.local/share/uv/python .swiftpm/cache .m2/repository .gradle/caches .npm/_cacache .npm/_npx .cargo/registry .local/share/pnpm/store go/pkg/mod .cache/uv"
makes=".config .local .local/share .local/state .cache .cargo .bun .bun/install .yarn .nuget .composer .gem .m2 .gradle .hex .julia go go/pkg"
user=".local/lib .local/lib/python3.11 .local/lib/python3.11/site-packages .local/lib/python3.11/site-packages/yaml/__init__.py"
starts=".cabal/bin/x .bun/bin/x .local/bin .local/bin/x .cargo/bin/x .cargo/env go/bin/x .gem/ruby/3.1.0/bin/x .gem/ruby/3.1.0/plugins/x.rb
.local/share/gem/ruby/3.1.0/bin/x .yarn/bin/x .pub-cache/bin/x .mix/escripts/x .sbt/1.0/plugins/x.sbt .bundle/plugin/x .gradle/init.d/x .config/x
.local/x .local/share/x .local/state/x .config/fish/config.fish .config/autostart/x.desktop .julia/config/startup.jl
.local/lib/python3.11/site-packages/x.pth .local/lib/python3.11/site-packages/usercustomize.py .local/lib/libx.so .cache/pre-commit/x"
secret=".cargo/credentials.toml .gem/credentials .m2/settings.xml .gradle/gradle.properties .hex/hex.config .composer/auth.json .ivy2/.credentials"
all_answer() {	# STATUS WHAT PRESET ACCESS NAME...
	want=$1 what=$2 preset=$3 access=$4
	shift 4
	for name; do
		got=0
		"$ringfence" explain -p "$preset" --set HOME=/home/dev --workspace "$work/home/ws" "$access" "/home/dev/$name" >"$work/out" 2>&1 || got=$?
		[ "$got" = "$want" ] || fail "$preset: ~/$name, $what: $(cat "$work/out")"
	done
}
for preset in coding-agent package-install build; do
	# shellcheck disable=SC2086 # lists
	{
		all_answer 0 "a cache" $preset -w $(printf '%s/x ' $caches)
		all_answer 0 "a cache's program" $preset -x $(printf '%s/x ' $caches)
		all_answer 0 "a fresh home's" $preset -w $makes
		all_answer "$([ $preset = build ] && echo 1 || echo 0)" "pip install --user" $preset -w $user
		all_answer 1 "starts programs" $preset -w $starts
		all_answer 1 "is hidden" $preset -w $secret
	}
done
# What git makes first where it would go on to the configuration; what it writes at work stays writable.
stops=".git/config .git/worktrees/new .git/modules/new .git/logs/refs/.tmp-renamed-log .git/modules/lib/logs/refs/.tmp-renamed-log"
works=".git/worktrees/wt/HEAD .git/worktrees/wt/gitdir .git/worktrees/wt/logs/HEAD .git/modules/lib/index .git/logs/refs/heads/a .git/HEAD"
# A linked worktree finds its repository, and --set goes before; one of which the repository knows nothing does not.
mkdir -p "$work/home/main/.git/objects" "$work/home/main/.git/refs" "$work/home/main/.git/worktrees/wt" "$work/home/wt" "$work/home/stray"
echo x >"$work/home/main/.git/HEAD"; echo x >"$work/home/main/.git/config"; echo ../.. >"$work/home/main/.git/worktrees/wt/commondir"
echo "$work/home/wt/.git" >"$work/home/main/.git/worktrees/wt/gitdir"
echo "gitdir: $work/home/main/.git/worktrees/wt" | tee "$work/home/wt/.git" >"$work/home/stray/.git"
named="matches \"$work/home/main/.git/**\""
for name in $stops; do
	asks 1 'run this git command outside' -p coding-agent -w "$work/home/ws/$name"
	asks 1 'run this git command outside' -p coding-agent --workspace "$work/home/wt" -w "$work/home/main/$name"
done
for name in $works; do
	asks 0 allowed -p coding-agent -w "$work/home/ws/$name"
	asks 0 "$named" -p coding-agent --workspace "$work/home/wt" -w "$work/home/main/$name"
done
HOME=$work/home "$ringfence" explain -p build --workspace "$work/home/stray" -w "$work/home/main/.git/HEAD" >"$work/out" 2>&1 || :
! grep -qF "$named" "$work/out" || fail "a .git file is believed of which the repository knows nothing: $(cat "$work/out")"
HOME=$work/home "$ringfence" explain -p build --workspace "$work/home/wt" --set GIT_COMMON_DIR=/x -w "$work/home/main/.git/HEAD" >"$work/out" 2>&1 || :
! grep -qF "$named" "$work/out" || fail "--set does not go before: $(cat "$work/out")"
# Databases of this host by their socket where tcp to it is allowed, and the socket alone.
for socket in /run/postgresql/.s.PGSQL.5432 /run/mysqld/mysqld.sock /run/redis/redis-server.sock /var/lib/mysql/mysql.sock; do
	asks 0 allowed -p coding-agent --unix $socket
	asks 0 allowed -p offline --unix $socket
	asks 1 denied -p build --unix $socket
	asks 1 denied -p package-install --unix $socket
done
asks 1 denied -p coding-agent --unix /run/mysqld/mysqlx.sock
asks 1 denied -p coding-agent --unix /run/docker.sock
# The guide's examples: no errors, no warnings (home not in scratch, where a rule for it decides nothing).
examples=0
for example in "$policies"/../docs/examples/*.yaml; do
	examples=$((examples + 1))
	HOME=/home/none "$ringfence" check -f "$example" --workspace "$work/home/ws" >"$work/out" 2>&1 || fail "$example: $(cat "$work/out")"
	grep -q warning "$work/out" && fail "$example: $(cat "$work/out")"
	[ "$(wc -l <"$example")" -le 25 ] || fail "$example is longer than 25 lines"
	grep -q "examples/$(basename "$example")" "$policies/../docs/policy-guide.md" || fail "the guide does not name $example"
done
[ "$examples" -ge 3 ] || fail "no examples"
# An extension that covers a base's rule: nobody wrote a rule too many.
mkdir "$work/ext"
# shellcheck disable=SC2016 # the policy's own
printf 'apiVersion: ringfence.dev/v1\nkind: Policy\nmetadata: { name: e }\nspec: { extends: build, files: [{ deny: write, paths: "${WORKSPACE}/.git/**" }] }\n' >"$work/ext/e.yaml"
HOME=$work/home "$ringfence" check -f "$work/ext/e.yaml" --workspace "$work/home/ws" >"$work/out" 2>&1 || fail "e.yaml: $(cat "$work/out")"
grep -q warning "$work/out" && fail "check warns of a base's rules: $(cat "$work/out")"
# The numbers of rules that the pages show are coding-agent's.
for object in .bashrc .ssh/id_rsa ws/.git/hooks/x; do
	HOME=$work/home "$ringfence" explain --workspace "$work/home/ws" -p coding-agent -w "$work/home/$object" || :
done | sed -n 's/.*by \(files\[[0-9]*\]\) at .* \("[^"]*"\)$/coding-agent \1 \2/p' >"$work/known"
cat "$policies/../README.md" "$policies/../docs/policy-guide.md" | sed -n 's/.*  by \(coding-agent files\[[0-9]*\] "[^"]*"\).*/\1/p' >"$work/shown"
[ -s "$work/shown" ] || fail "no page shows a rule's number"
grep -vxF -f "$work/known" "$work/shown" >"$work/wrong" && fail "rules that pages show by another number: $(cat "$work/wrong")"
# Each is listed with a whole sentence.
"$ringfence" presets >"$work/out"
grep -v '\.$' "$work/out" >"$work/cut" && fail "presets, cut off: $(cat "$work/cut")"
exit $status
