// tests/whole/track.test.mjs: 64 clients log to a few runs at once, and PostgreSQL is killed in the
// middle: what was acknowledged is there, once, and searches agree with histories.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { stack } from './stack.mjs';

const CLIENTS = 64, RUNS = 8, BATCHES = 8, KEYS = 3;
const api = '/api/2.0/mlflow';
let aw;
before(async () => { aw = await stack({ ingest: false }); });
after(async () => { await aw?.stop(); });

async function call(name, body) {
    const reply = await aw.post(`${api}/${name}`, body);
    assert.equal(reply.status, 200, reply.text);
    return reply.json;
}

const metrics = (client, batch) => Array.from({ length: KEYS }, (_, i) => (
    { key: `c${client}/k${i}`, value: batch + i / 10, timestamp: 1000 + batch, step: batch }));

// Posts until it is acknowledged; only an outage may stand between.
async function acknowledged(body, seen) {
    for (const end = Date.now() + 60_000; ;) {
        assert.ok(Date.now() < end, 'the service does not come back');
        const reply = await aw.post(`${api}/runs/log-batch`, body).catch((error) => ({ status: 0, text: String(error) }));
        if (reply.status === 200) return;
        assert.ok([0, 503].includes(reply.status), `${reply.status}: ${reply.text}`);
        seen.outages++;
        await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
}

test('64 clients log at once, and PostgreSQL is killed: what was acknowledged is there, once', async () => {
    const { experiment_id: experiment } = await call('experiments/create', { name: 'crowd' });
    const runs = [];
    for (let i = 0; i < RUNS; i++)
        runs.push((await call('runs/create', { experiment_id: experiment, run_name: `run ${i}` })).run.info.run_id);
    const seen = { acknowledged: 0, outages: 0, killed: false };

    await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
        for (let batch = 0; batch < BATCHES; batch++) {
            await acknowledged({
                run_id: runs[client % RUNS],
                metrics: metrics(client, batch),
                // All of a run's clients give the same params and tags, in different orders.
                params: [{ key: 'shared', value: 'x' }, { key: `c${client}`, value: 'y' }].sort(() => (client % 2 ? 1 : -1)),
                tags: [{ key: 'b', value: String(batch) }, { key: 'a', value: String(client) }].sort(() => (client % 3 ? 1 : -1)),
            }, seen);
            seen.acknowledged++;
            if (seen.acknowledged >= CLIENTS * BATCHES / 3 && !seen.killed) {
                seen.killed = true;
                process.kill(await aw.pid('postgres'), 'SIGKILL');
            }
        }
    }));
    assert.equal(seen.acknowledged, CLIENTS * BATCHES);
    assert.ok(seen.killed && seen.outages > 0, 'nobody noticed that PostgreSQL was away');

    const steps = Array.from({ length: BATCHES }, (_, i) => i);
    await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
        for (let i = 0; i < KEYS; i++) {
            const key = encodeURIComponent(`c${client}/k${i}`);
            const reply = await aw.get(`${api}/metrics/get-history?run_id=${runs[client % RUNS]}&metric_key=${key}`);
            assert.deepEqual(reply.json.metrics.map((m) => [m.step, m.value]), steps.map((step) => [step, step + i / 10]));
        }
    }));
    for (const run of runs) {
        const { data } = (await aw.get(`${api}/runs/get?run_id=${run}`)).json.run;
        assert.equal(data.params.length, 1 + CLIENTS / RUNS);
        assert.equal(data.metrics.length, KEYS * CLIENTS / RUNS);
        assert.ok(data.metrics.every((m) => m.step === BATCHES - 1));
    }
    const found = await call('runs/search', {
        experiment_ids: [experiment], filter: `metrics.\`c0/k0\` = ${BATCHES - 1} and params.shared = 'x'`,
    });
    assert.deepEqual(found.runs.map((run) => run.info.run_id), [runs[0]]);
});

test('a batch that cannot be logged whole is not logged at all', async () => {
    const { run } = await call('runs/create', {});
    await call('runs/log-parameter', { run_id: run.info.run_id, key: 'depth', value: '3' });

    const reply = await aw.post(`${api}/runs/log-batch`, {
        run_id: run.info.run_id, metrics: metrics(0, 0), tags: [{ key: 'a', value: 'b' }],
        params: [{ key: 'new', value: '1' }, { key: 'depth', value: '4' }],
    });

    assert.equal(reply.status, 400);
    assert.equal(reply.json.error_code, 'INVALID_PARAMETER_VALUE');
    assert.match(reply.json.message, /^Changing param values is not allowed\. Param with key='depth'/);
    const { data } = (await aw.get(`${api}/runs/get?run_id=${run.info.run_id}`)).json.run;
    assert.deepEqual(data.params, [{ key: 'depth', value: '3' }]);
    assert.equal(data.metrics, undefined);
    assert.deepEqual(data.tags.map((tag) => tag.key), ['mlflow.runName']);
});

test('what is wrong with a call is said with its place, as MLflow does', async () => {
    const { run } = await call('runs/create', {});
    const id = run.info.run_id;
    for (const [path, body, status, code, words] of [
        ['runs/log-batch', { run_id: id, metrics: [{ key: 'x', value: 1 }] }, 400, 'INVALID_PARAMETER_VALUE', /metrics\[0\]\.timestamp/],
        ['runs/log-batch', { run_id: id, metrics: [{ key: 'x', value: 'high', timestamp: 1 }] }, 400, 'INVALID_PARAMETER_VALUE', /^Invalid value "high" for parameter 'metrics\[0\]\.value' supplied/],
        ['runs/log-metric', { run_id: id, key: 'x', value: 1 }, 400, 'INVALID_PARAMETER_VALUE', /Missing value for required parameter 'timestamp'/],
        ['runs/log-metric', { run_id: '0'.repeat(32), key: 'x', value: 1, timestamp: 1 }, 404, 'RESOURCE_DOES_NOT_EXIST', /Run with id=0+ not found/],
        ['runs/update', { run_id: id, status: 'NOPE' }, 400, 'INVALID_PARAMETER_VALUE', /NOPE/],
        ['runs/search', { experiment_ids: ['0'], filter: "a = 'b' OR c" }, 400, 'INVALID_PARAMETER_VALUE', /Invalid attribute key 'a'/],
        ['runs/search', { experiment_ids: ['0'], order_by: ['start_time', 'created DESC'] }, 400, 'INVALID_PARAMETER_VALUE', /duplicate fields/],
        ['runs/search', { experiment_ids: ['0'], max_results: 50001 }, 400, 'INVALID_PARAMETER_VALUE', /max_results/],
        ['experiments/search', {}, 400, 'INVALID_PARAMETER_VALUE', /max_results/],
        ['experiments/create', { name: 'crowd' }, 400, 'RESOURCE_ALREADY_EXISTS', /Experiment 'crowd' already exists/],
        ['logged-models', { experiment_id: '0', name: 'a/b' }, 400, 'INVALID_PARAMETER_VALUE', /Invalid model name/],
    ]) {
        const reply = await aw.post(`${api}/${path}`, body);
        assert.equal(reply.status, status, `${path}: ${reply.text}`);
        assert.equal(reply.json.error_code, code);
        assert.match(reply.json.message, words);
    }
});
