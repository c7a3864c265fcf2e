// tests/whole/aqs-data.mjs: the shipped ozone of 1987 as EPA would hand it out.
//
// Out of each value of deploy/sample/ozone_midwest_1987.csv come the rows that the AQS API gives
// for a monitor's day (four pollutant standards, sometimes once more without an event's hours), the
// hours behind it, and the lines of AirData's files. Everything is worked out from the row alone,
// so the same question has the same answer.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const project = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const states = {
    17: 'Illinois', 18: 'Indiana', 19: 'Iowa', 21: 'Kentucky', 26: 'Michigan', 29: 'Missouri', 39: 'Ohio', 55: 'Wisconsin',
};
const cbsas = {
    16980: ['Chicago-Naperville-Elgin, IL-IN-WI', ['17031', '17043', '17089', '17097', '17111', '17197', '18089', '18127', '55059']],
    26900: ['Indianapolis-Carmel-Anderson, IN', ['18057', '18059', '18081', '18097', '18109']],
    33340: ['Milwaukee-Waukesha, WI', ['55079', '55089', '55131', '55133']],
    41180: ['St. Louis, MO-IL', ['17119', '17133', '17163', '29183', '29189', '29510']],
};

export const ozone = '44201';
const dayMs = 86400000;
const dayAdd = (day, n) => new Date(Date.parse(day) + n * dayMs).toISOString().slice(0, 10);

// EPA truncates ozone to three decimals of a ppm.
const ppm = (ppb) => Math.floor(ppb + 1e-6) / 1000;

function cbsaOf(state, county) {
    const found = Object.entries(cbsas).find(([, [, counties]]) => counties.includes(state + county));
    return found ? { code: found[0], name: found[1][0] } : { code: null, name: null };
}

// All days of all sites, once for each of the years.
export function readDays(years = [1987]) {
    const lines = readFileSync(path.join(project, 'deploy/sample/ozone_midwest_1987.csv'), 'utf8').trimEnd().split('\n');
    return lines.slice(1).flatMap((line) => {
        const [id, date, ppb, lon, lat] = line.split(',');
        const state = id.slice(0, 2), county = id.slice(2, 5), cbsa = cbsaOf(state, county);
        return years.map((year) => ({
            site: `${state}-${county}-${id.slice(5)}`, state, county, number: id.slice(5), cbsa,
            day: `${year}${date.slice(4)}`, value: ppm(Number(ppb)), latitude: Number(lat), longitude: Number(lon),
            changed: `${year + 1}-05-01`,
        }));
    });
}

// A site with an odd last digit had one day of each month in which an event is told apart.
const hasEvent = (row) => Number(row.number) % 2 === 1 && row.day.endsWith('-15');

// A number that AQS writes with a decimal point even where it is whole.
class Decimal {
    constructor(value) { this.value = value; }
}
const decimal = (value) => (value === null ? null : new Decimal(value));
const rounded = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;

const standards = [
    ['1', '1 HOUR', 'Ozone 1-hour 1979', 24, 1.1],
    ['W', '8-HR RUN AVG BEGIN HOUR', 'Ozone 8-Hour 1997', 24, 1],
    ['W', '8-HR RUN AVG BEGIN HOUR', 'Ozone 8-Hour 2008', 24, 1],
    ['W', '8-HR RUN AVG BEGIN HOUR', 'Ozone 8-hour 2015', 17, 1],
];

// Below 0.054 ppm the index is a straight line to 50; above it, close enough for a column that
// nobody may read (the index is worked out anew).
const index = (value) => Math.round(value <= 0.054 ? (value / 0.054) * 50 : 51 + ((value - 0.055) / 0.015) * 49);

// The 32 fields of a dailyData row, in EPA's order.
function dailyRow(row, [code, duration, standard, count, factor], event, factorOfEvent) {
    const most = rounded(row.value * factor * factorOfEvent, 3);
    return {
        state_code: row.state, county_code: row.county, site_number: row.number, parameter_code: ozone, poc: 1,
        latitude: decimal(row.latitude), longitude: decimal(row.longitude), datum: 'WGS84', parameter: 'Ozone',
        sample_duration_code: code, sample_duration: duration, pollutant_standard: standard,
        date_local: row.day, units_of_measure: 'Parts per million', event_type: event,
        observation_count: count, observation_percent: decimal(100), validity_indicator: 'Y',
        arithmetic_mean: decimal(rounded(row.value * 0.7, 6)), first_max_value: decimal(most), first_max_hour: code === '1' ? 14 : 10,
        aqi: code === '1' ? null : index(most), method_code: '011', method: 'INSTRUMENTAL - ULTRA VIOLET',
        local_site_name: null, site_address: 'NOT IN A CITY, "OLD" ROAD 7', state: states[row.state], county: `County ${row.county}`,
        city: null, cbsa_code: row.cbsa.code, cbsa: row.cbsa.name, date_of_last_change: row.changed,
    };
}

export function dailyRows(row) {
    if (!hasEvent(row)) return standards.map((standard) => dailyRow(row, standard, 'No Events', 1));
    return standards.flatMap((standard) => [
        dailyRow(row, standard, 'Events Included', 1), dailyRow(row, standard, 'Concurred Events Excluded', 0.9)]);
}

// The hour's share of the day's value: eight hours at the full one, an hour lost to a check.
const hourValue = (row, hour) => (hour === 3 ? null : rounded(row.value * (hour >= 10 && hour < 18 ? 1 : 0.6), 3));

// The 29 fields of a sampleData row, in EPA's order.
export function sampleRows(row) {
    return Array.from({ length: 24 }, (_, hour) => {
        const value = hourValue(row, hour), gmt = hour + 6;
        return {
            state_code: row.state, county_code: row.county, site_number: row.number, parameter_code: ozone, poc: 1,
            latitude: decimal(row.latitude), longitude: decimal(row.longitude), datum: 'WGS84', parameter: 'Ozone',
            date_local: row.day, time_local: `${String(hour).padStart(2, '0')}:00`,
            date_gmt: gmt < 24 ? row.day : dayAdd(row.day, 1), time_gmt: `${String(gmt % 24).padStart(2, '0')}:00`,
            sample_measurement: decimal(value), units_of_measure: 'Parts per million', units_of_measure_code: '007',
            sample_duration: '1 HOUR', sample_duration_code: '1', sample_frequency: 'HOURLY',
            detection_limit: decimal(0.005), uncertainty: null, qualifier: value === null ? 'BF - Precision/Zero/Span.' : null,
            method_type: 'FEM', method: 'INSTRUMENTAL - ULTRA VIOLET', method_code: '011', state: states[row.state],
            county: `County ${row.county}`, date_of_last_change: row.changed, cbsa_code: row.cbsa.code,
        };
    });
}

// The 41 fields of a monitor, in EPA's order.
export function monitorRow(row) {
    return {
        state_code: row.state, county_code: row.county, site_number: row.number, parameter_code: ozone, poc: 1,
        parameter_name: 'Ozone', open_date: '1980-04-01', close_date: null, concurred_exclusions: null, dominant_source: null,
        measurement_scale: 'NEIGHBORHOOD', measurement_scale_def: '500 M TO 4KM', monitoring_objective: 'POPULATION EXPOSURE',
        last_method_code: '011', last_method_description: 'INSTRUMENTAL - ULTRA VIOLET', last_method_begin_date: '1980-04-01',
        naaqs_primary_monitor: 'Y', qa_primary_monitor: null, monitor_type: null, networks: null,
        monitoring_agency_code: '0001', monitoring_agency: 'An Agency', si_id: Number(row.state + row.county + row.number),
        latitude: decimal(row.latitude), longitude: decimal(row.longitude), datum: 'WGS84', lat_lon_accuracy: decimal(4),
        elevation: decimal(200), probe_height: decimal(4), pl_probe_location: null, local_site_name: null,
        address: 'NOT IN A CITY', state_name: states[row.state], county_name: `County ${row.county}`, city_name: null,
        cbsa_code: row.cbsa.code, cbsa_name: row.cbsa.name, csa_code: null, csa_name: null, tribal_code: null, tribe_name: null,
    };
}

export const stateNames = states;
export const cbsaNames = Object.fromEntries(Object.entries(cbsas).map(([code, [name]]) => [code, name]));

function valueText(value) {
    if (!(value instanceof Decimal)) return JSON.stringify(value);
    return Number.isInteger(value.value) ? `${value.value}.0` : String(value.value);
}

// The API's own layout: four spaces, an empty line in an empty list, a line end at the end.
export function envelopeText(header, rows) {
    const object = (fields) => `        {\n${Object.entries(fields).map(([name, value]) =>
        `            ${JSON.stringify(name)}: ${Array.isArray(value)
            ? `[\n${value.map((one) => `                ${JSON.stringify(one)}`).join(',\n')}\n            ]` : valueText(value)}`).join(',\n')}\n        }`;
    return `{\n    "Header": [\n${object(header)}\n    ],\n    "Data": [\n${rows.map(object).join(',\n')}\n    ]\n}\n`;
}

// ---- AirData's files -----------------------------------------------------------------------------
const quoted = (text) => `"${(text ?? '').replaceAll('"', '""')}"`;
const header = (names) => `${names.map(quoted).join(',')}\n`;
const events = { 'No Events': 'None', 'Events Included': 'Included', 'Concurred Events Excluded': 'Excluded' };

const dailyColumns = ['State Code', 'County Code', 'Site Num', 'Parameter Code', 'POC', 'Latitude', 'Longitude', 'Datum',
    'Parameter Name', 'Sample Duration', 'Pollutant Standard', 'Date Local', 'Units of Measure', 'Event Type', 'Observation Count',
    'Observation Percent', 'Arithmetic Mean', '1st Max Value', '1st Max Hour', 'AQI', 'Method Code', 'Method Name', 'Local Site Name',
    'Address', 'State Name', 'County Name', 'City Name', 'CBSA Name', 'Date of Last Change'];
const hourlyColumns = ['State Code', 'County Code', 'Site Num', 'Parameter Code', 'POC', 'Latitude', 'Longitude', 'Datum',
    'Parameter Name', 'Date Local', 'Time Local', 'Date GMT', 'Time GMT', 'Sample Measurement', 'Units of Measure', 'MDL',
    'Uncertainty', 'Qualifier', 'Method Type', 'Method Code', 'Method Name', 'State Name', 'County Name', 'Date of Last Change'];

const number = (value) => (value === null ? quoted('') : String(value instanceof Decimal ? value.value : value));
const codes = (one) => [quoted(one.state_code), quoted(one.county_code), quoted(one.site_number), quoted(one.parameter_code), one.poc,
    number(one.latitude), number(one.longitude), quoted(one.datum), quoted(one.parameter)];

// daily_44201_<year>.csv keeps one standard; an event's two rows stay.
export function dailyCsv(rows) {
    return header(dailyColumns) + rows.flatMap(dailyRows).filter((one) => one.pollutant_standard === 'Ozone 8-hour 2015').map((one) =>
        `${[...codes(one), quoted(one.sample_duration), quoted(one.pollutant_standard), quoted(one.date_local), quoted(one.units_of_measure),
            quoted(events[one.event_type]), one.observation_count, number(one.observation_percent), number(one.arithmetic_mean),
            number(one.first_max_value), one.first_max_hour, number(one.aqi), quoted(one.method_code), quoted(one.method),
            quoted(one.local_site_name), quoted(one.site_address), quoted(one.state), quoted(one.county), quoted(one.city), quoted(one.cbsa),
            quoted(one.date_of_last_change)].join(',')}\n`).join('');
}

export function hourlyCsv(rows) {
    return header(hourlyColumns) + rows.flatMap(sampleRows).map((one) =>
        `${[...codes(one), quoted(one.date_local), quoted(one.time_local), quoted(one.date_gmt), quoted(one.time_gmt),
            number(one.sample_measurement), quoted(one.units_of_measure), number(one.detection_limit), quoted(one.uncertainty),
            quoted(one.qualifier), quoted(one.method_type), quoted(one.method_code), quoted(one.method), quoted(one.state),
            quoted(one.county), quoted(one.date_of_last_change)].join(',')}\n`).join('');
}
