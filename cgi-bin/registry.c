// cgi-bin/registry.c: the FastCGI program of models, versions, tokens, the audit and MLflow's
// protocol; listens on run/registry.sock.
#include "api/routes.h"
#include "app/app.h"
#include "mlflow/routes.h"

int
main(void)
{
    static const struct area *const areas[] = {
        &mlflow_second,
        &mlflow_third,
        &mlflow_artifact_files,
        &mlflow_artifact_parts,
        &mlflow_artifacts,
        &mlflow_files,
        &mlflow_version_files,
        &mlflow_absent,
        &mlflow_version,
        &registry_area,
        NULL,
    };
    return app_main("registry", areas, false);
}
