# AirWatch. `make help` lists the targets.
MODE    ?= release
CC      ?= cc
REV     := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
B       := build/$(MODE)
BIN     := $(if $(filter release,$(MODE)),build,$B)
CSTD    := -std=c17 -D_XOPEN_SOURCE=700
WARN    := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wvla -Wformat=2 -Wundef -Werror
OPT     := -O2 -g
ifeq ($(MODE),asan)
OPT     := -O1 -g3 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
endif
ifeq ($(MODE),coverage)
OPT     := -O0 -g --coverage
endif
INCLUDE := -Ilib -Itests -I. -I$B/gen -isystem /usr/include/postgresql
CFLAGS  := $(CSTD) $(WARN) $(OPT) -ffunction-sections -fdata-sections $(INCLUDE) -MMD -MP
LDFLAGS := $(OPT) -Wl,--gc-sections -Wl,--as-needed
LDLIBS  := -lfcgi -lpq -lcurl -lzip -lcjson -lyaml -lxgboost -llapacke -lopenblas -lssl -lcrypto -lz -lm -lpthread

SQL     := $(sort $(wildcard lib/*/*.sql))
MIGRATE := $(sort $(wildcard lib/db/migrations/*.sql))
APIS    := $(sort $(wildcard www/api/*.json))
ASSETS  := $(sort $(wildcard www/*.* lib/site/*.gp)) $B/gen/site/openapi.json
TABLES  := $(sort $(wildcard deploy/tables/*.json))
GEN     := $(patsubst lib/%,$B/gen/%.c,$(SQL)) $B/gen/db/migrations.c $B/gen/site/assets.c \
           $B/gen/table/assets.c $B/gen/learn/assets.c
GENH    := $(patsubst lib/%,$B/gen/%.h,$(SQL))
LIB     := $(sort $(wildcard lib/*/*.c))
JOBS    := $(sort $(wildcard jobs/*.c))
FCGI    := $(patsubst cgi-bin/%.c,$(BIN)/%.fcgi,$(sort $(wildcard cgi-bin/*.c)))
TESTS   := $(sort $(wildcard tests/*.c tests/[a-z]*/*_test.c))
FUZZ    := $(sort $(wildcard tests/fuzz/*.c))
HEADERS := $(sort $(wildcard lib/*/*.h))
C_FILES := $(LIB) $(JOBS) $(sort $(wildcard cgi-bin/*.c)) $(TESTS) $(FUZZ)
objects  = $(patsubst %.c,$B/%.o,$(patsubst $B/%,%,$1))

.PHONY: all help
all: $(BIN)/airwatch $(FCGI) ## build everything
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{printf "make %-12s %s\n",$$1,$$2}'

# ---- running -------------------------------------------------------------------------------------
.PHONY: run stop status clean-state install
run: ## install what is needed, build, start everything, run the loop on the shipped data
	@deploy/run
stop: ## stop what `make run` started
	@deploy/services stop
status: ## tell what runs
	@deploy/services status
clean-state: ## stop, and delete everything that was made at run time
	@deploy/services clean
install: all ## install programs, configuration and units below DESTDIR
	@deploy/install $(BIN) "$(DESTDIR)"

# ---- checking ------------------------------------------------------------------------------------
.PHONY: test check unit whole conformance backfill-kill asan layers headers sql lint format coverage fuzz moto bench
test: ## install what is needed, build, run every test
	@deploy/packages test
	$(MAKE) check whole
check: unit layers headers sql ## unit tests, layers, headers, statements
unit: $B/tests/run
	LOG_LEVEL=warn tests/with-postgres tests/with-s3 $B/tests/run --short-filename --timeout 300 $(if $(ONLY),--filter '$(ONLY)')
whole: all ## integration and browser tests over the real nginx and PostgreSQL
	tests/whole/run $(ONLY)
conformance: ## drive the MLflow face by the real clients, the current one and 2.12.2
	@deploy/packages test
	$(MAKE) all
	node tests/conformance/run.mjs
	node tests/conformance/border.mjs
backfill-kill: all ## kill -9 fifty times at random moments of a backfill
	node tests/whole/backfill-kill.mjs 50
counts: all ## hold every file of ../shared/data against an independent count
	COUNTS=all tests/whole/run counts
	COUNTS=all $(MAKE) unit ONLY='aqs_aqi_test/*'
asan: ## unit tests under the address and undefined-behaviour sanitizers
	$(MAKE) MODE=asan unit
layers: ## hold lib/LAYERS against the includes
	@awk -f tests/layers.awk lib/LAYERS $(LIB) $(HEADERS) && echo "layers: $(words $(LIB)) files keep to lib/LAYERS"
headers: $(HEADERS:%=$B/%.ok) ## check that each header stands alone
$B/%.h.ok: %.h | $(GENH)
	@mkdir -p $(@D)
	@$(CC) $(CSTD) $(WARN) -Wno-pragma-once-outside-header $(INCLUDE) -fsyntax-only -xc $< && touch $@
sql: $(BIN)/airwatch ## migrate an empty database and prepare every statement on it
	tests/with-postgres tests/sql $(BIN)/airwatch $(SQL)
lint: $(GEN) $(GENH) ## clang-tidy, cppcheck and the bans
	tests/lint "$(CSTD) $(INCLUDE)" $(LIB) $(JOBS) $(wildcard cgi-bin/*.c)
format: ## lay out the sources
	clang-format -i $(C_FILES) $(HEADERS)
coverage: ## line coverage of the unit tests
	$(MAKE) MODE=coverage unit
	gcovr -r . --object-directory build/coverage -f lib -s --exclude-unreachable-branches | tail -4
fuzz: ## run each fuzz target (or ONLY some) for FUZZ_SECONDS
	tests/fuzz/run $(or $(FUZZ_SECONDS),60) $(ONLY)
moto: $B/tests/run ## the lake's tests over moto of PyPI, an S3 that others wrote
	tests/store/moto tests/with-postgres $B/tests/run --short-filename --timeout 300
bench: all ## measure the promised ratios, both sides in one run
	tests/bench/run

# ---- building ------------------------------------------------------------------------------------
$(BIN)/airwatch: $(call objects,$(JOBS)) $B/lib.a
	@echo "  ld $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BIN)/%.fcgi: $B/cgi-bin/%.o $B/lib.a
	@echo "  ld $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$B/tests/run: $(call objects,$(TESTS)) $B/lib.a
	@echo "  ld $@"
	@$(CC) $(LDFLAGS) -Wl,--no-gc-sections -o $@ $^ -lcriterion $(LDLIBS)
$B/lib.a: $(call objects,$(LIB) $(GEN))
	@rm -f $@
	@$(AR) rcs $@ $^
$B/gen/%.sql.h: lib/%.sql lib/db/embed.awk
	@mkdir -p $(@D)
	@awk -v mode=h -v header=$*.sql.h -f lib/db/embed.awk $< > $@
$B/gen/%.sql.c: lib/%.sql lib/db/embed.awk
	@mkdir -p $(@D)
	@awk -v mode=c -v header=$*.sql.h -f lib/db/embed.awk $< > $@
$B/gen/db/migrations.c: $(MIGRATE) lib/db/embed-files
	@mkdir -p $(@D)
	@sh lib/db/embed-files db/migrate.h 'const struct migration migrations' $(MIGRATE) > $@
$B/gen/site/openapi.json: www/api/document.jq $(APIS)
	@mkdir -p $(@D)
	@jq -cs -f $^ > $@.new && mv $@.new $@
$B/gen/site/assets.c: $(ASSETS) lib/db/embed-files
	@mkdir -p $(@D)
	@sh lib/db/embed-files site/asset.h 'const struct asset site_assets' $(ASSETS) > $@
$B/gen/table/assets.c: $(TABLES) lib/db/embed-files
	@mkdir -p $(@D)
	@sh lib/db/embed-files table/catalogue.h 'const struct asset table_assets' $(TABLES) > $@
$B/gen/learn/assets.c: lib/learn/airwatch_model.py lib/db/embed-files
	@mkdir -p $(@D)
	@sh lib/db/embed-files learn/package.h 'const struct asset learn_assets' $< > $@
$B/gen/%.o: $B/gen/%.c
	@echo "  cc $<"
	@$(CC) $(CFLAGS) -Wno-overlength-strings -c -o $@ $<
# Few programs name the revision; the rest need not be compiled anew for each.
REVISED := lib/api/metrics jobs/replay jobs/train jobs/main
$(REVISED:%=$B/%.o): CFLAGS += -DREVISION='"$(REV)"'
$B/tests/%.o: tests/%.c Makefile | $(GENH)
	@mkdir -p $(@D)
	@echo "  cc $<"
	@$(CC) $(CFLAGS) -DSUITE=$(subst /,_,$*) -c -o $@ $<
$B/%.o: %.c Makefile | $(GENH)
	@mkdir -p $(@D)
	@echo "  cc $<"
	@$(CC) $(CFLAGS) -c -o $@ $<
.SECONDARY:
.PHONY: clean
clean: ## delete what was built
	rm -rf build
-include $(patsubst %.o,%.d,$(call objects,$(LIB) $(JOBS) $(TESTS) $(wildcard cgi-bin/*.c)))
