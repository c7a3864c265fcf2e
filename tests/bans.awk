# Holds sources against the bans of STYLE.md that need no compiler. Prints file:line: what.
function wrong(line, what) { print FILENAME ":" line ": " what; bad = 1 }
function file_end() {
    is_job = file ~ /^jobs\/.*\.c$/ && file !~ /\/(job|main)\.c$/ # these two serve all jobs
    most = file ~ /\.h$/ || is_job ? 150 : 400
    if (file != "" && file !~ /^tests\// && n_lines > most) { print file ": " n_lines " lines, more than " most; bad = 1 }
}
FNR == 1 { file_end(); file = FILENAME; opened = 0; is_base = file ~ /^lib\/base\//; is_test = file ~ /^tests\// }
{ n_lines = FNR }
/[ \t]$/ { wrong(FNR, "blanks at the end of the line") }
/\t/ { wrong(FNR, "a tab") }
{
    code = $0
    gsub(/\\["\\]/, "", code); gsub(/'"'/, "", code); gsub(/"[^"]*"/, "\"\"", code)
    sub(/\/\/.*/, "", code)
    if (code ~ /\/\*/) wrong(FNR, "a comment that is not //")
    if (code ~ /(^|[^a-zA-Z0-9_>.])(strcpy|strcat|sprintf|vsprintf|gets|goto|alloca|strtok)([^a-zA-Z0-9_]|$)/)
        wrong(FNR, "strcpy, strcat, sprintf, gets, goto, alloca and strtok are banned")
    gsub(/scope_defer\(s, free, /, "scope_defer(s, ", code) # what a library gave us to free
    if (!is_base && !is_test && code ~ /(^|[^a-zA-Z0-9_>.])(malloc|calloc|realloc|free|strdup)([^a-zA-Z0-9_]|$)/)
        wrong(FNR, "memory comes from the scope: only lib/base names malloc, realloc or free")
    if (code ~ /(^|[^a-zA-Z0-9_])(TODO|FIXME|XXX)([^a-zA-Z0-9_]|$)/ || $0 ~ /\/\/ *(TODO|FIXME|XXX)/)
        wrong(FNR, "work left undone")
    if (code ~ /^#include "/ && file ~ /^lib\// && code ~ /\.c"/) wrong(FNR, "a .c file is included")
}
/^\{$/ { opened = FNR }
/^\}$/ {
    if (opened && FNR - opened - 1 > 70) wrong(opened, "a function of " FNR - opened - 1 " lines, more than 70")
    opened = 0
}
END { file_end(); exit bad }
