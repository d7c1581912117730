#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What the presets promise, in a guest: tools/vm/run [--kernel K] --cpus 2 -- tests/vm/presets.sh [PRESET...]
# Real tools do a normal job without one denial (preset_job.sh); then each protection is tried (preset_probe.py), is
# refused and told, and what it protects is unchanged. The same attempts succeed without a fence.
#
#   $dir/up.git              what the workspace is a clone of
#   $HOME/                   keys, start-up files, settings; every file listed in `keys` and `startup`
#     Documents/letter
#     ws/                    the workspace: a C project, a submodule, editor and agent configuration
#     other/                 another project
# shellcheck disable=SC2088,SC2016 # a tilde in the tables stands for the test's own home; Makefiles have dollar signs
set -u
here=$(dirname "$(readlink -f "$0")")
tree=$(dirname "$(dirname "$here")")
all="coding-agent build package-install offline read-only"
[[ -d /run/ringfence-vm ]] || { echo "presets.sh makes sockets and addresses: run it in a guest" >&2; exit 2; }
dir=$(mktemp -d /tmp/presets.XXXXXX) || exit 1
export HOME=/home/preset-user GIT_CONFIG_NOSYSTEM=1 NO_COLOR=1
ws=$HOME/ws
peers=''
trap 'kill $peers 2>/dev/null; rm -rf "$dir" "$dir".*' EXIT
exec </dev/null
failed=0

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1"; shift; printf '    %s\n' "$@"; failed=1; }
same() {	# NAME WANTED GOT
	if [[ $2 == "$3" ]]; then ok "$1"; else not_ok "$1" "$(diff <(echo "$2") <(echo "$3") | head -n 20)"; fi
}

# ------------------------------------------------------------------------------------------------ the world

keys="~/.ssh/id_ed25519 ~/.gnupg/private-keys-v1.d/k.key ~/.aws/credentials ~/.azure/msal_token_cache.json ~/.kube/config
~/.config/gcloud/credentials.db ~/.config/gh/hosts.yml ~/.docker/config.json ~/.netrc ~/.git-credentials ~/.npmrc ~/.pypirc
~/.cargo/credentials.toml ~/.config/git/credentials ~/.local/share/keyrings/login.keyring ~/.password-store/a.gpg
~/.mozilla/firefox/p/logins.json ~/.config/chromium/Default/Cookies ~/.config/google-chrome/Default/Cookies
~/.bash_history ~/.python_history ~/.zsh_history ~/.local/share/fish/fish_history ~/.vault-token ~/.pgpass"
startup="~/.bashrc ~/.bash_profile ~/.bash_aliases ~/.profile ~/.zshrc ~/.zshenv ~/.config/fish/config.fish
~/.config/environment.d/a.conf ~/.config/autostart/a.desktop ~/.config/systemd/user/a.service ~/.local/bin/tool ~/.cargo/env
~/.gitconfig ~/.config/git/config ~/.vimrc ~/.config/nvim/init.lua ~/.config/Code/User/settings.json
~/.claude/settings.json ~/.claude/hooks/h.sh ~/.codex/config.toml
~/.xinitrc ~/.logout ~/.mkshrc ~/.mailcap ~/.forward ~/.config/nushell/config.nu ~/.config/starship.toml ~/.config/mise/config.toml
~/.config/user-tmpfiles.d/a.conf ~/.config/user-dirs.dirs ~/.config/mimeapps.list ~/.config/containers/systemd/a.container
~/.config/plasma-workspace/env/a.sh ~/.config/sway/config ~/.config/i3/config ~/.config/xfce4/helpers.rc
~/.local/share/kio/servicemenus/a.desktop ~/.local/share/nautilus/scripts/a ~/.local/share/gnome-shell/extensions/a/extension.js
~/.local/share/flatpak/overrides/a ~/.local/share/thumbnailers/a.thumbnailer ~/go/bin/tool ~/.pyenv/shims/python ~/.nvm/nvm.sh
~/.asdf/shims/tool ~/.bun/bin/tool ~/.dotnet/tools/bin/tool ~/.docker/cli-plugins/docker-x
~/.gitconfig-work ~/.git-hooks/pre-commit ~/.hgrc ~/.tigrc ~/.config/jj/config.toml ~/.config/lazygit/config.yml
~/.ideavimrc ~/.nanorc ~/.tmux/plugins/a.tmux ~/.byobu/profile ~/.lessfilter ~/.config/helix/config.toml ~/.config/micro/init.lua
~/.config/Windsurf/User/settings.json ~/.config/kitty/kitty.conf ~/.config/zellij/config.kdl ~/.config/ranger/commands.py ~/.config/mpv/scripts/a.lua
~/.local/share/nvim/site/plugin/a.lua ~/.gdbinit ~/.lldbinit ~/.pdbrc ~/.pythonrc.py ~/.irbrc ~/.pryrc ~/.Rprofile ~/.octaverc ~/.ghci
~/.ocamlinit ~/.iex.exs ~/.erlang ~/.perldb ~/.psqlrc ~/.sqliterc ~/.mongoshrc.js ~/.bazelrc ~/.bazeliskrc ~/.yarnrc ~/.condarc ~/.gemrc
~/.mavenrc ~/.julia/config/startup.jl ~/.terraformrc ~/.ansible.cfg ~/.ipython/profile_default/startup/a.py ~/.jupyter/jupyter_server_config.py
~/.gradle/init.gradle ~/.gradle/init.d/a.gradle ~/.sbt/1.0/a.sbt ~/.bundle/plugin/index ~/.config/gdb/gdbinit ~/.config/pip/pip.conf
~/.config/uv/uv.toml ~/.config/pnpm/rc ~/.config/go/env ~/.config/helm/a ~/.local/lib/python3.0/site-packages/a.pth
~/.local/lib/python3.0/site-packages/usercustomize.py ~/.codex/hooks.json ~/.gemini/settings.json ~/.gemini/commands/a.toml ~/.qwen/settings.json
~/.cursor/mcp.json ~/.cursor/hooks.json ~/.continue/config.yaml ~/.copilot/mcp-config.json ~/.codeium/windsurf/mcp_config.json
~/.kiro/settings/mcp.json ~/.config/opencode/opencode.json ~/.config/goose/config.yaml ~/.config/crush/crush.json ~/.config/amp/settings.json"
repository=".git/config .git/hooks/pre-commit .git/modules/lib/config .git/modules/lib/hooks/post-checkout"
workspace=".vscode/tasks.json .vscode/settings.json .idea/workspace.xml .envrc .claude/settings.json .claude/settings.local.json
.mcp.json .cursor/mcp.json .husky/pre-commit .pre-commit-config.yaml .devcontainer/devcontainer.json a.code-workspace"
# In the workspace, made by nobody yet.
planted=".lefthook.toml prek.toml hk.pkl .overcommit.yml .simple-git-hooks.cjs captainhook.json .git-hooks/pre-commit .hg/hgrc .hg/sharedpath
.jj/repo/config.toml .jj/workspace-config.toml .sl/config .repo/repo/main.py .fleet/run.json .helix/config.toml .lvimrc .externalToolBuilders/a
a.sublime-project .direnv/flake-profile-1.rc .autoenv.zsh mise.local.toml .mise/config.toml mise/config.toml .config/mise.toml .config/mise/config.toml
.gdbinit .gdbearlyinit .lldbinit .pdbrc .irbrc .pryrc .rdbgrc .Rprofile .Renviron .octaverc .ghci .ocamlinit .iex.exs .erlang .perldb .npmrc
.yarnrc .yarnrc.yml .yarn/releases/y.cjs .yarn/plugins/p.cjs .pnpmfile.cjs .pnpmfile.mjs .corepack.env .cargo/config .cargo/config.toml
.bundle/plugin/index jupyter_server_config.py ipython_config.py .bazeliskrc .bazelversion .claude/plugins/a .opencode/a opencode.json crush.json
.crush.json .codex/config.toml .gemini/settings.json .qwen/settings.json .windsurf/hooks.json .kiro/hooks/a .roo/mcp.json .kilocode/mcp.json
.amazonq/mcp.json .continue/config.yaml .junie/mcp.json .factory/mcp.json .amp/settings.json .augment/settings.json .trae/mcp.json"
# What starts programs on this host, and what starts them for others on it: also where the workspace is all of it.
system="/etc/cron.d/planted /etc/crontab /etc/systemd/system/planted.service /etc/profile.d/planted.sh /etc/ld.so.preload /etc/init.d/planted
/etc/udev/rules.d/planted.rules /etc/rc.local /etc/sudoers.d/planted /etc/pam.d/planted /etc/environment /etc/xdg/autostart/planted.desktop
/etc/apt/apt.conf.d/planted /etc/ssh/planted /etc/bash.bashrc /etc/modprobe.d/planted.conf /usr/bin/planted /usr/sbin/planted /usr/lib/planted.so
/usr/local/bin/planted /usr/local/sbin/planted /usr/local/lib/planted.so /usr/share/dbus-1/services/planted.service /boot/planted
/var/spool/cron/crontabs/planted /var/spool/at/planted /var/lib/dpkg/info/planted.postinst /run/systemd/system/planted.service
/run/udev/rules.d/planted.rules /run/user/0/systemd/user/planted.service /root/.bashrc-planted /root/.ssh/authorized_keys
/home/another/.profile /home/another/.ssh/authorized_keys /home/another/.config/autostart/planted.desktop"
sockets="/run/docker.sock /run/docker/metrics.sock /run/containerd/containerd.sock /run/podman/podman.sock /run/systemd/private
/run/dbus/system_bus_socket /run/user/0/bus /run/user/0/docker.sock /run/user/0/systemd/private /tmp/ssh-XX/agent.7
/run/user/0/gnupg/S.gpg-agent /run/user/0/keyring/ssh /tmp/tmux-0/default /tmp/.X11-unix/X0 @/tmp/.X11-unix/X0 @/tmp/dbus-AAAA"
metadata="169.254.169.254:80 [fd00:ec2::254]:80"
peers_net="203.0.113.7:443 203.0.113.7:25 10.9.8.7:443 10.9.8.7:53 [2001:db8::7]:443 [fd12::7]:443 127.0.0.1:9000 [::1]:9000"

at_home() { printf '%s\n' "${@//\~/$HOME}"; }
put() { mkdir -p "$(dirname "$1")" && echo "${2:-secret}" >"$1"; }

project() {	# a C project with a test, and packages that lie in the tree
	mkdir -p src dep/scripts wheels
	echo 'int answer(void); int answer(void) { return 42; }' >src/answer.c
	printf 'int answer(void);\nint main(void) { return answer() != 42; }\n' >src/check.c
	printf 'all: check_answer\ncheck_answer: src/answer.o src/check.o\n\t$(CC) -o $@ $^\ncheck: all\n\t./check_answer\nclean:\n\trm -f check_answer src/*.o\n' >Makefile
	printf '*.o\ncheck_answer\nout/\nnode_modules/\n.venv/\nnotes\n' >.gitignore
	echo '{ "name": "ws", "version": "1.0.0", "dependencies": { "dep": "file:./dep" } }' >package.json
	echo '{ "name": "dep", "version": "1.0.0", "main": "i.js", "scripts": { "postinstall": "node -e \"fs.writeFileSync(process.cwd() + String.fromCharCode(47) + String.fromCharCode(98,117,105,108,116), String())\"" } }' >dep/package.json
	echo 'module.exports = 42' >dep/i.js
	python3 - <<-'P'
	import zipfile
	d = "dep-1.0.dist-info/"
	with zipfile.ZipFile("wheels/dep-1.0-py3-none-any.whl", "w") as z:
	    z.writestr("dep.py", "answer = 42\n")
	    z.writestr(d + "METADATA", "Metadata-Version: 2.1\nName: dep\nVersion: 1.0\n")
	    z.writestr(d + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
	    z.writestr(d + "RECORD", "")
	P
}

make_world() {
	local f
	mkdir -p "$HOME/Documents"
	printf '[user]\n\tname = Someone\n\temail = s@example.org\n[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n[safe]\n\tdirectory = *\n' >"$HOME/.gitconfig"
	git init -q --bare "$dir/lib.git"; git init -q --bare "$dir/up.git"
	git clone -q "$dir/lib.git" "$dir/l" 2>/dev/null; (cd "$dir/l" && echo l >l && git add . && git commit -qm l && git push -q origin HEAD)
	git clone -q "$dir/up.git" "$dir/u" 2>/dev/null
	(cd "$dir/u" && project && git add . && git commit -qm one && echo 2 >two && git add . && git commit -qm two &&
		git push -q origin HEAD HEAD:refs/heads/feature) || return
	git clone -q "$dir/up.git" "$ws" && (cd "$ws" && git submodule --quiet add "$dir/lib.git" lib && git commit -qm lib)
	for f in $(at_home "$keys"); do put "$f"; done
	for f in $(at_home "$startup"); do [[ -e $f ]] || put "$f" '# mine'; done
	for f in $workspace; do put "$ws/$f" '{}'; done
	for f in $planted; do mkdir -p "$ws/$(dirname "$f")"; done
	for f in $system; do mkdir -p "$(dirname "$f")"; done
	for f in $repository; do [[ -e $ws/$f ]] || put "$ws/$f" '#!/bin/sh'; done
	put "$HOME/other/.env" token; put "$HOME/Documents/letter"; put "$ws/.env" x
	chmod +x "$HOME/.local/bin/tool"; printf '#!/bin/sh\n' | tee /tmp/dropped >/dev/shm/dropped; chmod +x /tmp/dropped /dev/shm/dropped
	mkdir -p /root/.ssh /var/spool/cron; put /root/.ssh/preset-test
	cp -a "$dir" "$dir.new"; cp -a "$HOME" "$HOME.new"
}

again() {	# the world as it was made
	rm -rf "$dir" "$HOME"; cp -a "$dir.new" "$dir"; cp -a "$HOME.new" "$HOME"
	[[ -z $peers ]] || { kill "$peers"; wait "$peers" 2>/dev/null; rm -f "$dir.log"; }
	start_peers
}

start_peers() {
	ip link set lo up
	# shellcheck disable=SC2086 # lists
	python3 "$here/preset_peers.py" "$dir.log" $metadata $peers_net $sockets "$ws/app.sock" & peers=$!
	for _ in {1..300}; do grep -qs ready "$dir.log" && return; sleep 0.1; done
	echo "not ok the peers came up"; exit 1
}

# ------------------------------------------------------------------------------------------------- attempts

# "OP ARGUMENT RESULT" lines: what every preset refuses.
protections() {
	local f
	for f in $(at_home "$keys"); do echo "read $f ENOENT"; echo "append $f ENOENT"; done
	for f in $(at_home '~/.ssh' '~/.gnupg' '~/.aws'); do echo "read $f ENOENT"; echo "create $f/new ENOENT"; done
	for f in $(at_home "$startup"); do echo "append $f EACCES"; echo "unlink $f EACCES"; done
	for f in $(at_home '~/.zprofile' '~/.bash_login' '~/.config/autostart/b.desktop' '~/.config/systemd/user/b.service'); do echo "create $f EACCES"; done
	for f in $repository $workspace; do f=$ws/$f; echo "append $f EACCES"; echo "replace $f EACCES"; echo "chmod $f EACCES"; done
	for f in .git/hooks/post-merge .git/config.worktree .git/commondir .git/modules/lib/hooks/pre-commit .vscode/launch.json \
		.husky/post-merge lefthook.yml; do echo "create $ws/$f EACCES"; done
	for f in $planted; do echo "create $ws/$f EACCES"; done
	for f in .git .git/hooks .git/config .vscode .claude/settings.json; do echo "move $ws/$f EACCES"; done
	for f in /etc/shadow /root/.ssh/preset-test; do echo "read $f REFUSED"; done
	echo "append /etc/passwd EACCES"; echo "create /usr/bin/planted EACCES"; echo "create /var/spool/cron/planted REFUSED"
	for f in $sockets; do echo "unix $f EACCES"; done
	for f in $metadata; do echo "tcp $f EACCES"; echo "udp $f EACCES"; done
	echo "tcp 10.9.8.7:443 EACCES"; echo "tcp [fd12::7]:443 EACCES"; echo "udp 203.0.113.7:443 EACCES"; echo "tcp 203.0.113.7:25 EACCES"
}

# What one preset refuses or allows beyond.
special() {
	local world=EACCES host=EACCES dns=EACCES home=EACCES write=ok dropped=EACCES
	case $1 in
	coding-agent) world=ok host=ok dns=ok ;;
	package-install) world=ok dns=ok ;;
	offline) host=ok home=ok dropped=ok ;;
	read-only) write=EACCES ;;
	esac
	echo "tcp 203.0.113.7:443 $world"; echo "tcp [2001:db8::7]:443 $world"; echo "udp 10.9.8.7:53 $dns"
	echo "tcp 127.0.0.1:9000 $host"; echo "tcp [::1]:9000 $host"; echo "listen 127.0.0.1:9100 $host"; echo "listen [::]:9101 $host"
	echo "listen 0.0.0.0:99 EACCES"
	echo "read $HOME/other/.env $home"; echo "append $HOME/Documents/letter $home"
	echo "append $ws/.env $write"; echo "read $ws/.env ok"; echo "read $HOME/.bashrc ok"; echo "create $HOME/planted $home"
	echo "run /tmp/dropped $dropped"; echo "run /dev/shm/dropped EACCES"
	echo "link $HOME/.bashrc $([[ $1 == read-only ]] && echo EACCES || echo EXDEV)"
	[[ $1 == read-only || $1 == package-install ]] || echo "unix $ws/app.sock ok"
}

snapshot() { (cd / && find "$HOME" /etc/passwd /etc/shadow /usr/bin /var/spool -path "$ws/.git/objects" -prune -o -type f -newer "$dir/mark" -print0 |
	sort -z | xargs -0 -r sha256sum | grep -v -e " $ws/.env$" -e " $HOME/planted$" -e " $HOME/Documents/letter$"); }

# attempts NAME WANTED-FILE COMMAND...: feeds the attempts to COMMAND and compares.
attempts() {
	local name=$1 wanted=$2; shift 2
	(cd "$ws" && cut -d' ' -f1,2 "$wanted" | "$@" python3 -B -c "$(<"$here/preset_probe.py")" >"$dir/got" 2>"$dir/err")
	# EPERM and its like are refusals by others: they are told apart from ours. REFUSED: either of ours.
	if python3 - "$wanted" "$dir/got" >"$dir/bad" <<-'P'
	import sys
	wanted, got = (open(f).read().splitlines() for f in sys.argv[1:3])
	bad = []
	for i, line in enumerate(wanted):
	    want, have = line.split()[2], (got[i].split()[2] if i < len(got) else "nothing")
	    if not (want == have or want == "REFUSED" and have in ("EACCES", "ENOENT")):
	        bad.append("    %s %s: wanted %s, got %s" % (*line.split()[:2], want, have))
	print("\n".join(bad[:20]))
	sys.exit(bool(bad))
	P
	then ok "$name: $(wc -l <"$wanted") attempts"; else not_ok "$name" "$(<"$dir/bad")" "$(tail -n 3 "$dir/err")"; fi
}

told() {	# NAME EVENTS WANTED: every refused attempt has its event; REASON where a rule decided
	python3 - "$@" <<-'P'
	import json, sys
	name, events, wanted = sys.argv[1:]
	told = [json.loads(l) for l in open(events)]
	objects = {o for e in told if e["type"] == "denial" for o in (e.get("object"), e.get("second")) if o}
	missing = []
	for line in open(wanted):
	    op, arg, result = line.split()
	    if result == "ok": continue
	    if op in ("tcp", "udp", "listen"):
	        hit = any(arg.strip("[]") in o or arg in o for o in objects)
	    else:
	        hit = arg in objects
	    if not hit: missing.append(line.strip())
	print(("ok " if not missing else "not ok ") + name)
	for m in missing[:20]: print("    not told:", m)
	sys.exit(bool(missing))
	P
}

# ---------------------------------------------------------------------------------------------------- tests

test_job() {
	local preset=$1 events=$dir.job wanted=''
	rm -f "$events"
	(cd "$ws" && ringfence run -q --events "$events" -p "$preset" -- bash -c "$(<"$here/preset_job.sh")" job "$preset" "$dir/up.git") >"$dir.out" 2>&1
	cat "$dir.out"
	grep -q '^ok' "$dir.out" || not_ok "$preset: the job ran" "$(<"$dir.out")"
	! grep -q '^not ok' "$dir.out" || failed=1
	# A hidden file that a tool looks for is told, and the tool goes on without it.
	[[ $preset != package-install ]] || wanted="read $HOME/.npmrc  by npm package-install rule"
	same "$preset: no denial in a normal job" "$wanted" "$(python3 - "$events" <<-'P'
	import json, sys
	for l in open(sys.argv[1]):
	    e = json.loads(l)
	    print(e.get("access"), e.get("object"), e.get("second") or "", "by", e.get("comm"), e.get("policy"), e.get("why"))
	P
	)"
}

test_git() {	# what changes the repository's configuration fails alone, not the work
	local preset=$1
	[[ $preset == coding-agent ]] || return
	(cd "$ws" && ringfence run -q -p "$preset" -- bash -c '
		git switch -q feature; test "$(git branch --show-current)" = feature || exit 1
		git switch -q - && git push -q origin HEAD:refs/heads/pushed && git fetch -q && git pull -q origin main') >"$dir.out" 2>&1
	same "$preset: a branch that would be tracked; push, fetch, pull" 0 $?
	! grep -q tracked "$ws/.git/config"
	# What would stop half way stops before anything is changed.
	(cd "$ws" && find .git -path '*/objects' -prune -o -type f -print0 | sort -z | xargs -0 sha256sum) >"$dir.before"
	(cd "$ws" && ringfence run -q -p "$preset" -- bash -c '
		git branch -m feature other; git submodule update --init; git worktree add --detach -q wt2; git init .; git remote add x y') >"$dir.out" 2>&1
	(cd "$ws" && find .git -path '*/objects' -prune -o -type f -print0 | sort -z | xargs -0 sha256sum) >"$dir.after"
	same "$preset: git commands that are refused change nothing" "$(<"$dir.before")" "$(<"$dir.after")"
}

test_protections() {
	local preset=$1 before
	{ protections; special "$preset"; } >"$dir.wanted"
	touch -d '1 day ago' "$dir/mark"; before=$(snapshot); : >"$dir.log"; rm -f "$dir.events"
	attempts "$preset: what is refused and what is not" "$dir.wanted" ringfence run -q --events "$dir.events" -p "$preset" --
	same "$preset: what is protected is unchanged" "$before" "$(snapshot)"
	told "$preset: each refusal is told" "$dir.events" "$dir.wanted" || failed=1
	same "$preset: nothing reached metadata, containers or managers" "" \
		"$(grep -v -e 203.0.113.7:443 -e '2001:db8::7' -e 10.9.8.7:53 -e :9000 -e app.sock "$dir.log")"
}

test_wide() {	# what is protected is so where the workspace is everything
	local preset=$1 f
	for f in $system; do [[ -e $f ]] && echo "append $f REFUSED" || echo "create $f REFUSED"; done >"$dir.wanted"
	for f in $(at_home '~/.bashrc ~/.config/pip/pip.conf ~/.gitconfig'); do echo "append $f EACCES"; done >>"$dir.wanted"
	attempts "$preset: a workspace of / opens none of it" "$dir.wanted" ringfence run -q -p "$preset" --workspace / --wide --
	[[ $preset == coding-agent ]] || return	# tests/unit/presets.sh asks the others
	for f in / "$HOME" /home /etc /usr /usr/local /var /root /boot /dev /proc/self /run/user/0; do
		ringfence run -q -p "$preset" --workspace "$f" -- true 2>"$dir.err"
		echo "$f $? $(wc -l <"$dir.err") $(grep -c -e '--wide' "$dir.err")"
	done | grep -v ' 2 1 1$' >"$dir.out"
	same "$preset: folders that are no workspace" "" "$(<"$dir.out")"
}

test_worktree() {	# a linked worktree: git's other folders, and a commit
	local preset=$1 common=$ws/.git
	[[ $preset == coding-agent || $preset == build ]] || return
	git -C "$ws" worktree add -q "$HOME/wt" -b side 2>"$dir.err" || not_ok "$preset: a worktree" "$(<"$dir.err")"
	printf '%s EACCES\n' "append $common/config" "append $common/worktrees/wt/commondir" "replace $common/worktrees/wt/commondir" \
		"create $common/commondir" "create $common/worktrees/wt/config.worktree" "create $common/modules/lib/commondir" \
		"create $common/hooks/post-merge" >"$dir.wanted"
	printf '%s EACCES\n' "move $common/worktrees/wt" >>"$dir.wanted"
	local ws=$HOME/wt
	attempts "$preset: a linked worktree's repository" "$dir.wanted" ringfence run -q -p "$preset" --
	(cd "$ws" && ringfence run -q -p "$preset" -- bash -c 'echo w >w; git add w && git commit -qm w') >"$dir.out" 2>&1
	same "$preset: a commit in a linked worktree" 0 $?
	git --git-dir "$common" worktree remove --force "$ws"
}

test_metadata() {	# one denial, one line, no packet
	local preset=$1
	: >"$dir.log"
	(cd "$ws" && ringfence run -p "$preset" -- bash -c 'exec 3<>/dev/tcp/169.254.169.254/80') >"$dir.out" 2>"$dir.err"
	same "$preset: one line about the metadata service" \
		"ringfence: denied connect tcp 169.254.169.254:80  bash[N]  by $preset network[N] \"the cloud's metadata service hands out credentials\"" \
		"$(grep ' denied ' "$dir.err" | sed -E 's/\[[0-9]+\]/[N]/g')"
	same "$preset: and no packet" "" "$(<"$dir.log")"
}

test_same_text() {	# the protections stand in every preset, word for word, at the end of their section
	local preset first=''
	for preset in $all; do
		# shellcheck disable=SC2016
		python3 - "$tree/policies/$preset.yaml" >"$dir.text" <<-'P'
		import re, sys
		text = open(sys.argv[1]).read()
		parts = re.split(r"\n  (files|network|unix):\n", text)
		for name, body in zip(parts[1::2], parts[2::2]):
		    _, _, tail = body.partition("# ---- protections: the same in every preset")
		    tail = tail.split("    # Name servers")[0]
		    print(name, tail.strip())
		P
		[[ $first ]] || first=$(<"$dir.text")
		same "$preset: has the protections" "$first" "$(<"$dir.text")"
		same "$preset: check finds nothing wrong" 0 "$(cd "$ws" && ringfence check -f "$tree/policies/$preset.yaml" >"$dir.out" 2>&1; echo $?)"
		same "$preset: and warns of nothing" "" "$(grep ': warning: ' "$dir.out" | grep -v '"/proc/self/fd"')"
	done
}

make_world || { echo "not ok the world could be made"; exit 1; }
test_same_text
ringfence run -q -p offline -- true	# loads the engine
# shellcheck disable=SC2086 # a list
(($#)) || set -- $all
for preset; do
	again
	test_job "$preset"
	test_git "$preset"
	test_protections "$preset"
	test_metadata "$preset"
	test_wide "$preset"
	test_worktree "$preset"
done
again
# shellcheck disable=SC2086 # a list
{ protections; for each in $system; do [[ -e $each ]] || echo "create $each ok"; done; } | sed -e 's/ [A-Z]*$/ ok/' | grep -E '^(read|append|unix|tcp|udp|create) ' | sort -u >"$dir.wanted"
attempts "without a fence all of it works" "$dir.wanted" env
exit $failed
