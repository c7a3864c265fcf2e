// cgi-bin/predict.c: the FastCGI program of predictions, forecasts and health; listens on
// run/predict.sock.
#include "api/app.h"
#include "api/routes.h"

int
main(void)
{
    return app_main("predict", predict_routes, true);
}
