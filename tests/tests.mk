# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Unit tests: each tests/unit/test_NAME.c is one cmocka program, linked with the pure part of user space (no BPF)
# and the naive reference. `make check` builds and runs them under sanitizers with both compilers.

UNIT      := $(patsubst tests/unit/test_%.c,%,$(wildcard tests/unit/test_*.c))
TEST_LIB  := $(wildcard tests/reference/*.c)
SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

.PHONY: check check-one
check:
	$(MAKE) check-one B=build/gcc CC=gcc OPT="-O1 -g $(SANITIZE)"
	$(MAKE) check-one B=build/clang CC=clang OPT="-O1 -g $(SANITIZE)"
	$(MAKE) check-man
	$(MAKE) check-hooks

# What the man pages and the completions say against the tables of verbs and options; what all presets have in common.
.PHONY: check-man
check-man: all
	tests/unit/man.sh $(B)/bin/ringfence
	tests/unit/presets.sh $(B)/bin/ringfence
	tests/unit/completion.sh $(B)/bin/ringfence

.PHONY: check-hooks
check-hooks: $(B)/hooks $(B)/powers
	$(B)/hooks | diff -u docs/hooks.md - || { echo 'docs/hooks.md is not what the table says: make docs/hooks.md'; exit 1; }
	$(B)/powers | diff -u docs/powers.md - || { echo 'docs/powers.md is not what the tables say: make docs/powers.md'; exit 1; }

check-one: $(UNIT:%=$(B)/unit/%)
	@status=0; for t in $^; do echo "== $$t"; $$t || status=1; done; exit $$status

# What user space does beyond the kernel calls (events, text of verbs) is tested here as well.
AGENT_VERBS := $(patsubst %,user/verbs/%.c,agent api applied apply confirm delete describe diff diff_rights edit events explain explain_field explain_load policy_word run_screen find get happened help logs monitor operands rollback screen status top values wait watch)
UNIT_SRC := $(PURE_SRC) $(wildcard user/events/*.c user/held/*.c) $(STORE_SRC) $(API_SRC) $(MONITOR_SRC) $(NOTIFY_SRC) $(WEB_SRC) $(AGENT_VERBS) user/verbs/args.c user/host/lsm.c user/host/inside.c user/host/read.c user/engine/cgroup_text.c \
	user/host/hook_table.c user/host/hook_rows.c $(TEST_LIB)
UNIT_OBJ := $(UNIT_SRC:%.c=$(B)/%.o)
.SECONDARY: $(UNIT_OBJ)
$(B)/unit/%: $(B)/tests/unit/test_%.o $(UNIT_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_) $(LDFLAGS) -o $@ $^ -lcmocka -lyaml -lz -lm $(SERVICE_LIBS)
$(B)/tests/%.o: CFLAGS_ += -Itests

# Programs for the guest: each tests/vm/NAME.c becomes build/vm/NAME, linked with all of user space.
VM      := $(patsubst tests/vm/%.c,%,$(wildcard tests/vm/*.c))
VM_LIB  := $(wildcard tests/vm/lib/*.c) $(TEST_LIB)
.PHONY: vm-tests
vm-tests: $(VM:%=$(B)/vm/%) all
.SECONDARY: $(VM_LIB:%.c=$(B)/%.o) $(VM:%=$(B)/tests/vm/%.o)
-include $(VM_LIB:%.c=$(B)/%.d) $(VM:%=$(B)/tests/vm/%.d)
$(B)/vm/%: $(B)/tests/vm/%.o $(filter-out $(B)/user/verbs/% $(B)/user/api/% $(B)/user/client/% $(B)/user/monitor/%,$(USER_OBJ)) $(VM_LIB:%.c=$(B)/%.o)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_) $(LDFLAGS) -o $@ $^ $(LIBS) -lpthread -lm

# The adversary: tests/escape/*.c become one program.
ESCAPE_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/escape/*.c) $(addprefix tests/vm/lib/,fence.c report.c world.c))
vm-tests: $(B)/escape/escape
-include $(ESCAPE_OBJ:.o=.d)
$(B)/escape/escape: $(ESCAPE_OBJ) $(filter-out $(B)/user/verbs/% $(B)/user/api/% $(B)/user/client/% $(B)/user/monitor/%,$(USER_OBJ))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_) $(LDFLAGS) -o $@ $^ $(LIBS) -lpthread -lrt

# Every system call in a fence, in the adversary's world.
SWEEP_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/sweep/*.c)) \
	$(filter-out $(addprefix $(B)/tests/escape/,escape.o special.o mutate.o trials.o guards.o program.o books.o),$(ESCAPE_OBJ))
vm-tests: $(B)/sweep/sweep
-include $(SWEEP_OBJ:.o=.d)
$(B)/sweep/sweep: $(SWEEP_OBJ) $(filter-out $(B)/user/verbs/% $(B)/user/api/% $(B)/user/client/% $(B)/user/monitor/%,$(USER_OBJ))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_) $(LDFLAGS) -o $@ $^ $(LIBS) -lpthread -lrt

# Fuzzers: each tests/fuzz/fuzz_NAME.c; corpora in tests/fuzz/corpus/NAME.
FUZZ_SECONDS ?= 60
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
.PHONY: fuzz
fuzz:
	@status=0; for f in $(FUZZERS); do \
		mkdir -p build/fuzz/new/$$f tests/fuzz/corpus/$$f; \
		$(CLANG) $(filter-out -O2,$(CFLAGS_)) -O1 -Itests -fsanitize=fuzzer,address,undefined \
			-o build/fuzz/$$f tests/fuzz/fuzz_$$f.c $(PURE_SRC) $(wildcard user/events/*.c user/filter/*.c) -lyaml -ljansson || exit 1; \
		build/fuzz/$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
			build/fuzz/new/$$f tests/fuzz/corpus/$$f || status=1; \
	done; exit $$status

# The benchmark: what it times is linked statically, so that no library's files are opened beside it.
$(B)/bench/ops: $(B)/tests/bench/ops.o $(B)/tests/bench/landlock.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_) $(LDFLAGS) -static -o $@ $^
$(B)/bench/switch: $(B)/tests/bench/switch.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_) $(LDFLAGS) -o $@ $^ -lbpf
.PHONY: bench bench-programs
bench-programs: all $(B)/bench/ops $(B)/bench/switch
bench: bench-programs
	tools/bench
