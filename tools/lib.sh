# Sourced by the scripts beside it: where the project is, how to speak, whom to run as.
set -euo pipefail
umask 022

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
EXTENSION=tellingcube
# Sorting, numbers and messages are those that the scripts expect, whoever runs them.
export LC_ALL=C.UTF-8
# We decide how the builds inside run, not the options of the make that called us.
unset MAKEFLAGS MFLAGS MAKELEVEL
# JOBS=1 spares a busy machine.
JOBS=${JOBS:-$(nproc 2>/dev/null || echo 2)}
cd "$ROOT"

say() { printf '%s\n' "$*" >&2; }

# fail WHAT [WHAT TO DO]: the one clear sentence, and the way out.
fail() {
    say "tellingcube: $1"
    [ $# -lt 2 ] || say "  $2"
    exit 1
}

# The PG_CONFIG in use, as an absolute path. An empty answer means that there is none.
find_pg_config() { command -v "${PG_CONFIG:-pg_config}" 2>/dev/null || true; }

# PostgreSQL refuses to run as root, so root runs it as somebody unprivileged.
server_user() {
    if [ "$(id -u)" != 0 ]; then
        id -un
    elif id postgres >/dev/null 2>&1; then
        echo postgres
    else
        echo nobody
    fi
}

# as_server COMMAND…: runs it as server_user, whose own dot files must not matter.
as_server() {
    local user
    user=$(server_user)
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups \
            env HOME=/nonexistent "$@"
    else
        env HOME=/nonexistent "$@"
    fi
}

# own PATH…: hands files over to server_user.
own() {
    [ "$(id -u)" != 0 ] || chown -R "$(server_user)" "$@"
}

# build TREE [ARGUMENT…]: the extension's own build there, quietly.
build() {
    make --no-print-directory -s -C "$1" -j"$JOBS" ${CXX:+CXX="$CXX"} \
        ${PG_CONFIG:+PG_CONFIG="$PG_CONFIG"} "${@:2}"
}

# mirror DIR: a tree of links to the sources, to build beside the build in the checkout.
# Objects of the last time stay, so a second build compiles only what changed.
mirror() {
    local dir=$1 file
    mkdir -p "$dir"
    find "$dir" -type l -delete
    find Makefile "$EXTENSION.control" tools src prompts -type f \
        ! -name '*.o' ! -name '*.d' ! -name '*.bc' -print |
        while read -r file; do
            mkdir -p "$dir/$(dirname "$file")"
            ln -s "$ROOT/$file" "$dir/$file"
        done
}
