// Every door: who may pass, and the words for what is wrong.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { folder, project, run, sample, stack, until } from './stack.mjs';
import { zip } from './zip.mjs';

const predict = '/api/v1/predict/pm-next-day';
let aw, example, site, here;
const tokens = {};

before(async () => {
    aw = await stack({ train: true });
    await aw.job('predict', '--as-of', '2008-12-31', '--quiet');
    here = await folder();
    for (const role of ['viewer', 'predictor', 'scientist', 'engineer', 'operator']) {
        const done = await aw.job('token', 'create', '--principal', `the-${role}`, '--role', role);
        tokens[role] = done.stdout.trim();
    }
    example = (await aw.get('/api/v1/models/pm-next-day')).json.input_example;
    site = await aw.value('SELECT min(site) FROM serve.prediction JOIN data.site USING (site_id)');
});
after(() => aw?.stop());

function refused(reply, status, code, words) {
    assert.equal(reply.status, status, reply.text);
    assert.match(reply.headers.get('content-type'), /^application\/json/);
    assert.equal(reply.json?.error?.code, code, reply.text);
    assert.match(reply.json.error.message, words);
    assert.ok(reply.json.error.request_id, 'no request id');
}

test('without a token: 401 that says how to call', async () => {
    for (const [method, target] of [['GET', '/api/v1/models'], ['GET', '/api/v1/models/pm-next-day'], ['POST', predict], ['GET', '/api/v1/audit']]) {
        const reply = await aw.request(method, target, { token: false });
        refused(reply, 401, 'UNKNOWN', /needs a token|token/);
        assert.match(reply.headers.get('www-authenticate') ?? '', /^Bearer/);
    }
});

test('an unknown token: 401', async () => {
    for (const token of ['nonsense', 'x'.repeat(500), `${tokens.viewer}x`, '%00'])
        refused(await aw.get('/api/v1/models', { token }), 401, 'UNKNOWN', /token/);
});

test('each role may what it may, and no more', async () => {
    const may = { // models, predict, audit
        viewer: [200, 403, 403], predictor: [200, 200, 403], scientist: [200, 200, 403],
        engineer: [200, 403, 403], operator: [200, 200, 200],
    };
    for (const [role, [models, predicts, audit]] of Object.entries(may)) {
        const token = tokens[role];
        assert.equal((await aw.get('/api/v1/models', { token })).status, models, role);
        assert.equal((await aw.post(predict, example, { token })).status, predicts, role);
        assert.equal((await aw.get('/api/v1/audit', { token })).status, audit, role);
    }
    refused(await aw.post(predict, example, { token: tokens.viewer }), 403, 'DENIED', /"the-viewer" lacks role "predictor"/);
});

test('a revoked token is refused at once', async () => {
    const made = (await aw.job('token', 'create', '--principal', 'leaver', '--role', 'viewer')).stdout.trim();
    assert.equal((await aw.get('/api/v1/models', { token: made })).status, 200);
    const id = await aw.value(`SELECT token_id FROM auth.token JOIN auth.principal USING (principal_id) WHERE principal = 'leaver'`);
    await aw.job('token', 'revoke', '--id', id, '--quiet');
    for (let turns = 0; (await aw.get('/api/v1/models', { token: made })).status !== 401; turns++)
        assert.ok(turns < 500, 'it still opens');
});

test('tokens are stored hashed, and making one is audited', async () => {
    assert.equal(await aw.value(`SELECT count(*) FROM auth.token WHERE sha256 = '${tokens.viewer}'`), '0');
    assert.equal(await aw.value(`SELECT count(*) FROM auth.token WHERE sha256 = encode(sha256('${tokens.viewer}'), 'hex')`), '1');
    assert.notEqual(await aw.value(`SELECT count(*) FROM auth.audit WHERE action LIKE 'token.%'`), '0');
    assert.equal(await aw.value('SELECT count(*) FROM auth.audit_broken'), '0');
});

test('the public reads pages, forecasts and health', async () => {
    for (const target of ['/health', '/api/v1/health', '/_stcore/health', `/api/v1/forecast?site=${site}`])
        assert.equal((await aw.get(target, { token: false })).status, 200, target);
});

test('a version is the same object from the API and from the job', async () => {
    const { versions } = (await aw.get('/api/v1/models/pm-next-day/versions')).json;
    const all = JSON.parse((await aw.job('model', 'show', 'pm-next-day', '--json')).stdout);
    assert.equal(all.model, 'pm-next-day');
    assert.deepEqual(all.versions, versions);
    const one = JSON.parse((await aw.job('model', 'show', 'pm-next-day', '--version', versions[0].version, '--json')).stdout);
    assert.deepEqual(one.versions, [versions[0]]);
    assert.equal(one.recipe.name, 'pm-next-day');
});

test('what does not exist: 404 that names it', async () => {
    refused(await aw.post('/api/v1/predict/nonesuch', example), 404, 'MISSING', /"nonesuch"/);
    refused(await aw.get('/api/v1/models/nonesuch'), 404, 'MISSING', /"nonesuch"/);
    refused(await aw.get('/api/v1/forecast?site=NOWHERE', { token: false }), 404, 'MISSING', /"NOWHERE"/);
    refused(await aw.get('/api/v1/nothing'), 404, 'MISSING', /nothing at this address/);
    assert.equal((await aw.get('/nothing.html', { token: false })).status, 404);
    assert.equal((await aw.get('/../../etc/passwd', { token: false })).status, 404);
    assert.equal((await aw.get('/%2e%2e/operator.token', { token: false })).status, 404);
});

test('an unknown query value: 400 that names it, but for health and metrics', async () => {
    refused(await aw.get(`/api/v1/forecast?sites=${site}`, { token: false }), 400, 'INPUT', /"sites" \(known: site, model\)/);
    refused(await aw.get('/api/v1/models?stage=production'), 400, 'INPUT', /"stage": this address takes none/);
    refused(await aw.post(`${predict}?version=V1.0.0`, example), 400, 'INPUT', /"version"/);
    refused(await aw.get('/api/v1/audit?before=9&before=8'), 400, 'INPUT', /"before" comes twice/);
    assert.equal((await aw.get('/api/v1/models?stage=x', { token: false })).status, 401);
    for (const target of ['/health?probe=1', '/metrics?collect[]=all'])
        assert.equal((await aw.get(target)).status, 200, target);
});

test('a wrong method: 405 that lists the right ones', async () => {
    for (const [method, target, allowed] of [
        ['GET', predict, 'POST'], ['PUT', predict, 'POST'], ['DELETE', predict, 'POST'],
        ['POST', '/api/v1/forecast', 'GET'], ['DELETE', '/health', 'GET'], ['POST', '/api/v1/models', 'GET'],
        ['POST', '/metrics', 'GET'], ['POST', '/', 'GET'], ['DELETE', '/nothing.html', 'GET'],
    ]) {
        const reply = await aw.request(method, target);
        refused(reply, 405, 'METHOD', new RegExp(allowed));
        assert.match(reply.headers.get('allow'), new RegExp(allowed));
    }
});

test('wrong bodies: 400 that names what is wrong', async () => {
    const row = example.instances[0];
    const n = row.length;
    for (const [body, words] of [
        ['', /^line 1, column \d+: /],
        ['{"instances": [[1, 2', /^line 1, column \d+: /],
        ['hello', /^line 1, column \d+: /],
        [[], /instances|object/],
        [{}, /instances/],
        [{ instances: 7 }, /instances/],
        [{ instances: [] }, /instances is empty/],
        [{ instances: [7] }, /instances\[0\] is .*neither an array nor an object/],
        [{ instances: [row, row.slice(1)] }, new RegExp(`instances\\[1\\] has ${n - 1} values, and the model takes ${n}`)],
        [{ instances: [[...row, 1]] }, new RegExp(`instances\\[0\\] has ${n + 1} values, and the model takes ${n}`)],
        [{ instances: [row.map((x, i) => (i === 2 ? 'much' : x))] }, /instances\[0\]\.\w+ is .*text.*, not a number/],
        [{ instances: [{ nonesuch: 1 }] }, /instances\[0\] has an unknown feature "nonesuch"/],
        [`{"instances": [[${row.map((x, i) => (i === 0 ? 'NaN' : x)).join()}]]}`, /^line 1, column \d+: /],
        [`{"instances": [[${row.map((x, i) => (i === 0 ? '1e999' : x)).join()}]]}`, /instances\[0\]|line 1, column \d+/],
        [`{"instances": ${'['.repeat(100000)}${']'.repeat(100000)}}`, /line 1, column \d+: .*(deep|nest)/],
    ]) {
        const reply = await aw.post(predict, body);
        refused(reply, 400, 'INPUT', words);
    }
});

test('an address or a header that is too long: 414, 431', async () => {
    refused(await aw.get(`/health?${'x'.repeat(50000)}`), 414, 'LIMIT', /address is too long/);
    refused(await aw.get('/health', { headers: { 'X-Long': 'x'.repeat(50000) } }), 431, 'LIMIT', /headers are too long/);
});

test('a body of 20 MB: 413', async () => {
    refused(await aw.post(predict, 'x'.repeat(20 << 20)), 413, 'LIMIT', /16 MB|larger than/);
});

test('after all of it, good requests are answered', async () => {
    const reply = await aw.post(predict, example);
    assert.equal(reply.status, 200, reply.text);
});

// ---- files ---------------------------------------------------------------------------------------

const airdata = ['"State Code","County Code","Site Num","Parameter Code","POC","Latitude","Longitude","Datum","Parameter Name","Sample Duration","Pollutant Standard","Date Local","Units of Measure","Event Type","Observation Count","Observation Percent","Arithmetic Mean","1st Max Value","1st Max Hour","AQI","Method Code","Method Name","Local Site Name","Address","State Name","County Name","City Name","CBSA Name","Date of Last Change"',
    '"37","183","0014","88101",1,35.85,-78.57,"WGS84","PM2.5 - Local Conditions","24 HOUR","","2015-01-01","Micrograms/cubic meter (LC)","None",1,100.0,8.5,8.5,0,35,"145","R & P","Millbrook","3801 SPRING FOREST RD.","North Carolina","Wake","Raleigh","Raleigh, NC","2024-01-01"'];

async function ingested(name, bytes) {
    const file = path.join(here, name);
    await fs.writeFile(file, bytes);
    return aw.airwatch('ingest', '--file', file, '--as-of', '2016-01-01');
}

test('a good AirData file passes, plain and zipped, once', async () => {
    const text = `${airdata.join('\n')}\n`;
    for (const [name, bytes] of [['daily.csv', text], ['daily.zip', zip('daily_88101_2015.csv', text)], ['daily.csv', text]]) {
        const done = await ingested(name, bytes);
        assert.equal(done.code, 0, done.stderr);
        assert.equal(await aw.value(`SELECT count(*) FROM data.observation WHERE parameter = 88101`), '1');
    }
    assert.equal(await aw.value(`SELECT s.site || ' ' || o.value FROM data.observation o JOIN data.site s USING (site_id) WHERE parameter = 88101`), '37-183-0014 8.5');
});

test('wrong files end with 65 and one line that names what is wrong', async () => {
    const good = zip('daily_88101_2015.csv', `${airdata.join('\n')}\n`.repeat(50));
    const before = await aw.value('SELECT count(*) FROM data.observation');
    for (const [name, bytes, words] of [
        ['cut.zip', good.subarray(0, good.length - 60), /zip/i],
        ['half.zip', good.subarray(0, good.length >> 1), /zip/i],
        ['header.csv', `${airdata[0].replace('"Arithmetic Mean",', '')}\n${airdata[1]}\n`, /column "Arithmetic Mean" of an AirData daily file is missing/],
        ['station.csv', 'station,date,lon,lat\nDEBB051,2001-01-01,14,52\n', /column|header|format/],
        ['garbage.bin', Buffer.from(Array.from({ length: 65536 }, (_, i) => (i * 7919 + (i >> 3) * 104729) & 255)), /./],
        ['empty.csv', '', /empty|no header|nothing/],
        ['answer.json', '{"Header": [{"status": "Success"', /JSON/],
    ]) {
        const done = await ingested(name, bytes);
        assert.equal(done.code, 65, `${name}: ${done.code} ${done.stderr}`);
        assert.match(done.stderr, words, name);
        const told = done.stderr.trim().split('\n').filter((line) => !/^\d{4}-\d\d-\d\dT/.test(line));
        assert.equal(told.length, 1, `${name}: ${done.stderr}`);
        assert.ok(told[0].includes(name), `${name} is not named: ${told[0]}`);
    }
    assert.equal(await aw.value('SELECT count(*) FROM data.observation'), before);
});

test('a bad line is kept with its number and reason, and the rest goes on', async () => {
    const lines = [airdata[0], airdata[1].replace('2015-01-01', '2015-02-01'), airdata[1].replace('2015-01-01', '2015-02-31'),
        airdata[1].replace('100.0,8.5', '100.0,much').replace('2015-01-01', '2015-02-02'), airdata[1].replace('2015-01-01', '2015-02-03')];
    const done = await ingested('lines.csv', `${lines.join('\n')}\n`);
    assert.equal(done.code, 0, done.stderr);
    assert.deepEqual((await aw.ask('SELECT line FROM data.reject ORDER BY line')).flat(), ['3', '4']);
    assert.equal(await aw.value(`SELECT count(*) FROM data.reject WHERE reason = '' OR content = ''`), '0');
    assert.equal(await aw.value(`SELECT count(*) FROM data.observation WHERE day IN ('2015-02-01', '2015-02-03')`), '2');
});

test('a corrected file replaces the value and keeps the old one', async () => {
    const done = await ingested('again.csv', `${airdata[0]}\n${airdata[1].replace('100.0,8.5', '100.0,9.25')}\n`);
    assert.equal(done.code, 0, done.stderr);
    assert.equal(await aw.value(`SELECT value FROM data.observation WHERE parameter = 88101 AND day = '2015-01-01'`), '9.25');
    assert.equal(await aw.value(`SELECT value FROM data.observation_past WHERE parameter = 88101 AND day = '2015-01-01'`), '8.5');
});

const day = (n) => airdata[1].replace('2015-01-01', `2015-03-0${n}`);

test('several files, and folders of them, are taken each for itself', async () => {
    const many = path.join(here, 'many');
    await fs.mkdir(path.join(many, 'deeper'), { recursive: true });
    for (const [name, text] of [['1.csv', `${airdata[0]}\n${day(1)}\n${day(2)}\n`], ['2.csv', 'no,known,columns\n1,2,3\n'], ['3.csv', `${airdata[0]}\n${day(3)}\n`],
        ['.hidden.csv', `${airdata[0]}\n${day(4)}\n`], ['deeper/4.csv', `${airdata[0]}\n${day(4)}\n`]])
        await fs.writeFile(path.join(many, name), text);
    const file = (name) => path.join(many, name);

    const some = await aw.airwatch('ingest', many, '--json', '--as-of', '2016-01-01');
    assert.equal(some.code, 65, some.stderr);
    const told = JSON.parse(some.stdout);
    assert.deepEqual([told.rows, told.new, told.rejected, told.units.planned, told.units.done, told.units.failed, told.units.left], [3, 3, 0, 3, 2, 1, 0]);
    assert.deepEqual(told.files.map((one) => [one.file, one.new]), [[file('1.csv'), 2], [file('2.csv'), undefined], [file('3.csv'), 1]]);
    assert.match(told.files[1].error, /2\.csv.*no known format/);
    assert.match(told.error.message, /1 of 3 files could not be taken; the first: .*2\.csv/);

    const again = await aw.airwatch('ingest', file('1.csv'), '--file', file('3.csv'), '--json', '--as-of', '2016-01-01');
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual([JSON.parse(again.stdout).same, JSON.parse(again.stdout).new], [3, 0]);

    for (const [args, code, words] of [[[file('1.csv'), file('nonesuch.csv')], 66, /nonesuch\.csv": No such file/], [[file('deeper'), '--name', 'x'], 64, /--name are of one file/],
        [[file('1.csv'), '--url', 'http://127.0.0.1:9/'], 64, /not several/]]) {
        const done = await aw.airwatch('ingest', ...args, '--as-of', '2016-01-01');
        assert.equal(done.code, code, done.stderr);
        assert.match(done.stderr, words);
    }
    await fs.rm(file('deeper/4.csv'));
    const empty = await aw.airwatch('ingest', file('deeper'));
    assert.equal(empty.code, 66, empty.stderr);
    assert.match(empty.stderr, /holds no file/);
});

test('an object that is gone does not keep others from being tried again', async () => {
    for (const name of ['gone.csv', 'there.csv'])
        await ingested(name, `${airdata[0]}\n${airdata[1].replace('100.0,8.5', `100.0,${name}`)}\n`);
    const key = await aw.value(`SELECT key FROM data.object WHERE name LIKE '%/gone.csv'`);
    await fs.rm(path.join(aw.home, 'lake', key));
    const done = await aw.airwatch('rejects', 'retry', '--all', '--json', '--as-of', '2016-01-01');
    assert.notEqual(done.code, 0);
    assert.match(done.stderr, /gone\.csv/);
    const told = JSON.parse(done.stdout);
    assert.deepEqual(told.objects.map((one) => path.basename(one.file)), ['lines.csv', 'there.csv']);
    assert.match(told.error.message, /gone\.csv/);
});

test('an ingest that waits for another says so, and killed it is soon forgotten', async () => {
    const other = spawn('psql', ['-Xq', `host='${aw.home}/run' user=airwatch dbname=airwatch`], { env: { ...process.env, PGAPPNAME: 'another ingest' } });
    other.stdin.write(`BEGIN; SELECT pg_advisory_xact_lock(hashtext('observations'));\n`);
    const waiters = () => aw.value(`SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND application_name = 'airwatch ingest'`);
    await until(async () => (await aw.value(`SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND application_name = 'another ingest'`)) === '1', 'the other one');
    const file = path.join(here, 'waits.csv');
    await fs.writeFile(file, `${airdata[0]}\n${day(5)}\n`);
    let told = '', child;
    const waiting = run('build/airwatch', ['ingest', file, '--as-of', '2016-01-01'], { env: aw.env, started: (one) => { child = one; one.stderr.on('data', (bytes) => { told += bytes; }); } });
    await until(() => told.includes('ingest.waiting'), 'a word of waiting');
    assert.match(told, /ingest\.waiting for="another ingest"/);

    child.kill('SIGKILL');
    await waiting;
    const began = Date.now();
    await until(async () => await waiters() === '0', 'the locks of the killed one', 10);
    assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);

    other.stdin.end('ROLLBACK;\n');
    const done = await aw.airwatch('ingest', file, '--as-of', '2016-01-01');
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /1 new/);
});

test('wrong calls end with their code and say what is wrong', async () => {
    for (const [args, code, words] of [
        [['ingest', '--file', path.join(here, 'nonesuch.csv')], 66, /nonesuch\.csv/],
        [['ingest', '--file', sample, '--nonesuch'], 64, /nonesuch/],
        [['ingest', '--file', sample, '--as-of', '2009-02-31'], 64, /2009-02-31/],
        [['ingest'], 64, /file/],
        [['nonesuch'], 64, /nonesuch/],
        [['train', path.join(project, 'Makefile')], 65, /Makefile|JSON/],
        [['train', path.join(here, 'nonesuch.json')], 66, /nonesuch\.json/],
        [['predict', '--model', 'nonesuch', '--as-of', '2008-12-31'], 66, /nonesuch/],
        [['replay', '--from', '2009-02-01', '--to', '2009-01-01'], 65, /there is no day from 2009-02-01 to 2009-01-01/],
    ]) {
        const done = await aw.airwatch(...args);
        assert.match(done.stderr, words, args.join(' '));
        assert.equal(done.code, code, `${args.join(' ')}: ${done.stderr}`);
        assert.equal(done.stdout, '', args.join(' '));
    }
});

test('--json prints one object, and nothing else, also when it fails', async () => {
    for (const args of [['ingest', '--file', sample, '--as-of', '2008-12-31'], ['ingest', '--file', path.join(here, 'nonesuch.csv')]]) {
        const done = await aw.airwatch(...args, '--json');
        assert.equal(typeof JSON.parse(done.stdout), 'object', args.join(' '));
    }
});
