# Every command's JSON is as docs/lede.schema.json has it, no member more and none less.
. "$LEDE_SOURCE/tests/cli/support.sh"
schema=$LEDE_SOURCE/docs/lede.schema.json

# The keywords of JSON Schema that the schema uses, and no others: what it does not know is a fault.
cat >validate.jq <<'JQ'
def known: ["$ref", "type", "const", "enum", "minimum", "pattern", "required", "properties", "additionalProperties",
    "items", "minItems", "maxItems"];
def is_a($wanted): if $wanted == "integer" then type == "number" and . == floor else type == $wanted end;
def faults($root; $s; $path):
    . as $value
    | if $s | has("$ref") then faults($root; $root["$defs"][$s["$ref"] | ltrimstr("#/$defs/")]; $path)
      else
        (($s | keys_unsorted) - known | map("\($path): the schema has \(.)")[]),
        (if ($s | has("type")) and ([$s.type] | flatten | any(. as $t | $value | is_a($t)) | not)
            then "\($path): \($value) is not a \($s.type)" else empty end),
        (if ($s | has("const")) and $value != $s.const then "\($path): \($value) is not \($s.const)" else empty end),
        (if ($s | has("enum")) and ([$value] | inside($s.enum) | not) then "\($path): \($value)" else empty end),
        (if ($s | has("minimum")) and ($value | type) == "number" and $value < $s.minimum
            then "\($path): \($value) is too small" else empty end),
        (if ($s | has("pattern")) and ($value | type) == "string" and ($value | test($s.pattern) | not)
            then "\($path): \($value)" else empty end),
        (if ($value | type) == "object" then
            ((($s.required // []) - ($value | keys_unsorted))[] | "\($path): \(.) is missing"),
            ($value | to_entries[] | .key as $k | .value
                | if $s.properties | has($k) then faults($root; $s.properties[$k]; "\($path).\($k)")
                  elif $s.additionalProperties == false then "\($path): \($k) is not in the schema" else empty end)
         elif ($value | type) == "array" then
            (if ($value | length) < ($s.minItems // 0) or ($value | length) > ($s.maxItems // 1e9)
                then "\($path): \($value | length) items" else empty end),
            ($value | to_entries[] | .key as $k | .value | faults($root; $s.items; "\($path)[\($k)]"))
         else empty end)
      end;
$schema[0] as $root | faults($root; {"$ref": "#/$defs/\($name)"}; $name)
JQ
valid() {
    [ -s .out ] || fault "no output"
    local seen
    seen=$(jq -r --arg name "$1" --slurpfile schema "$schema" -f validate.jq .out 2>&1)
    same "$seen" ""
}

make_lines lines.jsonl
make_articles articles
run index -i i.lede --json --passages whole lines.jsonl
valid index
run index -i a.lede --json articles
valid index
for query in 'lavrov simla' '"lavrov spoke' elephants '' 'Simlo'; do
    run search -i i.lede --json --explain -C 2 --passages 3 --recent 10 --facets \
        year,month,day,source,folder,byline,place,credit -- "$query"
    valid search
done
run search -i a.lede --json --explain -C 1 --all-copies --rank bm25 --sort date lavrov the
valid search
printf 'q1\tlavrov\nwheat\n' | "$LEDE" search -i i.lede --json --queries - >.out
valid search
run similar -i i.lede --json a
valid similar
run timeline -i i.lede --json simla
valid timeline
run terms -i i.lede --json simla
valid terms
run parse -i i.lede --json '+lavrov "simla accord"^2 (wheat rye)/1 NEAR/3(a b) date:2025 wor*d fuz~1 -x'
valid parse
run stats -i i.lede --json
valid stats
run check -i i.lede --json
valid check
run optimize -i a.lede --json
valid optimize
run delete -i i.lede --json a none
valid delete

# The test itself can fail.
run stats -i i.lede --json
for change in '.version = 2' 'del(.commit)' '.more = 1' '.terms = "12"' '.terms = 1.5' '.passages_mode = "half"' \
    '.bytes.total = -1' '.bytes.more = 1'; do
    jq -c "$change" .out >changed
    [ -n "$(jq -r --arg name stats --slurpfile schema "$schema" -f validate.jq changed)" ] || fault "$change is valid"
done
finish
