// Versions that came from elsewhere: what can be served answers predictions once it is in
// production, and what cannot is refused there, with the reason.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { project, stack, until } from './stack.mjs';

const api = '/api/2.0/mlflow';
let aw, booster;

before(async () => {
    aw = await stack({ ingest: false });
    booster = await fs.readFile(path.join(project, 'tests/fuzz/seeds/outside/booster.ubj'));
});
after(() => aw?.stop());

const ok = async (reply) => {
    const done = await reply;
    assert.equal(done.status, 200, done.text);
    return done.json;
};

// A run with files, and a version of a new model that names them.
async function version(name, files) {
    const { run } = await ok(aw.post(`${api}/runs/create`, { experiment_id: '0' }));
    for (const [file, body] of Object.entries(files))
        await ok(aw.request('PUT', `/api/2.0/mlflow-artifacts/artifacts/0/${run.info.run_id}/artifacts/model/${file}`, { body }));
    await ok(aw.post(`${api}/registered-models/create`, { name }));
    return (await ok(aw.post(`${api}/model-versions/create`,
        { name, source: `${run.info.artifact_uri}/model`, run_id: run.info.run_id }))).model_version;
}
const promote = (name) => aw.post(`${api}/registered-models/alias`, { name, alias: 'production', version: '1' });
async function values(name, instances) {
    await until(async () => (await aw.post(`/api/v1/predict/${name}`, { instances })).status === 200, `${name} to be served`);
    return (await ok(aw.post(`/api/v1/predict/${name}`, { instances }))).predictions;
}
const mlmodel = (flavours, columns = ['a', 'b']) => `flavors:\n${flavours}signature:\n  inputs: '${
    JSON.stringify(columns.map((name) => ({ type: 'double', name, required: true })))}'\n  outputs: '[{"type": "double"}]'\n`;

test('a booster logged by MLflow answers as XGBoost does, and is logged', async () => {
    await version('boosted', {
        'MLmodel': `${mlmodel('  xgboost:\n    data: model.ubj\n    model_class: xgboost.core.Booster\n')}saved_input_example_info:\n  artifact_path: input_example.json\n`,
        'input_example.json': '{"columns": ["a", "b"], "data": [[0.25, 0.5], [1, 2]]}', 'model.ubj': booster,
    });
    await ok(promote('boosted'));

    const got = await values('boosted', [[0.1, 0.5], { a: 0.9, b: 0.5 }, [null, 0.2]]);

    // What XGBoost 3.2's own predict gives for these rows and this booster.
    [1.0674407482147217, 1.9996596574783325, 1.9996596574783325].forEach((want, i) => assert.ok(Math.abs(got[i].value - want) < 1e-5, `${i}: ${got[i].value}`));
    assert.deepEqual([got[0].lower, got[0].upper], [null, null]);
    await until(async () => await aw.value(`SELECT count(*) FROM serve.prediction WHERE model = 'boosted' AND lower IS NULL`) >= 3, 'the log');
    const shown = (await aw.get('/api/v1/models/boosted')).json;
    assert.deepEqual(shown.schema.features.map((one) => one.name), ['a', 'b']);
    assert.deepEqual(shown.input_example, { instances: [[0.25, 0.5]] });
});

test('in scikit-learn\'s way the trees end at the best round', async () => {
    await version('best', {
        'MLmodel': mlmodel('  xgboost:\n    data: model.ubj\n    model_class: xgboost.sklearn.XGBRegressor\n'), 'model.ubj': booster,
    });
    await ok(promote('best'));
    const [got] = await values('best', [[0.1, 0.5]]);
    assert.ok(Math.abs(got.value - 1.2664060592651367) < 1e-5, String(got.value));
});

test('a linear model in the neutral form is its sum', async () => {
    const linear = { format: 'airwatch-linear-1', target: 'price', features: ['a', 'b'], intercept: 0.5, weights: [2, -1] };
    await version('linear', { 'airwatch.json': JSON.stringify(linear) });
    await ok(promote('linear'));
    assert.equal((await values('linear', [{ b: 4, a: 1 }]))[0].value, -1.5); // 0.5 + 2 - 4
    const missing = await aw.post('/api/v1/predict/linear', { instances: [{ a: 1, b: null }] });
    assert.equal(missing.status, 400);
    assert.match(missing.json.error.message, /"?b"?/);
});

test('such models forecast no station, and others do not mind them', async () => {
    const reply = await aw.get('/api/v1/forecast?model=linear');
    assert.equal(reply.status, 400);
    assert.match(reply.json.error.message, /model "linear" predicts rows/);
    const job = await aw.airwatch('predict', '--model', 'linear');
    assert.equal(job.code, 65);
    assert.match(job.stderr, /predicts rows that it is given/);
    await aw.job('render');
    assert.equal((await aw.get('/', { token: false })).status, 200);
});

const refused = {
    'pickled': [{ 'MLmodel': mlmodel('  sklearn:\n    pickled_model: model.pkl\n') }, /its flavours are sklearn; served are xgboost/],
    'no-files': [{}, /neither MLmodel nor airwatch.json/],
    'no-booster': [{ 'MLmodel': mlmodel('  xgboost:\n    data: gone.ubj\n') }, /its booster "gone.ubj" is not among its files/],
    'away': [{ 'MLmodel': mlmodel('  xgboost:\n    data: ../../../../etc/passwd\n') }, /Invalid path/],
    'words': [{ 'MLmodel': mlmodel('  xgboost:\n    data: model.ubj\n').replace('"double","name":"a"', '"string","name":"a"'), 'model.ubj': 'x' },
        /inputs\[0\] is of type "string", not a number/],
    'nonsense': [{ 'MLmodel': mlmodel('  xgboost:\n    data: model.ubj\n'), 'model.ubj': Buffer.from('\x80\x04nonsense') }, /neither XGBoost's JSON nor its UBJSON/],
    'columns': [{ 'MLmodel': mlmodel('  xgboost:\n    data: model.ubj\n', ['a', 'b', 'c']), 'model.ubj': null }, /3 columns where the booster has 2/],
    'broken': [{ 'airwatch.json': '{"format": "airwatch-linear-1", "features": ["a"], "intercept": 1, "weights": [1, 2]}' }, /weights has 2 members, not 1/],
    'a name': [{ 'airwatch.json': '{}' }, /has a name of at most 128/],
};
for (const [name, [files, reason]] of Object.entries(refused))
    test(`what cannot be served is refused where it is promoted: ${name}`, async () => {
        await version(name, Object.fromEntries(Object.entries(files).map(([file, body]) => [file, body ?? booster])));
        const reply = await promote(name);
        assert.deepEqual([reply.status, reply.json.error_code], [400, 'INVALID_STATE'], reply.text);
        assert.match(reply.json.message, reason);
        assert.equal((await aw.post(`/api/v1/predict/${encodeURIComponent(name)}`, { instances: [[1, 2]] })).status, 404);
        assert.equal(await aw.value(`SELECT count(*) FROM ml.release r JOIN ml.version v USING (version_id) JOIN ml.model m USING (model_id) WHERE m.model = '${name}'`), '0');
    });

test('MLflow\'s stage Production is open to all, and says that it does not answer', async () => {
    const moved = await ok(aw.post(`${api}/model-versions/transition-stage`, { name: 'pickled', version: '1', stage: 'Production', archive_existing_versions: true }));
    assert.equal(moved.model_version.current_stage, 'Production');
    assert.match(moved.model_version.status_message, /its flavours are sklearn/);
    assert.equal(await aw.value(`SELECT count(*) FROM ml.version WHERE stage = 'production' AND family = ''`), '0');
    const back = await ok(aw.post(`${api}/model-versions/transition-stage`, { name: 'pickled', version: '1', stage: 'Archived', archive_existing_versions: false }));
    assert.deepEqual([back.model_version.current_stage, back.model_version.status_message], ['Archived', undefined]);
});

test('a version that is taken stays as it was taken, whatever becomes of its files', async () => {
    const made = await version('kept', { 'airwatch.json': '{"format": "airwatch-linear-1", "features": ["a"], "intercept": 1, "weights": [1]}' });
    await ok(promote('kept'));
    assert.equal((await values('kept', [[1]]))[0].value, 2);
    await ok(aw.request('DELETE', `/api/2.0/mlflow-artifacts/artifacts/${made.source.replace('mlflow-artifacts:/', '')}`));
    const { code } = await aw.services('restart');
    assert.equal(code, 0);
    assert.equal((await values('kept', [[1]]))[0].value, 2);
});

test('a version from elsewhere is promoted by command, too', async () => {
    await version('by-hand', { 'airwatch.json': '{"format": "airwatch-linear-1", "features": ["a"], "intercept": 3, "weights": [1]}' });
    await aw.job('model', 'promote', 'by-hand', '1', '--reason', 'tried it');
    assert.equal((await values('by-hand', [[1]]))[0].value, 4);
    const { code, stderr } = await aw.airwatch('model', 'promote', 'pickled', '1', '--reason', 'tried it');
    assert.equal(code, 69);
    assert.match(stderr, /its flavours are sklearn; served are xgboost/);
});
