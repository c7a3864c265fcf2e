// The registry from both sides: MLflow's protocol, our own API and commands, over one set of rows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { recipe, stack, until } from './stack.mjs';

const registry = '/api/2.0/mlflow';
const model = 'pm-next-day';
let aw;

before(async () => {
    aw = await stack({ train: true, replayTo: '2009-01-05' });
    await aw.job('train', recipe, '--as-of', '2009-01-05', '--quiet'); // V1.0.1, in production
});
after(() => aw?.stop());

const mlflow = (method, path, body, options = {}) => aw.request(method, registry + path, {
    body: JSON.stringify(body), ...options, headers: { 'Content-Type': 'application/json' },
});
const query = (values) => `?${new URLSearchParams(values)}`;
const version = async (number, name = model) => {
    const found = await aw.get(`${registry}/model-versions/get${query({ name, version: number })}`);
    assert.equal(found.status, 200, found.text);
    return found.json.model_version;
};
const tag = (found, key) => found.tags?.find((one) => one.key === key)?.value;
const answers = async (name) => {
    const page = await aw.get(`/api/v1/models/${model}`);
    const reply = await aw.post(`/api/v1/predict/${model}`, page.json.input_example ?? { instances: [] });
    return name === undefined ? reply.status : reply.status === 200 && reply.headers.get('x-model-version') === name;
};
const stages = async () => Object.fromEntries(await aw.ask(`SELECT version, stage FROM ml.version v JOIN ml.model m USING (model_id) WHERE model = '${model}'`));

test('what our own training promoted is what the client sees', async () => {
    const [old, now] = [await version('1'), await version('2')];
    assert.deepEqual([old.current_stage, now.current_stage], ['Archived', 'Production']);
    assert.deepEqual([old.aliases, now.aliases], [undefined, ['production']]);
    assert.deepEqual([tag(now, 'airwatch.version'), tag(now, 'airwatch.stage')], ['V1.0.1', 'production']);
    const alias = await aw.get(`${registry}/registered-models/alias${query({ name: model, alias: 'production' })}`);
    assert.equal(alias.json.model_version.version, '2');
    const found = await aw.get(`${registry}/model-versions/search${query({ filter: "tags.`airwatch.stage` = 'production'" })}`);
    assert.deepEqual(found.json.model_versions.map((one) => [one.name, one.version]), [[model, '2']]);
});

test('the alias production promotes, archives, is audited, and serving follows', async () => {
    await until(() => answers('V1.0.1'), 'the second version to answer');
    const reply = await mlflow('POST', '/registered-models/alias', { name: model, alias: 'production', version: '1' });
    assert.equal(reply.status, 200, reply.text);

    assert.deepEqual(await stages(), { 'V1.0.0': 'production', 'V1.0.1': 'archived' });
    await until(() => answers('V1.0.0'), 'the first version to answer');
    assert.deepEqual((await aw.ask('SELECT action, object, actor FROM auth.audit ORDER BY audit_id DESC LIMIT 2')).reverse(),
        [['version.archived', `${model} V1.0.1`, 'operator'], ['version.promoted', `${model} V1.0.0`, 'operator']]);
    assert.deepEqual(await aw.ask("SELECT from_stage, to_stage, evidence ->> 'mlflow' FROM ml.release ORDER BY release_id DESC LIMIT 1"),
        [['archived', 'production', 'set alias']]);
});

test("MLflow's stages and the tag airwatch.stage go through the same door", async () => {
    const moved = await mlflow('POST', '/model-versions/transition-stage', { name: model, version: '2', stage: 'production', archive_existing_versions: true });
    assert.equal(moved.json.model_version.current_stage, 'Production');
    assert.deepEqual(await stages(), { 'V1.0.0': 'archived', 'V1.0.1': 'production' });
    assert.equal((await mlflow('POST', '/model-versions/set-tag', { name: model, version: '1', key: 'airwatch.stage', value: 'shadow' })).status, 200);
    assert.deepEqual((await version('1')).aliases, ['shadow']);
    assert.equal((await version('1')).current_stage, 'Staging');
    assert.equal((await mlflow('DELETE', '/registered-models/alias', { name: model, alias: 'shadow' })).status, 200);
    assert.equal((await stages())['V1.0.0'], 'registered');
    await until(() => answers('V1.0.1'), 'the second version to answer');
});

test('what is in production, or was, is neither deleted nor renamed', async () => {
    for (const [method, path, body, words] of [
        ['DELETE', '/model-versions/delete', { version: '2' }, /is in production: it cannot be deleted/],
        ['DELETE', '/registered-models/delete', {}, /has been in production: it cannot be deleted/],
        ['POST', '/registered-models/rename', { new_name: 'other' }, /has been in production: it cannot be renamed/],
    ]) {
        const reply = await mlflow(method, path, { name: model, ...body });
        assert.equal(reply.status, 400, path);
        assert.equal(reply.json.error_code, 'INVALID_PARAMETER_VALUE');
        assert.match(reply.json.message, words);
    }
    assert.equal(await answers(), 200);
});

test('a version from a notebook gets its own V number, and is refused in production with the reason', async () => {
    const made = await mlflow('POST', '/model-versions/create', { name: model, source: 's3://bucket/notebook', description: 'by hand' });
    assert.equal(made.status, 200, made.text);
    assert.equal(made.json.model_version.version, '3');
    assert.equal(await aw.value('SELECT version FROM ml.version WHERE number = 3'), 'V1.1.0'); // the next revision of the newest tag

    for (const [path, body] of [['/registered-models/alias', { alias: 'production' }], ['/model-versions/set-tag', { key: 'airwatch.stage', value: 'production' }]]) {
        const reply = await mlflow('POST', path, { name: model, version: '3', ...body });
        assert.equal(reply.status, 400, path);
        assert.equal(reply.json.error_code, 'INVALID_STATE');
        assert.match(reply.json.message, /version V1\.1\.0 of model "pm-next-day" cannot be served: its files are not here/);
    }
    const done = await aw.airwatch('model', 'promote', model, 'V1.1.0', '--reason', 'to see');
    assert.equal(done.code, 69);
    assert.match(done.stderr, /version V1\.1\.0 of model "pm-next-day" cannot be served/);
    // MLflow's own stage is a word of its client's: it is told, with the reason, and nothing else comes of it.
    const told = await mlflow('POST', '/model-versions/transition-stage', { name: model, version: '3', stage: 'Production' });
    assert.equal(told.json.model_version.current_stage, 'Production');
    assert.match(told.json.model_version.status_message, /cannot be served/);
    assert.equal(told.json.model_version.aliases, undefined);
    const shown = await aw.get(`/api/v1/models/${model}/versions/V1.1.0`);
    assert.match(shown.json.not_servable_because, /no artifact/);
    assert.equal(shown.json.version.as_of, null);
    assert.deepEqual([shown.json.lineage.dataset, shown.json.lineage.run], [null, null]);
    assert.equal((await stages())['V1.0.1'], 'production');
});

test('taking the alias production away takes the model out of serving, until a person promotes', async () => {
    assert.equal((await mlflow('DELETE', '/registered-models/alias', { name: model, alias: 'production' })).status, 200);
    assert.equal((await stages())['V1.0.1'], 'archived');
    await until(async () => (await aw.post(`/api/v1/predict/${model}`, { instances: [] })).status === 404, 'the model to go');

    const lacking = await aw.airwatch('model', 'promote', model, 'V1.0.0');
    assert.equal(lacking.code, 64);
    assert.match(lacking.stderr, /--reason/);
    await aw.job('model', 'promote', model, '1', '--reason', 'the newer one drifted');
    await until(() => answers('V1.0.0'), 'the promoted version to answer');
    assert.deepEqual((await version('1')).aliases, ['production']);
    assert.equal(await aw.value("SELECT detail ->> 'why' FROM auth.audit WHERE action = 'version.promoted' ORDER BY audit_id DESC LIMIT 1"), 'the newer one drifted');

    const back = JSON.parse((await aw.job('model', 'rollback', model, '--reason', 'it did not', '--json')).stdout);
    assert.deepEqual([back.version, back.was], ['V1.0.1', 'V1.0.0']);
    await until(() => answers('V1.0.1'), 'the version before to answer');
});

test('a scientist makes and manages a model; others may not, and production is not theirs', async () => {
    const tokens = {};
    for (const [principal, role] of [['ana', 'scientist'], ['ben', 'scientist'], ['vera', 'viewer']]) {
        const made = await aw.post('/api/v1/tokens', { principal, role });
        tokens[principal] = made.json.token;
    }
    const as = (who) => ({ token: tokens[who] });
    assert.equal((await mlflow('POST', '/registered-models/create', { name: 'hers' }, as('vera'))).status, 403);
    assert.equal((await mlflow('POST', '/registered-models/create', { name: 'hers' }, as('ana'))).status, 200);
    assert.equal((await mlflow('POST', '/model-versions/create', { name: 'hers', source: 's3://b/m' }, as('ana'))).status, 200);
    for (const who of ['ben', 'vera']) {
        for (const [method, path, body] of [['DELETE', '/registered-models/delete', {}], ['POST', '/registered-models/set-tag', { key: 'k' }],
            ['POST', '/registered-models/alias', { alias: 'a', version: '1' }], ['POST', '/model-versions/transition-stage', { version: '1', stage: 'Staging' }]])
            assert.equal((await mlflow(method, path, { name: 'hers', ...body }, as(who))).status, 403, `${who} ${path}`);
        assert.equal((await aw.get(`${registry}/registered-models/get?name=hers`, as(who))).status, 200);
    }
    assert.equal((await mlflow('POST', '/registered-models/alias', { name: model, alias: 'production', version: '1' }, as('ana'))).status, 403);
    assert.equal((await stages())['V1.0.1'], 'production');
    assert.equal((await mlflow('DELETE', '/registered-models/delete', { name: 'hers' }, as('ana'))).status, 200);
});

test('what is hidden from somebody is in no search and behind no address of ours', async () => {
    const made = await aw.post('/api/v1/tokens', { principal: 'hugo', role: 'viewer' });
    const hugo = { token: made.json.token };
    assert.equal((await mlflow('POST', '/registered-models/create', { name: 'secret' })).status, 200);
    const denied = await mlflow('POST', '/registered-models/permissions/create', { name: 'secret', username: 'hugo', permission: 'NO_PERMISSIONS' });
    assert.equal(denied.status, 200, denied.text);
    const names = async (options) => (await aw.get(`${registry}/registered-models/search`, options)).json.registered_models.map((one) => one.name);
    assert.deepEqual([await names(hugo), await names({})], [[model], [model, 'secret']]);
    assert.deepEqual((await aw.get('/api/v1/models', hugo)).json.models.map((one) => one.model), [model]);
    assert.equal((await aw.get('/api/v1/models/secret/versions', hugo)).status, 403);
    assert.equal((await aw.get(`${registry}/registered-models/get?name=secret`, hugo)).status, 403);
});

test('the lineage leads from the dataset to the predictions, with counts', async () => {
    const { json } = await aw.get(`/api/v1/models/${model}/versions/V1.0.0`);
    const { dataset, run, releases, predictions } = json.lineage;
    const [[id, key, rows]] = await aw.ask('SELECT d.dataset_id, d.key, d.n_rows FROM data.dataset_version d JOIN ml.version v USING (dataset_id) WHERE number = 1');
    assert.deepEqual([String(dataset.dataset_id), dataset.key, String(dataset.n_rows)], [id, key, rows]);
    assert.ok(dataset.n_objects > 0);
    assert.deepEqual([run.run_id, run.is_known, run.experiment, run.status], [json.version.run_id, true, model, 'FINISHED']);
    assert.deepEqual(releases.slice(0, 2).map((one) => [one.from_stage, one.to_stage]), [['registered', 'production'], ['production', 'archived']]);
    const batch = await aw.value("SELECT count(*) FROM serve.prediction WHERE version = 'V1.0.0' AND kind = 'batch'");
    assert.ok(Number(batch) > 100);
    assert.equal(String(predictions.batch.n), batch);
    assert.ok(predictions.n_outcomes > 100 && predictions.accuracy.rmse > 0);
    assert.equal((await aw.get(`/api/v1/models/${model}/versions/V9.9.9`)).status, 404);
    assert.equal((await aw.get('/api/v1/models/nonesuch/versions/V1.0.0')).status, 404);
});

test('two versions and two runs are compared', async () => {
    const { json } = await aw.get(`/api/v1/models/${model}/versions/compare?a=V1.0.0&b=2`);
    assert.deepEqual([json.a.version, json.b.version], ['V1.0.0', 'V1.0.1']);
    const rmse = json.metrics.rmse;
    assert.ok(rmse.a > 0 && rmse.b > 0 && Math.abs(rmse.delta - (rmse.b - rmse.a)) < 1e-9);
    assert.equal(json.params.horizon_days.differs, false);
    const lacking = await aw.get(`/api/v1/models/${model}/versions/compare?a=V1.0.0`);
    assert.equal(lacking.status, 400);
    assert.match(lacking.json.error.message, /"b" is missing/);

    const words = (await aw.job('model', 'compare', model, 'V1.0.0', 'V1.0.1')).stdout;
    assert.match(words, /V1\.0\.0 +V1\.0\.1\n/);
    assert.match(words, /^rmse +[\d.]+ +[\d.]+ +[+-]/m);
    const { runs } = JSON.parse((await aw.job('run', 'list', '--experiment', model, '--json')).stdout);
    assert.equal(runs.length, 2);
    const ids = runs.map((one) => one.info.run_id);
    assert.deepEqual(Object.keys(JSON.parse((await aw.job('run', 'compare', ...ids, '--json')).stdout).metrics), Object.keys(json.metrics));
    assert.match((await aw.job('run', 'show', ids[0])).stdout, /param +family/);
    assert.match((await aw.job('run', 'list', '--filter', 'metrics.rmse > 1e9')).stdout, /^$/);
    assert.equal((await aw.airwatch('run', 'show', 'f'.repeat(32))).code, 66);
    assert.equal((await aw.airwatch('run', 'list', '--filter', 'colour = 1')).code, 65);
});

test('commands list, show and lead back', async () => {
    assert.match((await aw.job('model', 'list')).stdout, /pm-next-day +V1\.0\.1 +3 versions/);
    assert.match((await aw.job('model', 'show', model)).stdout, /V1\.1\.0 +registered[^]*V1\.0\.1 +production[^]*V1\.0\.0 +archived/);
    const words = (await aw.job('model', 'lineage', model, 'V1.0.0')).stdout;
    for (const step of [/^dataset +\d+: \d+ rows/m, /^run +[0-9a-f]{32} in pm-next-day/m, /^version +V1\.0\.0, number 1/m, /^release .*registered -> production/m, /^predictions +\d+ batch/m])
        assert.match(words, step);
    for (const [args, code] of [[['lineage', model], 64], [['compare', model, 'V1.0.0', 'V7.0.0'], 66], [['promote', model, 'V7.0.0', '--reason', 'x'], 66], [['nonesuch'], 64]])
        assert.equal((await aw.airwatch('model', ...args)).code, code, args.join(' '));
});

test('promotions at the same time leave one version in production', async () => {
    const both = await Promise.all(Array.from({ length: 8 }, (_, i) =>
        mlflow('POST', '/registered-models/alias', { name: model, alias: 'production', version: String(1 + (i % 2)) })));
    assert.deepEqual(both.map((reply) => reply.status), Array(8).fill(200));
    assert.equal(await aw.value("SELECT count(*) FROM ml.version WHERE stage = 'production'"), '1');
    assert.equal(await aw.value("SELECT count(*) FROM ml.version v JOIN ml.alias a USING (version_id) WHERE alias = 'production' AND stage = 'production'"), '1');
    assert.equal(await aw.value('SELECT count(*) FROM auth.audit_broken'), '0');
});

test('stages of one model are moved by many at the same time, and none is sent away', async () => {
    const name = 'moved-by-many';
    await mlflow('POST', '/registered-models/create', { name });
    for (let i = 0; i < 4; i++) await mlflow('POST', '/model-versions/create', { name, source: `s3://bucket/${i}` });
    const moved = await Promise.all(Array.from({ length: 96 }, (_, i) => mlflow('POST', '/model-versions/transition-stage',
        { name, version: String(1 + (i % 4)), stage: ['Staging', 'Production'][i % 3 % 2], archive_existing_versions: i % 2 === 0 })));
    assert.deepEqual(moved.map((reply) => reply.status), Array(96).fill(200));
});
