# Installs into a prefix, moves it, and uses it as a stranger would: C programs, one of them README's, by pkg-config and by
# CMake; and the command.
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
export LD_LIBRARY_PATH=$(pkg-config --variable=libdir lede)
# Word splitting is meant: these are options.
compile() {
    "${CC:-cc}" -std=c11 -Wall -Wextra -pedantic -Werror $(pkg-config --cflags lede) "$1" $(pkg-config --libs lede) -o "$2"
}
compile "$LEDE_SOURCE/tests/install/client.c" client
said=$(./client)
[ "$said" = "$version: 1 hit" ] || fail "the client said: $said"

mkdir by-cmake
cat >by-cmake/CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.25)
project(client C)
find_package(lede ${version%.*} REQUIRED)
add_executable(client $LEDE_SOURCE/tests/install/client.c)
target_link_libraries(client PRIVATE lede::lede)
END
cmake -S by-cmake -B by-cmake/build -DCMAKE_PREFIX_PATH="$prefix" >by-cmake.log 2>&1 &&
    cmake --build by-cmake/build >>by-cmake.log 2>&1 || fail "find_package(lede) fails: $(cat by-cmake.log)"
rm -rf client.lede
said=$(env -u LD_LIBRARY_PATH by-cmake/build/client)
[ "$said" = "$version: 1 hit" ] || fail "the client built by CMake said: $said"

sed -n '/^```c$/,/^```$/{/^```/d;p}' "$LEDE_SOURCE/README.md" >find.c
compile find.c find
said=$(./find 2>&1) && fail "README's program finds something without an index: $said"
case "$said" in ".lede: "*) ;; *) fail "README's program says, without an index: $said" ;; esac
"$prefix/bin/lede" index -q "$LEDE_SOURCE/corpus"
./find | grep -q '/lavrov-two-calls\.txt:[0-9]*: .*Simla' || fail "README's program does not find Lavrov in Simla"
unset LD_LIBRARY_PATH

printed=$("$prefix/bin/lede" --version)
case "$printed" in *"$version"*) ;; *) fail "lede --version said: $printed" ;; esac
"$prefix/bin/lede" search -i client.lede Simla | grep -q Simla || fail "the installed command does not find the article"
code=0
"$prefix/bin/lede" search -i client.lede Σιμλα || code=$?
[ "$code" = 1 ] || fail "the installed command can't fold a Greek word: its module is not found"
