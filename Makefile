# tellingcube: `make help` lists what there is to make.
#
# Two kinds of goal live here. Goals that bring a machine up (demo, check, …) are scripts in
# tools/; they must work where PostgreSQL is not installed yet, so they never reach PGXS. All
# other goals (all, install, installcheck, clean) are PostgreSQL's own extension build.

TOOL_GOALS = help demo check check-full asan fuzz format bench stage
.PHONY: $(TOOL_GOALS)

ifneq ($(filter $(TOOL_GOALS),$(MAKECMDGOALS)),)

help:
	@tools/help

demo check check-full asan fuzz format bench:
	@tools/$@

# An ordinary goal beside a tool goal, as in `make clean check`.
.DEFAULT:
	@$(MAKE) --no-print-directory $@

else

EXTENSION = tellingcube
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(EXTENSION).control)

# The features, in the order in which their SQL is installed: a feature may use those before it.
FEATURES  = cube scenario event projection ibcs audit catalog simulation planning statistics evidence quality prompt llm

MODULE_big = $(EXTENSION)
OBJS       = $(patsubst %.cpp,%.o,$(sort $(wildcard src/*.cpp src/*/*.cpp)))
INSTALL_SQL = $(EXTENSION)--$(EXTVERSION).sql
UPGRADE_SQL = $(patsubst src/migrations/%,$(EXTENSION)--%,$(sort $(wildcard src/migrations/*--*.sql)))
DATA_built  = $(INSTALL_SQL) $(UPGRADE_SQL)
EMBEDDED = src/simulation/embedded.inc
EXTRA_CLEAN = $(OBJS:.o=.d) $(EMBEDDED) build results output_iso tmp_check $(wildcard $(EXTENSION)--*.sql)

REGRESS      = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql)))
REGRESS_OPTS = --load-extension=$(EXTENSION)
ISOLATION      = $(patsubst %.spec,%,$(notdir $(sort $(wildcard test/isolation/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test/isolation --load-extension=$(EXTENSION)

PG_CONFIG ?= pg_config
PGXS      := $(shell $(PG_CONFIG) --pgxs)
ifeq ($(PGXS),)
$(error $(PG_CONFIG) does not run. Install the server development package (postgresql-server-dev-N), or name another with PG_CONFIG=/path/to/pg_config)
endif

OPTIMIZE = -O2
# Server headers as system headers: our warnings are errors, theirs are not ours to mend.
PG_CPPFLAGS = -Isrc -isystem $(shell $(PG_CONFIG) --includedir-server)
PG_CXXFLAGS = -std=c++20 $(OPTIMIZE) -Wall -Wextra -Werror -fno-semantic-interposition -MMD -MP
# The server's build recorded its compiler's warning options; another compiler may not know them.
# And g++ 12 sees overlaps in std::string's operator+ where there are none.
PG_CXXFLAGS += $(if $(findstring clang,$(shell $(CXX) --version)),-Wno-unknown-warning-option,-Wno-restrict)
PG_CXXFLAGS += $(SANITIZE)
SHLIB_LINK   = -lcurl -lstdc++ -Wl,--version-script=tools/exports.map $(SANITIZE)
# Bitcode of C++ buys nothing and would need clang.
override with_llvm = no

include $(PGXS)
-include $(wildcard $(OBJS:.o=.d))

src/simulation/documents.o: $(EMBEDDED)
$(EMBEDDED): $(sort $(wildcard src/simulation/data/*.json)) tools/embed
	@tools/embed $(filter %.json,$^) > $@.new && mv $@.new $@

SQL_SOURCES = $(wildcard $(foreach f,$(FEATURES),src/$(f)/*.sql) prompts/*.md) tools/assemble \
              Makefile $(EXTENSION).control

$(INSTALL_SQL): $(SQL_SOURCES)
	@tools/assemble install $(FEATURES) > $@.new && mv $@.new $@

$(UPGRADE_SQL): $(EXTENSION)--%: src/migrations/% $(SQL_SOURCES)
	@tools/assemble upgrade $< $(FEATURES) > $@.new && mv $@.new $@

endif
