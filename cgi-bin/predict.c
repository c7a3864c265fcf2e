// cgi-bin/predict.c: the FastCGI program of predictions, forecasts and health; listens on
// run/predict.sock.
#include "api/routes.h"
#include "app/app.h"

int
main(void)
{
    static const struct area *const areas[] = {&predict_area, NULL};
    return app_main("predict", areas, true);
}
