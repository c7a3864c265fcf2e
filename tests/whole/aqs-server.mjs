// tests/whole/aqs-server.mjs: EPA's AQS API and AirData's files, on the loopback, for the tests.
//
//   const epa = await aqsServer({ years: [1986, 1987], only: ['17', '55'], pause_ms: 40, most: [10, 600] });
//   epa.api, epa.airdata        // base addresses, for AQS_URL and AIRDATA_URL
//   epa.email, epa.key          // the only account that it knows
//   epa.expected({ from, to, state, county, site, cbsa, box })  // days that a client has to end with
//   epa.correct({ site: '17-031-0001', day: '1987-06-05', value: 0.099, changed: '1989-02-03' });
//   epa.withdraw({ site, day });  epa.until('1987-07-31');       // take days back; show none later
//   await epa.stop();
// and everything of fault-server.mjs: faults(), requests, violations(), reset().
//
// It answers dailyData, sampleData, monitors, list and metaData from the shipped ozone of 1987,
// and, where ../shared/data/aqs_api is there, the queries recorded in it with EPA's own bytes.
// As at EPA, equal questions get their rows in another order each time. Codes that have lost a zero
// get no rows, and count as a violation; so do credentials in another request than one's own.
//
// As a program, `node aqs-server.mjs [JSON of the options]` prints one line of JSON with the port,
// and runs until its input ends; POST /control/correct and the like steer it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { cbsaNames, dailyCsv, dailyRows, envelopeText, hourlyCsv, monitorRow, ozone, readDays, sampleRows, stateNames } from './aqs-data.mjs';
import { etagOf, faultServer } from './fault-server.mjs';
import { zip } from './zip.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

const services = { dailyData: dailyRows, sampleData: sampleRows, monitors: null };
const places = {
    bySite: ['state', 'county', 'site'], byCounty: ['state', 'county'], byState: ['state'],
    byBox: ['minlat', 'maxlat', 'minlon', 'maxlon'], byCBSA: ['cbsa'],
};
const lists = {
    states: [], countiesByState: ['state'], sitesByCounty: ['state', 'county'], cbsas: [], classes: [],
    parametersByClass: ['pc'], pqaos: [], mas: [], duration: [],
};
const widths = { state: 2, county: 3, site: 4, cbsa: 5 };

// ---- answers -------------------------------------------------------------------------------------
const json = (status, header, rows) => ({ status, type: 'application/json', body: envelopeText(header, rows) });
const header = (status, target) => ({
    status, request_time: `${new Date().toISOString().slice(0, 19)}-04:00`,
    url: target.replace('/data/api/', 'aqs/'), // EPA sends the account back
});
const refused = (target, ...errors) => json(400, { ...header('Failed', target), error: errors }, []);
const found = (target, rows) => json(200, { ...header(rows.length > 0 ? 'Success' : 'No data matched your selection', target), rows: rows.length }, rows);
const missing = (query, names) => names.filter((name) => !query[name]).map((name) => `value is missing or the value is empty: ${name}`);

function datesWrong(query, mayCross) {
    const wrong = ['bdate', 'edate'].filter((name) => !/^\d{8}$/.test(query[name]) || Number.isNaN(Date.parse(dashed(query[name]))));
    if (wrong.length > 0) return wrong.map((name) => `${name} is not a valid date in the format YYYYMMDD`);
    if (query.bdate > query.edate) return ['bdate must be before or equal to edate'];
    if (!mayCross && query.bdate.slice(0, 4) !== query.edate.slice(0, 4)) return ['bdate and edate must be in the same year'];
    return [];
}
const dashed = (text) => `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;

const isThere = (row, q) => (q.state === undefined || row.state === q.state) && (q.county === undefined || row.county === q.county)
    && (q.site === undefined || row.number === q.site) && (q.cbsa === undefined || row.cbsa.code === q.cbsa)
    && (q.minlat === undefined || (row.latitude >= q.minlat && row.latitude <= q.maxlat && row.longitude >= q.minlon && row.longitude <= q.maxlon));

// EPA's own answers by "service/word?parameter=value&…" in the parameters' order.
function recordedRead() {
    const folder = path.resolve(here, '../../../shared/data/aqs_api'), answers = new Map();
    if (!existsSync(folder)) return answers;
    for (const name of readdirSync(folder).filter((one) => one.endsWith('.json') && !one.startsWith('openapi'))) {
        const bytes = readFileSync(path.join(folder, name));
        const url = JSON.parse(bytes).Header[0].url.replace(/^.*?(aqs|api)\//, '').replace(/^QD\//, 'quarterlyData/');
        answers.set(canonical(url.split('?')[0], Object.fromEntries(new URLSearchParams(url.split('?')[1]))), { name, bytes });
    }
    return answers;
}
function canonical(what, query) {
    const { email, key, ...rest } = query;
    return `${what}?${Object.keys(rest).sort().map((name) => `${name}=${rest[name]}`).join('&')}`;
}

// ---- the server ----------------------------------------------------------------------------------
export async function aqsServer({ years = [1987], only = null, email = 'someone@example.org', key = 'wholesecret77', real = true, ...pace } = {}) {
    const days = readDays(years).filter((row) => !only || only.includes(row.state)), known = new Map(days.map((row) => [`${row.site} ${row.day}`, row]));
    const recorded = real ? recordedRead() : new Map();
    const files = new Map(); // of AirData, by name: { body, etag, modified }
    let last = '9999-12-31', n_answered = 0;

    const shown = () => days.filter((row) => !row.isWithdrawn && row.day <= last);

    function rowsOf(service, query, target) {
        const errors = [...missing(query, ['param', 'bdate', 'edate'])];
        const params = (query.param ?? '').split(',');
        if (params.length > 5) errors.push('no more than 5 parameters may be requested');
        if (errors.length === 0) errors.push(...datesWrong(query, service === 'monitors'));
        if (errors.length > 0) return refused(target, ...errors);
        const bdate = dashed(query.bdate), edate = dashed(query.edate);
        const has = shown().filter((row) => params.includes(ozone) && row.day >= bdate && row.day <= edate && isThere(row, query)
            && (!query.cbdate || row.changed >= dashed(query.cbdate)) && (!query.cedate || row.changed <= dashed(query.cedate))
            && (!query.duration || query.duration === '1'));
        if (service === 'monitors') return found(target, [...new Map(has.map((row) => [row.site, monitorRow(row)])).values()]);
        n_answered += 1;
        const from = has.length > 0 ? (n_answered * 7) % has.length : 0;
        return found(target, [...has.slice(from), ...has.slice(0, from)].flatMap(services[service]));
    }

    function listOf(word, query, target) {
        const errors = missing(query, lists[word]);
        if (errors.length > 0) return refused(target, ...errors);
        const codes = (rows) => found(target, [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, name]) => ({ code, value_represented: name ?? null })));
        switch (word) {
        case 'states': return codes(Object.entries(stateNames));
        case 'countiesByState': return codes(new Map(days.filter((row) => isThere(row, query)).map((row) => [row.county, `County ${row.county}`])));
        case 'sitesByCounty': return codes(new Map(days.filter((row) => isThere(row, query)).map((row) => [row.number, null])));
        case 'cbsas': return codes(Object.entries(cbsaNames));
        case 'classes': return codes([['AQI POLLUTANTS', 'Pollutants that have an AQI Defined'], ['CRITERIA', 'Criteria Pollutants']]);
        case 'parametersByClass': return codes(['AQI POLLUTANTS', 'CRITERIA'].includes(query.pc) ? [[ozone, 'Ozone']] : []);
        case 'duration': return codes([['1', '1 HOUR'], ['7', '24 HOUR']]);
        default: return codes([['0001', 'An Agency']]);
        }
    }

    function metaOf(word, query, target) {
        switch (word) {
        case 'isAvailable':
            return json(200, header('API service is up and running healthy. Status: connection_pool: size: 5, connections: 1, in use: 1, waiting_in_queue: 0', target), []);
        case 'issues': return found(target, [{ title: 'None', affected_services: 'None', description: 'There are no known issues at this time.' }]);
        case 'revisionHistory': return found(target, [{ effective_date: '2021-10-19', effected_component: 'Sample Data', title: 'New Option', description: 'duration' }]);
        case 'fieldsByService': {
            const rows = { dailyData: dailyRows, sampleData: sampleRows, monitors: (row) => [monitorRow(row)] }[query.service];
            if (!query.service) return refused(target, ...missing(query, ['service']));
            return found(target, rows ? Object.keys(rows(days[0])[0]).map((name) => ({ field_name: name, field_description: null })) : []);
        }
        default: return refused(target, `unknown service: metaData/${word}`);
        }
    }

    function apiAnswer({ path: at, query, target, method }) {
        const [service, word] = at.slice('/data/api/'.length).split('/');
        if (method !== 'GET') return { status: 405, type: 'text/plain', body: 'GET only\n' };
        const isKnown = service === 'metaData' || (service === 'list' && word in lists) || (service in services && word in places) || recorded.has(canonical(`${service}/${word}`, query));
        if (!isKnown) return { ...refused(target, `unknown service: ${service}/${word}`), status: 422 };
        if (`${service}/${word}` !== 'metaData/isAvailable') {
            const errors = missing(query, ['email', 'key']);
            if (errors.length > 0) return refused(target, ...errors);
            if (query.email !== email || query.key !== key) return refused(target, 'the email and key do not match a registered user');
        }
        for (const [name, width] of Object.entries(widths))
            if (query[name] !== undefined && query[name].length !== width) epa.violate(`GET ${at}: ${name}=${query[name]} has not ${width} characters`);
        const own = recorded.get(canonical(`${service}/${word}`, query));
        if (own) return { status: 200, type: 'application/json', body: own.bytes };
        if (service === 'list') return listOf(word, query, target);
        if (service === 'metaData') return metaOf(word, query, target);
        const errors = missing(query, places[word]);
        return errors.length > 0 ? refused(target, ...errors) : rowsOf(service, query, target);
    }

    // Made when first asked for, and anew only after a correction, as EPA's are twice a year.
    function fileAnswer(name, record) {
        if (record.query.key !== undefined || record.query.email !== undefined) epa.violate(`GET ${record.path}: an account where none belongs`);
        if (!files.has(name)) {
            const [, kind, year] = /^(daily|hourly)_44201_(\d{4})\.zip$/.exec(name) ?? [];
            const rows = year ? shown().filter((row) => row.day.startsWith(year)) : [];
            if (rows.length === 0) return { status: 404, type: 'text/html', body: '<h1>404 Not Found</h1>\n' };
            const body = zip(name.replace('.zip', '.csv'), kind === 'daily' ? dailyCsv(rows) : hourlyCsv(rows));
            files.set(name, { body, etag: etagOf(body), modified: 'Sat, 14 Nov 2020 10:00:00 GMT' });
        }
        const { body, etag, modified } = files.get(name);
        return { status: 200, type: 'application/zip', body, headers: { ...(etag ? { ETag: etag } : {}), ...(modified ? { 'Last-Modified': modified } : {}) } };
    }

    const epa = await faultServer((record) => {
        if (record.path.startsWith('/data/api/')) return apiAnswer(record);
        if (record.path.startsWith('/aqsweb/airdata/')) return fileAnswer(record.path.slice('/aqsweb/airdata/'.length), record);
        return { status: 404, type: 'text/html', body: '<h1>404 Not Found</h1>\n' };
    }, pace);

    function rowGet({ site, day }) {
        const row = known.get(`${site} ${day}`);
        if (!row) throw new Error(`there is no day ${day} of site ${site}`);
        return row;
    }
    Object.assign(epa, {
        api: `${epa.origin}/data/api/`, airdata: `${epa.origin}/aqsweb/airdata/`, email, key, recorded,
        // Days { site, day, value } that the documented rules keep, of ozone.
        expected: ({ from = '0000', to = '9999', ...query } = {}) => shown().filter((row) => row.day >= from && row.day <= to && isThere(row, query))
            .map(({ site, day, value }) => ({ site, day, value })).sort((a, b) => (a.site + a.day < b.site + b.day ? -1 : 1)),
        correct(what) { Object.assign(rowGet(what), { value: what.value, changed: what.changed ?? '1990-01-01' }); files.clear(); },
        withdraw(what) { rowGet(what).isWithdrawn = true; files.clear(); },
        until(day) { last = day; files.clear(); },
        // Puts a file of AirData in place: { body, etag, modified }, the last two may be absent.
        place(name, file) { files.set(name, file); },
        file: (name) => { fileAnswer(name, { query: {}, path: name }); return files.get(name); },
    });
    Object.assign(epa.controls, {
        correct: epa.correct, withdraw: epa.withdraw, until: ({ day }) => epa.until(day), expected: epa.expected,
        place: ({ name, base64, ...rest }) => epa.place(name, { ...rest, body: Buffer.from(base64, 'base64') }),
    });
    return epa;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const epa = await aqsServer(JSON.parse(process.argv[2] ?? '{}'));
    console.log(JSON.stringify({ port: epa.port, api: epa.api, airdata: epa.airdata, email: epa.email, key: epa.key }));
    process.stdin.resume().on('end', () => epa.stop().then(() => process.exit(0)));
}
