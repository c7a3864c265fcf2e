#include "aqs/known.h"

#include <stddef.h>

static const struct column airdata_columns[] = {
    {FIELD_STATE, "State Code", false},
    {FIELD_COUNTY, "County Code", false},
    {FIELD_SITE, "Site Num", false},
    {FIELD_PARAMETER, "Parameter Code", false},
    {FIELD_POC, "POC", false},
    {FIELD_LATITUDE, "Latitude", false},
    {FIELD_LONGITUDE, "Longitude", false},
    {FIELD_DURATION, "Sample Duration", false},
    {FIELD_STANDARD, "Pollutant Standard", true},
    {FIELD_DAY, "Date Local", false},
    {FIELD_UNIT, "Units of Measure", false},
    {FIELD_EVENT, "Event Type", false},
    {FIELD_COUNT, "Observation Count", false},
    {FIELD_MEAN, "Arithmetic Mean", false},
    {FIELD_MAXIMUM, "1st Max Value", false},
    {FIELD_METHOD, "Method Code", false},
    {FIELD_NAME, "Local Site Name", true},
    {FIELD_STATE_NAME, "State Name", true},
    {FIELD_COUNTY_NAME, "County Name", true},
    {0},
};

static const struct column daily_keys[] = {
    {FIELD_STATE, "state_code", false},
    {FIELD_COUNTY, "county_code", false},
    {FIELD_SITE, "site_number", false},
    {FIELD_PARAMETER, "parameter_code", false},
    {FIELD_POC, "poc", false},
    {FIELD_LATITUDE, "latitude", false},
    {FIELD_LONGITUDE, "longitude", false},
    {FIELD_DURATION, "sample_duration", false},
    {FIELD_STANDARD, "pollutant_standard", true},
    {FIELD_DAY, "date_local", false},
    {FIELD_UNIT, "units_of_measure", false},
    {FIELD_EVENT, "event_type", false},
    {FIELD_COUNT, "observation_count", false},
    {FIELD_MEAN, "arithmetic_mean", false},
    {FIELD_MAXIMUM, "first_max_value", false},
    {FIELD_METHOD, "method_code", false},
    {FIELD_NAME, "local_site_name", true},
    {FIELD_STATE_NAME, "state", true},
    {FIELD_COUNTY_NAME, "county", true},
    {0},
};

// Files of 2014 had no method code.
static const struct column hourly_columns[] = {
    {FIELD_STATE, "State Code", false},
    {FIELD_COUNTY, "County Code", false},
    {FIELD_SITE, "Site Num", false},
    {FIELD_PARAMETER, "Parameter Code", false},
    {FIELD_POC, "POC", false},
    {FIELD_LATITUDE, "Latitude", false},
    {FIELD_LONGITUDE, "Longitude", false},
    {FIELD_DAY, "Date Local", false},
    {FIELD_TIME, "Time Local", false},
    {FIELD_MEAN, "Sample Measurement", false},
    {FIELD_UNIT, "Units of Measure", false},
    {FIELD_QUALIFIER, "Qualifier", false},
    {FIELD_METHOD, "Method Code", true},
    {FIELD_STATE_NAME, "State Name", true},
    {FIELD_COUNTY_NAME, "County Name", true},
    {0},
};

static const struct column sample_keys[] = {
    {FIELD_STATE, "state_code", false},
    {FIELD_COUNTY, "county_code", false},
    {FIELD_SITE, "site_number", false},
    {FIELD_PARAMETER, "parameter_code", false},
    {FIELD_POC, "poc", false},
    {FIELD_LATITUDE, "latitude", false},
    {FIELD_LONGITUDE, "longitude", false},
    {FIELD_DURATION, "sample_duration", false},
    {FIELD_DAY, "date_local", false},
    {FIELD_TIME, "time_local", false},
    {FIELD_MEAN, "sample_measurement", false},
    {FIELD_UNIT, "units_of_measure", false},
    {FIELD_QUALIFIER, "qualifier", false},
    {FIELD_METHOD, "method_code", true},
    {FIELD_STATE_NAME, "state", true},
    {FIELD_COUNTY_NAME, "county", true},
    {0},
};

// Beside these an export has its value, whose column's name tells what it is. Newer ones have
// other names for the same, and fewer columns.
static const struct column export_columns[] = {
    {FIELD_DAY, "Date", false},
    {FIELD_SOURCE, "Source", false},
    {FIELD_SITE, "Site ID", false},
    {FIELD_UNIT, "Units", false},
    {FIELD_POC, "POC", true},
    {FIELD_PARAMETER, "AQS Parameter Code", true},
    {FIELD_METHOD, "Method Code", true},
    {FIELD_COUNT, "Daily Obs Count", true},
    {FIELD_NAME, "Site Name", true},
    {FIELD_NAME, "Local Site Name", true},
    {FIELD_STATE_NAME, "State", true},
    {FIELD_COUNTY_NAME, "County", true},
    {FIELD_LATITUDE, "Site Latitude", true},
    {FIELD_LONGITUDE, "Site Longitude", true},
    {0},
};

static const struct column sites_columns[] = {
    {FIELD_STATE, "State Code", false},
    {FIELD_COUNTY, "County Code", false},
    {FIELD_SITE, "Site Number", false},
    {FIELD_LATITUDE, "Latitude", false},
    {FIELD_LONGITUDE, "Longitude", false},
    {FIELD_ELEVATION, "Elevation", false},
    {FIELD_OFFSET, "GMT Offset", false},
    {FIELD_LAND_USE, "Land Use", true},
    {FIELD_SETTING, "Location Setting", true},
    {FIELD_OPENED, "Site Established Date", true},
    {FIELD_CLOSED, "Site Closed Date", true},
    {FIELD_AGENCY, "Owning Agency", true},
    {FIELD_NAME, "Local Site Name", true},
    {FIELD_ADDRESS, "Address", true},
    {FIELD_STATE_NAME, "State Name", true},
    {FIELD_COUNTY_NAME, "County Name", true},
    {FIELD_CITY, "City Name", true},
    {FIELD_CBSA, "CBSA Name", true},
    {0},
};

static const struct column monitors_columns[] = {
    {FIELD_STATE, "State Code", false},
    {FIELD_COUNTY, "County Code", false},
    {FIELD_SITE, "Site Number", false},
    {FIELD_PARAMETER, "Parameter Code", false},
    {FIELD_LATITUDE, "Latitude", false},
    {FIELD_LONGITUDE, "Longitude", false},
    {FIELD_MOST, "Monitoring Objective", false},
    {FIELD_ELEVATION, "Elevation", true},
    {FIELD_NAME, "Local Site Name", true},
    {FIELD_ADDRESS, "Address", true},
    {FIELD_STATE_NAME, "State Name", true},
    {FIELD_COUNTY_NAME, "County Name", true},
    {FIELD_CITY, "City Name", true},
    {FIELD_CBSA, "CBSA Name", true},
    {0},
};

static const struct column annual_marks[] = {{0, "metric_used", false}, {0, "year", false}, {0}};
static const struct column quarterly_marks[] = {{0, "quarter", false}, {0, "year", false}, {0}};
static const struct column transaction_marks[] = {
    {0, "reported_sample_measurement", false}, {0, "null_code", false}, {0}};
static const struct column list_marks[] = {
    {0, "code", false}, {0, "value_represented", false}, {0}};
static const struct column field_marks[] = {
    {0, "field_name", false}, {0, "field_description", false}, {0}};
static const struct column revision_marks[] = {{0, "effected_component", false}, {0}};
static const struct column issue_marks[] = {{0, "affected_services", false}, {0}};
static const struct column index_marks[] = {
    {0, "Defining Parameter", false}, {0, "Number of Sites Reporting", false}, {0}};
static const struct column running_marks[] = {
    {0, "Mean Including All Data", false}, {0, "Time Local", false}, {0}};

const struct known known_formats[] = {
    {TABLE_AIRDATA, "an AirData daily file", airdata_columns, NULL},
    {TABLE_API, "the API's dailyData", daily_keys, NULL},
    {TABLE_HOURS, "an AirData hourly file", hourly_columns, NULL},
    {TABLE_HOURS, "the API's sampleData", sample_keys, NULL},
    {TABLE_EXPORT, "a daily export of EPA's outdoor-monitor page", export_columns, NULL},
    {TABLE_SITES, "the list of AQS sites", sites_columns, NULL},
    {TABLE_SITES, "a list of AQS monitors", monitors_columns, NULL},
    {0, "annualData", annual_marks, "annualData holds yearly figures; take dailyData"},
    {0, "quarterlyData", quarterly_marks,
     "quarterlyData holds figures of quarters; take dailyData"},
    {0, "transactionsSample", transaction_marks,
     "transactionsSample holds samples as they were submitted; take sampleData"},
    {0, "list", list_marks,
     "an answer of the list services holds codes and their names, no values; station names come "
     "with aqs_sites and monitors"},
    {0, "fieldsByService", field_marks, "metaData/fieldsByService holds no values"},
    {0, "revisionHistory", revision_marks, "metaData/revisionHistory holds no values"},
    {0, "issues", issue_marks, "metaData/issues holds no values"},
    {0, "daily_aqi", index_marks,
     "daily_aqi files hold indices of counties or areas, not of stations; take daily_88101 and "
     "the like"},
    {0, "8hour", running_marks, "8hour files hold running means; take daily_44201 or hourly_44201"},
    {0},
};
