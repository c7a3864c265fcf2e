// store/store_walk.c: a directory's objects in S3's order: by the bytes of the whole key.
//
// A folder sorts as its name with "/" behind it, so that "a-b" comes before what is in "a/".
#include "store/store_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/store_kind.h"

struct walk {
    struct scope *s; // of the page
    const char *path, *prefix, *after;
    struct store_page *page;
};

struct name {
    const char *text; // with "/" behind a folder's
    bool is_folder, is_file;
};

struct names {
    struct name *items;
    size_t n, room;
};

static bool
begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void
folder_close(void *folder)
{
    closedir(folder);
}

static int
name_order(const void *a, const void *b)
{
    return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static void
name_add(struct scope *own, struct names *names, struct name name)
{
    if (names->n == names->room) {
        names->room = 2 * names->room + 64;
        struct name *more = scope_array(own, names->room, sizeof *more);
        if (names->n > 0)
            memcpy(more, names->items, names->n * sizeof *more);
        names->items = more;
    }
    names->items[names->n++] = name;
}

// Reads a folder's names, sorted. One that went away meanwhile is empty; what begins with "~" is
// the store's own.
static bool
names_read(struct scope *own, const char *path, struct names *out)
{
    struct stat about;
    DIR *folder = opendir(path);
    if (folder == NULL && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (folder == NULL)
        return fail(own, ERROR_UNAVAILABLE, "could not read folder \"%s\": %s", path,
                    strerror(errno));
    scope_defer(own, folder_close, folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *text = entry->d_name;
        if (text[0] == '~' || strcmp(text, ".") == 0 || strcmp(text, "..") == 0 ||
            fstatat(dirfd(folder), text, &about, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        const bool is_folder = S_ISDIR(about.st_mode);
        const bool is_ours = store_is_segment(text, strlen(text));
        name_add(own, out,
                 (struct name){.text = scope_print(own, "%s%s", text, is_folder ? "/" : ""),
                               .is_folder = is_ours && is_folder,
                               .is_file = is_ours && S_ISREG(about.st_mode)});
    }
    if (out->n > 0)
        qsort(out->items, out->n, sizeof *out->items, name_order);
    return true;
}

// Adds an object to the page, or tells that there are more than fit.
static bool
entry_add(struct scope *own, struct walk *w, const char *key)
{
    struct stat about;
    struct store_page *page = w->page;
    if (stat(scope_print(own, "%s/%s", w->path, key), &about) != 0) // removed meanwhile
        return true;
    if (page->n == STORE_PAGE_MOST) {
        page->next = page->entries[page->n - 1].key;
        return false;
    }
    page->entries[page->n++] = (struct store_entry){
        .key = scope_copy(w->s, key),
        .size_bytes = (int64_t)about.st_size,
        .put_at = (int64_t)about.st_mtime,
    };
    return true;
}

static bool folder_walk(struct scope *own, struct walk *w, const char *folder);

// Walks a folder, in a scope of its own, unless no key in it can be asked for.
static bool
folder_enter(struct scope *own, struct walk *w, const char *folder)
{
    struct scope inner = {0};
    if (!begins(folder, w->prefix) && !begins(w->prefix, folder))
        return true;
    if (strcmp(folder, w->after) < 0 && !begins(w->after, folder))
        return true;
    const bool ok = folder_walk(&inner, w, folder);
    if (!ok)
        fail_as(own, &inner);
    scope_close(&inner);
    return ok;
}

static bool
folder_walk(struct scope *own, struct walk *w, const char *folder)
{
    struct names names = {0};
    if (!names_read(own, scope_print(own, "%s/%s", w->path, folder), &names))
        return false;
    for (size_t i = 0; i < names.n && w->page->next == NULL; i++) {
        const struct name *name = &names.items[i];
        const char *key = scope_print(own, "%s%s", folder, name->text);
        if (name->is_folder && !folder_enter(own, w, key))
            return false;
        if (name->is_folder || !begins(key, w->prefix) || strcmp(key, w->after) <= 0)
            continue;
        if (!name->is_file || !store_is_key(key))
            w->page->n_foreign++;
        else if (!entry_add(own, w, key))
            break;
    }
    return true;
}

bool
store_walk(struct scope *s, const char *path, const char *prefix, const char *after,
           struct store_page *out)
{
    struct scope own = {0};
    struct walk w = {.s = s, .path = path, .prefix = prefix, .after = after, .page = out};
    out->entries = scope_array(s, STORE_PAGE_MOST, sizeof *out->entries);
    const bool ok = folder_walk(&own, &w, "");
    if (!ok)
        fail_as(s, &own);
    scope_close(&own);
    return ok;
}
