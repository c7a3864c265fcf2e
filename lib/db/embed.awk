# Turns a .sql file into C: with mode=h its declarations, with mode=c its definitions.
# Each "-- name: X" block becomes `const struct query sql_X`.
function guard(path) { path = toupper(path); gsub(/[^A-Z0-9]/, "_", path); return path }
function close_one() {
    if (name == "") return
    if (mode == "h") printf "extern const struct query sql_%s;\n", name
    else printf "const struct query sql_%s = {\"%s\",\n%s};\n", name, name, text
}
BEGIN {
    if (mode == "h") printf "#ifndef %s\n#define %s\n#include \"db/query.h\"\n", guard(header), guard(header)
    else printf "#include \"%s\"\n", header
}
/^-- name: / { close_one(); name = $3; text = ""; next }
/^--/ || NF == 0 || name == "" { next }
{ gsub(/\\/, "\\\\"); gsub(/"/, "\\\""); text = text "    \"" $0 "\\n\"\n" }
END { close_one(); if (mode == "h") print "#endif" }
