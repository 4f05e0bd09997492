# Installs into a prefix, moves it, and uses it as a stranger would: a C program found by pkg-config, and the command.
set -eu
fail() {
    echo "$*" >&2
    exit 1
}
cmake --install "$LEDE_BUILD" --prefix "$PWD/first" >/dev/null
mv first moved
prefix=$PWD/moved
pc=$(find "$prefix" -name lede.pc)
[ -n "$pc" ] || fail "lede.pc is not installed"
export PKG_CONFIG_PATH=${pc%/*}

version=$(pkg-config --modversion lede)
# Word splitting is meant: these are options.
"${CC:-cc}" -std=c11 -Wall -Wextra -pedantic -Werror $(pkg-config --cflags lede) "$LEDE_SOURCE/tests/install/client.c" \
    $(pkg-config --libs lede) -o client
said=$(LD_LIBRARY_PATH=$(pkg-config --variable=libdir lede) ./client)
[ "$said" = "$version: 1 hit" ] || fail "the client said: $said"

printed=$("$prefix/bin/lede" --version)
case "$printed" in *"$version"*) ;; *) fail "lede --version said: $printed" ;; esac
"$prefix/bin/lede" search -i client.lede Simla | grep -q Simla || fail "the installed command does not find the article"
code=0
"$prefix/bin/lede" search -i client.lede Σιμλα || code=$?
[ "$code" = 1 ] || fail "the installed command can't fold a Greek word: its module is not found"
