# ICU, libxml2 and libedit are loaded when they are first needed, from modules beside the command: what works without
# them, and what is said where they are needed.
. "$LEDE_SOURCE/tests/cli/support.sh"

mkdir articles lib
printf 'Lavrov went to Simla.\n' >articles/a.txt
printf 'Nguyễn met Αθήνα there. A talk on talks.\n' >articles/b.txt
printf '<p>Trade talks in Delhi.' >page.html

# The command and its modules, where no others are near.
cp "$LEDE" lib/command
cp "$LEDE_BUILD"/lede-*.so lib/
LEDE=$PWD/lib/command

place() {
    mkdir -p lib/lede
    mv lib/lede-*.so lib/lede/
}

run index -q -i i.lede articles page.html
is "indexing with all modules" 0
run search -i i.lede Nguyen
is "a word that takes ICU to fold" 0
place
run search -i i.lede Αθηνα
is "modules in the folder 'lede'" 0

mkdir away
mv lib/lede/* away/
run search -i i.lede --json Simla
is "searching plain words without modules" 0
run stats -i i.lede
is "statistics without modules" 0
# Where the module would be depends on where the library is installed.
says_missing() {
    [[ $err == "lede: $PWD/lib/"*"lede-$1.so: cannot open shared object file: No such file or directory; $remedy" ]] ||
        fault "the message does not tell that lede-$1.so is missing"
}
remedy='install Lede again, its modules and the libraries that they need'
run search -i i.lede Αθηνα
is "folding without ICU's module" 2
says_missing icu
run search -i i.lede =talks
is "a form in a text that takes ICU's module to read" 2
says_missing icu
run index -q -i h.lede page.html
is "HTML without libxml2's module" 2
says_missing xml

cp away/lede-xml.so lib/lede/lede-icu.so
run search -i i.lede Αθηνα
is "a module of another kind" 2
[[ $err == *"lede-icu.so: undefined symbol: lede_icu; $remedy" ]] || fault "another message about a foreign module"

echo 'const struct { unsigned version, size; } lede_icu = {1, 8};' >other.c
if "${CC:-cc}" -shared -fPIC -o lib/lede/lede-icu.so other.c; then
    run search -i i.lede Αθηνα
    is "a module of another version" 2
    says "lede: $PWD/lib/lede/lede-icu.so: belongs to another version of Lede; $remedy"
fi

echo 'int absent(void) { return 1; }' >absent.c
echo 'int absent(void); int lede_icu(void) { return absent(); }' >needy.c
if "${CC:-cc}" -shared -fPIC -Wl,-soname,libabsent.so.7 -o libabsent.so absent.c &&
    "${CC:-cc}" -shared -fPIC -o lib/lede/lede-icu.so needy.c ./libabsent.so; then
    run search -i i.lede Αθηνα
    is "a module whose library is not installed" 2
    why='libabsent.so.7: cannot open shared object file: No such file or directory'
    says "lede: $PWD/lib/lede/lede-icu.so needs a library that is not installed: $why; install the package that has it"
fi
cp away/* lib/lede/
run search -i i.lede Αθηνα
is "modules that are back" 0
finish
