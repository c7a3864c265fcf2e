# Turns .sql files into a psql script that prepares every named statement and runs none.
# A COPY cannot be prepared; it is tried inside a transaction that is rolled back. With
# -v only=temporary it makes just the temporary tables, which other files of the room may name.
function close_one() {
    if (text == "") return
    if (only == "temporary") { if (text ~ /^CREATE TEMPORARY TABLE IF NOT EXISTS /) print text; text = ""; return }
    if (text ~ /^COPY .* TO /) printf "\\o /dev/null\n%s\\o\n", text
    else if (text ~ /^CREATE TEMPORARY /) print text
    else if (text !~ /^(COPY|LISTEN|BEGIN|COMMIT|ROLLBACK|CREATE|DROP|TRUNCATE|LOCK|ANALYZE)/) printf "PREPARE %s AS\n%s", name, text
    else printf "-- %s is not preparable\n", name
    text = ""
}
/^-- name: / { close_one(); name = $3; next }
/^--/ || NF == 0 { next }
{ text = text $0 "\n" }
END { close_one() }
