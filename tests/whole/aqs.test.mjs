// Fetching from an AQS API that answers over real HTTP: what arrives, and that no account shows.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { run, stack } from './stack.mjs';

const email = 'someone@example.org', key = 'wholesecret77';
const row = (day, value) => ({
    state_code: '37', county_code: '183', site_number: '0014', parameter_code: '88101', poc: 3,
    latitude: 35.856111, longitude: -78.574167, datum: 'WGS84', parameter: 'PM2.5 - Local Conditions',
    sample_duration_code: 'X', sample_duration: '24-HR BLK AVG', pollutant_standard: 'PM25 24-hour 2024',
    date_local: day, units_of_measure: 'Micrograms/cubic meter (LC)', event_type: 'No Events',
    observation_count: 24, observation_percent: 100, validity_indicator: 'Y', arithmetic_mean: value,
    first_max_value: value, first_max_hour: 0, aqi: 40, method_code: '236', method: 'T640',
    local_site_name: 'Millbrook School', site_address: '3801 SPRING FOREST RD.', state: 'North Carolina',
    county: 'Wake', city: 'Raleigh', cbsa_code: '39580', cbsa: 'Raleigh, NC', date_of_last_change: '2025-04-24',
});
const envelope = (status, rows, error) => JSON.stringify({ Header: [{ status, rows: rows.length, error }], Data: rows });

let aw, api, asked, answers;
const ingest = (query, env = {}) => run('build/airwatch', ['ingest', '--aqs', query, '--json'], {
    env: { ...aw.env, AQS_URL: `http://127.0.0.1:${api.address().port}/data/api/`, AQS_EMAIL: email, AQS_KEY: key, AQS_PAUSE_MS: '0', AQS_A_MINUTE: '0', ...env },
});

before(async () => {
    api = http.createServer((request, reply) => {
        asked.push(request.url);
        const [status, body] = answers.shift() ?? [500, 'no answer left'];
        reply.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
    });
    await new Promise((done) => { api.listen(0, '127.0.0.1', done); });
    aw = await stack({ ingest: false });
});
after(async () => { await aw?.stop(); api?.close(); });

test('an answer becomes observations, and the account stays out of every record', async () => {
    asked = [];
    answers = [[200, envelope('Success', [row('2016-01-01', 7.5), row('2016-01-02', 8.25)])]];
    const done = await ingest('dailyData/byCounty?param=88101&bdate=20160101&edate=20160102&state=37&county=183');

    assert.equal(done.code, 0, done.stderr);
    assert.equal(JSON.parse(done.stdout).new, 2);
    assert.match(asked[0], /^\/data\/api\/dailyData\/byCounty\?param=88101&.*email=someone%40example\.org&key=wholesecret77$/);
    assert.deepEqual(await aw.ask('SELECT site, day, value FROM data.observation JOIN data.site USING (site_id) ORDER BY day'),
        [['37-183-0014', '2016-01-01', '7.5'], ['37-183-0014', '2016-01-02', '8.25']]);
    assert.match(await aw.value('SELECT name FROM data.object'), /key=redacted/);
    for (const table of ['data.object', 'data.ingest', 'ops.job', 'auth.audit'])
        assert.equal(await aw.value(`SELECT count(*) FROM ${table} t WHERE t::text LIKE '%${key}%'`), '0', table);
    assert.doesNotMatch(done.stderr + done.stdout, new RegExp(key));
});

test('no data is no failure', async () => {
    asked = [];
    answers = [[200, envelope('No data matched your selection', [])]];
    const done = await ingest('dailyData/byState?param=88101&bdate=20160101&edate=20160102&state=02');

    assert.equal(done.code, 0, done.stderr);
    assert.equal(JSON.parse(done.stdout).rows, 0);
});

test('a refused query tells EPA\'s own words', async () => {
    asked = [];
    answers = [[400, envelope('Failed', [], ['value is missing or the value is empty: param'])]];
    const done = await ingest('dailyData/byState?bdate=20160101&edate=20160102&state=37');

    assert.equal(done.code, 65);
    assert.match(done.stderr, /value is missing or the value is empty: param/);
    assert.doesNotMatch(done.stderr, new RegExp(key));
});

test('without an account it says how to get one, and asks nobody', async () => {
    asked = [];
    const done = await ingest('dailyData/byState?param=88101', { AQS_KEY: '' });

    assert.equal(done.code, 65);
    assert.match(done.stderr, /AQS_EMAIL and AQS_KEY are not both set/);
    assert.equal(asked.length, 0);
});
