// tests/whole/count-rules.mjs: what a file must become, counted without the programs under test.
//
// Written from lib/aqs/RULES.md alone: its own CSV and zip readers, its own rules, its own table in
// memory. Means are taken in whole units of the last decimal, so no rounding is shared either.
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

// The text of a file, or of the one file in a zip.
export function textOf(path) {
    const bytes = readFileSync(path);
    if (bytes.readUInt32LE(0) !== 0x04034b50) return bytes.toString('utf8');
    const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
    const entry = bytes.readUInt32LE(end + 16);                 // of the central directory
    const packed = bytes.readUInt32LE(entry + 20), at = bytes.readUInt32LE(entry + 42);
    const from = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    return inflateRawSync(bytes.subarray(from, from + packed)).toString('utf8');
}

function fieldsOf(line) {
    if (!line.includes('"')) return line.split(',');
    const fields = [];
    for (let i = 0; i <= line.length;) {
        let field = '';
        if (line[i] === '"') {
            for (i++; ; i++) {
                const close = line.indexOf('"', i);
                field += line.slice(i, close);
                i = close + 1;
                if (line[i] !== '"') break;
                field += '"';
            }
        } else {
            const comma = line.indexOf(',', i);
            field = line.slice(i, comma < 0 ? line.length : comma);
            i = comma < 0 ? line.length : comma;
        }
        fields.push(field);
        i++;
    }
    return fields;
}

// Rows as objects by their columns' names, one at a time.
function* rowsOf(text) {
    if (text.startsWith('{')) {
        yield* JSON.parse(text).Data;
        return;
    }
    let names = null, number = 0;
    for (let at = 0; at < text.length; number++) {
        const end = text.indexOf('\n', at);
        const line = text.slice(at, end < 0 ? text.length : end).replace(/\r$/, '');
        at = end < 0 ? text.length : end + 1;
        const fields = fieldsOf(line);
        if (names === null) names = fields;
        else yield Object.fromEntries(names.map((name, i) => [name, fields[i]]));
    }
}

const bounds = {
    88101: [-10, 2000], 88502: [-10, 2000], 81102: [-10, 10000], 44201: [0, 1], 42401: [-5, 5000],
    42602: [-5, 5000], 42101: [-1, 200], 62101: [-100, 140], 62103: [-130, 100], 62201: [0, 105],
    61103: [0, 200], 61104: [0, 360], 64101: [500, 1100],
};
const hourBounds = { ...bounds, 88101: [-50, 10000], 88502: [-50, 10000], 81102: [-50, 50000], 44201: [-0.005, 1] };
const particles = [88101, 88502, 81102], weather = [62101, 62103, 62201, 61103, 61104, 64101];
const durations = (p) => (particles.includes(p) ? ['24-HR BLK AVG', '24 HOUR'] : weather.includes(p) ? ['1 HOUR', '24 HOUR']
    : { 44201: ['8-HR RUN AVG BEGIN HOUR'], 42101: ['8-HR RUN AVG END HOUR'] }[p] ?? ['1 HOUR']);
const standards = {
    88101: 'PM25 24-hour 2024', 88502: 'PM25 24-hour 2024', 81102: 'PM10 24-hour 2006', 44201: 'Ozone 8-hour 2015',
    42101: 'CO 8-hour 1971', 42401: 'SO2 1-hour 2010', 42602: 'NO2 1-hour 2010',
};

const isDay = (day) => /^\d{4}-\d\d-\d\d$/.test(day) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
const within = (value, [least, most]) => value !== '' && Number.isFinite(Number(value)) && value >= least && value <= most;
const some = (text) => (text === '' || text === null || text === undefined ? null : Number(text));
const keep = (record) => ({ record }), skip = (reason) => ({ skip: reason }), reject = { reject: true };

function daily(row, isApi) {
    const of = isApi
        ? { p: row.parameter_code, site: [row.state_code, row.county_code, row.site_number], poc: row.poc, duration: row.sample_duration, standard: row.pollutant_standard, day: row.date_local, event: row.event_type, n: row.observation_count, mean: row.arithmetic_mean, max: row.first_max_value, method: row.method_code }
        : { p: row['Parameter Code'], site: [row['State Code'], row['County Code'], row['Site Num']], poc: row.POC, duration: row['Sample Duration'], standard: '', day: row['Date Local'], event: row['Event Type'], n: row['Observation Count'], mean: row['Arithmetic Mean'], max: row['1st Max Value'], method: row['Method Code'] };
    const p = Number(of.p), isGas = !particles.includes(p) && !weather.includes(p);
    if (!(p in bounds)) return reject;
    if (!durations(p).includes(of.duration)) return skip('not a daily duration');
    if (of.standard && of.standard !== standards[p]) return skip('another pollutant standard');
    if (of.event.endsWith('Excluded')) return skip('exceptional event excluded');
    const value = isGas ? of.max : of.mean;
    if (value === '' || value === null) return skip('no value');
    if (!isDay(of.day) || !within(value, bounds[p])) return reject;
    return keep({ p, site: of.site.join('-'), poc: Number(of.poc), day: of.day, value: Number(value), grade: 3,
                  hours: isGas ? some(of.n) : null, method: some(of.method), event: of.event.includes('Included') ? 'I' : 'N' });
}

function exported(row) {
    const name = Object.keys(row).find((key) => /^Daily M.* Concentration$/.test(key));
    const p = Number(row.AQS_PARAMETER_CODE), [month, day, year] = row.Date.split('/');
    const date = `${year}-${month}-${day}`, site = row['Site ID'];
    if (!isDay(date) || !within(row[name], bounds[p])) return reject;
    return keep({ p, site: `${site.slice(0, 2)}-${site.slice(2, 5)}-${site.slice(5)}`, poc: Number(row.POC), day: date, value: Number(row[name]),
                  grade: row.Source === 'AQS' ? 3 : 2, hours: particles.includes(p) ? null : some(row.DAILY_OBS_COUNT), method: null, event: null });
}

const stationColumns = { pm10: [81102, 1], pm25: [88101, 1], o3_ppb_8h: [44201, 1000] };
function station(row) {
    const [column, [p, divisor]] = Object.entries(stationColumns).find(([name]) => name in row);
    const code = row.station ?? row.site;
    const site = /^\d{9}$/.test(code) ? `${code.slice(0, 2)}-${code.slice(2, 5)}-${code.slice(5)}` : code;
    if (row[column] === '' || row[column] === 'NA') return skip('no value');
    if (!isDay(row.date) || !within(row[column] / divisor, bounds[p])) return reject;
    return keep({ p, site, poc: 1, day: row.date, value: row[column] / divisor, grade: 3, hours: null, method: null, event: 'N' });
}

function hourly(row, isApi) {
    const of = isApi
        ? { p: row.parameter_code, site: [row.state_code, row.county_code, row.site_number], poc: row.poc, duration: row.sample_duration, day: row.date_local, time: row.time_local, value: row.sample_measurement, method: row.method_code, qualifier: row.qualifier }
        : { p: row['Parameter Code'], site: [row['State Code'], row['County Code'], row['Site Num']], poc: row.POC, duration: '1 HOUR', day: row['Date Local'], time: row['Time Local'], value: row['Sample Measurement'], method: row['Method Code'], qualifier: row.Qualifier };
    const p = Number(of.p);
    if (!(p in bounds)) return reject;
    if (of.duration !== '1 HOUR') return skip('not an hourly sample');
    if (of.value === null || of.value === '') return skip(of.qualifier ? `no value: ${of.qualifier}` : 'no value');
    if (!isDay(of.day) || !/^([01]\d|2[0-3]):00$/.test(of.time) || !within(of.value, hourBounds[p])) return reject;
    return keep({ p, site: of.site.join('-'), poc: Number(of.poc), day: of.day, hour: Number(of.time.slice(0, 2)), value: Number(of.value),
                  method: some(of.method), qualifier: of.qualifier ? of.qualifier.split(' ')[0] : null });
}

// Which of two rows of one key counts, and why the other does not.
function better(a, b) {
    const wrong = (r) => [236, 238].includes(r.method);
    if (a.grade !== b.grade) return [a.grade > b.grade ? a : b, 'preliminary beside AQS\'s own'];
    if (wrong(a) !== wrong(b)) return [wrong(a) ? b : a, 'corrected method elsewhere'];
    if (a.event !== b.event) return [a.event === 'I' ? a : b, 'event included elsewhere'];
    return [b, 'repeated in the file'];
}

const keyOf = (r) => `${r.p}|${r.site}|${r.poc}|${r.day}${r.hour === undefined ? '' : `|${r.hour}`}`;

// Judges all rows of a file; settles those of one key.
export function judge(text) {
    const head = text.slice(0, 4000);
    const isApi = text.startsWith('{');
    const isHourly = head.includes('sample_measurement') || head.includes('"Sample Measurement"');
    const rule = isHourly ? (row) => hourly(row, isApi) : isApi || head.includes('"Arithmetic Mean"') ? (row) => daily(row, isApi)
        : head.includes('"Source"') ? exported : station;
    const out = { rows: 0, rejected: 0, skipped: {}, kept: new Map(), isHourly };
    const count = (reason) => { out.skipped[reason] = (out.skipped[reason] ?? 0) + 1; };
    for (const row of rowsOf(text)) {
        out.rows++;
        const { record, skip: reason, reject: isRejected } = rule(row);
        if (isRejected) out.rejected++;
        if (reason) count(reason);
        if (!record) continue;
        const key = keyOf(record), other = out.kept.get(key);
        if (!other) { out.kept.set(key, record); continue; }
        const [winner, why] = isHourly ? [record, 'repeated in the file'] : better(other, record);
        out.kept.set(key, winner);
        count(why);
    }
    return out;
}

// What the database must hold: files go in one after the other.
export class Table {
    days = new Map();
    hours = new Map();

    // Counts what a file makes new, changes and leaves; hours also what they do to days.
    take(judged) {
        const tally = judged.isHourly ? this.#put(this.hours, judged.kept) : this.#put(this.days, judged.kept);
        const out = { rows: judged.rows, rejected: judged.rejected, skipped: judged.skipped, ...tally.counts };
        return judged.isHourly ? { ...out, derived_days: this.#put(this.days, this.#derive(tally.news)).counts } : out;
    }

    #put(into, records) {
        const counts = { new: 0, changed: 0, same: 0 }, news = [];
        for (const [key, now] of records) {
            const was = into.get(key);
            if (!was) counts.new++;
            else if ((was.grade ?? 0) > (now.grade ?? 0)) { counts.same++; continue; }
            else if (was.grade === now.grade && was.value === now.value && (now.hours ?? was.hours) === was.hours &&
                     (now.method ?? was.method) === was.method && (now.event ?? was.event) === was.event &&
                     (was.hour === undefined || was.qualifier === now.qualifier)) { counts.same++; continue; }
            else counts.changed++;
            const old = was && was.grade === now.grade ? was : {};
            into.set(key, { ...now, hours: now.hours ?? old.hours ?? null, method: now.method ?? old.method ?? null, event: now.event ?? old.event ?? 'N' });
            news.push(now);
        }
        return { counts, news };
    }

    // The days that news of hours touch, by the rule of their parameter.
    #derive(news) {
        const touched = new Map(), out = new Map();
        const touch = (r, days) => {
            const day = shift(r.day, days);
            touched.set(keyOf({ ...r, day, hour: undefined }), { ...r, day });
        };
        for (const r of news) {
            touch(r, 0);
            if (r.p === 44201) touch(r, -1);
            if (r.p === 42101) touch(r, 1);
        }
        for (const [key, r] of touched) {
            const at = (hour) => this.hours.get(keyOf({ ...r, day: shift(r.day, Math.floor(hour / 24)), hour: ((hour % 24) + 24) % 24 }));
            const made = dayOf(r.p, at);
            if (made) out.set(key, { p: r.p, site: r.site, poc: r.poc, day: r.day, grade: 1, event: 'N', ...made });
        }
        return out;
    }

    // Rows, sum and mean of each parameter and year, as the database is asked for them.
    years(of = this.days) {
        const out = {};
        for (const r of of.values()) {
            const cell = (out[`${r.p} ${r.day.slice(0, 4)}`] ??= { n: 0, sum: 0 });
            cell.n++;
            cell.sum += r.value;
        }
        return out;
    }
}

const shift = (day, n) => (n === 0 ? day : new Date(Date.parse(`${day}T00:00:00Z`) + n * 86400000).toISOString().slice(0, 10));

function dayOf(p, at) {
    const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => at(from + i));
    const own = range(0, 23).filter(Boolean);
    const parts = (list, unit) => list.map((r) => Math.round(r.value * unit));
    const sum = (list) => list.reduce((a, b) => a + b, 0);
    const told = (list, value) => {
        const methods = new Set(list.map((r) => r.method).filter((m) => m !== null));
        return { value, hours: own.length, method: methods.size === 1 ? [...methods][0] : null };
    };
    if (p === 44201) {
        const means = [], used = [];
        for (let begin = 7; begin <= 23; begin++) {
            const hours = range(begin, begin + 7).filter(Boolean);
            const total = sum(hours.map((r) => Math.trunc(Math.round(r.value * 1e6) / 1000)));
            if (at(begin)) used.push(at(begin));
            if (hours.length >= 6) means.push(Math.floor(total / hours.length));
            else if (total > 567) means.push(Math.floor(total / 8));
        }
        const most = Math.max(...means);
        return means.length >= 13 || most > 70 ? told(used, most / 1000) : null;
    }
    if (p === 42101) {
        const means = [];
        for (let end = 0; end <= 23; end++) {
            const hours = range(end - 7, end).filter(Boolean);
            if (hours.length >= 6) means.push(Math.floor((20 * sum(parts(hours, 1000)) + hours.length * 1000) / (2000 * hours.length)));
        }
        return means.length >= 18 ? told(own, Math.max(...means) / 10) : null;
    }
    if (own.length < 18 || p === 61104) return null;
    if (particles.includes(p)) return told(own, Math.trunc(sum(parts(own, 10000)) / (own.length * 1000)) / 10);
    if (p === 42401 || p === 42602) return told(own, Math.max(...own.map((r) => r.value)));
    return told(own, sum(own.map((r) => r.value)) / own.length);
}

// Good lines of a list of sites or monitors, by site; and how many are bad.
export function sitesOf(text) {
    const out = { rows: 0, rejected: 0, sites: new Map(), elevation: 0, placed: 0, closed: 0, quoted: 0 };
    for (const row of rowsOf(text)) {
        const of = (title, key) => row[title] ?? row[key] ?? '';
        const [north, east, height, offset] = [of('Latitude', 'latitude'), of('Longitude', 'longitude'), of('Elevation', 'elevation'), of('GMT Offset')].map(String);
        const place = [of('State Code', 'state_code'), of('County Code', 'county_code'), of('Site Number', 'site_number')];
        const days = [of('Site Established Date'), of('Site Closed Date')];
        const isGood = /^[0-9A-Z]{2}$/.test(place[0]) && /^[0-9A-Z]{3}$/.test(place[1]) && /^[0-9A-Z]{4}$/.test(place[2]) &&
            ((north === '' && east === '') || (within(north, [-90, 90]) && within(east, [-180, 180]))) &&
            (height === '' || within(height, [-500, 9000])) && (offset === '' || within(offset, [-12, 14])) && days.every((day) => day === '' || isDay(day));
        out.rows++;
        if (isGood) out.sites.set(place.join('-'), { north, east, height, closed: days[1], name: of('Local Site Name', 'local_site_name') ?? '' });
        else out.rejected++;
    }
    for (const site of out.sites.values()) {
        out.elevation += Number(site.height);
        out.placed += site.north !== '' && !(Number(site.north) === 0 && Number(site.east) === 0) ? 1 : 0;
        out.closed += site.closed === '' ? 0 : 1;
        out.quoted += site.name.includes('"') ? 1 : 0;
    }
    return out;
}
