#include "http/media.h"

#include "test.h"

TEST(media_type_is_told_from_the_name)
{
    static const struct {
        const char *name, *type;
    } files[] = {
        {"a.txt", "text/plain"},
        {"MLmodel", "text/plain"},
        {"model/MLmodel", "text/plain"},
        {"conda.yaml", "text/plain"},
        {"a.json", "text/plain"},
        {"a.js", "text/plain"},
        {"json", "text/plain"},
        {"a.PNG", "image/png"},
        {"a.pdf", "application/pdf"},
        {"a.html", "text/html"},
        {"a.svg", "image/svg+xml"},
        {"model.pkl", "application/octet-stream"},
        {"a", "application/octet-stream"},
        {".txt", "application/octet-stream"},
        {"a.txt log", "application/octet-stream"},
        {"a.", "application/octet-stream"},
        {"", "application/octet-stream"},
        {"a.txt/b", "application/octet-stream"},
        {"png", "application/octet-stream"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        CHECK_TEXT(media_type(files[i].name), files[i].type);
}

TEST(media_attachment_names_any_file)
{
    CHECK_TEXT(media_attachment(s, "dog+step.png"), "attachment; filename=dog+step.png");
    CHECK_TEXT(media_attachment(s, "a b.txt"), "attachment; filename=\"a b.txt\"");
    CHECK_TEXT(media_attachment(s, "K\xc3\xa4se.txt"),
               "attachment; filename=\"K__se.txt\"; filename*=UTF-8''K%C3%A4se.txt");
    CHECK_TEXT(media_attachment(s, "a\"\\%41.x"),
               "attachment; filename=\"a___41.x\"; filename*=UTF-8''a%22%5C%2541.x");
}
