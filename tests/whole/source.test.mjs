// Configured sources over real HTTP: what is asked for, what a service's faults do, and what stays.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { api } from './aqs-few.mjs';
import { must, run, stack, until } from './stack.mjs';

const asOf = ['--as-of', '2021-03-31'];
let aw, aqs;

const airwatch = (args, { env = {}, command = ['build/airwatch'] } = {}) =>
    run(command[0], [...command.slice(1), ...args], { env: { ...aw.env, ...aqs.env, ...env } });
async function job(args, options) {
    const done = await airwatch([...args, '--json'], options);
    return { ...done, json: done.stdout === '' ? null : JSON.parse(done.stdout) };
}
async function good(args, options) {
    const done = await job(args, options);
    assert.equal(done.code, 0, done.stderr);
    return done.json;
}
const add = (name, ...settings) => good(['source', 'add', name, '--kind', 'aqs', ...settings, ...asOf]);
const forget = () => aw.ask(['source', 'observation', 'observation_past', 'reject', 'ingest', 'object'].map((table) => `DELETE FROM data.${table};`).join(''));
const asked = (key) => aqs.asked.map((url) => url.searchParams.get(key));

before(async () => {
    aqs = await api();
    aw = await stack({ ingest: false });
});
beforeEach(async () => { await forget(); aqs.reset(); });
after(async () => { await aw?.stop(); aqs?.close(); });

test('a setting that cannot be is a wrong call that names the option', async () => {
    for (const [words, message] of [[['add', 'x', '--kind', 'aqs', '--parameter', '88101', '--state', '7'], /option --state: "7" is not a code of 2 digits, its leading zeros among them/],
                                    [['add', 'x'], /option --kind is missing/], [['show'], /show wants a source's name/],
                                    [['fetch', 'x'], /"fetch" is none of add, list/]]) {
        const done = await airwatch(['source', ...words]);
        assert.equal(done.code, 64, done.stderr);
        assert.match(done.stderr, message);
    }
});

test('a source is added, listed, shown, paused, resumed and removed, and each change is audited', async () => {
    const made = await add('nc', '--parameter', '88101,44201', '--state', '37', '--county', '183,063', '--since', '2020-01-01');
    assert.deepEqual(made.settings, { service: 'dailyData', parameter: ['88101', '44201'], area: ['37-183', '37-063'], since: '2020-01-01', revise_days: 60 });
    assert.equal((await airwatch(['source', 'add', 'nc', '--kind', 'aqs', '--parameter', '88101', '--cbsa', '39580'])).code, 73);

    const shown = await good(['source', 'show', 'nc', ...asOf]);
    assert.equal(shown.next.length, 8);
    assert.deepEqual(shown.next[0], { unit: '88101 37-183 2020', first_day: '2020-01-01', until: '2020-12-31' });

    assert.equal((await good(['source', 'pause', 'nc'])).paused, true);
    const listed = (await good(['source', 'list'])).sources;
    assert.equal(listed.length, 1);
    assert.notEqual(listed[0].paused_at, null);
    for (const words of [['ingest', '--source', 'nc'], ['backfill', 'nc', '--from', '2020-01-01']]) {
        const refused = await airwatch([...words, ...asOf]);
        assert.equal(refused.code, 73);
        assert.match(refused.stderr, /source "nc" is paused since .*airwatch source resume nc/);
    }
    assert.equal(aqs.asked.length, 0);
    assert.equal((await good(['source', 'resume', 'nc'])).paused, false);
    await good(['source', 'remove', 'nc']);
    assert.equal((await airwatch(['source', 'show', 'nc'])).code, 66);
    assert.deepEqual((await aw.ask(`SELECT action FROM auth.audit WHERE object = 'nc' ORDER BY audit_id`)).flat(),
        ['source.added', 'source.paused', 'source.resumed', 'source.removed']);
});

test('a calendar year and at most five parameters are asked for at a time, of every kind of area', async () => {
    const places = {
        state: [['--state', '37'], 'byState', { state: '37' }],
        county: [['--state', '37', '--county', '183'], 'byCounty', { state: '37', county: '183' }],
        site: [['--state', '37', '--county', '183', '--site', '0014'], 'bySite', { state: '37', county: '183', site: '0014' }],
        cbsa: [['--cbsa', '39580'], 'byCBSA', { cbsa: '39580' }],
        box: [['--box=35,-79.5,36,-78'], 'byBox', { minlat: '35', minlon: '-79.5', maxlat: '36', maxlon: '-78' }],
    };
    for (const [name, [place, by, keys]] of Object.entries(places)) {
        aqs.reset();
        await add(name, '--parameter', '88101,44201,42401,42602,42101,81102', ...place, '--since', '2019-11-01');
        const got = await good(['ingest', '--source', name, ...asOf]);

        assert.deepEqual(asked('bdate'), ['20191101', '20191101', '20200101', '20200101', '20210101', '20210101'], name);
        assert.deepEqual(asked('edate'), ['20191231', '20191231', '20201231', '20201231', '20210331', '20210331']);
        assert.deepEqual(asked('param').slice(0, 2), ['88101,44201,42401,42602,42101', '81102']);
        for (const url of aqs.asked) {
            assert.equal(url.pathname, `/data/api/dailyData/${by}`);
            for (const [key, value] of Object.entries(keys)) assert.equal(url.searchParams.get(key), value);
        }
        assert.deepEqual([got.units.planned, got.units.done, got.units.empty, got.units.failed], [18, 15, 3, 0]);
        assert.equal(got.rows, 61 + 366 + 59);
    }
});

test('the next reading asks from the revision window on, counts the same rows as same and keeps no object of them', async () => {
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2020-01-01', '--revise-days', '30');
    const first = await good(['ingest', '--source', 'nc', ...asOf]);
    assert.deepEqual([first.rows, first.new], [366 + 59, 425]);
    assert.equal((await good(['source', 'show', 'nc', ...asOf])).units[1].last_day, '2021-02-28');
    const objects = await aw.value('SELECT count(*) FROM data.object');

    for (const days of [['20210129'], ['20210129']]) {
        aqs.reset();
        const again = await good(['ingest', '--source', 'nc', ...asOf]);
        assert.deepEqual(asked('bdate'), days);
        assert.deepEqual([again.rows, again.new, again.changed, again.same], [31, 0, 0, 31]);
    }
    // The first of the two has another span than the reading of the whole year; the second is the first's equal.
    assert.equal(Number(await aw.value('SELECT count(*) FROM data.object')), Number(objects) + 1);
});

test('a correction inside the window replaces the value, keeps the old one, and can be taken back', async () => {
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2021-01-01');
    await good(['ingest', '--source', 'nc', ...asOf]);
    const value = () => aw.value(`SELECT value FROM data.observation WHERE day = '2021-02-01'`);
    const before = await value();

    aqs.corrections.set('2021-02-01', 99.5);
    assert.equal((await good(['ingest', '--source', 'nc', ...asOf])).changed, 1);
    assert.equal(await value(), '99.5');
    assert.equal(await aw.value('SELECT count(*) FROM data.observation_past'), '1');

    aqs.corrections.clear();
    assert.equal((await good(['ingest', '--source', 'nc', ...asOf])).changed, 1);
    assert.equal(await value(), before);
    assert.equal(await aw.value('SELECT count(*) FROM data.observation_past'), '2');
});

test('a unit that fails stops no other, is tried again the next time, and the exit code tells', async () => {
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2018-01-01');
    aqs.faults = (url) => (url.searchParams.get('bdate') === '20190101' ? { status: 500 } : null);
    const rough = await job(['ingest', '--source', 'nc', ...asOf]);
    assert.equal(rough.code, 75);
    assert.match(rough.stderr, /1 of 4 units failed; the first, "88101 37 2019": .*answered 500/);
    assert.deepEqual([rough.json.units.done, rough.json.units.failed, rough.json.error.code], [3, 1, 'UNAVAILABLE']);
    assert.equal(rough.json.failures[0].unit, '88101 37 2019');
    assert.equal((await good(['source', 'list'])).sources[0].failed, 1);

    aqs.reset();
    const then = await good(['ingest', '--source', 'nc', ...asOf]);
    assert.deepEqual(asked('bdate'), ['20190101', '20201230', '20210101']);
    assert.deepEqual([then.new, then.units.failed], [365, 0]);
});

test('a refusal tells EPA\'s words and is not tried again', async () => {
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2021-01-01');
    aqs.faults = () => ({ status: 400, body: JSON.stringify({ Header: [{ status: 'Failed', request_time: 'x', url: 'x', error: ['invalid key or email'] }], Data: [] }) });
    const done = await job(['ingest', '--source', 'nc', ...asOf]);
    assert.equal(done.code, 65);
    assert.match(done.stderr, /EPA refused the request: invalid key or email/);
    assert.equal(aqs.asked.length, 1);
});

test('whatever a service does once, everything comes through and nothing twice', async () => {
    const faults = [{ status: 429, headers: { 'Retry-After': '1' } }, { status: 500 }, { status: 503 }, { cut: 0.5 }, { cut: 0 },
        { truncate: 0.5 }, { body: '<html>We are down for maintenance</html>' }, { body: '' }, { dropRow: true }];
    const table = () => aw.ask(`SELECT md5(string_agg((day, poc, value)::text, '|' ORDER BY day, poc)) FROM data.observation`);
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2013-01-01');
    const calm = await good(['ingest', '--source', 'nc', ...asOf]);
    const wanted = await table();

    await forget();
    aqs.reset();
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2013-01-01');
    const hit = new Set();
    aqs.faults = (url) => {
        const year = Number(url.searchParams.get('bdate').slice(0, 4));
        return hit.has(year) ? null : (hit.add(year), faults[year - 2013]);
    };
    const rough = await good(['ingest', '--source', 'nc', ...asOf]);
    assert.deepEqual([rough.rows, rough.new, rough.units.done, rough.units.failed], [calm.rows, calm.new, 9, 0]);
    assert.deepEqual(await table(), wanted);
    assert.equal(aqs.asked.length, 18);
    assert.ok(aqs.spans[1].begin - aqs.spans[0].end >= 995, 'Retry-After is kept to');
});

test('what never becomes whole fails in words and leaves nothing', async () => {
    const cases = [[{ body: '<html>Sunday maintenance</html>' }, /the answer is a web page/],
                   [{ truncate: 0.7 }, /broken JSON at line \d+/], [{ dropRow: true }, /promises 59 rows and holds 58/],
                   [{ body: '{"Data": []}' }, /"Header" is missing/], [{ cut: 0.5 }, /could not fetch/]];
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2021-01-01');
    for (const [fault, message] of cases) {
        aqs.reset();
        aqs.faults = () => fault;
        const done = await job(['ingest', '--source', 'nc', ...asOf]);
        assert.equal(done.code, 75, done.stderr);
        assert.match(done.stderr, message);
        assert.equal(aqs.asked.length, 5);
    }
    assert.equal(await aw.value('SELECT count(*) FROM data.observation'), '0');
    assert.equal(await aw.value('SELECT count(*) FROM data.object'), '0');
});

test('a service that is away for three units in a row is left alone', async () => {
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2011-01-01');
    aqs.faults = () => ({ status: 503 });
    const done = await job(['ingest', '--source', 'nc', ...asOf]);
    assert.equal(done.code, 75);
    assert.deepEqual([done.json.units.failed, done.json.units.left], [3, 8]);
    assert.match(done.stderr, /3 of 11 units failed and 8 were not tried/);
});

test('a backfill goes on where it stopped, and one that finished begins anew', async () => {
    await add('nc', '--parameter', '88101', '--state', '37');
    const backfill = ['backfill', 'nc', '--from', '2015-06-01', '--to', '2019-12-31', ...asOf];
    assert.equal((await good([...backfill, '--dry-run'])).units.planned, 5);
    assert.equal(aqs.asked.length, 0);
    aqs.faults = (url) => (url.searchParams.get('bdate').startsWith('2017') ? { status: 400, body: '{"Header":[{"status":"Failed","error":"no"}]}' } : null);
    assert.equal((await job(backfill)).code, 65);
    assert.deepEqual(asked('bdate'), ['20150601', '20160101', '20170101', '20180101', '20190101']);

    aqs.reset();
    const rest = await good(backfill);
    assert.deepEqual(asked('bdate'), ['20170101']);
    assert.deepEqual([rest.resumed, rest.units.done_before, rest.units.done, rest.new], [true, 4, 1, 365]);

    aqs.reset();
    const anew = await good(backfill);
    assert.equal(aqs.asked.length, 5);
    assert.deepEqual([anew.resumed, anew.new, anew.same], [false, 0, 214 + 366 + 365 + 365 + 365]);
});

test('an interrupted backfill is begun anew by --afresh', async () => {
    await add('nc', '--parameter', '88101', '--state', '37');
    const backfill = ['backfill', 'nc', '--from', '2018-01-01', '--to', '2019-12-31', ...asOf];
    aqs.faults = (url) => (url.searchParams.get('bdate').startsWith('2019') ? { status: 400 } : null);
    assert.equal((await job(backfill)).code, 65);
    aqs.reset();
    assert.equal((await good([...backfill, '--afresh'])).units.done, 2);
});

test('a pause ends a reading under way at its next unit', async () => {
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2018-01-01');
    aqs.faults = async () => { await good(['source', 'pause', 'nc']); return null; };
    const done = await job(['ingest', '--source', 'nc', ...asOf]);
    assert.equal(done.code, 73);
    assert.match(done.stderr, /source "nc" was paused meanwhile/);
    assert.deepEqual([done.json.units.done, done.json.units.left, done.json.new], [1, 3, 365]);
});

test('the service is asked one request at a time, with a pause, by all processes together', async () => {
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2020-01-01');
    await add('sc', '--parameter', '88101', '--state', '45', '--since', '2020-01-01');
    aqs.latencyMs = 100;
    const env = { AQS_PAUSE_MS: '400' };
    const [one, two] = await Promise.all([job(['ingest', '--source', 'nc', ...asOf], { env }),
        job(['backfill', 'sc', '--from', '2019-01-01', '--to', '2020-12-31', ...asOf], { env })]);
    assert.equal(one.code + two.code, 0, one.stderr + two.stderr);
    assert.equal(aqs.spans.length, 4);
    aqs.spans.sort((a, b) => a.begin - b.begin);
    for (let i = 1; i < aqs.spans.length; i++)
        assert.ok(aqs.spans[i].begin - aqs.spans[i - 1].end >= 395, `${aqs.spans[i].begin - aqs.spans[i - 1].end} ms between`);
});

test('two processes never do the same unit', async () => {
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2018-01-01');
    aqs.latencyMs = 60;
    const [one, two] = await Promise.all([job(['ingest', '--source', 'nc', ...asOf]),
        job(['backfill', 'nc', '--from', '2018-01-01', '--to', '2021-03-31', ...asOf])]);
    assert.equal(one.code + two.code, 0, one.stderr + two.stderr);
    const units = (done) => done.json.units.done + done.json.units.busy + done.json.units.done_before;
    assert.deepEqual([units(one), units(two)], [4, 4]);
    assert.equal(await aw.value(`SELECT count(*) FROM data.source_unit WHERE state = 'done'`), '4');
    assert.equal(await aw.value('SELECT count(*) FROM data.observation'), String(365 + 365 + 366 + 59));
});

test('EPA itself is not asked faster than it wants', async () => {
    for (const env of [{ AQS_PAUSE_MS: '100' }, { AQS_PAUSE_MS: '5000', AQS_A_MINUTE: '11' }, { AQS_PAUSE_MS: '5000', AQS_A_MINUTE: '0' }]) {
        const done = await airwatch(['source', 'list'], { env: { ...env, AQS_URL: 'https://aqs.epa.gov/data/api/' } });
        assert.equal(done.code, 65);
        assert.match(done.stderr, /AQS_(PAUSE_MS|A_MINUTE) is "\d+", not from/);
    }
});

test('the account stands in no table, no object and no line of output', async () => {
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2021-01-01');
    aqs.faults = (() => { let n = 0; return () => (n++ === 0 ? { status: 500 } : null); })();
    const said = [await job(['ingest', '--source', 'nc', ...asOf]), await job(['source', 'test', 'nc', ...asOf]),
        await job(['source', 'show', 'nc', ...asOf])].map((done) => done.stdout + done.stderr).join('');
    assert.equal(await aw.value('SELECT count(*) FROM data.object'), '1');
    const dump = await must('sh', ['-c', '"$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)/pg_dump" -h "$1" -U airwatch airwatch', 'sh', `${aw.home}/run`]);
    const [[key]] = await aw.ask('SELECT key FROM data.object');
    const object = await fs.readFile(path.join(aw.home, 'lake', key), 'utf8');
    assert.match(object, /key=redacted/);
    for (const secret of [aqs.env.AQS_KEY, aqs.env.AQS_EMAIL, encodeURIComponent(aqs.env.AQS_EMAIL)])
        for (const text of [said, dump.stdout, object]) assert.ok(!text.includes(secret));
    assert.equal(JSON.parse(object).Data.length, 59);
});

test('a source is tested by little requests that say what is wrong', async () => {
    await add('nc', '--parameter', '88101', '--state', '37');
    await add('nowhere', '--parameter', '88101', '--state', '01');
    const fine = await good(['source', 'test', 'nc', ...asOf]);
    assert.deepEqual(fine.checks.map((c) => [c.check, c.good]), [['service', true], ['monitors', true], ['data', true]]);
    const lost = await job(['source', 'test', 'nowhere', ...asOf]);
    assert.equal(lost.code, 65);
    assert.match(lost.stdout, /EPA knows no monitor of these parameters in the area \\"01\\" since 2020-01-01/);

    const none = await job(['source', 'test', 'nc', ...asOf], { env: { AQS_KEY: '' } });
    assert.equal(none.code, 65);
    assert.match(none.json.checks[0].detail, /AQS_EMAIL and AQS_KEY are not both set/);
    const away = await job(['source', 'test', 'nc', ...asOf], { env: { AQS_URL: 'http://127.0.0.1:1/data/api/' } });
    assert.equal(away.code, 75);
    assert.match(away.json.checks[0].detail, /127\.0\.0\.1/);
});

test('EPA\'s codes can be looked up', async () => {
    const got = await good(['source', 'lookup', 'counties', '37']);
    assert.deepEqual(got.codes, [{ code: '183', name: 'Wake' }]);
    assert.equal((await airwatch(['source', 'lookup', 'counties'])).code, 64);
    assert.equal((await airwatch(['source', 'lookup', 'counties', '01'])).code, 66);
});

test('a file at an address is a source too', async () => {
    await good(['source', 'add', 'feed', '--kind', 'url', '--url', `${aqs.url}/feed.csv`]);
    aqs.file = 'station,date,pm10\nA,2021-01-01,5\nA,2021-01-02,6\n';
    assert.equal((await good(['ingest', '--source', 'feed', ...asOf])).new, 2);
    assert.equal((await good(['source', 'list'])).sources[0].last_day, '2021-01-02');
    aqs.file += 'A,2021-01-03,7\n';
    const then = await good(['ingest', '--source', 'feed', ...asOf]);
    assert.deepEqual([then.new, then.same], [1, 2]);
    aqs.file = null;
    const gone = await job(['ingest', '--source', 'feed', ...asOf]);
    assert.equal(gone.code, 66);
    assert.match(gone.stderr, /feed\.csv" answered 404/);
});

test('a limit on files fails clearly, and the backfill goes on afterwards', async () => {
    await add('nc', '--parameter', '88101', '--state', '37');
    const backfill = ['backfill', 'nc', '--from', '2018-03-01', '--to', '2019-12-31', ...asOf];
    const [small, large] = await Promise.all(['20180301&edate=20181231', '20190101&edate=20191231'].map(async (days) =>
        (await (await fetch(`${aqs.env.AQS_URL}dailyData/byState?param=88101&state=37&bdate=${days}`)).text()).length));
    const full = await job(backfill, { command: ['prlimit', `--fsize=${Math.floor((small + large) / 2)}`, 'build/airwatch'] });
    assert.equal(full.code, 75, full.stderr);
    assert.match(full.stderr, /could not go on at "88101 37 2019": .*File too large/);
    assert.equal(await aw.value('SELECT count(*) FROM data.observation'), '306');
    const rest = await good(backfill);
    assert.deepEqual([rest.units.done_before, rest.units.done, rest.new], [1, 1, 365]);
});

test('an S3 that is away fails clearly, and the backfill goes on afterwards', async () => {
    await add('nc', '--parameter', '88101', '--state', '37');
    const backfill = ['backfill', 'nc', '--from', '2018-01-01', '--to', '2019-12-31', ...asOf];
    const away = await job(backfill, { env: { USE_S3: 'true', S3_DATA_BUCKET_NAME: 'lake', S3_ENDPOINT_URL: 'http://127.0.0.1:1',
        AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' } });
    assert.equal(away.code, 75, away.stderr);
    assert.match(away.stderr, /could not go on at "88101 37 2018"/);
    assert.deepEqual([away.json.units.done, away.json.units.left], [0, 2]);
    assert.equal(await aw.value('SELECT count(*) FROM data.observation'), '0');
    assert.equal((await good(backfill)).new, 730);
});

test('a lake that is away fails clearly, and the backfill goes on afterwards', async () => {
    await add('nc', '--parameter', '88101', '--state', '37');
    const lake = path.join(aw.home, 'lake');
    aqs.faults = async (url) => {
        if (!url.searchParams.get('bdate').startsWith('2019')) return null;
        await fs.rename(lake, `${lake}.away`);
        await fs.writeFile(lake, '');
        return null;
    };
    const backfill = ['backfill', 'nc', '--from', '2018-01-01', '--to', '2020-12-31', ...asOf];
    const away = await job(backfill);
    assert.equal(away.code, 75, away.stderr);
    assert.match(away.stderr, /could not go on at "88101 37 2019"/);
    await fs.unlink(lake);
    await fs.rename(`${lake}.away`, lake);
    aqs.reset();
    const rest = await good(backfill);
    assert.deepEqual([rest.units.done_before, rest.units.done, rest.new], [1, 2, 365 + 366]);
});

test('a backfill to the as-of day goes on on another day, too', async () => {
    await add('nc', '--parameter', '88101', '--state', '37');
    const backfill = ['backfill', 'nc', '--from', '2017-01-01', '--as-of'];
    aqs.faults = (url) => (url.searchParams.get('bdate').startsWith('2019') ? { status: 400 } : null);
    assert.equal((await job([...backfill, '2021-03-31'])).code, 65);
    aqs.reset();
    const rest = await good([...backfill, '2021-04-01']);
    assert.deepEqual(asked('bdate'), ['20190101', '20210101']); // this year has one more day
    assert.deepEqual([rest.resumed, rest.units.done_before], [true, 3]);
    assert.equal((await good([...backfill, '2021-04-02'])).units.done, 5);
});

test('two processes that take the same days in at once both succeed, and keep one of each', async () => {
    await add('state', '--parameter', '88101', '--state', '37', '--since', '2021-01-01');
    await add('county', '--parameter', '88101', '--state', '37', '--county', '183', '--since', '2021-01-01');
    await good(['ingest', '--source', 'state', ...asOf]);
    aqs.corrections.set('2021-02-01', 99.5);
    await aw.ask(`DELETE FROM data.observation WHERE day < '2021-01-11'`);
    const held = aw.ask(`BEGIN; LOCK TABLE data.observation IN SHARE MODE; DO $$ BEGIN
        WHILE (SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'airwatch %' AND query NOT LIKE '%pace%') < 2 LOOP
            IF clock_timestamp() > now() + interval '30 s' THEN RAISE 'no two processes wait'; END IF;
            PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$; COMMIT`);
    held.catch(() => {}); // told where it is awaited
    await until(async () => await aw.value(`SELECT count(*) FROM pg_locks
        WHERE relation = 'data.observation'::regclass AND mode = 'ShareLock' AND granted`) === '1', 'the lock');
    const both = await Promise.all(['state', 'county'].map((name) => job(['backfill', name, '--from', '2021-01-01', ...asOf])));
    await held;
    assert.deepEqual(both.map((done) => done.code), [0, 0], both.map((done) => done.stderr).join(''));
    assert.deepEqual([0, 1, 2].map((i) => both.map((done) => done.json[['new', 'changed', 'same'][i]]).reduce((a, b) => a + b)), [10, 1, 59 + 48]);
    assert.equal(await aw.value(`SELECT count(*) FROM data.observation`), '59');
    assert.equal(await aw.value(`SELECT count(*) FROM data.observation_past`), '1');
});

test('another source, and a file, need not wait until a reading has ended', async () => {
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2021-01-01');
    await good(['source', 'add', 'feed', '--kind', 'url', '--url', `${aqs.url}/feed.csv`]);
    aqs.file = 'station,date,pm10\nA,2021-01-01,5\n';
    const file = path.join(path.dirname(aw.home), 'b.csv');
    await fs.writeFile(file, 'station,date,pm10\nB,2021-01-01,5\n');
    const done = [];
    aqs.faults = async () => { // while nc is read
        done.push(await job(['ingest', '--source', 'feed', ...asOf]), await job(['ingest', '--file', file, ...asOf]),
            await job(['ingest', '--source', 'nc', ...asOf]), await job(['lake', 'expire']));
        return null;
    };
    await good(['ingest', '--source', 'nc', ...asOf]);
    assert.deepEqual(done.map((one) => one.code), [0, 0, 73, 73], done.map((one) => one.stderr).join(''));
    assert.match(done[2].stderr, /another "ingest nc" is running/);
    assert.deepEqual(await aw.ask(`SELECT job, state FROM ops.job WHERE job IN ('ingest', 'ingest feed', 'ingest nc')
        AND as_of::date = '2021-03-31' ORDER BY job`), [['ingest', 'finished'], ['ingest feed', 'finished'], ['ingest nc', 'finished']]);
});

test('a file that has not changed is not sent again, unless it is asked for afresh', async () => {
    await good(['source', 'add', 'feed', '--kind', 'url', '--url', `${aqs.url}/feed.csv`]);
    aqs.file = 'station,date,pm10\nA,2021-01-01,5\n';
    aqs.etag = '"one"';
    assert.equal((await good(['ingest', '--source', 'feed', ...asOf])).new, 1);
    const again = await good(['ingest', '--source', 'feed', ...asOf]);
    assert.deepEqual([again.units.unchanged, again.rows, again.notes[0].note], [1, 0, 'not changed since it was last fetched']);
    assert.equal(aqs.nFiles, 1);
    assert.equal((await good(['backfill', 'feed', '--from', '2021-01-01', '--afresh', ...asOf])).same, 1);
    assert.equal(aqs.nFiles, 2);
});

test('an address that answers an error in JSON is told as that error', async () => {
    aqs.faults = () => ({ status: 404, body: '{"message": "no such file"}' });
    const done = await job(['ingest', '--url', `${aqs.env.AQS_URL}list/gone`]);
    assert.equal(done.code, 66, done.stderr);
    assert.match(done.stderr, /list\/gone" answered 404/);
});

test('an account that EPA says back in other words is not told either', async () => {
    await add('nc', '--parameter', '88101', '--state', '37', '--since', '2021-01-01');
    aqs.faults = () => ({ status: 400, body: JSON.stringify({ Header: [{ status: 'Failed', error: [`account ${aqs.env.AQS_EMAIL} with ${aqs.env.AQS_KEY} is disabled`] }], Data: [] }) });
    const done = await job(['ingest', '--source', 'nc', ...asOf]);
    assert.match(done.stderr, /account redacted with redacted is disabled/);
    assert.ok(!(done.stdout + done.stderr).includes(aqs.env.AQS_KEY));
});
