// EPA's pre-generated zips over real HTTP: brought whole whatever happens on the way, and only once.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { aqsServer } from './aqs-server.mjs';
import { must, run, stack, until } from './stack.mjs';
import { zip } from './zip.mjs';

const asOf = ['--as-of', '1999-12-31'];
let aw, epa;

// A program and its words; `started` gets the child.
const airwatch = (args, { started, command = ['build/airwatch'] } = {}) => run(command[0], [...command.slice(1), ...args], {
    started, env: { ...aw.env, AIRDATA_URL: epa.airdata, AQS_URL: epa.api, AQS_PAUSE_MS: '20', AQS_A_MINUTE: '0' },
});
async function job(args, options) {
    const done = await airwatch([...args, '--json', ...asOf], options);
    return { ...done, json: done.stdout === '' ? null : JSON.parse(done.stdout) };
}
async function good(args, options) {
    const done = await job(args, options);
    assert.equal(done.code, 0, done.stderr);
    return done.json;
}
const add = (...words) => good(['source', 'add', 'epa', '--kind', 'airdata', ...words]);
const files = async () => (await fs.readdir(path.join(aw.home, 'download')).catch(() => [])).sort();
const name = (request) => path.basename(request.path, '.zip');
const asked = () => epa.requests.map((one) => [name(one), one.status, one.sent]);
const size = (file) => epa.file(`${file}.zip`).body.length;

// What the database has is what EPA's files say after the documented rules.
async function same(span) {
    const rows = await aw.ask('SELECT site, day, value FROM data.observation JOIN data.site USING (site_id) ORDER BY site COLLATE "C", day');
    assert.deepEqual(rows.map(([site, day, value]) => ({ site, day, value: Number(value) })), epa.expected(span));
}

before(async () => { aw = await stack({ ingest: false }); });
beforeEach(async () => {
    await epa?.stop();
    epa = await aqsServer({ years: [1985, 1986, 1987], only: ['55'] });
    for (const [known] of await aw.ask('SELECT source FROM data.source')) await aw.job('source', 'remove', known);
    await aw.ask('TRUNCATE data.observation, data.observation_past, data.sample, data.reject, data.ingest, data.object CASCADE');
    await fs.rm(path.join(aw.home, 'download'), { recursive: true, force: true });
});
after(async () => { await aw?.stop(); await epa?.stop(); });

test('the years of a range come in, each zip as a raw object, and what has not changed is not sent again', async () => {
    const made = await add('--parameter', '44201', '--years', '1985-1987');
    assert.deepEqual(made.settings, { parameter: ['44201'], first_year: 1985, last_year: 1987, files: 'daily' });
    const checked = await good(['source', 'test', 'epa']);
    assert.match(checked.checks[0].detail, /daily_44201_1985\.zip" is there: \d+ bytes, of Sat, 14 Nov 2020/);
    assert.deepEqual(asked(), [['daily_44201_1985', 206, 1]]); // one byte of it

    epa.reset();
    const first = await good(['ingest', '--source', 'epa']);
    assert.deepEqual([first.units.planned, first.units.done, first.units.unchanged, first.rejected], [3, 3, 0, 0]);
    assert.equal(first.new, epa.expected().length);
    await same();
    const lake = await aw.ask('SELECT key, sha256 FROM data.object ORDER BY object_id');
    assert.equal(lake.length, 3);
    for (const [key, sha256] of lake) {
        assert.match(key, /^raw_data\/..\/[0-9a-f]{64}\.zip$/);
        assert.equal(createHash('sha256').update(await fs.readFile(path.join(aw.home, 'lake', key))).digest('hex'), sha256);
    }
    assert.deepEqual(await files(), [], 'nothing stays of a download that was taken in');

    epa.reset();
    const again = await airwatch(['ingest', '--source', 'epa', ...asOf]);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(asked(), [1985, 1986, 1987].map((year) => [`daily_44201_${year}`, 304, 0]));
    assert.match(again.stdout, /of 3 units 3 done, .*3 unchanged/);
    assert.match(again.stdout, /daily_44201_1986: not changed since it was last fetched/);
    assert.equal(await aw.value('SELECT count(*) FROM data.object'), '3');

    // EPA corrects the past: one year's file has another ETag now.
    const { site, day } = epa.expected({ from: '1986-06-10', to: '1986-06-10' })[0];
    for (const year of [1985, 1987]) epa.file(`daily_44201_${year}.zip`);
    epa.correct({ site, day, value: 0.111 });
    epa.reset();
    const corrected = await good(['ingest', '--source', 'epa']);
    assert.deepEqual([corrected.units.done, corrected.units.unchanged, corrected.changed, corrected.new], [3, 2, 1, 0]);
    assert.deepEqual(asked().map(([file, status]) => [file, status]), [['daily_44201_1985', 304], ['daily_44201_1986', 200], ['daily_44201_1987', 304]]);
    assert.equal(await aw.value('SELECT count(*) FROM data.observation_past'), '1');
    await same();
});

test('a year that is not there is said, and the others come in', async () => {
    await add('--parameter', '44201', '--years', '1986-1989');
    const done = await airwatch(['ingest', '--source', 'epa', ...asOf]);

    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /daily_44201_1988: there is no such file \(404\)/);
    assert.match(done.stdout, /of 4 units 2 done, 2 empty, 0 failed/);
    await same({ from: '1986' });
    assert.equal((await good(['source', 'show', 'epa'])).units.find((unit) => unit.unit === 'daily_44201_1989').state, 'empty');
});

test('connections cut again and again cost nothing: each goes on where the last one stopped', async () => {
    await add('--parameter', '44201', '--years', '1986-1987');
    const whole = size('daily_44201_1986');
    epa.faults(['cut', '503', 'cut', { fault: 'cut', bytes: 100 }, { fault: 'cut', bytes: 0 }, 'reset', { fault: 'drip', bytes: 2000, ms: 2 }]);
    const done = await good(['ingest', '--source', 'epa']);

    assert.deepEqual([done.units.done, done.units.failed], [2, 0]);
    await same({ from: '1986' });
    const parts = epa.requests.filter((one) => name(one) === 'daily_44201_1986' && one.fault !== '503');
    assert.equal(parts.reduce((sum, one) => sum + one.sent, 0), whole, 'no byte was sent twice');
    assert.equal(parts[1].headers['if-range'], epa.file('daily_44201_1986.zip').etag);
    assert.equal(parts[1].headers.range, `bytes=${parts[0].sent}-`);
    assert.equal(epa.waiting(), 0);
});

// Starts an ingest, waits until the server has sent half of the file and holds, and kills it.
async function killedHalfway() {
    epa.faults(['hold']);
    const dying = airwatch(['ingest', '--source', 'epa', '--quiet', ...asOf], {
        started: (child) => until(async () => {
            const part = (await files()).find((file) => file.endsWith('.part'));
            const there = part ? (await fs.stat(path.join(aw.home, 'download', part))).size : 0;
            return epa.requests.at(-1)?.sent > 0 && there === epa.requests.at(-1).sent;
        }, 'half of the file').then(() => child.kill('SIGKILL')),
    });
    assert.equal((await dying).signal, 'SIGKILL');
    const { sent } = epa.requests.at(-1);
    epa.reset();
    return sent;
}

test('a download that was killed goes on: what had come is not sent again', async () => {
    await add('--parameter', '44201', '--years', '1987');
    const sent = await killedHalfway();
    assert.ok(sent > 1000);

    const done = await good(['ingest', '--source', 'epa']);
    assert.deepEqual(asked(), [['daily_44201_1987', 206, size('daily_44201_1987') - sent]]);
    assert.equal(epa.requests[0].headers.range, `bytes=${sent}-`);
    assert.equal(done.new, epa.expected({ from: '1987' }).length);
    await same({ from: '1987' });
    assert.deepEqual(await files(), []);
});

test('a download that was killed begins anew when the file has changed, and when the server knows no ranges', async () => {
    await add('--parameter', '44201', '--years', '1987');
    await killedHalfway();
    const { site, day } = epa.expected({ from: '1987-06-10' })[0];
    epa.correct({ site, day, value: 0.099 });
    await good(['ingest', '--source', 'epa']);
    assert.deepEqual(asked(), [['daily_44201_1987', 200, size('daily_44201_1987')]]);
    await same({ from: '1987' });

    epa.correct({ site, day, value: 0.098 });
    await killedHalfway();
    epa.faults(['no-range']);
    await good(['ingest', '--source', 'epa']);
    assert.deepEqual(asked(), [['daily_44201_1987', 200, size('daily_44201_1987')]]);
    await same({ from: '1987' });
});

test('a download that came whole before the lake was away is not sent again', async () => {
    await add('--parameter', '44201', '--years', '1987');
    const lake = path.join(aw.home, 'lake');
    epa.faults([{ fault: 'ok', before: () => fs.rename(lake, `${lake}.away`).then(() => fs.writeFile(lake, '')) }]);
    const away = await job(['ingest', '--source', 'epa']);
    assert.equal(away.code, 75, away.stderr);
    await fs.unlink(lake);
    await fs.rename(`${lake}.away`, lake);
    assert.equal((await files()).length, 2);

    epa.reset();
    await good(['ingest', '--source', 'epa']);
    assert.deepEqual(asked(), [['daily_44201_1987', 304, 0]]);
    await same({ from: '1987' });
    assert.deepEqual(await files(), []);
});

test('a disk limit ends the run clearly, and what had come is gone on with', async () => {
    await add('--parameter', '44201', '--years', '1987');
    const most = Math.floor(size('daily_44201_1987') / 2);
    const full = await job(['ingest', '--source', 'epa'], { command: ['prlimit', `--fsize=${most}`, 'build/airwatch'] });
    assert.equal(full.code, 75, full.stderr);
    assert.match(full.stderr, /could not go on at "daily_44201_1987": .*File too large/);

    epa.reset();
    await good(['ingest', '--source', 'epa']);
    assert.deepEqual(asked(), [['daily_44201_1987', 206, size('daily_44201_1987') - most]]);
    await same({ from: '1987' });
});

test('what is damaged is fetched once more, then told, and leaves nothing behind', async () => {
    await add('--parameter', '44201', '--years', '1985-1987');
    const { body } = epa.file('daily_44201_1986.zip');
    const flipped = Buffer.from(body);
    flipped[Math.floor(body.length / 2)] ^= 0xff;
    const cases = [
        [{ body: flipped, etag: '"flipped"' }, 65, /what came from ".*daily_44201_1986\.zip": broken zip/],
        [{ body: body.subarray(0, 5000), etag: '"short"' }, 65, /broken zip/],
        [{ body: Buffer.from('no zip at all\n'), etag: '"none"' }, 65, /no zip/],
        [{ body: zip('a.csv', ''), etag: '"empty"' }, 65, /daily_44201_1986/],
    ];
    for (const [file, code, message] of cases) {
        epa.place('daily_44201_1986.zip', file);
        epa.reset();
        const done = await job(['ingest', '--source', 'epa']);
        assert.equal(done.code, code, done.stderr);
        assert.match(done.stderr, /1 of 3 units failed; the first, "daily_44201_1986"/);
        assert.match(done.stderr, message);
        assert.deepEqual([done.json.units.done, done.json.units.failed], [2, 1]);
    }
    assert.equal(epa.requests.filter((one) => name(one) === 'daily_44201_1985').at(-1).status, 304);
    assert.equal(await aw.value(`SELECT count(*) FROM data.observation WHERE day BETWEEN '1986-01-01' AND '1986-12-31'`), '0');

    epa.place('daily_44201_1986.zip', { body, etag: '"mended"' });
    epa.faults([{ fault: 'status', match: '1986', status: 200, type: 'text/html', body: '<html>maintenance</html>', headers: { ETag: '"page"' } }]);
    const page = await job(['ingest', '--source', 'epa']);
    assert.equal(page.code, 75);
    assert.match(page.stderr, /a web page, not a zip/);

    // Damaged on the way once only: nobody needs to know.
    epa.faults([{ fault: 'truncated', match: '1986' }]);
    const mended = await good(['ingest', '--source', 'epa']);
    assert.deepEqual([mended.units.done, mended.units.failed], [3, 0]);
    await same();
});

test('a backfill fetches the years of its days, and one that was interrupted only what is left', async () => {
    await add('--parameter', '44201', '--years', '1987-');
    epa.faults([{ fault: 'status', match: '1986', status: 403 }]);
    const backfill = ['backfill', 'epa', '--from', '1985-07-01', '--to', '1986-12-31'];
    const refused = await job(backfill);
    assert.equal(refused.code, 65);
    assert.match(refused.stderr, /daily_44201_1986\.zip" answered 403/);

    epa.reset();
    const rest = await good(backfill);
    assert.deepEqual([rest.resumed, rest.units.done_before, rest.units.done], [true, 1, 1]);
    assert.deepEqual(asked().map(([file]) => file), ['daily_44201_1986']);
    await same({ to: '1986-12-31' });
});

test('hourly files are another kind of file, at a base of the source\'s own', async () => {
    epa.until('1987-06-05');
    await add('--parameter', '44201', '--years', '1987', '--hourly', '--url', epa.airdata);
    const done = await good(['ingest', '--source', 'epa']);

    assert.deepEqual(asked().map(([file]) => file), ['hourly_44201_1987']);
    const days = epa.expected({ from: '1987' });
    assert.equal(Number(await aw.value('SELECT count(*) FROM data.sample WHERE value IS NOT NULL')), 23 * days.length);
    assert.equal(done.rows, 24 * days.length);
    assert.equal(done.units.failed, 0);
});

test('a real zip of EPA comes through, where one is at hand', async (t) => {
    const real = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../../shared/data/airdata/daily_88502_2021.zip');
    const body = await fs.readFile(real).catch(() => null);
    if (body === null) return t.diagnostic('../shared/data is not there; the tests above need none of it');
    epa.place('daily_88502_1999.zip', { body, etag: '"real"' });
    await add('--parameter', '88502', '--years', '1999');
    epa.faults(['cut', { fault: 'cut', bytes: 100000 }]);
    const done = await job(['ingest', '--source', 'epa', '--as-of', '2024-12-31']);
    assert.equal(done.code, 0, done.stderr);
    const lines = Number((await must('sh', ['-c', 'unzip -p "$1" | wc -l', 'sh', real]).catch(() => must('python3', ['-c',
        'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.read(z.namelist()[0]).count(b"\\n"))', real]))).stdout);
    assert.equal(done.json.rows, lines - 1);
    return undefined;
});
