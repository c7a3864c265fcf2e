// tests/whole/aqs-few.mjs: an AQS API of one monitor each in two states, which does as it is told.
//
//   const aqs = await api();            // aqs.env points AirWatch at it
//   aqs.faults = (url) => ({ status: 500 });   // or { cut, truncate, body, dropRow, headers }
//   aqs.corrections.set('2021-02-01', 99.5);
import { EventEmitter } from 'node:events';
import http from 'node:http';

const dayMs = 86400000;
const lastDay = '2021-02-28'; // agencies deliver late
const sites = [{ state: '37', county: '183', site: '0014', cbsa: '39580', lat: 35.856, lon: -78.574 },
               { state: '45', county: '079', site: '0007', cbsa: '17900', lat: 34.094, lon: -80.962 }];

const iso = (text) => `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;

// A day's value: the same for ever, unless it is corrected.
const valueOf = (day) => 5 + (Number(day.slice(8)) * 7 + Number(day.slice(5, 7)) * 3) % 20 / 2;

function row(where, day, value) {
    return {
        state_code: where.state, county_code: where.county, site_number: where.site, parameter_code: '88101', poc: 3,
        latitude: where.lat, longitude: where.lon, datum: 'WGS84', parameter: 'PM2.5 - Local Conditions',
        sample_duration_code: 'X', sample_duration: '24-HR BLK AVG', pollutant_standard: 'PM25 24-hour 2024',
        date_local: day, units_of_measure: 'Micrograms/cubic meter (LC)', event_type: 'No Events', observation_count: 1,
        observation_percent: 100, validity_indicator: 'Y', arithmetic_mean: value, first_max_value: value, first_max_hour: 0,
        aqi: 40, method_code: '636', method: 'T640', local_site_name: 'A', site_address: 'B', state: 'C', county: 'D', city: 'E',
        cbsa_code: where.cbsa, cbsa: 'F', date_of_last_change: '2021-04-24',
    };
}

function isAt(where, query) {
    const box = ['minlat', 'maxlat', 'minlon', 'maxlon'].map((key) => Number(query.get(key)));
    if (query.has('minlat')) return where.lat >= box[0] && where.lat <= box[1] && where.lon >= box[2] && where.lon <= box[3];
    return ['state', 'county', 'site', 'cbsa'].every((key) => !query.has(key) || query.get(key) === where[key]);
}

export async function api({ corrections = new Map(), valueOfDay = valueOf } = {}) {
    const self = new EventEmitter();
    let n = 0;
    self.reset = () => {
        Object.assign(self, { asked: [], spans: [], faults: () => null, latencyMs: 0, file: null, etag: null, nFiles: 0 });
        corrections.clear();
    };
    self.corrections = corrections;
    self.reset();

    const rows = (query) => {
        const found = [];
        if (!query.get('param').split(',').includes('88101')) return found;
        for (const where of sites.filter((one) => isAt(one, query)))
            for (let t = Date.parse(iso(query.get('bdate'))); t <= Date.parse(iso(query.get('edate'))); t += dayMs) {
                const day = new Date(t).toISOString().slice(0, 10);
                if (day <= lastDay) found.push(row(where, day, corrections.get(day) ?? valueOfDay(day)));
            }
        return n % 2 ? found : found.reverse(); // the order is not promised
    };
    const answer = (url, fault) => {
        const query = url.searchParams, last = url.pathname.split('/').slice(-2).join('/');
        const data = last === 'list/countiesByState' ? (query.get('state') === '37' ? [{ code: '183', value_represented: 'Wake' }] : [])
            : last === 'metaData/isAvailable' ? []
            : last.startsWith('monitors/') ? sites.filter((one) => isAt(one, query)).map((one) => ({ state_code: one.state })) : rows(query);
        const status = last === 'metaData/isAvailable' ? 'API service is up and running healthy.'
            : data.length > 0 ? 'Success' : 'No data matched your selection';
        const header = { status, request_time: `at ${n++}`, url: `http://aqs.epa.gov/api/${last}${url.search}`, rows: data.length };
        if (fault?.dropRow) data.pop();
        return JSON.stringify({ Header: [header], Data: data }, null, 4);
    };
    const server = http.createServer(async (request, reply) => {
        const url = new URL(request.url, 'http://127.0.0.1');
        const span = { begin: Date.now() };
        if (url.pathname === '/feed.csv') {
            const isKnown = self.etag !== null && request.headers['if-none-match'] === self.etag;
            const status = self.file === null ? 404 : isKnown ? 304 : 200;
            self.nFiles += status === 200 ? 1 : 0;
            reply.writeHead(status, { 'Content-Type': 'text/csv', ...(self.etag === null ? {} : { ETag: self.etag }) });
            reply.end(status === 200 ? self.file : '');
            return;
        }
        self.asked.push(url);
        self.emit('asked', url);
        const fault = await self.faults(url);
        if (self.latencyMs > 0) await new Promise((done) => { setTimeout(done, self.latencyMs); });
        const whole = fault?.body ?? answer(url, fault);
        const body = fault?.truncate ? whole.slice(0, whole.length * fault.truncate) : whole;
        span.end = Date.now(); // before the client can know
        self.spans.push(span);
        if (fault?.cut !== undefined) {
            if (fault.cut > 0) reply.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': whole.length }).write(whole.slice(0, whole.length * fault.cut));
            setImmediate(() => request.socket.destroy());
        } else {
            reply.writeHead(fault?.status ?? 200, { 'Content-Type': 'application/json', ...fault?.headers }).end(body);
        }
    });
    await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
    self.url = `http://127.0.0.1:${server.address().port}`;
    self.env = { AQS_URL: `${self.url}/data/api/`, AQS_EMAIL: 'someone@example.org', AQS_KEY: 'wholesecret77', AQS_PAUSE_MS: '0', AQS_A_MINUTE: '0' };
    self.close = () => server.close();
    return self;
}
