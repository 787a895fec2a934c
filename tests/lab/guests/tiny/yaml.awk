# A reader for the YAML that cloud-init seeds are written in, JSON included (JSON is flow style YAML).
# Leaves go to V[path], every node's kind (map, list, scalar, null) to KIND[path]; a path is the keys and list
# indices joined with S. A second program file has to define emit(), which is called when the document is read.

BEGIN { S = "\034" }
{ sub(/\r$/, ""); LINE[++LINES] = $0 }
END {
    if (FAILED) exit 2
    P = 1
    parse_node("", 0)
    skip_blank()
    if (P <= LINES) fail("text after the end of the document")
    emit()
}

function fail(what) {
    printf "line %d: %s\n", P, what > "/dev/stderr"
    FAILED = 1
    exit 2
}

function child_path(path, key) { return path == "" ? key : path S key }
function put(path, value) { KIND[path] = "scalar"; V[path] = value }
function put_null(path) { KIND[path] = "null"; V[path] = "" }
function indent_of(line) { match(line, /^ */); return RLENGTH }
function spaces(count) { return sprintf("%" count "s", "") }
function skip_blank() { while (P <= LINES && LINE[P] ~ /^([ \t]*(#.*)?|---.*|\.\.\.|%.*)$/) P++ }

# --- block style -------------------------------------------------------------------------------------------------

function parse_node(path, least,    indent, text) {
    skip_blank()
    if (P > LINES || (indent = indent_of(LINE[P])) < least) { put_null(path); return }
    text = substr(LINE[P], indent + 1)
    if (text ~ /^-( |$)/) parse_sequence(path, indent)
    else if (split_key(text)) parse_mapping(path, indent)
    else parse_rest(path, text, indent - 1, 0)
}

# Split "key: rest" into KEY and REST; false when the text is no mapping entry.
function split_key(text,    quote) {
    quote = substr(text, 1, 1)
    if (quote == "\"") {
        if (!match(text, /^"([^"\\]|\\.)*" *:( |$)/)) return 0
    } else if (quote == "'") {
        if (!match(text, /^'([^']|'')*' *:( |$)/)) return 0
    } else if (quote ~ /[][{}|>&*!#,]/ || !match(text, /:( |$)/)) return 0
    else RLENGTH = RSTART + RLENGTH - 1
    KEY = substr(text, 1, RLENGTH)
    REST = substr(text, RLENGTH + 1)
    sub(/ *: *$/, "", KEY)
    if (quote == "\"") KEY = unescape(substr(KEY, 2, length(KEY) - 2))
    if (quote == "'") { KEY = substr(KEY, 2, length(KEY) - 2); gsub(/''/, "'", KEY) }
    return 1
}

function parse_mapping(path, indent,    text) {
    KIND[path] = "map"
    for (;;) {
        skip_blank()
        if (P > LINES || indent_of(LINE[P]) < indent) return
        if (indent_of(LINE[P]) > indent) fail("indented deeper than its neighbours")
        text = substr(LINE[P], indent + 1)
        if (text ~ /^-( |$)/) return
        if (!split_key(text)) fail("expected 'key: value'")
        parse_rest(child_path(path, KEY), REST, indent, 1)
    }
}

function parse_sequence(path, indent,    text, item, gap, index_) {
    KIND[path] = "list"
    for (index_ = 0; ; index_++) {
        skip_blank()
        if (P > LINES || indent_of(LINE[P]) < indent) return
        text = substr(LINE[P], indent + 1)
        if (text !~ /^-( |$)/) {
            if (indent_of(LINE[P]) > indent) fail("indented deeper than its neighbours")
            return
        }
        item = substr(text, 2)
        gap = indent_of(item)
        sub(/^ +/, "", item)
        if (item ~ /^-( |$)/ || split_key(item)) {
            LINE[P] = spaces(indent + 1 + gap) item
            parse_node(child_path(path, index_), indent + 1)
        } else parse_rest(child_path(path, index_), item, indent, 0)
    }
}

# What stands after "key:" or "-": nothing (then the node is on the next lines), a block scalar, or a flow value.
function parse_rest(path, rest, indent, in_map,    tag) {
    sub(/^[ \t]+/, "", rest)
    if (match(rest, /^![^ ]*/)) { tag = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1); sub(/^ +/, "", rest) }
    if (match(rest, /^&[^ ]+/)) { ANCHOR[substr(rest, 2, RLENGTH - 1)] = path; rest = substr(rest, RLENGTH + 1); sub(/^ +/, "", rest) }
    if (rest == "" || rest ~ /^#/) parse_below(path, indent, in_map)
    else if (rest ~ /^\*/) { copy_node(substr(rest, 2), path); P++ }
    else if (rest ~ /^[|>]/) parse_block_scalar(path, rest, indent)
    else if (rest ~ /^["'{[]/) {
        B = rest
        P++
        parse_flow(path)
        if (B !~ /^[ \t]*(#.*)?$/) fail("text after a value: " B)
    } else put(path, plain(rest, indent))
    if (tag == "!!null" || (KIND[path] == "scalar" && rest ~ /^(~|null|Null|NULL)$/)) put_null(path)
}

function parse_below(path, indent, in_map,    below) {
    P++
    skip_blank()
    below = P <= LINES ? indent_of(LINE[P]) : -1
    if (below > indent || (in_map && below == indent && LINE[P] ~ /^ *-( |$)/)) parse_node(path, below)
    else put_null(path)
}

function copy_node(name, path,    from, key) {
    sub(/ .*/, "", name)
    if (!(name in ANCHOR)) fail("unknown alias *" name)
    from = ANCHOR[name]
    for (key in KIND) if (key == from || index(key, from S) == 1) COPY[key] = 1
    for (key in COPY) {
        KIND[path substr(key, length(from) + 1)] = KIND[key]
        if (key in V) V[path substr(key, length(from) + 1)] = V[key]
        delete COPY[key]
    }
}

# A plain scalar, folded over the lines that are indented deeper than its owner.
function plain(text, indent,    blanks, line) {
    sub(/[ \t]+#.*$/, "", text)
    sub(/[ \t]+$/, "", text)
    for (P++; P <= LINES; P++) {
        line = LINE[P]
        if (line ~ /^[ \t]*$/) { blanks++; continue }
        if (indent_of(line) <= indent || line ~ /^ *#/) break
        gsub(/^[ \t]+|[ \t]+$/, "", line)
        text = text (blanks ? substr("\n\n\n\n\n\n\n\n", 1, blanks) : " ") line
        blanks = 0
    }
    return text
}

function parse_block_scalar(path, head, indent,    deep, text, line, folded, last, ends) {
    folded = head ~ /^>/
    deep = match(head, /[1-9]/) ? (indent < 0 ? 0 : indent) + substr(head, RSTART, 1) : 0
    for (P++; P <= LINES; P++) {
        line = LINE[P]
        if (line ~ /^ *$/) { text = text (length(line) > deep && deep ? substr(line, deep + 1) : "") "\n"; last = "\n"; continue }
        if (!deep) deep = indent_of(line) > indent ? indent_of(line) : indent + 1
        if (indent_of(line) < deep) break
        line = substr(line, deep + 1)
        if (folded) text = fold(text, last, line)
        else text = text line "\n"
        last = line
    }
    match(text, /\n*$/)
    ends = RLENGTH
    if (head ~ /^[^#]*-/) text = substr(text, 1, length(text) - ends)
    else if (head !~ /^[^#]*\+/ && ends > 1) text = substr(text, 1, length(text) - ends + 1)
    put(path, text)
}

# Folding joins two neighbouring lines with a space, unless one of them is indented or empty.
function fold(text, last, line) {
    if (last == "" || last == "\n" || last ~ /^[ \t]/ || line ~ /^[ \t]/) return text line "\n"
    return substr(text, 1, length(text) - 1) " " line "\n"
}

# --- flow style and JSON: B is the text still to be read, a line at a time ---------------------------------------

function more() {
    if (P > LINES) fail("the document ends inside a value")
    B = B "\n" LINE[P++]
}

function next_char() {
    for (;;) {
        sub(/^[ \t\n]+/, "", B)
        if (B ~ /^#/) sub(/^#[^\n]*/, "", B)
        else if (B == "") more()
        else return substr(B, 1, 1)
    }
}

function take(wanted) {
    if (next_char() != wanted) return 0
    B = substr(B, 2)
    return 1
}

function parse_flow(path,    char, key, index_, tag) {
    if (next_char() == "!" && match(B, /^![^] ,}]*/)) tag = taken()
    char = next_char()
    if (char == "{") {
        KIND[path] = "map"
        for (take("{"); !take("}"); ) {
            key = flow_scalar()
            if (!take(":")) fail("expected ':' after " key)
            parse_flow(child_path(path, key))
            if (!take(",") && next_char() != "}") fail("expected ',' or '}'")
        }
    } else if (char == "[") {
        KIND[path] = "list"
        for (take("["); !take("]"); ) {
            parse_flow(child_path(path, index_ + 0))
            index_++
            if (!take(",") && next_char() != "]") fail("expected ',' or ']'")
        }
    } else {
        key = flow_scalar()
        if (tag == "!!null" || (char !~ /["']/ && key ~ /^(~|null|Null|NULL)$/)) put_null(path)
        else put(path, key)
    }
}

function flow_scalar(    char, text) {
    char = next_char()
    if (char == "\"") {
        while (!match(B, /^"([^"\\]|\\.|\\\n)*"/)) more()
        text = taken()
        return unescape(fold_quoted(substr(text, 2, length(text) - 2)))
    }
    if (char == "'") {
        while (!match(B, /^'([^']|'')*'/)) more()
        text = taken()
        text = fold_quoted(substr(text, 2, length(text) - 2))
        gsub(/''/, "'", text)
        return text
    }
    text = flow_plain()
    while (B ~ /^[ \t]*$/ && next_char() !~ /[],:}]/) text = text " " flow_plain()
    return text
}

function flow_plain(    text) {
    if (!match(B, /^([^]:,{}[\n]|:[^] ,}\n])+/)) fail("cannot read: " B)
    text = taken()
    sub(/[ \t]+#.*$/, "", text)
    sub(/[ \t]+$/, "", text)
    return text
}

function taken(    text) {
    text = substr(B, 1, RLENGTH)
    B = substr(B, RLENGTH + 1)
    return text
}

function fold_quoted(text,    count, part, i, out, glue) {
    if (index(text, "\n") == 0) return text
    count = split(text, part, "\n")
    out = part[1]
    for (i = 2; i <= count; i++) {
        sub(/^[ \t]+/, "", part[i])
        if (out ~ /(^|[^\\])(\\\\)*\\$/) { out = substr(out, 1, length(out) - 1) part[i]; continue }
        sub(/[ \t]+$/, "", out)
        for (glue = ""; part[i] ~ /^[ \t]*$/ && i < count; i++) { glue = glue "\n"; sub(/^[ \t]+/, "", part[i + 1]) }
        out = out (glue == "" ? " " : glue) part[i]
    }
    return out
}

function unescape(text,    out, char) {
    while (match(text, /\\/)) {
        out = out substr(text, 1, RSTART - 1)
        char = substr(text, RSTART + 1, 1)
        text = substr(text, RSTART + 2)
        if (char == "n") out = out "\n"
        else if (char == "t") out = out "\t"
        else if (char == "r") out = out "\r"
        else if (char == "b") out = out "\b"
        else if (char == "f") out = out "\f"
        else if (char == "e") out = out "\033"
        else if (char == "x") { out = out utf8(hex(substr(text, 1, 2))); text = substr(text, 3) }
        else if (char == "u") {
            UNIT = hex(substr(text, 1, 4))
            text = substr(text, 5)
            if (UNIT >= 55296 && UNIT < 56320 && text ~ /^\\u/) {
                UNIT = 65536 + (UNIT - 55296) * 1024 + hex(substr(text, 3, 4)) - 56320
                text = substr(text, 7)
            }
            out = out utf8(UNIT)
        } else if (char == "U") { out = out utf8(hex(substr(text, 1, 8))); text = substr(text, 9) }
        else out = out char
    }
    return out text
}

function hex(digits,    value, i) {
    for (i = 1; i <= length(digits); i++) value = value * 16 + index("0123456789abcdef", tolower(substr(digits, i, 1))) - 1
    return value + 0
}

function utf8(code) {
    if (code < 128) return sprintf("%c", code)
    if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
    if (code < 65536) return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
    return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
}

# --- for emit() --------------------------------------------------------------------------------------------------

function at(a, b, c, d, e) { return a (b == "" ? "" : S b) (c == "" ? "" : S c) (d == "" ? "" : S d) (e == "" ? "" : S e) }
function has(path) { return path in KIND }
function truth(path) { return tolower(V[path]) ~ /^(true|yes|on|1)$/ }

# A word that the shell reads back as exactly this text.
function quoted(text,    count, part, i, out) {
    count = split(text, part, "'")
    out = part[1]
    for (i = 2; i <= count; i++) out = out "'\\''" part[i]
    return "'" out "'"
}
