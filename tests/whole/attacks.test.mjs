// What is known to have been done to MLflow servers, done to ours through nginx: each is refused, or
// kept as text that nothing opens; and every address refuses whom it should.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { project, stack } from './stack.mjs';

let aw, routes, things, listener, calls = 0;
const json = { 'Content-Type': 'application/json' };
const password = 'a long enough password';
const basic = (user) => ({ Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` });

// The table of routes, as it is compiled: { method, path with its prefix, role }.
async function table() {
    const text = await fs.readFile(path.join(project, 'lib/mlflow/routes.c'), 'utf8');
    const found = [];
    for (const [, name, rows] of text.matchAll(/static const struct route (\w+)\[\] = \{(.*?)\n\};/gs)) {
        const area = text.match(new RegExp(`\\.prefixes = PREFIXES\\(([^)]*)\\),\\s+\\.routes = ${name},`));
        const prefixes = [...area[1].matchAll(/"([^"]+)"/g)].map((m) => m[1]);
        for (const [, method, behind, role] of rows.matchAll(/\{"([A-Z*]+)",\s*"([^"]*)",\s*ROLE_(\w+),/g))
            for (const prefix of prefixes) found.push({ method: method === '*' ? 'POST' : method, path: prefix + behind, role });
    }
    return found.filter((r) => !/^(\/model-versions|\/ajax-api|\/get-artifact\/.*|\/(graphql|v1\/traces)\/.*)$/.test(r.path)); // which nginx does not pass on
}
const has = (behind) => routes.some((r) => r.path === `/api/2.0/mlflow${behind}`);

// One request with its bytes as they are given.
function raw(method, target, headers = {}, body = '') {
    return new Promise((resolve, reject) => {
        const socket = net.connect(aw.port, '127.0.0.1');
        let text = '';
        const lines = { Host: 'localhost', Connection: 'close', 'Content-Length': Buffer.byteLength(body), ...headers };
        socket.on('error', reject);
        socket.on('data', (bytes) => {
            text += bytes.toString('latin1');
            const length = text.match(/\r\nContent-Length: (\d+)\r\n/);
            if (length && text.length >= text.indexOf('\r\n\r\n') + 4 + Number(length[1])) socket.destroy(); // nginx would wait for more of us
        });
        socket.on('close', () => resolve({ status: Number(text.slice(9, 12)), text, head: text.split('\r\n\r\n')[0] }));
        socket.write(Buffer.concat([Buffer.from(`${method} `), Buffer.isBuffer(target) ? target : Buffer.from(target, 'latin1'),
            Buffer.from(` HTTP/1.1\r\n${Object.entries(lines).map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`, 'latin1'), Buffer.from(body)]));
    });
}
const noise = (n) => randomBytes(n / 2).toString('hex');
const operator = async () => ({ Authorization: `Bearer ${await aw.token()}` });
async function call(method, behind, fields = {}, headers) {
    const prefix = behind.startsWith('/api') ? '' : '/api/2.0/mlflow';
    const query = method === 'GET' ? `?${new URLSearchParams(fields)}` : '';
    return aw.request(method, prefix + behind + query, {
        token: headers === undefined, headers: { ...json, ...headers }, body: method === 'GET' ? undefined : JSON.stringify(fields),
    });
}
async function must(method, behind, fields) {
    const reply = await call(method, behind, fields);
    assert.equal(reply.status, 200, `${method} ${behind}: ${reply.text}`);
    return reply.json;
}

// A message that has every field that any address asks for, all of them good.
const everything = () => ({
    ...things, experiment_ids: [things.experiment_id], run_uuid: things.run_id, run_ids: [things.run_id], version: '1', key: 'k', value: '1', timestamp: 1,
    metric_key: 'k', new_name: 'other', experiment_name: 'theirs', alias: 'a', stage: 'Staging', source: `mlflow-artifacts:/${things.experiment_id}/x`,
    path: 'a.txt', artifact_file_path: 'a.txt', artifact_directory_path: 'a', username: 'nobody-else', permission: 'READ', resource_type: 'experiment', resource_id: things.experiment_id, role_id: 1,
    role_permission_id: 1, resource_pattern: '*', password: 'a long password', is_admin: true, max_results: 10, status: 2, model_json: '{}',
    upload_id: 'x', num_parts: 1, parts: [], tags: [{ key: 'k', value: 'v' }], params: [{ key: 'p', value: 'v' }], metrics: [{ key: 'k', value: 1, timestamp: 1, step: 0 }],
    datasets: [{ dataset_name: 'd', dataset_digest: 'd', dataset: { name: 'd', digest: 'd', source_type: 's', source: 's' } }], models: [{ model_id: things.model_id, step: 0 }], to: 'Production',
});
function target(r) {
    const at = r.path.replace('{path*}', `${things.experiment_id}/${things.run_id}/artifacts/a.txt`).replace(/\{key\*?\}/, 'k').replace(/\{(id|model_id|model)\}/, things.model_id ?? 'm-0').replace(/\{\w+\*?\}/g, 'x');
    if (r.method !== 'GET' && !/upload-artifact|mlflow-artifacts\/artifacts/.test(r.path)) return at;
    const query = new URLSearchParams();
    for (const [k, v] of Object.entries(everything()))
        for (const one of Array.isArray(v) ? v : [v]) if (typeof one !== 'object') query.append(k, one);
    query.set('path', /mlflow-artifacts/.test(r.path) ? `${things.experiment_id}/${things.run_id}/artifacts` : 'a.txt');
    return `${at}?${query}`;
}
const knock = (r, headers) => raw(r.method, target(r), { ...json, ...headers }, r.method === 'GET' ? '' : JSON.stringify(everything()));

before(async () => {
    routes = await table();
    aw = await stack({ ingest: false });
    listener = net.createServer((socket) => { calls++; socket.destroy(); });
    await new Promise((resolve) => { listener.listen(0, '127.0.0.1', resolve); });
    const { experiment_id } = await must('POST', '/experiments/create', { name: 'theirs' });
    const { run } = await must('POST', '/runs/create', { experiment_id });
    things = { experiment_id, run_id: run.info.run_id, name: 'their-model', model_id: 'm-00000000000000000000000000000000' };
    await must('POST', '/runs/log-metric', { run_id: things.run_id, key: 'k', value: 1, timestamp: 1 });
    if (has('/registered-models/create')) {
        await must('POST', '/registered-models/create', { name: things.name });
        await must('POST', '/model-versions/create', { name: things.name, source: `mlflow-artifacts:/${experiment_id}/${things.run_id}/artifacts/model`, run_id: things.run_id });
    }
    if (has('/logged-models'))
        things.model_id = (await must('POST', '/logged-models', { experiment_id, name: 'm' })).model.info.model_id;
    for (const username of ['denied', 'viewer']) await must('POST', '/users/create', { username, password });
    await must('PATCH', '/users/update-admin', { username: 'viewer', is_admin: false });
    await aw.ask("UPDATE auth.role_grant SET role = 'viewer' WHERE principal_id = (SELECT principal_id FROM auth.principal WHERE principal = 'viewer')");
    for (const [resource_type, resource_id] of [['experiment', '*'], ['registered_model', '*']])
        await must('POST', '/api/3.0/mlflow/users/permissions/grant', { username: 'denied', resource_type, resource_id, permission: 'DENY' });
});
after(async () => { listener?.close(); await aw?.stop(); });

test('the table of routes is read whole', async () => {
    const rows = (await fs.readFile(path.join(project, 'lib/mlflow/routes.c'), 'utf8')).match(/^ {4}\{"/gm).length;
    assert.ok(routes.length > rows, `${routes.length} addresses of ${rows} rows`);
});

test('every route refuses nobody', async () => {
    for (const r of routes.filter((one) => one.role !== 'PUBLIC')) {
        const reply = await knock(r);
        assert.equal(reply.status, 401, `${r.method} ${r.path}: ${reply.text}`);
        assert.match(reply.head, /WWW-Authenticate: Basic realm="mlflow"/);
    }
    assert.deepEqual(routes.filter((r) => r.role === 'PUBLIC').map((r) => r.path), ['/api/2.0/mlflow-artifacts/mpu-part/{upload}/{part}', '/version']);
    for (const id of ['x', '0', 'f'.repeat(32), '00000000-0000-0000-0000-000000000000', '%2e%2e']) // whose part it is, only an id tells that nobody can guess
        assert.ok([400, 403, 404].includes((await raw('PUT', `/api/2.0/mlflow-artifacts/mpu-part/${id}/1`, {}, 'pwned')).status), id);
});

// What anyone who is signed in may: to be told of themselves, and to search, where nothing is found.
const own = /\/users\/(current|current\/permissions)$|server-info$/;
const search = /\/(search|search-datasets|get-history-bulk)$|\/experiments\/search$/;
const beyond = /traces|graphql|^\/ajax-api\/\{path\*\}|gateway|webhooks|scorers|presigned|mpu|graphql|assessments|issues|prompt|review|label|jobs|datasets(?!\w)|workspaces/; // 501, or 404 for none

test('every route refuses a user whom all is denied, or shows nothing', async () => {
    for (const r of routes.filter((one) => one.role !== 'PUBLIC' && !own.test(one.path))) {
        const reply = await knock(r, basic('denied'));
        const message = `${r.method} ${r.path}: ${reply.text}`;
        if (/\/(experiments|registered-models)\/create$/.test(r.path)) continue; // a scientist may make things
        if (reply.status === 501 && beyond.test(r.path)) continue;
        if (reply.status === 404 && !has('/logged-models') && r.path.includes('/logged-models/')) continue; // there is none
        if (search.test(r.path) && reply.status === 200) {
            assert.doesNotMatch(reply.text, /theirs|their-model/, message);
            assert.ok(!reply.text.includes(things.run_id), message);
            continue;
        }
        assert.equal(reply.status, 403, message);
    }
});

test('every route that changes something refuses a viewer', async () => {
    const reads = /\/(search|get-latest-versions|search-datasets)$/;
    for (const r of routes.filter((one) => one.role !== 'PUBLIC' && one.method !== 'GET' && !reads.test(one.path))) {
        const reply = await knock(r, basic('viewer'));
        if (reply.status === 501 && beyond.test(r.path)) continue;
        assert.equal(reply.status, 403, `${r.method} ${r.path}: ${reply.text}`);
    }
});

test('nothing has been changed by all this', async () => {
    assert.equal((await must('GET', '/experiments/get', { experiment_id: things.experiment_id })).experiment.lifecycle_stage, 'active');
    const { run } = await must('GET', '/runs/get', { run_id: things.run_id });
    assert.equal(run.info.lifecycle_stage, 'active');
    assert.deepEqual([run.data.params ?? [], run.data.metrics.length], [[], 1]);
    assert.equal((await call('GET', '/users/get', { username: 'nobody-else' })).status, 404);
});

test('a name of a stranger, and a page of a stranger, reach no route', async () => {
    const good = await operator();
    for (const r of routes.filter((one) => one.role !== 'PUBLIC')) {
        for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8000', '10.evil.example', '169.254.169.254'])
            assert.equal((await knock(r, { ...good, Host: host })).status, 403, `${r.method} ${r.path} as ${host}`);
        if (r.method === 'GET') continue;
        for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'file://'])
            assert.equal((await knock(r, { ...good, Origin: origin })).status, 403, `${r.method} ${r.path} from ${origin}`);
    }
});

test('a form of a stranger is no message', async () => {
    const body = JSON.stringify({ experiment_id: things.experiment_id, new_name: 'pwned' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain; application/json', 'application/jsonp', '<script>alert(1)</script>']) {
        const reply = await raw('POST', '/api/2.0/mlflow/experiments/update', { ...await operator(), 'Content-Type': type }, body);
        assert.equal(reply.status, 400, type);
        assert.doesNotMatch(reply.text, /<script>/);
        assert.match(reply.head, /Content-Type: application\/json/);
        assert.match(reply.head, /X-Content-Type-Options: nosniff/);
    }
    assert.equal((await must('GET', '/experiments/get', { experiment_id: things.experiment_id })).experiment.name, 'theirs');
});

// ---- paths ---------------------------------------------------------------------------------------

const climbs = ['../x', '..%2fx', '%2e%2e/x', '%2e%2e%2fx', '%252e%252e%252fx', '%25252e%25252e%25252fx', '..%252fx', 'a/../../x', 'a/..%2f..%2fx', 'a/%2e%2e/%2e%2e/x',
    '/etc/passwd', '//etc/passwd', '%2fetc%2fpasswd', '%252fetc%252fpasswd', 'C:\\x', 'C:%5Cx', 'C%3A%5Cx', 'c:/x', '..\\x', '..%5cx', '..%255cx', '\\..\\..\\x', 'x%00.txt', 'x%2500.txt', 'x%23y', 'x%2523y',
    'x;/../y', 'x%3b/../y', '%3b%2f..%2fy', 'file:///etc/passwd', 'file:%2f%2f%2fetc%2fpasswd', '.', '..', './x', 'a/./x', 'a//x', 'a/', '%0d%0aX-Evil:1', 'x%0ay', 'x%7fy', '%ff%fe', '%c0%ae%c0%ae/x', '%e0%80%ae./x',
    '....//....//x/../..', '..;/x', '%u002e%u002e/x', 'x'.repeat(4096), `${'a/'.repeat(2000)}x`, '%', '%2', '%zz'];
const secret = /root:x:0|\[boot loader\]/;

// Everything in the home that is not the lake, the database or a log, with its size.
async function outside() {
    const found = [];
    async function walk(folder) {
        for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
            const at = path.join(folder, entry.name);
            if (/^(postgres|pg|lake|log|run|tmp|spool|objects|raw|artifacts|store)$/.test(path.relative(aw.home, at))) continue;
            if (entry.isDirectory()) await walk(at); else found.push(at);
        }
    }
    await walk(aw.home);
    found.push(...(await fs.readdir(path.dirname(aw.home))).map((name) => `../${name}`));
    return found.sort();
}

test('no form of a path climbs out of the artifacts, by any method', async () => {
    const good = await operator(), was = await outside();
    const root = `/api/2.0/mlflow-artifacts/artifacts/${things.experiment_id}/${things.run_id}/artifacts/`;
    for (const climb of climbs) {
        const query = encodeURIComponent(climb).replaceAll('%25', '%'); // as it stands, where it is encoded already
        const asked = [
            ['PUT', `${root}${climb}`, 'pwned'], ['GET', `${root}${climb}`], ['DELETE', `${root}${climb}`],
            ['PUT', `/api/2.0/mlflow-artifacts/artifacts/${climb}`, 'pwned'], ['DELETE', `/api/2.0/mlflow-artifacts/artifacts/${climb}`],
            ['GET', `/api/2.0/mlflow-artifacts/artifacts?path=${query}`], ['GET', `/get-artifact?run_id=${things.run_id}&path=${query}`],
            ['GET', `/api/2.0/mlflow/artifacts/list?run_id=${things.run_id}&path=${query}`], ['POST', `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${things.run_id}&path=${query}`, 'pwned'],
            ['GET', `/model-versions/get-artifact?name=their-model&version=1&path=${query}`],
        ];
        for (const [method, at, body] of asked) {
            const reply = await raw(method, at, good, body);
            const message = `${method} ${at.slice(0, 200)}: ${reply.text.slice(0, 300)}`;
            assert.ok(reply.status >= 200 && reply.status < 500 || reply.status === 501, message);
            assert.doesNotMatch(reply.text, secret, message);
            assert.doesNotMatch(reply.head, /\r\nX-Evil/i, message);
            if (method === 'PUT' || method === 'POST') assert.ok(reply.status >= 400, message);
        }
    }
    assert.deepEqual(await outside(), was);
    assert.deepEqual(await aw.ask("SELECT 1 FROM ml.experiment WHERE lifecycle_stage <> 'active'"), []);
});

test('a link inside the lake leads nowhere', async () => {
    const good = await operator(), at = `/api/2.0/mlflow-artifacts/artifacts/${things.experiment_id}/${things.run_id}/artifacts`;
    assert.equal((await raw('PUT', `${at}/real.txt`, good, 'real')).status, 200);
    const lake = (await fs.readdir(aw.home)).find((name) => name === 'lake') ?? 'lake';
    await fs.symlink('/etc/passwd', path.join(aw.home, lake, 'link.txt'));
    for (const name of ['link.txt', '../link.txt', '%2e%2e/%2e%2e/%2e%2e/link.txt'])
        assert.doesNotMatch((await raw('GET', `${at}/${name}`, good)).text, secret);
    assert.doesNotMatch((await raw('GET', '/inside/lake/link.txt', good)).text, secret);
    assert.equal((await raw('GET', '/inside/lake/link.txt', good)).status, 404);
});

// ---- places ---------------------------------------------------------------------------------------

const places = () => {
    const there = `127.0.0.1:${listener.address().port}`;
    return ['http:///#/../../../etc/', 'http://h/?x=../..', `http://${there}/x`, `https://${there}/x`, `ftp://${there}/x`, `s3://${there}/x`, `gs://${there}/x`, `//${there}/x`, `hdfs://${there}/x`,
        'mlflow-artifacts:/../..', 'mlflow-artifacts:///%2e%2e/', 'mlflow-artifacts:/%252e%252e/x', 'file:///etc', 'file://localhost/etc', 'FILE:///etc', 'file:/etc', 'file:etc', '/etc', '../../etc', 'runs:/x', 'runs:/x/../../y', 'models:/a/../b', 'models:/m-x',
        's3:/b/../../c', 's3://b/../../c', '//h/p', 'dbfs:/../etc', 'http://169.254.169.254/latest/meta-data', `x${'y'.repeat(2048)}`, 'a#b', 'a?b', 'C:\\etc', 'mlflow-artifacts:/a;/../b', '$(touch /tmp/pwned)', '`id`', "'; DROP TABLE ml.run; --", 'x\r\nX-Evil: 1', ' '];
};

test('no place that is named is opened: neither a file nor an address', async () => {
    const good = await operator();
    for (const [i, place] of places().entries()) {
        const made = await call('POST', '/experiments/create', { name: `place ${i}`, artifact_location: place });
        assert.ok(made.status === 200 || made.status === 400, `${place}: ${made.status} ${made.text}`);
        if (/\.\.|#|\?|^runs:/.test(place)) assert.equal(made.status, 400, place);
        if (made.status === 200) {
            const run = await call('POST', '/runs/create', { experiment_id: made.json.experiment_id });
            assert.ok(run.status === 200 || run.status === 400, `${place}: ${run.text}`);
            const run_id = run.json?.run?.info?.run_id ?? things.run_id;
            for (const at of [`/get-artifact?run_id=${run_id}&path=passwd`, `/api/2.0/mlflow/artifacts/list?run_id=${run_id}`]) {
                const reply = await raw('GET', at, good);
                assert.ok(reply.status < 500 || reply.status === 501, `${place}: ${reply.text}`);
                assert.doesNotMatch(reply.text, secret, place);
                assert.doesNotMatch(reply.text, /"path":"passwd"/, place);
            }
        }
        if (!has('/model-versions/create')) continue;
        const version = await call('POST', '/model-versions/create', { name: things.name, source: place, run_id: things.run_id });
        assert.ok([200, 400, 404].includes(version.status), `${place}: ${version.status} ${version.text}`);
        if (/^(file:|\/etc|\.\.|C:)/i.test(place) || place.includes('..')) assert.equal(version.status >= 400, true, `${place}: ${version.text}`);
        const number = version.json?.model_version?.version ?? '1';
        const reply = await raw('GET', `/model-versions/get-artifact?name=${things.name}&version=${number}&path=passwd`, good);
        assert.ok(reply.status >= 400 && reply.status < 500 || reply.status === 501, `${place}: ${reply.text}`);
    }
    assert.equal(calls, 0);
    await assert.rejects(fs.stat('/tmp/pwned'));
});

test('what is of others is not reached through what is one\'s own', async () => {
    const as = basic('denied'), own = async (behind, fields) => call('POST', behind, fields, as);
    const secrets = `/api/2.0/mlflow-artifacts/artifacts/${things.experiment_id}/${things.run_id}/artifacts/secret.txt`;
    assert.equal((await raw('PUT', secrets, await operator(), 'theirs alone')).status, 200);
    for (const [i, place] of [things.experiment_id, `${things.experiment_id}/${things.run_id}/artifacts`, '999', '999/x', `/${things.experiment_id}`, `//${things.experiment_id}/x`].entries()) {
        const made = await own('/experiments/create', { name: `mine ${i}`, artifact_location: `mlflow-artifacts:/${place}` });
        assert.ok([400, 403].includes(made.status), `${place}: ${made.text}`);
    }
    const made = await own('/experiments/create', { name: 'mine' }); // a scientist may make one, and then no more, for all is denied
    assert.equal(made.status, 200, made.text);
    assert.equal((await own('/runs/create', { experiment_id: made.json.experiment_id })).status, 403);
    await must('POST', '/users/create', { username: 'thief', password });
    await must('POST', '/api/3.0/mlflow/users/permissions/grant', { username: 'thief', resource_type: 'experiment', resource_id: things.experiment_id, permission: 'NO_PERMISSIONS' });
    await must('POST', '/api/3.0/mlflow/users/permissions/grant', { username: 'thief', resource_type: 'registered_model', resource_id: things.name, permission: 'NO_PERMISSIONS' });
    const thief = basic('thief'), theirs = `mlflow-artifacts:/${things.experiment_id}/${things.run_id}/artifacts`;
    const run = (await call('POST', '/runs/create', { experiment_id: (await call('POST', '/experiments/create', { name: 'a thief\'s' }, thief)).json.experiment_id }, thief)).json.run.info;
    assert.equal((await call('POST', '/registered-models/create', { name: 'mine' }, thief)).status, 200);
    for (const fields of [{ source: theirs, run_id: things.run_id }, { source: theirs, run_id: run.run_id }, { source: theirs }, { source: `runs:/${things.run_id}/model`, run_id: things.run_id },
        { source: `runs:/${things.run_id}/model`, run_id: run.run_id }, { source: `models:/${things.name}/1` }, { source: `models:/${things.name}@a` }, { source: `models:/${things.model_id}`, model_id: things.model_id },
        { source: `${run.artifact_uri}/../../${things.run_id}/artifacts`, run_id: run.run_id }, { source: theirs.toUpperCase(), run_id: run.run_id }]) {
        const version = await call('POST', '/model-versions/create', { name: 'mine', ...fields }, thief);
        if (version.status === 200 && fields.source === theirs.toUpperCase()) { // kept as text that nothing opens
            const got = await raw('GET', `/model-versions/get-artifact?name=mine&version=${version.json.model_version.version}&path=secret.txt`, thief);
            assert.ok(got.status >= 400 && got.status < 500, got.text);
            continue;
        }
        assert.ok([400, 403, 404].includes(version.status), `${JSON.stringify(fields)}: ${version.text}`);
    }
    const metric = { key: 'accuracy', value: 1, timestamp: 1 }, link = [{ model_id: things.model_id, step: 0 }]; // a logged model is its experiment's, too
    const before = await must('GET', `/logged-models/${things.model_id}`, {});
    for (const [behind, fields] of [['/runs/log-metric', { ...metric, model_id: things.model_id }], ['/runs/log-batch', { metrics: [metric, { ...metric, model_id: things.model_id }] }], ['/runs/outputs', { models: link }], ['/runs/log-inputs', { models: link }]])
        assert.equal((await call('POST', behind, { run_id: run.run_id, ...fields }, thief)).status, 403, behind);
    for (const fields of [{ source: 's3://b/x', model_id: things.model_id }, { source: `runs:/${run.run_id}/m`, model_id: things.model_id }, { source: 's3://b/x', run_id: things.run_id }])
        assert.equal((await call('POST', '/model-versions/create', { name: 'mine', ...fields }, thief)).status, 403, JSON.stringify(fields));
    assert.deepEqual(await must('GET', `/logged-models/${things.model_id}`, {}), before);
    for (const at of [secrets, `/get-artifact?run_id=${things.run_id}&path=secret.txt`, `/api/2.0/mlflow/artifacts/list?run_id=${things.run_id}`])
        assert.equal((await raw('GET', at, thief)).status, 403, at);
    assert.equal((await raw('GET', secrets, await operator())).text.endsWith('theirs alone'), true);
});

// ---- messages --------------------------------------------------------------------------------------

test('nonsense for a message is a mistake of the caller, and the server goes on', async () => {
    const good = { ...await operator(), ...json }, was = await aw.pid('registry');
    const run = JSON.stringify(things.run_id), metric = (value) => `{"run_id":${run},"metrics":[{"key":"k","value":${value},"timestamp":1,"step":0}]}`;
    const deep = (n) => '['.repeat(n) + ']'.repeat(n);
    const bodies = {
        '/runs/log-batch': [metric('NaN'), metric('Infinity'), metric('1e400'), metric('-1e400'), metric('[1]'), metric('{}'), metric('"x"'), metric('01'), metric('1.'), metric('+1'),
            metric(deep(99)), metric(deep(100000)), `{"run_id":${run},"x":${'{"a":'.repeat(200)}1${'}'.repeat(200)}}`,
            `{"run_id":${run},"metrics":[${Array(1001).fill('{"key":"k","value":1,"timestamp":1,"step":0}').join()}]}`, `{"run_id":${run},"params":[${Array.from({ length: 101 }, (_, i) => `{"key":"p${i}","value":"1"}`).join()}]}`,
            `{"run_id":${run},"metrics":[{"key":"k","value":1,"timestamp":9223372036854775808,"step":0}]}`, `{"run_id":${run},"metrics":[{"key":"k","value":1,"timestamp":1,"step":1e30}]}`, `{"run_id":${run},"metrics":[{"key":"k","value":1,"timestamp":-1}]}`,
            `{"run_id":${run},"metrics":{"key":"k"}}`, `{"run_id":${run},"metrics":["k"]}`, `{"run_id":${run},"metrics":[[]]}`, `{"run_id":${run},"params":[{"key":["a"],"value":"b"}]}`, `{"run_id":[${run}]}`, '{"run_id":5}', '{"run_id":{}}',
            '{"run_id":"a","run_id":"b"}', '{"run_id":"\\ud800"}', '{"run_id":"\\u0000"}', '{"run_id":"\x01"}', '{"run_id":"a"', '{', '}', '"', 'nul', '{"run_id":\'a\'}', '[1]', '7', '"x"', '"\\"\\\\\\"x\\\\\\"\\""', '\ufeff{}', '{}{}', `{${'"a":1,'.repeat(300)}"b":1}`],
        '/experiments/create': ['{"name":["a"]}', '{"name":{"a":1}}', '{"name":5}', '{"name":null}', '{"name":""}', `{"name":"${'x'.repeat(501)}"}`, '{"name":"a","artifact_location":["x"]}', '{"name":"a","tags":"x"}', '{"name":"a","tags":[{"key":1}]}'],
        '/model-versions/create': [`{"name":"${things.name}","source":"s3://b/x","run_id":"${noise(9000)}"}`], // which no index would take
        '/logged-models': [`{"experiment_id":"${things.experiment_id}","source_run_id":"${noise(9000)}"}`],
        '/runs/search': ['{"experiment_ids":"0"}', '{"experiment_ids":["0"],"max_results":-1}', '{"experiment_ids":["0"],"max_results":1e99}', '{"experiment_ids":["0"],"max_results":50001}', '{"experiment_ids":["0"],"page_token":"x"}', '{"experiment_ids":["0"],"page_token":"eyJvZmZzZXQiOiAtMX0="}',
            '{"experiment_ids":["0"],"order_by":"x"}', '{"experiment_ids":["0"],"order_by":["x; DROP TABLE ml.run"]}', '{"experiment_ids":["0"],"run_view_type":"NOPE"}', '{"experiment_ids":["x"]}', '{"experiment_ids":["99999999999999999999"]}'],
    };
    for (const [at, list] of Object.entries(bodies))
        for (const body of list) {
            const reply = await raw('POST', `/api/2.0/mlflow${at}`, good, body);
            const message = `${at} ${body.slice(0, 120)}: ${reply.text.slice(0, 400)}`;
            assert.ok(reply.status === 400 || reply.status === 404, message);
            assert.match(reply.text, /"error_code":"(INVALID_PARAMETER_VALUE|RESOURCE_DOES_NOT_EXIST)"/, message);
        }
    assert.equal(await aw.pid('registry'), was);
    assert.equal((await must('GET', '/runs/get', { run_id: things.run_id })).run.data.metrics.length, 1); // not a part of any was kept
});

test('a filter is a filter: what is more than that is refused, and matches nothing it should not', async () => {
    const filters = ["metrics.k = 1; DROP TABLE ml.run", "tags.x = 'a' OR 1=1", "tags.x = '", 'tags.`x = 1', "attributes.run_id = 'x' --", "params.x = 'a' UNION SELECT 1", "tags.x = $1", "1=1", "metrics.k = '1'", 'metrics.k > NaN OR', '((((', "tags.x IN ()",
        "attributes.pg_sleep(10) = 1", "name = (SELECT 1)", "params.x LIKE '%' ESCAPE ''", `tags.x = '${'y'.repeat(100000)}`, `${"tags.x = 'y' AND ".repeat(5000)}tags.x = 'y'`, 'tags."x" = \'a\' AND', "\u0000", 'AND', "metrics.k = 1 metrics.k = 1"];
    for (const filter of filters)
        for (const [at, fields] of [['/runs/search', { experiment_ids: [things.experiment_id] }], ['/experiments/search', { max_results: 10 }]]) {
            const reply = await call('POST', at, { ...fields, filter });
            assert.equal(reply.status, 400, `${at} ${filter.slice(0, 80)}: ${reply.text.slice(0, 300)}`);
            assert.doesNotMatch(reply.text, /syntax error at|ERROR:|prepared statement/i, filter.slice(0, 80));
        }
    for (const filter of filters.filter((one) => one.length < 1000))
        for (const at of ['/registered-models/search', '/model-versions/search']) {
            const reply = await call('GET', at, { filter });
            assert.equal(reply.status, 400, `${at} ${filter.slice(0, 80)}: ${reply.text.slice(0, 300)}`);
            assert.doesNotMatch(reply.text, /syntax error at|ERROR:|prepared statement/i, filter);
        }
    const hostile = "x'; DROP TABLE ml.run; --";
    await must('POST', '/runs/set-tag', { run_id: things.run_id, key: 'k', value: hostile });
    const found = await must('POST', '/runs/search', { experiment_ids: [things.experiment_id], filter: `tags.k = "${hostile}"` });
    assert.equal(found.runs.length, 1);
});

test('a value makes no header', async () => {
    const good = await operator();
    for (const headers of [{ 'X-Request-Id': 'a\tb' }, { 'X-Request-Id': '<script>' }, { Authorization: 'Basic %0d%0aX-Evil:1' }, { Range: 'bytes=%0d%0a' }]) {
        const reply = await raw('GET', '/api/3.0/mlflow/server-info', { ...good, ...headers });
        assert.ok(reply.status < 500);
        assert.doesNotMatch(reply.head, /<script>|X-Evil/);
    }
    const at = `/api/2.0/mlflow-artifacts/artifacts/${things.experiment_id}/${things.run_id}/artifacts`;
    for (const name of ['a%22;evil=%22.txt', 'a%27b.html', 'K%C3%B6ln.html', 'x.svg']) {
        assert.equal((await raw('PUT', `${at}/${name}`, { ...good, 'Content-Type': 'text/html' }, '<script>alert(1)</script>')).status, 200, name);
        const reply = await raw('GET', `${at}/${name}`, good);
        assert.equal(reply.status, 200);
        assert.match(reply.head, /Content-Disposition: attachment/i);
        assert.match(reply.head, /X-Content-Type-Options: nosniff/i);
        assert.match(reply.head, /Content-Security-Policy: sandbox/i, name);
        assert.doesNotMatch(reply.head, /filename="[^"\r\n]*"[^;\r\n]/i, name);
    }
});

test('an address and its headers may be long, and a body large, up to what is told', async () => {
    const good = await operator(), many = Array.from({ length: 1000 }, (_, i) => `run_ids=${String(i).padStart(32, '0')}`).join('&');
    const at = has('/metrics/get-history-bulk-interval') ? '/api/2.0/mlflow/metrics/get-history-bulk-interval?metric_key=k&' : '/api/2.0/mlflow/experiments/get?experiment_id=0&';
    const reply = await raw('GET', at + many, good);
    assert.ok(reply.status === 200 || reply.status === 400, reply.text.slice(0, 300)); // 100 runs at most, says MLflow
    assert.match(reply.text, /run_ids|experiment_id/);
    for (const [method, to, headers] of [['GET', `/api/2.0/mlflow/runs/get?run_id=${'x'.repeat(60000)}`, good], ['GET', `/api/2.0/mlflow/traces/${'x'.repeat(40000)}`, good],
        ['GET', '/api/2.0/mlflow/runs/get', { ...good, 'X-Long': 'x'.repeat(60000) }], ['POST', '/api/2.0/mlflow/runs/search', { ...good, ...json, 'Content-Length': 17 * 1024 * 1024 }]]) {
        const long = await raw(method, to, headers);
        assert.ok(long.status >= 400 && long.status < 500, `${to.slice(0, 60)}: ${long.text.slice(0, 300)}`);
        assert.match(long.head, /Content-Type: application\/json/, to.slice(0, 60));
    }
});

test('large answers leave no memory behind', async () => {
    const { experiment_id } = await must('POST', '/experiments/create', { name: 'of many runs' });
    await aw.ask(`SELECT ml.key_make(ARRAY(SELECT 'p' || i FROM generate_series(1, 10) AS i));
        INSERT INTO ml.run (run_id, experiment_id, name, status, started_ms, artifact_uri) SELECT md5(i::text), ${experiment_id}, 'r', 'FINISHED', i, '' FROM generate_series(1, 3000) AS i;
        INSERT INTO ml.run_param (run_no, key_no, experiment_id, value) SELECT r.run_no, k.key_no, r.experiment_id, repeat('x', 300)
        FROM ml.run r, ml.key k WHERE r.experiment_id = ${experiment_id} AND k.key ~ '^p[0-9]+$'`);
    for (let i = 0; i < 16; i++) // as many as there are threads
        assert.equal((await must('POST', '/runs/search', { experiment_ids: [experiment_id], max_results: 3000 })).runs.length, 3000);
    const status = await fs.readFile(`/proc/${await aw.pid('registry')}/status`, 'utf8');
    assert.ok(Number(status.match(/VmRSS:\s+(\d+) kB/)[1]) < 64 * 1024, status.match(/VmRSS.*/)[0]);
});

test('what MLflow has and we have not is said in its words', async () => {
    for (const at of ['/api/2.0/mlflow/webhooks', '/api/3.0/mlflow/traces/search', '/api/3.0/mlflow/scorers/list', '/ajax-api/3.0/mlflow/gateway/endpoints/list', '/api/3.0/mlflow/datasets/search', '/api/3.0/mlflow/workspaces', '/api/3.0/mlflow/assessments/x']) {
        const reply = await raw('POST', at, { ...await operator(), ...json }, '{}');
        assert.equal(reply.status, 501, `${at}: ${reply.text}`);
        assert.match(reply.text, /"error_code":"NOT_IMPLEMENTED","message":"AirWatch keeps experiments/);
    }
});

test('what is beside the routes is nothing', async () => {
    for (const at of ['/graphql', '/api/2.0/mlflow/runs/get/', '/api/2.0/mlflow', '/api/2.0/mlflow/', '/api/2.0/mlflow/../mlflow/experiments/search', '/api/2.0/mlflow/experiments%2fsearch', '/API/2.0/mlflow/experiments/search', '/api/2.0//mlflow/experiments/search',
        '/ajax-api/3.0/jobs/1', '/v1/traces', '/signup', '/api/2.0/mlflow/users/create-ui', '/static-files/x', '/.env', '/api/2.0/mlflow-artifacts']) {
        const reply = await raw('POST', at, { ...await operator(), ...json }, '{}');
        assert.ok([400, 404, 405, 501].includes(reply.status), `${at}: ${reply.text.slice(0, 300)}`);
    }
});
