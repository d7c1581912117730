# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Everything is built in build/. `make help` lists the targets.

PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= gcc
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
VERSION := 0.1.0

B       ?= build
OPT     ?= -O2 -g
WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith
CPP     := -D_GNU_SOURCE -DRF_VERSION='"$(VERSION)"' -DRF_PREFIX='"$(PREFIX)"' -Iinclude -Iuser -I$(B)
CFLAGS_ := -std=c11 $(OPT) $(WARN) -fno-strict-aliasing -fstack-protector-strong $(CPP) $(CFLAGS)
# What is not needed is not linked: each library costs every start of a program. The client loads libcurl itself.
LIBS    := -Wl,--as-needed -lbpf -lelf -lz -lyaml -ljansson
# The service: the event loop and HTTP.
SERVICE_LIBS := $(shell pkg-config --libs libsystemd libmicrohttpd jansson)

# The model and the compiler know nothing of BPF: programs that need no kernel link these alone.
PURE_SRC := $(wildcard user/policy/*.c user/compile/*.c)
# What the service remembers: files alone, no BPF either.
STORE_SRC := $(wildcard user/store/*.c user/log/*.c)
# The API and those who ask it, and what both need to show names: no BPF.
API_SRC := $(wildcard user/api/*.c user/client/*.c user/filter/*.c)
# Of these the command does without.
SERVER_SRC := user/api/server.c user/api/routes.c user/api/answers.c user/api/openapi.c user/api/watch.c user/api/looks.c user/api/requests.c \
	user/api/lists.c user/api/listen.c user/api/query.c user/api/happenings.c $(wildcard user/held/*.c)
# The monitor: what draws it is a program of its own, so that no start of a fence loads ncurses.
MONITOR_SRC := $(addprefix user/monitor/,model.c groups.c folders.c words.c source.c)
SCREEN_SRC := $(filter-out $(MONITOR_SRC),$(wildcard user/monitor/*.c))
USER_SRC := $(MONITOR_SRC) $(PURE_SRC) $(STORE_SRC) $(API_SRC) $(wildcard user/engine/*.c user/events/*.c user/held/*.c user/host/*.c user/verbs/*.c)
# Who is told: the service's, and what sends it, a helper that is a program of its own.
NOTIFY_SRC := $(wildcard user/notify/*.c)
NOTIFIER_SRC := $(wildcard user/notifier/*.c) user/client/curl.c
# The live view for browsers: the service's. The page's files are taken in as they are.
WEB_SRC := $(wildcard user/web/*.c)
AGENT_SRC := $(wildcard user/agent/*.c) $(NOTIFY_SRC) $(WEB_SRC)
AGENT_OBJ := $(AGENT_SRC:%.c=$(B)/%.o)
PURE_OBJ := $(PURE_SRC:%.c=$(B)/%.o)
USER_OBJ := $(USER_SRC:%.c=$(B)/%.o)
SKEL     := $(B)/engine.skel.h

BPF_SRC  := $(wildcard bpf/*.bpf.c)
BPF_OBJ  := $(BPF_SRC:%.c=$(B)/%.o)

.DELETE_ON_ERROR:
.PHONY: all
all: $(B)/bin/ringfence $(B)/bin/ringfenced $(B)/libexec/ringfence/monitor $(B)/libexec/ringfence/notify

$(B)/bin/ringfence: $(B)/user/main.o $(filter-out $(SERVER_SRC:%.c=$(B)/%.o),$(USER_OBJ))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_) $(LDFLAGS) -o $@ $^ $(LIBS)

SCREEN_ALL := $(SCREEN_SRC) $(MONITOR_SRC) $(PURE_SRC) $(filter-out $(SERVER_SRC),$(API_SRC)) $(wildcard user/events/*.c)
$(B)/libexec/ringfence/monitor: $(SCREEN_ALL:%.c=$(B)/%.o)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(shell pkg-config --libs ncursesw) -lyaml -ljansson

$(B)/libexec/ringfence/notify: $(NOTIFIER_SRC:%.c=$(B)/%.o)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_) $(LDFLAGS) -o $@ $^ -Wl,--as-needed -ljansson

$(B)/bin/ringfenced: $(AGENT_OBJ) $(filter-out $(B)/user/verbs/% $(B)/user/client/% $(B)/user/host/% $(B)/user/monitor/%,$(USER_OBJ))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_) $(LDFLAGS) -o $@ $^ $(LIBS) $(SERVICE_LIBS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_) -MMD -MP -c -o $@ $<

$(B)/user/web/files.o: $(wildcard user/web/*.js user/web/page.*)

# Only the engine's loader sees the skeleton.
$(B)/user/engine/load.o: | $(SKEL)

$(B)/bpf/%.bpf.o: bpf/%.bpf.c
	@mkdir -p $(@D)
	$(CLANG) --target=bpf -mcpu=v3 -O2 -g -std=gnu11 $(WARN) -Wno-missing-prototypes -Wno-unused-parameter -Wno-pointer-arith -Wno-unused-function -Iinclude -Ibpf \
		-idirafter /usr/include/$(shell gcc -print-multiarch) -MMD -MP -MT $@ -MF $(@:.o=.d) -c -o $@ $<

$(B)/engine.bpf.o: $(BPF_OBJ)
	$(BPFTOOL) gen object $@ $^

$(SKEL): $(B)/engine.bpf.o
	$(BPFTOOL) gen skeleton $< name engine_bpf > $@.tmp && mv $@.tmp $@

include tests/tests.mk

# The page of hooks is printed from the table of hooks; `make check` compares them.
$(B)/hooks: $(B)/tools/hooks.o $(B)/user/host/hook_table.o $(B)/user/host/hook_rows.o
	$(CC) $(CFLAGS_) $(LDFLAGS) -o $@ $^
docs/hooks.md: $(B)/hooks
	$< > $@.tmp && mv $@.tmp $@

# The page of ioctls and capabilities likewise.
$(B)/powers: $(B)/tools/powers.o
	$(CC) $(CFLAGS_) $(LDFLAGS) -o $@ $^
docs/powers.md: $(B)/powers
	$< > $@.tmp && mv $@.tmp $@

.PHONY: install
install: all
	install -D -m 755 $(B)/bin/ringfence $(DESTDIR)$(PREFIX)/bin/ringfence
	install -D -m 755 $(B)/bin/ringfenced $(DESTDIR)$(PREFIX)/sbin/ringfenced
	install -D -m 755 $(B)/libexec/ringfence/monitor $(DESTDIR)$(PREFIX)/libexec/ringfence/monitor
	install -D -m 755 $(B)/libexec/ringfence/notify $(DESTDIR)$(PREFIX)/libexec/ringfence/notify
	install -d $(DESTDIR)$(PREFIX)/share/ringfence/policies
	install -m 644 policies/*.yaml $(DESTDIR)$(PREFIX)/share/ringfence/policies
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 docs/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 docs/man/*.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -d $(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(UNITS)
	install -m 644 docs/man/*.8 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 644 systemd/ringfenced.socket systemd/ringfence-notify.socket systemd/ringfence-web.socket $(DESTDIR)$(UNITS)
	sed 's|@PREFIX@|$(PREFIX)|' systemd/ringfenced.service.in > $(DESTDIR)$(UNITS)/ringfenced.service
	sed 's|@PREFIX@|$(PREFIX)|' systemd/ringfence-notify@.service.in > $(DESTDIR)$(UNITS)/ringfence-notify@.service
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(ZSH) $(DESTDIR)$(FISH)
	$(B)/bin/ringfence completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ringfence
	$(B)/bin/ringfence completion zsh > $(DESTDIR)$(ZSH)/_ringfence
	$(B)/bin/ringfence completion fish > $(DESTDIR)$(FISH)/ringfence.fish

# Where a distribution's own packages put what belongs to systemd and the shells.
UNITS ?= $(PREFIX)/lib/systemd/system
ZSH   ?= $(PREFIX)/share/zsh/site-functions
FISH  ?= $(PREFIX)/share/fish/vendor_completions.d

# The Debian package, in build/deb; what it needs: tools/deps build deb.
.PHONY: deb
deb:
	tools/deb

.PHONY: format format-check
SOURCES = $(wildcard include/ringfence/*.h bpf/*.h bpf/*.c user/*.c user/*/*.[ch] tests/*/*.[ch] tools/*.c)
format:
	clang-format -i $(SOURCES)
format-check:
	clang-format --dry-run --Werror $(SOURCES)

.PHONY: clean help
clean:
	rm -rf $(B)
help:
	@echo 'all            build/bin/ringfence (default)'
	@echo 'install        DESTDIR= PREFIX=/usr/local'
	@echo 'deb            the Debian package, into build/deb'
	@echo 'check          unit tests on this host, under ASan and UBSan, with gcc and with clang'
	@echo 'fuzz           libFuzzer on policy text, globs and events, FUZZ_SECONDS=60 each'
	@echo 'bench          guest instructions added by the engine, on each kernel'
	@echo 'docs/hooks.md  the page of security hooks, from their table'
	@echo 'docs/powers.md the page of ioctls and capabilities, from their tables'
	@echo 'format         clang-format; format-check only looks'

-include $(USER_OBJ:.o=.d) $(SCREEN_SRC:%.c=$(B)/%.d) $(NOTIFIER_SRC:%.c=$(B)/%.d) $(AGENT_OBJ:.o=.d) $(BPF_OBJ:.o=.d) $(B)/user/main.d $(B)/tools/hooks.d $(B)/tools/powers.d
