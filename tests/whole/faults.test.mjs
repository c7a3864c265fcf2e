// Everything that a service may do wrong, one after another: what comes in is what would have come.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { after, before, beforeEach, test } from 'node:test';

import { aqsServer } from './aqs-server.mjs';
import { folder, must, run, stack, until } from './stack.mjs';

const pause_ms = 60, asOf = ['--as-of', '1990-01-01'];
let aw, epa;

async function job(args, time = asOf) {
    const done = await run('build/airwatch', [...args, '--json', ...time], {
        env: { ...aw.env, AQS_URL: epa.api, AQS_EMAIL: epa.email, AQS_KEY: epa.key, AQS_PAUSE_MS: String(pause_ms), AQS_A_MINUTE: '0', AQS_IDLE_S: '4' },
    });
    return { ...done, json: done.stdout === '' ? null : JSON.parse(done.stdout) };
}
async function good(args, time) {
    const done = await job(args, time);
    assert.equal(done.code, 0, done.stderr);
    return done.json;
}
async function same(span) {
    const rows = await aw.ask('SELECT site, day, value FROM data.observation JOIN data.site USING (site_id) ORDER BY site COLLATE "C", day');
    assert.deepEqual(rows.map(([site, day, value]) => ({ site, day, value: Number(value) })), epa.expected(span));
}

before(async () => { aw = await stack({ ingest: false }); });
beforeEach(async () => {
    await epa?.stop();
    epa = await aqsServer({ years: [1985, 1986, 1987, 1988, 1989], only: ['19', '55'], pause_ms: pause_ms - 5 });
    for (const [known] of await aw.ask('SELECT source FROM data.source')) await aw.job('source', 'remove', known);
    await aw.ask('TRUNCATE data.observation, data.observation_past, data.sample, data.reject, data.ingest, data.object CASCADE');
});
after(async () => { await aw?.stop(); await epa?.stop(); });

test('a client that does not keep to the rules is found out', async () => {
    const ask = (what, account = `&email=${epa.email}&key=${epa.key}`) => fetch(`${epa.api}${what}${account}`).then(async (reply) => [reply.status, await reply.json()]);
    const day = 'param=44201&bdate=19870603&edate=19870603';
    assert.equal((await ask(`dailyData/byState?${day}&state=55`))[1].Header[0].rows, (await ask(`dailyData/byState?${day}&state=55`))[1].Data.length);
    const both = epa.requests.length + 2;
    epa.faults([{ fault: 'ok', before: () => until(() => epa.requests.length === both, 'the other request') }]);
    await Promise.all([ask('list/states?'), ask('list/cbsas?')]);
    for (const [what, message] of [[`dailyData/byState?${day}`, /missing .*: state/], [`dailyData/byState?bdate=19870603&edate=19870603&state=55`, /missing .*: param/],
        ['dailyData/byState?param=44201&bdate=19861231&edate=19870101&state=55', /same year/], ['dailyData/byState?param=1,2,3,4,5,6&bdate=19870603&edate=19870603&state=55', /no more than 5/],
        ['dailyData/byState?param=44201&bdate=19870231x&edate=19870603&state=55', /bdate is not a valid date/]]) {
        const [status, answer] = await ask(what);
        assert.deepEqual([status, answer.Header[0].status], [400, 'Failed'], what);
        assert.match(answer.Header[0].error.join(), message);
    }
    assert.match((await ask('list/states?', '&email=x'))[1].Header[0].error[0], /: key$/);
    assert.match((await ask('list/states?', '&email=x&key=y'))[1].Header[0].error[0], /do not match/);
    assert.equal((await ask('dailyData/byMoon?'))[0], 422);
    assert.equal((await ask(`dailyData/byState?${day}&state=5`))[1].Header[0].status, 'No data matched your selection');
    const said = epa.violations().join('\n');
    assert.match(said, /only \d+ ms after the one before/);
    assert.match(said, /another request is under way/);
    assert.match(said, /state=5 has not 2 characters/);
    for (const [what, { bytes }] of epa.recorded) { // EPA's own answers, where they are at hand
        const reply = await fetch(`${epa.api}${what}&email=${epa.email}&key=${epa.key}`);
        assert.ok(Buffer.from(await reply.arrayBuffer()).equals(bytes), what);
    }
});

test('through every fault all rows come in, in EPA\'s pace', async () => {
    await good(['source', 'add', 'epa', '--kind', 'aqs', '--parameter', '44201', '--state', '19,55', '--since', '1985-01-01']);
    epa.faults([ // what spoils a unit's answer, then how it comes
        '429', { fault: '429', after: 1 }, { fault: 'latency', ms: 150 },
        '500', 'cut', 'ok',
        '503', 'reset', { fault: 'type', type: 'text/plain' },
        { fault: 'cut', bytes: 0 }, 'truncated', 'ok',
        { fault: 'truncated', bytes: 0 }, { fault: 'drip', bytes: 200000, ms: 30 },
        { fault: 'status', status: 200, type: 'text/html', body: '<html>Sunday maintenance</html>' }, 'ok',
        { fault: 'cut', bytes: 700 }, 'ok',
        'hold', 'ok',
        { fault: 'status', status: 408 }, 'ok',
        { fault: '503', after: 1 }, 'ok',
    ]);
    const got = await good(['backfill', 'epa', '--from', '1985-01-01', '--to', '1989-12-31']);

    assert.equal(epa.waiting(), 0, 'every fault was met');
    assert.deepEqual([got.units.planned, got.units.done, got.units.failed, got.rejected], [10, 10, 0, 0]);
    assert.equal(got.new, epa.expected().length);
    await same();
    assert.deepEqual(epa.violations(), []);
    for (const i of [1, epa.requests.length - 2])
        assert.ok(epa.requests[i + 1].at - epa.requests[i].ended >= 995, 'Retry-After is kept to');
});

test('what EPA refuses is not tried again, and the rest comes in', async () => {
    await good(['source', 'add', 'epa', '--kind', 'aqs', '--parameter', '44201', '--state', '55', '--since', '1988-01-01']);
    epa.faults(['failed']);
    const done = await job(['ingest', '--source', 'epa']);
    assert.equal(done.code, 65, done.stderr);
    assert.match(done.stderr, /EPA refused the request: value is missing or the value is empty: param/);
    assert.deepEqual([done.json.units.failed, epa.requests.filter((one) => one.query.bdate === '19880101').length], [1, 1]);
    assert.ok((await good(['ingest', '--source', 'epa'])).new > 0);
    await same({ from: '1988', state: '55' });
});

test('EPA corrects the past and adds what came late: the next reading has it', async () => {
    epa.until('1989-07-31');
    await good(['source', 'add', 'epa', '--kind', 'aqs', '--parameter', '44201', '--state', '55', '--since', '1989-01-01']);
    await good(['ingest', '--source', 'epa'], ['--as-of', '1989-08-15']);
    await same({ from: '1989', state: '55' });

    epa.until('1989-08-30');
    const { site, day } = epa.expected({ from: '1989-07-10', to: '1989-07-10', state: '55' })[0];
    epa.correct({ site, day, value: 0.123, changed: '1989-09-01' });
    const then = await good(['ingest', '--source', 'epa'], ['--as-of', '1989-09-15']);
    assert.equal(then.changed, 1);
    await same({ from: '1989', state: '55' });
});

test('sampleData comes in through faults too, with the hours that EPA has no value for', async () => {
    await good(['source', 'add', 'epa', '--kind', 'aqs', '--service', 'sampleData', '--parameter', '44201', '--state', '19', '--since', '1989-08-20']);
    epa.faults(['cut', 'truncated']);
    const got = await good(['ingest', '--source', 'epa']);
    const days = epa.expected({ from: '1989-08-20', state: '19' });
    assert.equal(got.rows, 24 * days.length);
    assert.equal(Number(await aw.value('SELECT count(*) FROM data.sample WHERE value IS NOT NULL')), 23 * days.length);
    assert.deepEqual(epa.violations(), []);
});

test('a certificate that nobody vouches for is refused, at once', async () => {
    const here = await folder();
    await must('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${here}/key`, '-out', `${here}/cert`, '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']);
    let n = 0;
    const server = https.createServer({ key: await fs.readFile(`${here}/key`), cert: await fs.readFile(`${here}/cert`) }, (_, reply) => reply.end('station,date,pm10\nA,1989-01-01,5\n'));
    server.on('connection', () => { n += 1; });
    await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
    const url = `https://127.0.0.1:${server.address().port}/a.csv`;
    try {
        const refused = await job(['ingest', '--url', url]);
        assert.equal(refused.code, 75, refused.stderr);
        assert.match(refused.stderr, /certificate/);
        assert.equal(n, 1, 'not tried again');
    } finally {
        server.close();
    }
});

test('a proxy of the environment is used, and its password is never shown', async () => {
    const asked = [];
    const proxy = http.createServer((request, reply) => {
        asked.push(request.url);
        reply.writeHead(asked.length === 1 ? 502 : 404).end('no\n');
    });
    await new Promise((done) => { proxy.listen(0, '127.0.0.1', done); });
    const env = { ...aw.env, http_proxy: `http://me:proxysecret@127.0.0.1:${proxy.address().port}` };
    try {
        await good(['source', 'add', 'far', '--kind', 'airdata', '--parameter', '44201', '--years', '1989', '--url', 'http://files.example/airdata']);
        const done = await run('build/airwatch', ['ingest', '--source', 'far', ...asOf], { env: { ...env, AQS_URL: epa.api, AQS_PAUSE_MS: '20' } });
        assert.equal(done.code, 0, done.stderr);
        assert.deepEqual(asked, Array(2).fill('http://files.example/airdata/daily_44201_1989.zip'));
        assert.match(done.stderr, /download\.failed .*the server answered 502/);
        assert.doesNotMatch(done.stdout + done.stderr, /proxysecret/);
    } finally {
        proxy.close();
    }
});
