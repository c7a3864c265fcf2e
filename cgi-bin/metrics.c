// cgi-bin/metrics.c: the FastCGI program of counters for Prometheus; listens on run/metrics.sock.
#include "api/app.h"
#include "api/routes.h"

int
main(void)
{
    return app_main("metrics", metrics_routes, false);
}
