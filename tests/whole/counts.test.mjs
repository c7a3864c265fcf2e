// Every file becomes exactly the rows that an independent reading of the rules counts.
//
// Always: the shipped files, and made ones of hours with gaps, repeats and corrections. Where
// ../shared/data is: every file there that is small; all of them under `make counts` (COUNTS=all).
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { judge, sitesOf, Table, textOf } from './count-rules.mjs';
import { folder, project, run, sample, stack } from './stack.mjs';
import { zip } from './zip.mjs';

const shared = path.resolve(project, '../shared/data');
const isAll = process.env.COUNTS === 'all';
const table = new Table();
let aw, made;

before(async () => {
    aw = await stack({ ingest: false });
    made = await folder();
});
after(async () => { await aw?.stop(); });

async function ingest(file, ...more) {
    const done = await run('build/airwatch', ['ingest', '--file', file, '--json', ...more], { env: aw.env });
    assert.equal(done.code, 0, `${file}: ${done.stderr}`);
    return JSON.parse(done.stdout);
}

const counted = ({ rows, new: fresh, changed, same, skipped, rejected, derived_days }) => ({ rows, new: fresh, changed, same, skipped, rejected, ...(derived_days ? { derived_days } : {}) });

// Ingests a file, holds its summary against the count, and ingests it again.
async function check(file) {
    const judged = judge(textOf(file));
    const due = table.take(judged);
    const name = path.basename(file);
    assert.deepEqual(counted(await ingest(file)), due, name);
    const again = counted(await ingest(file));
    assert.equal(again.new + again.changed, 0, `${name} again`);
    assert.equal(again.same, judged.kept.size, `${name} again`);
    assert.deepEqual([again.rows, again.skipped, again.rejected], [due.rows, due.skipped, due.rejected], `${name} again`);
    return due;
}

// Rows, sums and means of each parameter and year.
async function totals(sql, due) {
    const got = await aw.ask(sql);
    assert.deepEqual(got.map(([what]) => what).sort(), Object.keys(due).sort());
    for (const [what, n, sum] of got) {
        assert.equal(Number(n), due[what].n, what);
        const off = Math.abs(Number(sum) - due[what].sum);
        assert.ok(off <= 1e-9 * Math.max(1, Math.abs(due[what].sum)), `${what}: sum ${sum}, not ${due[what].sum}`);
    }
}
const daySql = 'SELECT parameter || \' \' || extract(year FROM day), count(*), sum(value) FROM data.observation GROUP BY 1';
const hourSql = 'SELECT parameter || \' \' || extract(year FROM day), count(*), sum(value) FROM data.sample GROUP BY 1';

const files = (name, pattern) => (existsSync(path.join(shared, name)) ? readdirSync(path.join(shared, name)).filter((file) => pattern.test(file)).sort().map((file) => path.join(shared, name, file)) : []);

test('the list of all sites, and of monitors', { skip: !existsSync(shared) && '../shared/data is not there' }, async () => {
    const [file] = files('airdata', /^aqs_sites\.zip$/), due = sitesOf(textOf(file));
    const got = counted(await ingest(file));
    assert.equal(due.rows, 20888);
    assert.deepEqual([got.rows, got.rejected, got.skipped], [due.rows, due.rejected, {}]);
    assert.equal(got.new, due.sites.size);
    const [[n, elevation, placed, closed, quoted]] = await aw.ask(`SELECT count(*), sum(elevation_m), count(latitude), count(closed_on), count(*) FILTER (WHERE name LIKE '%"%')
        FROM data.site WHERE fact_object IS NOT NULL`);
    assert.deepEqual([n, placed, closed, quoted].map(Number), [due.sites.size, due.placed, due.closed, due.quoted]);
    assert.ok(Math.abs(Number(elevation) - due.elevation) < 1e-6 * due.elevation);
    assert.ok(due.quoted > 0);
    assert.equal((await ingest(file)).same, due.sites.size);

    const [monitors] = files('aqs_api', /^monitors/), list = sitesOf(textOf(monitors));
    const taken = counted(await ingest(monitors));
    assert.deepEqual([taken.rows, taken.skipped, taken.rejected], [list.rows, { 'repeated in the file': list.rows - list.sites.size }, 0]);
    assert.equal(taken.new + taken.changed + taken.same, list.sites.size);
});

test('the shipped files', async () => {
    const pm10 = await check(path.join(project, sample));
    const ozone = await check(path.join(project, 'deploy/sample/ozone_midwest_1987.csv'));
    assert.equal(pm10.rows + ozone.rows, 149151 + 13122); // as their page says
    await totals(daySql, table.years());
});

// Hours of six sites and some days, with gaps, repeats and values at the edges of the rules.
function hoursFile(p, unit, value, seed, days) {
    let state = seed;
    const random = () => { state = (state * 1103515245 + 12345) % 2147483648; return state / 2147483648; };
    const lines = ['"State Code","County Code","Site Num","Parameter Code","POC","Latitude","Longitude","Datum","Parameter Name","Date Local","Time Local","Date GMT","Time GMT","Sample Measurement","Units of Measure","MDL","Uncertainty","Qualifier","Method Type","Method Code","Method Name","State Name","County Name","Date of Last Change"'];
    for (let site = 1; site <= 6; site++) {
        for (const day of days) {
            const share = [1, 0.97, 0.85, 0.75, 0.7, 0.3][Math.floor(random() * 6)];
            for (let hour = 0; hour < 24; hour++) {
                if (random() > share) continue;
                const qualifier = random() < 0.1 ? ['V - Validated Value.', 'IT - Wildfire-U. S.', 'BF - Precision/Zero/Span.'][Math.floor(random() * 3)] : '';
                const shown = qualifier.startsWith('BF') ? '' : value(random());
                const line = `"37","183","${String(site).padStart(4, '0')}","${p}",${1 + site % 2},35.85,-78.57,"WGS84","X","${day}","${String(hour).padStart(2, '0')}:00","","",${shown},"${unit}",0.005,"","${qualifier}","FEM","${random() < 0.02 ? '236' : '047'}","A, B","North Carolina","Wake","2020-06-11"`;
                lines.push(line);
                if (random() < 0.01) lines.push(line);
            }
        }
    }
    return `${lines.join('\n')}\n`;
}
const days = (from, n) => Array.from({ length: n }, (_, i) => new Date(Date.parse(from) + i * 86400000).toISOString().slice(0, 10));
const hourly = [
    ['88101', 'Micrograms/cubic meter (LC)', (x) => (x * 40 - 3).toFixed(1)],
    ['81102', 'Micrograms/cubic meter (25 C)', (x) => (x < 0.001 ? '60000' : (x * 90 - 5).toFixed(0))],
    ['44201', 'Parts per million', (x) => (x * 0.095 - 0.003).toFixed(4)],
    ['42101', 'Parts per million', (x) => (x * 3).toFixed(3)],
    ['42401', 'Parts per billion', (x) => (x * 60 - 2).toFixed(1)],
    ['42602', 'Parts per billion', (x) => (x * 60 - 2).toFixed(1)],
    ['62101', 'Degrees Fahrenheit', (x) => (x * 150 - 50).toFixed(1)],
    ['61104', 'Degrees Compass', (x) => (x * 360).toFixed(0)],
];

test('hours, the days out of them over a new year, and corrections', async () => {
    for (const [p, unit, value] of hourly) {
        for (const [part, seed, list] of [['a', 7, days('2018-12-20', 12)], ['b', 9, days('2019-01-01', 12)], ['c', 11, days('2018-12-28', 8)]]) {
            const file = path.join(made, `hourly_${p}_${part}.${part === 'b' ? 'zip' : 'csv'}`);
            const text = hoursFile(p, unit, value, seed * Number(p) % 999983, list);
            await fs.writeFile(file, part === 'b' ? zip('hourly.csv', text) : text);
            const due = await check(file);
            assert.ok(due.new + due.changed > 500 && (p === '61104' || due.derived_days.new > 0), `${p} ${part}`);
            if (part === 'c') assert.ok(due.changed > 300 && (p === '61104' || due.derived_days.changed > 3), `${p} ${part}`);
        }
    }
    await totals(hourSql, table.years(table.hours));
    await totals(daySql, table.years());
});

test('EPA\'s files of days', { skip: !existsSync(shared) && '../shared/data is not there' }, async () => {
    for (const file of [...files('airdata', /10sites.*csv$/), ...(isAll ? files('airdata', /^daily_.*zip$/) : [])]) {
        const due = await check(file);
        assert.ok(due.rows > 60000, file);
    }
    for (const file of files('epa_export', /csv$/)) await check(file);
    for (const file of files('modelling', /siteday.*csv$/)) if (isAll) await check(file);
    await totals(daySql, table.years());
});

test('answers of EPA\'s API', { skip: !existsSync(shared) && '../shared/data is not there' }, async () => {
    for (const file of files('aqs_api', /^dailyData/)) await check(file);
    for (const file of files('aqs_api', /^sampleData/)) await check(file);
    await totals(daySql, table.years());
    await totals(hourSql, table.years(table.hours));

    // Where an ozone day can be derived from EPA's own hours, it is EPA's own value.
    const box = JSON.parse(readFileSync(files('aqs_api', /sampleData_byBox/)[0], 'utf8')).Data;
    const alone = new Table();
    alone.take(judge(JSON.stringify({ Data: box })));
    const own = new Map(JSON.parse(readFileSync(files('aqs_api', /dailyData_byBox/)[0], 'utf8')).Data
        .filter((row) => row.pollutant_standard === 'Ozone 8-hour 2015').map((row) => [`${row.state_code}-${row.county_code}-${row.site_number} ${row.date_local}`, row.first_max_value]));
    assert.ok(alone.days.size > 0);
    for (const day of alone.days.values()) assert.equal(day.value, own.get(`${day.site} ${day.day}`), day.site);
});

test('what holds nothing to take is refused by its name', { skip: !existsSync(shared) && '../shared/data is not there' }, async () => {
    const before = await aw.value('SELECT count(*) FROM data.object');
    for (const [pattern, message] of [[/^annualData/, /annualData holds yearly figures/], [/^quarterlyData/, /quarterlyData holds figures of quarters/],
        [/^transactions/, /transactionsSample holds samples as they were submitted/], [/^list_/, /an answer of the list services holds codes/],
        [/^metaData_(f|r|iss)/, /holds no values/], [/^openapi/, /not an answer of the AQS API/]]) {
        for (const file of files('aqs_api', pattern)) {
            const done = await aw.airwatch('ingest', '--file', file);
            assert.equal(done.code, 65, file);
            assert.match(done.stderr, message, file);
        }
    }
    for (const [file, message] of [...files('hourly', /csv$/).map((name) => [name, /column "date" is missing/]),
        ...files('tables', /csv$/).map((name) => [name, /no known format has the columns longitude, latitude/])]) {
        const done = await aw.airwatch('ingest', '--file', file);
        assert.equal(done.code, 65, file);
        assert.match(done.stderr, message, file);
    }
    assert.equal(await aw.value('SELECT count(*) FROM data.object'), before);
});

test('nothing is left over: every year again', async () => {
    await totals(daySql, table.years());
    await totals(hourSql, table.years(table.hours));
});
