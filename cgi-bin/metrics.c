// cgi-bin/metrics.c: the FastCGI program of counters for Prometheus; listens on run/metrics.sock.
#include "api/routes.h"
#include "app/app.h"

int
main(void)
{
    static const struct area *const areas[] = {&metrics_area, NULL};
    return app_main("metrics", areas, false);
}
