// The loop from end to end: pages and addresses show what the database says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { must, run, stack, recipe } from './stack.mjs';

const last = '2009-01-21';
let aw;
before(async () => { aw = await stack({ train: true, replayTo: last, render: true }); });
after(() => aw?.stop());

test('each day of the replay was ingested, predicted and scored', async () => {
    const [days] = await aw.ask(`SELECT max(day), count(DISTINCT day) FROM data.observation WHERE day >= '2009-01-01'`);
    assert.deepEqual(days, [last, '21']);

    const predicted = await aw.value(`SELECT count(DISTINCT day) FROM serve.prediction WHERE kind = 'batch'`);
    assert.ok(Number(predicted) >= 21, `${predicted} days predicted`);
    assert.equal(await aw.value(`SELECT max(as_of) FROM serve.accuracy`), last);
    assert.equal(await aw.value(`SELECT count(*) FROM serve.prediction p JOIN data.site_day t
        ON (t.parameter, t.site_id, t.day) = (p.parameter, p.site_id, p.day)
        WHERE p.kind = 'batch' AND NOT EXISTS (SELECT FROM serve.outcome o WHERE o.prediction_id = p.prediction_id)`), '0');
});

test('live accuracy is the mean over the outcomes it speaks of', async () => {
    const [row] = await aw.ask(`
        SELECT a.n, a.rmse, count(*), sqrt(avg((p.value - o.truth) ^ 2))
        FROM serve.accuracy a
        JOIN serve.prediction p ON p.model = a.model AND p.kind = 'batch' AND p.day > a.as_of - 7 AND p.day <= a.as_of
        JOIN serve.outcome o USING (prediction_id)
        WHERE a.version = '' AND a.window_days = 7 AND a.as_of = '${last}'
        GROUP BY a.n, a.rmse`);
    assert.equal(row[0], row[2]);
    assert.ok(Math.abs(row[1] - row[3]) < 1e-9, `${row[1]} is not ${row[3]}`);
});

test('the version in production is V1.0.0 and beats persistence on held-out time', async () => {
    const [row] = await aw.ask(`SELECT version, stage FROM ml.version`);
    assert.deepEqual(row, ['V1.0.0', 'production']);
});

test('what the training made is its run\'s artifact, for MLflow\'s client', async () => {
    const [[id, key, sha256]] = await aw.ask(`SELECT run_id, artifact_key, artifact_sha256 FROM ml.version WHERE stage = 'production'`);
    const list = async (where) => (await aw.get(`/api/2.0/mlflow/artifacts/list?run_id=${id}${where}`)).json;
    const { root_uri: root, files } = await list('');
    assert.match(root, new RegExp(`^mlflow-artifacts:/[1-9]\\d*/${id}/artifacts$`));
    assert.deepEqual(files, [{ path: 'model', is_dir: true }]);
    const file = (await list('&path=model')).files.find((one) => one.path === 'model/airwatch.json');
    const reply = await aw.get(`/get-artifact?run_id=${id}&path=model/airwatch.json`);
    assert.equal(reply.text.length, file.file_size);
    assert.equal(reply.headers.get('etag'), `"${sha256}"`, key);
});

test('training again on the same data gives the same version', async () => {
    await aw.job('train', recipe, '--as-of', '2008-12-31', '--quiet');
    assert.equal(await aw.value('SELECT count(*) FROM ml.version'), '1');
});

test('a station\'s forecast is the row in the database', async () => {
    const [site, day, value, version] = (await aw.ask(`
        SELECT s.site, p.day, p.value, p.version FROM serve.prediction p JOIN data.site s USING (site_id)
        WHERE p.kind = 'batch' ORDER BY p.day DESC, s.site LIMIT 1`))[0];

    const reply = await aw.get(`/api/v1/forecast?site=${site}`, { token: false });

    assert.equal(reply.status, 200, reply.text);
    assert.ok(reply.text.includes(`"${day}"`), reply.text);
    assert.ok(reply.text.includes(`"${version}"`), reply.text);
    const numbers = reply.text.match(/-?\d+(\.\d+)?(e-?\d+)?/g).map(Number);
    assert.ok(numbers.some((number) => Math.abs(number - value) < 0.01), `${value} is not in ${reply.text}`);
});

test('the model\'s input example can be posted as it is', async () => {
    const model = await aw.get('/api/v1/models/pm-next-day');
    assert.equal(model.status, 200, model.text);

    const reply = await aw.post('/api/v1/predict/pm-next-day', model.json.input_example);

    assert.equal(reply.status, 200, reply.text);
    assert.ok(reply.json.predictions.length >= 1, reply.text);
    assert.ok(reply.text.includes('V1.0.0'), reply.text);
});

test('an online answer is logged', async () => {
    const { json } = await aw.get('/api/v1/models/pm-next-day');
    const { json: answer } = await aw.post('/api/v1/predict/pm-next-day', json.input_example);

    for (let n = 0, turns = 0; n < 1; turns++) {
        n = Number(await aw.value(`SELECT count(*) FROM serve.prediction WHERE kind = 'online' AND request_id = '${answer.request_id}'`));
        assert.ok(turns < 600, 'the answer never came to the database');
    }
});

test('the page tells the version, the day it speaks of and its error', async () => {
    const { status, text } = await aw.get('/', { token: false });
    const [rmse] = (await aw.ask(`SELECT value FROM ml.metric WHERE key LIKE '%test%rmse%' LIMIT 1`))[0] ?? [];

    assert.equal(status, 200);
    assert.ok(text.includes('V1.0.0'));
    assert.ok(text.includes(last), 'the page does not say as of which day it speaks');
    if (rmse) assert.ok(text.includes(Number(rmse).toFixed(1)), `RMSE ${rmse} is not on the page`);
    assert.match(text, /persistence/i);
    assert.match(text, /climatology/i);
});

test('rendering again gives the same bytes', async () => {
    const rendered = async () => {
        await aw.job('render', '--as-of', last, '--quiet');
        const { stdout } = await must('sh', ['-c', 'cd "$1" && find . -type f | sort | xargs sha256sum', 'sh', `${aw.home}/site`]);
        return stdout.trim().split('\n');
    };
    const once = await rendered();
    const again = await rendered();
    assert.deepEqual(again.filter((line) => !once.includes(line)), []);
    assert.equal(again.length, once.length);
});

test('health tells each part, and metrics are Prometheus text', async () => {
    for (const target of ['/health', '/api/v1/health', '/_stcore/health']) {
        const { status, text } = await aw.get(target, { token: false });
        assert.equal(status, 200, `${target}: ${text}`);
    }
    const { status, headers, text } = await aw.get('/metrics');
    assert.equal(status, 200);
    assert.match(headers.get('content-type'), /text\/plain.*version=0\.0\.4/);
    assert.match(text, /^# TYPE \S+ (counter|gauge|histogram)$/m);
});

test('every example that make run prints works', async () => {
    const { stdout } = await must('deploy/examples', [], { env: aw.env });
    const lines = stdout.split('\n').map((line) => line.trim()).filter((line) => line.startsWith('curl '));
    assert.ok(lines.length >= 6, stdout);
    for (const line of lines) {
        const done = await run('bash', ['-o', 'pipefail', '-c', line.replaceAll('curl -s ', 'curl -sS --fail-with-body ')]);
        assert.equal(done.code, 0, `${line}: ${done.stderr} ${done.stdout}`);
        assert.notEqual(done.stdout.trim(), '', line);
        assert.doesNotMatch(done.stdout, /"error"/, line);
    }
});
