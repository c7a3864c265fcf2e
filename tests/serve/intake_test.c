#include "serve/intake.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/chance.h"
#include "base/file.h"
#include "db.h"

static void
record_put(struct scope *s, int fd, const char *id)
{
    unsigned char head[SEGMENT_HEAD];
    const char *text = scope_print(
        s, "%s\t2026-11-21T05:00:00Z\tonline\tintake\tV1.0.0\tr1\tann\t1.5\t1\t2\t[1,null]\n", id);
    const struct str line = {text, strlen(text)};
    segment_head(line, head);
    CHECK(file_put(s, fd, head, sizeof head) && file_put(s, fd, line.at, line.n));
}

TEST_DB(intake_reaches_a_refused_record_in_few_parts)
{
    char id[UUID_TEXT], path[] = "/tmp/aw-intake.XXXXXX";
    const int fd = mkstemp(path);
    CHECK(fd >= 0);
    for (int i = 0; i < 400; i++)
        record_put(s, fd, i == 300 ? "not-a-uuid" : chance_uuid(id));
    const struct intake in = {
        .name = "intake_test.log",
        .path = path,
        .fd = fd,
        .upto = lseek(fd, 0, SEEK_END),
        .enough_bytes = 512 * 1024,
    };
    CHECK(db_commit(s, db)); // each part is a transaction of its own

    int64_t n_rows, n_all = 0;
    int n_parts = 0;
    struct segment_part part;
    do {
        CHECK(intake_part(s, db, &in, &n_rows, &part));
        n_all += n_rows;
    } while (++n_parts < 100 && part.end == SEGMENT_MORE);

    CHECK(n_all == 399);
    CHECK(n_parts < 40); // one by one it would be 300
    CHECK(part.end == SEGMENT_WHOLE && part.next == in.upto);
    CHECK(access(scope_print(s, "%s.refused", path), F_OK) == 0);
    CHECK(intake_forget(s, db, in.name));
    unlink(scope_print(s, "%s.refused", path));
    unlink(path);
    close(fd);
}
