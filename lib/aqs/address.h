// aqs/address.h: addresses of the EPA AQS API.
#ifndef AQS_ADDRESS_H
#define AQS_ADDRESS_H

#include "base/config.h"

// The whole address of a query such as "dailyData/byState?param=88101&bdate=…", with the base and
// the account of the settings. It holds the key: show or keep it only after http_redact.
//
//   owner   the scope
//   source  https://aqs.epa.gov/aqsweb/documents/data_api.html: email and key go into each request
//   errors  INPUT when AQS_EMAIL or AQS_KEY is not set, or the query names them itself
bool aqs_address(struct scope *s, const struct config *config, const char *query,
                 const char **out) MUST_CHECK;

#endif
