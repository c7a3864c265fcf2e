// mlflow/door.h: which hosts and pages may speak to MLflow's addresses.
//
// A name that an attacker points at this machine (DNS rebinding) and a page of a stranger's (a
// cross-site request) come through the browser of somebody who is allowed to.
//
//   source  MLflow 3.5 and later, server/fastapi_security.py; CVE-2025-14279, CVE-2023-43472
#ifndef MLFLOW_DOOR_H
#define MLFLOW_DOOR_H

#include "http/request.h"

// Lets a request in, or not.
//
//   errors  DENIED for a Host that is neither this machine, an address of a private network nor in
//           MLFLOW_SERVER_ALLOWED_HOSTS, and for a change with an Origin that is neither this
//           machine nor in MLFLOW_SERVER_CORS_ALLOWED_ORIGINS
bool door_check(struct scope *s, const struct request *in) MUST_CHECK;

// Tells whether a host, as a Host header writes it, is in a list with commas between, in which "*"
// stands for any text; the port counts only where the list names one.
bool door_host_is_in(const char *host, const char *list);

#endif
