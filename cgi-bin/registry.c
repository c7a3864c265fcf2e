// cgi-bin/registry.c: the FastCGI program of models, versions, tokens and the audit; listens on
// run/registry.sock.
#include "api/app.h"
#include "api/routes.h"

int
main(void)
{
    return app_main("registry", registry_routes, false);
}
