// kill -9 at many moments, then the same command again: the end is that of a run nobody disturbed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { must, recipe, run, sample, stack, until } from './stack.mjs';

const history = '2008-12-31';
const last = '2009-02-01'; // a training falls due on the way

// What a home knows, without wall-clock times and without numbers that only count attempts.
const state = {
    observation: `SELECT o.parameter, s.site, o.day, o.poc, o.value, b.sha256 FROM data.observation o
        JOIN data.site s USING (site_id) JOIN data.object b USING (object_id) ORDER BY 1, 2, 3, 4`,
    object: 'SELECT sha256, key, size_bytes FROM data.object ORDER BY 1',
    version: `SELECT v.version, v.stage, v.family, v.as_of, v.recipe_sha256, v.artifact_key, v.artifact_sha256, d.sha256
        FROM ml.version v JOIN data.dataset_version d USING (dataset_id) ORDER BY 1`,
    prediction: `SELECT p.model, p.version, s.site, p.day, p.made_at, p.value, p.lower, p.upper, p.persistence, p.climatology
        FROM serve.prediction p JOIN data.site s USING (site_id) WHERE p.kind = 'batch' ORDER BY 1, 2, 3, 4, 5`,
    outcome: `SELECT o.model, o.version, s.site, o.day, o.truth, o.joined_as_of FROM serve.outcome o
        JOIN data.site s USING (site_id) ORDER BY 1, 2, 3, 4, 5`,
    accuracy: 'SELECT * FROM serve.accuracy ORDER BY 1, 2, 3, 4',
};

async function stateOf(aw) {
    const found = {};
    for (const [name, sql] of Object.entries(state))
        found[name] = (await aw.ask(`SELECT count(*), md5(string_agg(r::text, '|')) FROM (${sql}) r`))[0].join(' ');
    const files = await must('sh', ['-c', `cd "$1" && find raw_data predictions artifacts processed_data -type f | sort | xargs sha256sum | sha256sum`,
        'sh', `${aw.home}/lake`]);
    return { ...found, lake: files.stdout.trim() };
}

let calm, rough;
const took = {}; // milliseconds of the undisturbed commands

async function timed(aw, name, ...args) {
    const began = Date.now();
    await aw.job(...args, '--quiet');
    took[name] = Date.now() - began;
}

const ingest = ['ingest', '--newer', sample, '--as-of', history];
const train = ['train', recipe, '--as-of', history];
const replay = ['replay', '--from', '2009-01-01', '--to', last];

before(async () => {
    calm = await stack({ ingest: false });
    await timed(calm, 'ingest', ...ingest);
    await timed(calm, 'train', ...train);
    await timed(calm, 'replay', ...replay);
    rough = await stack({ ingest: false });
});
after(async () => { await calm?.stop(); await rough?.stop(); });

// Runs a job and kills it at a share of the time that it takes undisturbed.
async function killedAt(share, name, args) {
    let timer;
    const done = await run('build/airwatch', [...args, '--quiet'], {
        env: rough.env,
        started: (child) => { timer = setTimeout(() => child.kill('SIGKILL'), took[name] * share); },
    });
    clearTimeout(timer);
    assert.ok(done.signal === 'SIGKILL' || done.code === 0, `${name}: ${done.code} ${done.stderr}`);
    await until(async () => await rough.value(`SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'airwatch %'`) === '0',
        'the killed job\'s backend to end');
}

test('ingest killed at five moments, then run', async () => {
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) await killedAt(share, 'ingest', ingest);
    await rough.job(...ingest, '--quiet');
    assert.equal((await stateOf(rough)).observation.split(' ')[0], await rough.value('SELECT count(*) FROM data.observation'));
});

test('train killed at three moments, then run', async () => {
    for (const share of [0.2, 0.6, 0.95]) await killedAt(share, 'train', train);
    await rough.job(...train, '--quiet');
    assert.equal(await rough.value('SELECT count(*) FROM ml.version'), '1');
});

test('replay killed, its backend killed, the postmaster killed, then run', async () => {
    // Early, as the machine may be faster by now than it was for the undisturbed run.
    for (const share of [0.05, 0.2]) await killedAt(share, 'replay', replay);
    const reached = async () => await rough.value('SELECT max(as_of) FROM serve.accuracy') ?? '';
    for (const victim of ['backend', 'postmaster']) {
        const from = await reached();
        assert.ok(from < last, `it was done on ${from} already`);
        const going = rough.airwatch(...replay, '--quiet');
        await until(async () => (await reached()) > from, 'another day');
        const pid = victim === 'postmaster' ? await rough.pid('postgres')
            : Number(await rough.value(`SELECT pid FROM pg_stat_activity WHERE application_name = 'airwatch replay'`));
        assert.ok(pid > 0, 'it ended before it could be killed');
        process.kill(pid, 'SIGKILL');
        const done = await going;
        assert.ok([0, 75].includes(done.code), `replay ended with ${done.code}: ${done.stderr}`);
        await until(async () => await rough.value('SELECT 1') === '1', 'PostgreSQL to come back', 60);
    }
    await rough.job(...replay, '--quiet');
});

test('the end is that of an undisturbed run', async () => {
    assert.deepEqual(await stateOf(rough), await stateOf(calm));
});

test('running everything again changes nothing', async () => {
    const once = await stateOf(rough);
    await rough.job(...ingest, '--quiet');
    await rough.job(...replay, '--quiet');
    assert.deepEqual(await stateOf(rough), once);
});

async function whenHealthy() {
    await until(async () => (await rough.get('/health')).status === 200 && (await rough.get('/api/v1/models')).status === 200,
        'health', 60);
    return (await rough.get('/api/v1/models/pm-next-day')).json.input_example;
}

const isLogged = (ids) => until(async () => await rough.value(`SELECT count(DISTINCT request_id) FROM serve.prediction
    WHERE request_id = ANY ('{${ids.join()}}')`) === String(ids.length), 'all answers in the database', 60);

test('an answer survives kill -9 of the program that gave it', async () => {
    const example = await whenHealthy();
    const answered = [];
    for (let i = 0; i < 3; i++) {
        const pid = await rough.pid('predict');
        const reply = await rough.post('/api/v1/predict/pm-next-day', example);
        process.kill(pid, 'SIGKILL'); // at once: what was answered lies in the spool at best
        assert.equal(reply.status, 200, reply.text);
        answered.push(reply.json.request_id);
        await until(async () => (await rough.pid('predict')) !== pid, 'the next program');
        await whenHealthy();
    }
    await isLogged(answered);
});

test('predictions go on while PostgreSQL is away, and are logged when it is back', async () => {
    const example = await whenHealthy();
    const first = await rough.post('/api/v1/predict/pm-next-day', example); // so that the token is known
    assert.equal(first.status, 200, first.text);
    process.kill(await rough.pid('postgres'), 'SIGKILL');
    const reply = await rough.post('/api/v1/predict/pm-next-day', example);
    assert.equal(reply.status, 200, reply.text);
    await until(async () => await rough.value('SELECT 1') === '1', 'PostgreSQL to come back', 60);
    await isLogged([first.json.request_id, reply.json.request_id]);
});
