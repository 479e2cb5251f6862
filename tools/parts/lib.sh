# Sourced by every part of `make check`.
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# tally PASSED FAILED: the part's result; its last act.
tally() { echo "$1 $2" > "$TALLY"; }

# verdict COUNT: one check, which passes when nothing wrong was found.
verdict() { if [ "$1" = 0 ]; then tally 1 0; else tally 0 1; fi; }

# none WHAT: ends a part for which there are no files.
none() {
    echo "none: $1"
    tally 0 0
    exit 0
}

# need_server: TREE is the server's copy of the test files, OUT a place where it may write.
need_server() {
    [ -n "${SERVER:-}" ] || fail "There is no server to run this in: see the part \"build\"."
    TREE=$SERVER/tree
    OUT=$SERVER/out
}

# Our C++ files.
sources() { find src test -name '*.cpp' -o -name '*.hpp' | sort; }

# stems DIR SUFFIX: the names of the files DIR/*SUFFIX without either.
stems() { [ ! -d "$1" ] || find "$1" -maxdepth 1 -name "*$2" -exec basename {} "$2" \; | sort; }

# The root of the server's build tree as far as it is installed: its test programs and modules.
pgxs_top() { (cd "$(dirname "$("$PG_CONFIG" --pgxs)")/../.." && pwd); }

# configure_core DIR [OPTION…]: the build of the pure core, anew if the checkout has moved.
configure_core() {
    grep -qs "^CMAKE_HOME_DIRECTORY:INTERNAL=$ROOT\$" "$1/CMakeCache.txt" || rm -rf "$1"
    cmake -S . -B "$1" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "${@:2}" > /dev/null
}

# regress PROGRAM INPUT NAME…: PostgreSQL's regression or isolation runner, whose report is
# plain lines up to 15 and TAP from 16 on.
regress() {
    local program=$1 input=$2 report passed failed diffs
    local out=$OUT/${program##*/}
    shift 2
    as_server mkdir -p "$out"
    cd "$TREE"
    report=$(as_server "$(pgxs_top)/$program" --bindir="$("$PG_CONFIG" --bindir)" \
        --inputdir="$input" --outputdir="$out" --dbname="tc_${program##*/}" \
        --load-extension="$EXTENSION" "$@" 2>&1) || true
    echo "$report"
    passed=$(grep -cE '^(test .* ok|ok [0-9])' <<< "$report") || true
    failed=$(grep -cE '^(test .* FAILED|not ok [0-9])' <<< "$report") || true
    diffs=$out/regression.diffs
    [ ! -f "$diffs" ] || { cp "$diffs" "$LOG.diffs" && head -n 200 "$diffs"; }
    # Whatever was asked for and not reported never ran.
    tally "$passed" $(($# - passed > failed ? $# - passed : failed))
}

# tap [OPTION…] FILE…: tools/tap as the server's user; its last line is the count.
tap() {
    local report passed failed
    cd "$TREE"
    report=$(as_server "$TREE/tools/tap" "$@" 2>&1) || true
    echo "$report"
    read -r passed failed <<< "$(sed -n 's/^tally: //p' <<< "$report")"
    [ -z "$passed" ] || tally "$passed" "$failed"
}
