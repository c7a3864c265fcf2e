// An import from a server that breaks: connections cut, 503, kill -9 in the middle; nothing is lost and nothing there twice.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { run, stack } from './stack.mjs';

const runs = 20, points = 2500;
let aw, source;

const hex = (n) => n.toString(16).padStart(32, '0');

// As much of MLflow's server as an import asks for; `faults` are met in turn, by paths that contain a word.
function server() {
    const state = { faults: [], seen: [], killAt: 0, kill: null }, { faults, seen } = state;
    const experiments = [{ experiment_id: '7', name: 'from afar', artifact_location: 'mlflow-artifacts:/7', lifecycle_stage: 'active', creation_time: 1000, last_update_time: 2000 }];
    const info = (i) => ({
        run_id: hex(i + 1), run_uuid: hex(i + 1), run_name: `run ${i}`, experiment_id: '7', user_id: 'anna', status: 'FINISHED', start_time: 5000 + i,
        end_time: 6000 + i, artifact_uri: i % 2 ? `mlflow-artifacts:/7/${hex(i + 1)}/artifacts` : `s3://bucket/7/${hex(i + 1)}/artifacts`, lifecycle_stage: 'active',
    });
    const answers = {
        'POST /api/2.0/mlflow/experiments/search': () => ({ experiments }),
        'POST /api/2.0/mlflow/runs/search': (body) => {
            const from = Number(body.page_token ?? 0), to = Math.min(from + 15, runs);
            return { runs: Array.from({ length: to - from }, (_, i) => ({ info: info(from + i) })), ...(to < runs ? { next_page_token: String(to) } : {}) };
        },
        'GET /api/2.0/mlflow/runs/get': (_, query) => ({ run: { info: info(parseInt(query.get('run_id'), 16) - 1), data: { metrics: [{ key: 'loss', value: 1 }], params: [{ key: 'rate', value: '0.1' }] } } }),
        'GET /api/2.0/mlflow/metrics/get-history': (_, query) => {
            const from = Number(query.get('page_token') ?? 0), to = Math.min(from + 1000, points);
            return { metrics: Array.from({ length: to - from }, (_, i) => ({ key: 'loss', value: (from + i) % 100 === 99 ? 'NaN' : from + i, step: from + i, timestamp: 1e12 + from + i })), ...(to < points ? { next_page_token: String(to) } : {}) };
        },
        'GET /api/2.0/mlflow/artifacts/list': (_, query) => (query.get('path') ? { files: [{ path: 'data/bytes.bin', is_dir: false, file_size: 100_000 }] } : { files: [{ path: 'data', is_dir: true }] }),
        'GET /api/2.0/mlflow/registered-models/search': () => ({ registered_models: [{ name: 'far', creation_timestamp: 1, last_updated_timestamp: 2, aliases: [{ alias: 'best', version: '2' }] }] }),
        'GET /api/2.0/mlflow/model-versions/search': () => ({ model_versions: ['2', '1'].map((version) => ({ name: 'far', version, source: `mlflow-artifacts:/7/${hex(2)}/artifacts/data`, run_id: hex(2), current_stage: 'None', status: 'READY', creation_timestamp: 3 })) }),
    };
    const bytes = Buffer.alloc(100_000, 'x');
    state.listener = http.createServer((message, reply) => {
        const url = new URL(message.url, 'http://127.0.0.1'), name = `${message.method} ${url.pathname}`;
        let text = '';
        message.on('data', (piece) => { text += piece; });
        message.on('end', async () => {
            seen.push({ name, authorization: message.headers.authorization });
            if (seen.length === state.killAt) state.kill();
            const i = faults.findIndex(({ at }) => name.includes(at));
            const fault = i < 0 ? null : faults.splice(i, 1)[0].fault;
            const isFile = url.pathname.startsWith('/api/2.0/mlflow-artifacts/artifacts/') || url.pathname === '/get-artifact';
            const body = isFile ? bytes : answers[name] && Buffer.from(JSON.stringify(answers[name](text ? JSON.parse(text) : {}, url.searchParams)));
            if (fault === 503) return reply.writeHead(503).end('{"error_code": "TEMPORARILY_UNAVAILABLE"}');
            if (fault === 'reset') return message.socket.resetAndDestroy();
            if (!body) return reply.writeHead(404).end('{"error_code": "ENDPOINT_NOT_FOUND", "message": "no such thing"}');
            reply.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
            if (fault === 'cut') return reply.write(body.subarray(0, body.length / 2), () => message.socket.destroy());
            return reply.end(body);
        });
    });
    return state;
}

before(async () => {
    source = server();
    await new Promise((resolve) => { source.listener.listen(0, '127.0.0.1', resolve); });
    source.url = `http://anna:over%40there@127.0.0.1:${source.listener.address().port}`;
    aw = await stack({ ingest: false });
});
after(async () => { await aw?.stop(); source?.listener.closeAllConnections(); source?.listener.close(); });

const bring = async () => JSON.parse((await aw.job('import', 'mlflow', source.url, '--json')).stdout);
const tally = () => aw.ask(`SELECT (SELECT count(*) FROM ml.run), (SELECT count(*) FROM ml.metric), (SELECT sum(cardinality(steps)) FROM ml.point),
    (SELECT count(*) FROM ml.param), (SELECT count(*) FROM ml.artifact WHERE size_bytes = 100000), (SELECT count(*) FROM ml.version), (SELECT count(*) FROM ml.imported WHERE NOT is_whole)`);

test('killed at several places it goes on where it was', async () => {
    for (const at of [20, 31, 47]) {
        let child;
        source.kill = () => child.kill('SIGKILL');
        source.seen.length = 0;
        source.killAt = at;
        const done = await run('build/airwatch', ['import', 'mlflow', source.url, '--quiet'], { env: aw.env, started: (c) => { child = c; } });
        assert.equal(done.signal, 'SIGKILL');
    }
    source.killAt = 0;
    const before = Number(await aw.value("SELECT count(*) FROM ml.imported WHERE kind = 'runs' AND is_whole"));
    assert.ok(before > 3 && before < runs, `${before} runs`);

    const told = await bring();

    assert.equal(told.same.runs, before);
    assert.equal(told.created.runs, runs - before);
    assert.deepEqual(await tally(), [[runs, runs * points, runs * points, runs, runs, 2, 0].map(String)]);
    assert.deepEqual(await aw.ask("SELECT run_id, name, user_id, status, started_ms, ended_ms FROM ml.run ORDER BY run_id LIMIT 1"), [[hex(1), 'run 0', 'anna', 'FINISHED', '5000', '6000']]);
    assert.deepEqual(await aw.ask(`SELECT count(*) FROM ml.metric WHERE run_id = '${hex(3)}' AND value = 'NaN'`), [['25']]);
});

test('a second time brings nothing, and asks for nothing that is here', async () => {
    source.seen.length = 0;
    const told = await bring();
    assert.equal(told.same.runs, runs);
    assert.ok(Object.values(told.created).every((n) => n === 0));
    assert.ok(!source.seen.some(({ name }) => name.includes('runs/get') || name.includes('get-history') || name.includes('artifact')));
});

test('cut, reset and refused for a while it tries again, and its password is told to nobody but the server', async () => {
    await aw.ask("DELETE FROM ml.imported WHERE kind = 'runs' AND source_id < '0000000000000000000000000000000a'; UPDATE ml.run SET name = 'mine' WHERE run_id = '" + hex(1) + "'");
    source.faults.push({ at: 'runs/search', fault: 503 }, { at: 'runs/get', fault: 'reset' }, { at: 'get-history', fault: 'cut' }, { at: '/mlflow-artifacts/', fault: 'cut' }, { at: '/get-artifact', fault: 503 });
    source.seen.length = 0;
    const done = await aw.airwatch('import', 'mlflow', source.url, '--json');
    assert.equal(done.code, 0, done.stderr);
    assert.equal(source.faults.length, 0);
    assert.ok(!/over(%40|@)there/.test(done.stdout + done.stderr));
    assert.ok(source.seen.every(({ authorization }) => authorization === `Basic ${Buffer.from('anna:over@there').toString('base64')}`));
    assert.equal(await aw.value("SELECT count(*) FROM ops.job WHERE job LIKE '%there%' OR summary::text LIKE '%there%'"), '0');
    // Runs whose ids are taken here come under others; what was here stays.
    const told = JSON.parse(done.stdout);
    assert.equal(told.created.runs, 9);
    assert.equal(await aw.value('SELECT count(*) FROM ml.run'), String(runs + 9));
    assert.equal(await aw.value(`SELECT name FROM ml.run WHERE run_id = '${hex(1)}'`), 'mine');
});

test('what it cannot bring is told with its reason', async () => {
    await aw.ask("DELETE FROM ml.imported WHERE kind IN ('models', 'versions')");
    const told = await bring();
    assert.deepEqual(told.reasons.map(({ kind, id }) => `${kind} ${id}`), ['models far']);
    assert.match(told.reasons[0].why, /another model of that name/);
    for (const [args, code, words] of [[['mlflow', 'ftp://x'], 65, /no http\(s\) address/], [['zip', 'http://x'], 64, /knows mlflow/],
        [['mlflow', `http://127.0.0.1:${source.listener.address().port}`, '--experiment', 'none'], 66, /no such thing/]]) {
        const done = await aw.airwatch('import', ...args);
        assert.equal(done.code, code, done.stderr);
        assert.match(done.stderr, words);
    }
});

test('all of it goes out into a folder as lines of JSON and files, and only what is not there again', async () => {
    const out = `${aw.home}/out`;
    await aw.ask("INSERT INTO ml.experiment_tag VALUES (0, 'odd', E'back\\\\slash \"quote\"\\nline ä')");
    const told = JSON.parse((await aw.job('export', '--out', out, '--json')).stdout);
    const lines = async (name) => (await fs.readFile(`${out}/${name}.jsonl`, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line));

    for (const name of ['experiments', 'runs', 'metrics', 'models', 'versions'])
        assert.equal((await lines(name)).length, told[name], name);
    assert.equal(told.metrics, (runs + 9) * points);
    assert.equal((await lines('experiments'))[0].tags[0].value, 'back\\slash "quote"\nline ä');
    const run = (await lines('runs')).find(({ run_id: id }) => id === hex(3));
    assert.deepEqual([run.run_name, run.start_time, run.params], ['run 2', 5002, [{ key: 'rate', value: '0.1' }]]);
    const of = (await lines('metrics')).filter(({ run_id: id }) => id === hex(3));
    assert.deepEqual([of.length, of.filter(({ value }) => value === 'NaN').length], [points, 25]);
    assert.deepEqual((await lines('versions')).map(({ name, version }) => [name, version]), [['far', '1'], ['far', '2']]);
    const files = await lines('artifacts');
    assert.equal(files.length, told.files);
    for (const { path, sha256 } of files.slice(0, 3))
        assert.equal(createHash('sha256').update(await fs.readFile(`${out}/artifacts/${path}`)).digest('hex'), sha256);

    await fs.rm(`${out}/artifacts/${files[0].path}`);
    const again = JSON.parse((await aw.job('export', '--out', out, '--json')).stdout);
    assert.deepEqual([again.files, again.files_same], [1, files.length - 1]);
    assert.equal((await aw.airwatch('export')).code, 64);
    assert.equal((await aw.airwatch('export', '--out', '/proc/none/such')).code, 75);
});
