# Texts in charsets that they don't tell.
. "$LEDE_SOURCE/tests/cli/support.sh"

# hits WORD N: so many passages hold it.
hits() {
    run search --json --count -n 1 -i i.lede "$1"
    [ "$(grep -o '"total":[0-9]*' .out)" = "\"total\":$2" ] || fault "not $2 passages hold $1"
}

again() {
    rm -rf i.lede
    run index -i i.lede "$@"
}

mkdir kinds
printf '\xcc\xee\xf1\xea\xe2\xe0 1251.\n' >kinds/plain.txt
printf 'a\t\xcc\xee\xf1\xea\xe2\xe0 1251.\nb\tASCII 1251.\n' >kinds/lines.tsv
printf '{"id":"j","text":"\xcc\xee\xf1\xea\xe2\xe0 1251."}\n' >kinds/lines.jsonl
printf '# \xcc\xee\xf1\xea\xe2\xe0\n\n1251.\n' >kinds/mark.md
printf '<html><body><p>\xcc\xee\xf1\xea\xe2\xe0 1251.' >kinds/page.html
printf '<meta charset="utf-8"><p>\xcc\xee\xf1\xea\xe2\xe0 1251.' >kinds/wrong.html
# Those that tell it.
printf 'Москва, UTF-8.\n' >kinds/utf8.txt
printf '\xef\xbb\xbfASCII, UTF-8.\n' >kinds/bom.txt
printf '\xff\xfe\x1c\x04\x3e\x04\x41\x04\x3a\x04\x32\x04\x30\x04\n\0' >kinds/utf16.txt
printf '<meta charset="koi8-r"><p>\xed\xcf\xd3\xcb\xd7\xc1 in KOI8-R.' >kinds/koi8.html
printf '<?xml version="1.0" encoding="koi8-r"?><html><p>\xed\xcf\xd3\xcb\xd7\xc1 in KOI8-R.' >kinds/koi8.xhtml
printf '<meta charset="iso-8859-1"><p>Caf\xe9 of Latin-1.' >kinds/latin.html

again kinds
is "without --charset" 0
hits Москва 4
again --charset windows-1251 kinds
is "windows-1251" 0
says ""
hits Москва 10
hits café 1
hits 1251 7
again --charset CP1251 kinds/plain.txt
hits Москва 1

# Of a pipe, and one that ends with half a character.
step="lede index --charset koi8-r -"
printf '\xed\xcf\xd3\xcb\xd7\xc1, koi8-r, in a pipe.\n' | "$LEDE" index -q -i i.lede --charset koi8-r -
hits koi8 1
hits Москва 2
printf '\x93\x8c\x8b\x9e \x82\xcc\x8a\x58 \x93' >japan.txt
again --charset shift_jis japan.txt
is "half a character" 0
says "lede: warning: japan.txt: 1 byte that means nothing in Shift_JIS replaced by U+FFFD"
shows "1 broken byte replaced"
hits 東京 1
# Of lines: where, as near as can be told.
printf 'a\tx\nb\t\xe1\xe2 \xff\n' >bad.tsv
again --charset iso-8859-7 bad.tsv
says "lede: warning: bad.tsv:1: 1 byte that means nothing in ISO-8859-7, in or below this line, replaced by U+FFFD"
# Charsets in which ASCII is not ASCII, or all is.
printf 'M\0o\0s\0c\0o\0w\0\t\0x\0\n\0D\0e\0l\0h\0i\0\t\0y\0\n\0' >wide.tsv
again --charset utf-16le wide.tsv
hits x 1
hits y 1
printf 'a \x1b$B5~\x1b(B z\n' >iso2022.txt
again --charset iso-2022-jp iso2022.txt
hits 京 1
# What is no text is told as without it.
printf '\x1f\x8b\x08\0\xff\xfe\x80\x98' >packed.txt
again --charset gb18030 packed.txt
is "a packed file" 2
says "lede: packed.txt: a gzip file; unpack it"

# Large files, whose characters are cut anywhere; ASCII for long.
{ for i in {1..9000}; do printf '%s\tplain ASCII of number %s, which tells nothing\n' $i $i; done
  for i in {1..9000}; do printf 'r%s\t\x8a\x58 \x93\x8c\x8b\x9e %s\n' $i "${i//[0-8]/}"; done; } >large.tsv
again --charset shift_jis large.tsv
says ""
hits 東京 9000
{ for i in {1..9000}; do printf '%s\tplain ASCII of number %s, which tells nothing\n' $i $i; done
  for i in {1..9000}; do printf 'r%s\tв Москве %s\n' $i "${i//[0-8]/}"; done; } >large.tsv
again --charset shift_jis large.tsv
says ""
hits Москве 9000

# The first characters beyond ASCII where what is read at once ends, which look like the beginning of one in UTF-8.
for tail in 1 2 3; do
    { head -c $((65536 - tail)) /dev/zero | tr '\0' ' '; printf '\xed\xcf\xd3\xcb\xd7\xc1\n'; } >edge.txt
    again --charset koi8-r edge.txt
    hits Москва 1
    { head -c $((65536 - tail)) /dev/zero | tr '\0' ' '; printf 'Москва\n'; } >edge.txt
    again --charset koi8-r edge.txt
    hits Москва 1
done

# Format and charset are kept with the file: another is read anew, and none is the one before.
printf 'a\tone fish\nb\ttwo fish\n' >fish.dat
mkdir sea
printf 'a\t\xed\xcf\xd3\xcb\xd7\xc1\n' >sea/koi.txt
again --format text fish.dat
hits fish 1
run index -i i.lede --format tsv fish.dat
shows "indexed 2 articles"
hits fish 2
sum() { sed -E 's/ in [0-9.]+ s/ in T/' <<<"$out"; }
for more in '' '--format tsv' '--charset auto'; do
    run index -i i.lede $more fish.dat
    same "$(sum)" "indexed 0 articles (0 passages) from 0 files in T; 1 unchanged"
done
printf 'c\tthree fish\n' >>fish.dat
run index -i i.lede fish.dat
hits fish 3
run index -i i.lede --format text fish.dat
hits fish 1
run index -i i.lede sea
hits Москва 0
run index -i i.lede --charset koi8-r sea
hits Москва 1
run index -i i.lede --format tsv sea/koi.txt
shows "from 1 file"
run index -i i.lede --charset KOI8-R sea
shows "; 1 unchanged"
echo >>sea/koi.txt
run index -i i.lede sea
shows "from 1 file"
hits Москва 1
run search --json -i i.lede Москва
shows '"key":"a"'
run index -i i.lede --charset auto sea
hits Москва 0
run check -i i.lede
is "check" 0
# What is asked for by the name of the default is forgotten; that can be done for all files of a folder.
run index -i i.lede --format tsv fish.dat
hits fish 3
run index -i i.lede --format auto fish.dat
shows "indexed 3 articles" # as its first lines tell
printf 'd\tfour fish\n' >>fish.dat
run index -i i.lede --format text fish.dat
hits fish 1
run index -i i.lede --format auto fish.dat
hits fish 4
run index -i i.lede --format tsv sea/koi.txt
run index -i i.lede sea
shows "1 unchanged"
run index -i i.lede --format auto sea
shows "from 1 file"
run search --json -i i.lede "path:sea/koi.txt"
shows '"key":"/'
step="lede index --format auto -"
printf 'z\tfive fish\n' | "$LEDE" index -i i.lede --format auto - >.out 2>.err
status=$? out=$(cat .out) err=$(cat .err)
shows "indexed 1 article"
# What its name tells is no other format.
again kinds/lines.tsv
run index -i i.lede --format tsv kinds/lines.tsv
shows "; 1 unchanged"

run index -i new.lede --charset klingon kinds
errs "there is no charset 'klingon'; windows-1251, koi8-r and shift_jis are some"
[ ! -e new.lede ] || fault "an index was made all the same"
run index -i new.lede --charset "" kinds
errs "there is no charset ''"
again --charset auto kinds
is "auto" 0
hits Москва 4
finish
