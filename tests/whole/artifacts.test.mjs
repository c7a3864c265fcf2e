// MLflow's proxy of artifacts over nginx, with the lake in a folder and in S3: what is put comes
// back, names stay names, and what breaks off leaves nothing.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { s3Server } from './s3.mjs';
import { must, run, stack, until } from './stack.mjs';

const base = '/api/2.0/mlflow-artifacts/artifacts';
const kinds = { folder: {}, s3: {} };
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const encode = (name) => name.split('/').map(encodeURIComponent).join('/');
const each = (what, body) => Object.entries(kinds).forEach(([name, kind]) => test(`${what} (${name})`, () => body(kind.aw, name)));
let s3, viewer, scientist;

before(async () => {
    s3 = await s3Server();
    kinds.s3.aw = await stack({ ingest: false, settings: { USE_S3: 'true', S3_PART_MB: '5', ...s3.env } });
    kinds.folder.aw = await stack({ ingest: false });
    const token = async (role) => (await kinds.folder.aw.job('token', 'create', '--principal', `the-${role}`, '--role', role)).stdout.trim();
    [viewer, scientist] = [await token('viewer'), await token('scientist')];
});
after(async () => {
    for (const kind of Object.values(kinds)) await kind.aw?.stop();
    await s3?.stop();
});

// One request whose target goes out as it stands. `pieces` is a body without a Content-Length.
async function ask(aw, method, target, { body, pieces, headers = {}, token } = {}) {
    const bearer = token === undefined ? await aw.token() : token;
    return new Promise((resolve, reject) => {
        const request = http.request({
            host: '127.0.0.1', port: aw.port, method, path: target, agent: false,
            headers: { ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}), ...(body === undefined ? {} : { 'Content-Length': body.length }), ...headers },
        }, (reply) => {
            const got = [];
            reply.on('data', (bytes) => got.push(bytes)).on('error', reject).on('end', () => {
                const bytes = Buffer.concat(got), text = bytes.toString();
                let json = null;
                try { json = JSON.parse(text); } catch { /* a file */ }
                resolve({ status: reply.statusCode, headers: reply.headers, bytes, text, json });
            });
        }).on('error', reject);
        if (pieces) { for (const piece of pieces) request.write(piece); request.end(); } else request.end(body);
    });
}
const put = async (aw, name, bytes, options) => {
    const reply = await ask(aw, 'PUT', `${base}/${encode(name)}`, { body: Buffer.from(bytes), ...options });
    assert.equal(reply.status, 200, `${name}: ${reply.text}`);
    return reply;
};
const get = (aw, name, headers) => ask(aw, 'GET', `${base}/${encode(name)}`, { headers });
const list = async (aw, folder) => (await ask(aw, 'GET', `${base}?path=${encodeURIComponent(folder)}`)).json.files ?? [];
const names = async (aw, folder) => (await list(aw, folder)).map((one) => one.path + (one.is_dir ? '/' : ''));
const makeRun = async (aw) => (await aw.post('/api/2.0/mlflow/runs/create', { experiment_id: '0' })).json.run.info;
const below = async (place) => (await fs.readdir(place, { recursive: true, withFileTypes: true }))
    .filter((one) => !one.isDirectory()).map((one) => path.join(one.parentPath ?? one.path, one.name)).sort();
const temporaries = async (aw) => [...await below(path.join(aw.home, 'tmp')), ...await below(path.join(aw.home, 'lake/~')).catch(() => [])];
const holds = (claim, what) => until(async () => { await claim(); return true; }, what);
const clean = (aw) => holds(async () => assert.deepEqual(await temporaries(aw), []), 'temporary files to go');

each('a file of any size comes back as it was put', async (aw) => {
    for (const size of [0, 1, 99_999, 100_000, 6 << 20]) {
        const bytes = randomBytes(size), name = `0/trip/artifacts/${size}.bin`;
        assert.deepEqual((await put(aw, name, bytes)).json, {});
        const reply = await get(aw, name);
        assert.equal(reply.status, 200, reply.text);
        assert.equal(reply.headers['content-length'], String(size));
        assert.equal(reply.headers.etag, `"${sha256(bytes)}"`);
        assert(reply.bytes.equals(bytes));
    }
    await put(aw, '0/trip/artifacts/1.bin', 'another');
    assert.equal((await get(aw, '0/trip/artifacts/1.bin')).text, 'another');
    const chunked = await ask(aw, 'PUT', `${base}/0/trip/artifacts/chunked`, { pieces: ['one ', 'two'] });
    assert.equal(chunked.status, 200, chunked.text);
    assert.equal((await get(aw, '0/trip/artifacts/chunked')).text, 'one two');
    const empty = await ask(aw, 'PUT', `${base}/0/trip/artifacts/none`, { pieces: [], headers: { 'Transfer-Encoding': 'chunked' } });
    assert.equal(empty.status, 200, empty.text);
    assert.equal((await get(aw, '0/trip/artifacts/none')).headers['content-length'], '0');
    await clean(aw);
});

each('what it is to a browser is told from its name, and HEAD, tags and ranges hold', async (aw) => {
    const bytes = randomBytes(300_000), name = '0/head/artifacts/plot.png', tag = `"${sha256(bytes)}"`;
    await put(aw, name, bytes, { headers: { 'Content-Type': 'text/html; <script>' } });
    const head = await ask(aw, 'HEAD', `${base}/${name}`);
    assert.equal(head.headers['content-type'], 'image/png');
    assert.equal(head.headers['content-length'], '300000');
    assert.equal(head.headers['content-disposition'], 'attachment; filename=plot.png');
    assert.equal(head.headers['x-content-type-options'], 'nosniff');
    assert.equal(head.bytes.length, 0);
    assert.equal((await ask(aw, 'HEAD', `${base}/${name}`, { headers: { 'If-None-Match': tag } })).status, 304);
    assert.equal((await get(aw, name, { 'If-None-Match': tag })).status, 304);
    assert.equal((await get(aw, name, { 'If-None-Match': '"x"', 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' })).status, 200);
    for (const [range, from, to] of [['bytes=100-199', 100, 200], ['bytes=299990-', 299990, 300000], ['bytes=-5', 299995, 300000]]) {
        const part = await get(aw, name, { Range: range });
        assert.equal(part.status, 206);
        assert.equal(part.headers['content-range'], `bytes ${from}-${to - 1}/300000`);
        assert(part.bytes.equals(bytes.subarray(from, to)));
    }
    assert.equal((await get(aw, name, { Range: 'bytes=5-9', 'If-Range': tag })).status, 206);
    assert.equal((await get(aw, name, { Range: 'bytes=5-9', 'If-Range': '"older"' })).bytes.length, 300000);
    assert.equal((await get(aw, name, { Range: 'bytes=300000-' })).status, 416);
    for (const [file, type] of [['MLmodel', 'text/plain'], ['a.json', 'text/plain'], ['a.pkl', 'application/octet-stream'], ['a.html', 'text/html']]) {
        await put(aw, `0/head/artifacts/${file}`, 'x');
        assert.equal((await get(aw, `0/head/artifacts/${file}`)).headers['content-type'].split(';')[0], type, file);
    }
});

each('any name that stays where it is, is one', async (aw) => {
    const tricky = ['Käse 100%.txt', 'a+b', 'a?b=c', 'a;b', 'a b', '日本語.bin', '"quoted"', "it's", '%41', '100%25', '..a', 'a..', '.hidden', '~', 'a:b', 'a&b', '<b>'];
    for (const name of tricky) await put(aw, `0/names/artifacts/${name}/${name}`, name);
    for (const name of tricky) assert.equal((await get(aw, `0/names/artifacts/${name}/${name}`)).text, name);
    assert.deepEqual((await names(aw, '0/names/artifacts')).sort(), tricky.map((name) => `${name}/`).sort());
    assert.match((await get(aw, '0/names/artifacts/Käse 100%.txt/Käse 100%.txt')).headers['content-disposition'],
        /^attachment; filename="K__se 100_.txt"; filename\*=UTF-8''K%C3%A4se%20100%25.txt$/);
});

each('lists, folders, deletion of a tree and of nothing', async (aw) => {
    const { run_id: id, artifact_uri: uri } = await makeRun(aw), root = `0/${id}/artifacts`;
    assert.equal(uri, `mlflow-artifacts:/${root}`);
    for (const name of ['a.txt', 'model/MLmodel', 'model/data/x', 'model-2/x', 'model.txt']) await put(aw, `${root}/${name}`, '123');
    assert.deepEqual(await list(aw, root), [{ path: 'a.txt', is_dir: false, file_size: 3 }, { path: 'model', is_dir: true }, { path: 'model-2', is_dir: true },
        { path: 'model.txt', is_dir: false, file_size: 3 }]);
    assert.deepEqual(await names(aw, `${root}/model/`), ['MLmodel', 'data/']);
    const runs = async (where) => (await aw.get(`/api/2.0/mlflow/artifacts/list?run_id=${id}${where}`)).json;
    assert.equal((await runs('')).root_uri, uri);
    assert.deepEqual((await runs('&path=model')).files, [{ path: 'model/MLmodel', is_dir: false, file_size: 3 }, { path: 'model/data', is_dir: true }]);
    for (const where of ['&path=nowhere', '&path=a.txt']) assert.deepEqual(await runs(where), { root_uri: uri });
    assert.deepEqual((await ask(aw, 'GET', `${base}?path=0/nowhere`)).json, {});
    assert.equal((await aw.get(`/get-artifact?run_uuid=${id}&path=model%2FMLmodel`)).text, '123');
    assert.equal((await aw.get(`/get-artifact?run_id=${id}&path=a.txt`)).text, '123');

    const refused = async (reply, status, code, words) => {
        assert.equal((await reply).status, status, (await reply).text);
        assert.equal((await reply).json.error_code, code);
        assert.match((await reply).json.message, words);
    };
    await refused(get(aw, `${root}/model`), 400, 'INVALID_PARAMETER_VALUE', /^Invalid path: artifact ".*\/model" is a folder$/);
    await refused(get(aw, `${root}/none`), 404, 'RESOURCE_DOES_NOT_EXIST', /^No such artifact: '.*none'$/);
    await refused(ask(aw, 'PUT', `${base}/${root}/model`, { body: Buffer.from('x') }), 400, 'INVALID_PARAMETER_VALUE', /is a folder$/);
    await refused(ask(aw, 'PUT', `${base}/${root}/a.txt/b`, { body: Buffer.from('x') }), 400, 'INVALID_PARAMETER_VALUE', /which is a file$/);
    await refused(aw.get('/get-artifact?run_id=0af3&path=a'), 404, 'RESOURCE_DOES_NOT_EXIST', /^Run '0af3' not found$/);
    await refused(aw.get(`/get-artifact?run_id=${id}`), 400, 'INVALID_PARAMETER_VALUE', /^Missing value for required parameter 'path'$/);
    await refused(aw.get('/api/2.0/mlflow/artifacts/list'), 400, 'INVALID_PARAMETER_VALUE', /^Missing value for required parameter 'run_id'$/);
    await refused(ask(aw, 'GET', `/api/2.0/mlflow-artifacts/presigned/${root}/a.txt`), 501, 'NOT_IMPLEMENTED', /^Multipart download is not supported for the current artifact repository/);
    await refused(aw.post('/api/2.0/mlflow/artifacts/presigned-upload-url', { run_id: id, path: 'a' }), 400, 'INVALID_PARAMETER_VALUE', /^Presigned upload is not supported/);

    const form = (query, body) => ask(aw, 'POST', `/ajax-api/2.0/mlflow/upload-artifact?${query}`, { body: Buffer.from(body) });
    await refused(form('path=x', 'x'), 400, 'INVALID_PARAMETER_VALUE', /^Request must specify run_uuid/);
    await refused(form(`run_uuid=${id}`, 'x'), 400, 'INVALID_PARAMETER_VALUE', /^Request must specify path/);
    await refused(form(`run_uuid=${id}&path=x`, ''), 400, 'INVALID_PARAMETER_VALUE', /^Request must specify data/);
    await refused(form(`run_uuid=${id}&path=x`, Buffer.alloc((10 << 20) + 1)), 400, 'INVALID_PARAMETER_VALUE', /^Artifact size is too large/);
    const uploaded = await form(`run_uuid=${id}&path=ui/x.txt`, 'of a page');
    assert.deepEqual([uploaded.status, uploaded.text], [200, '']);
    assert.equal((await get(aw, `${root}/ui/x.txt`)).text, 'of a page');

    for (let i = 0; i < 2; i++) assert.equal((await ask(aw, 'DELETE', `${base}/${root}/model`)).status, 200);
    assert.equal((await ask(aw, 'DELETE', `${base}/${root}/a.txt`)).status, 200);
    assert.deepEqual(await names(aw, root), ['model-2/', 'model.txt', 'ui/']);
});

test('a path that could lead elsewhere is refused at every door, and nothing moves', async () => {
    const { aw } = kinds.folder, { run_id: id } = await makeRun(aw), root = `0/${id}/artifacts`;
    await put(aw, `${root}/kept`, 'kept');
    const seen = async () => [await aw.value('SELECT count(*) FROM ml.artifact'), (await below(path.join(aw.home, 'lake'))).length,
        (await fs.readdir(aw.home)).sort().join(), (await fs.readdir('/tmp')).filter((name) => name.includes('evil')).length];
    const quiet = await seen();
    const long = 'x'.repeat(4096), evil = ['../evil', '..%2fevil', '%2e%2e/evil', '%252e%252e%252fevil', 'a/../../evil', 'a/%2e%2e/evil', '/tmp/evil', '//tmp/evil', '%2ftmp/evil',
        'C:%5cevil', 'C:/evil', '..%5cevil', '%255c..%255cevil', 'evil%00.txt', 'evil%23y', 'evil%2523y', 'evil;/../y', '..;/evil', 'file:/tmp/evil', 'file:///tmp/evil',
        'evil%0d%0aX-Evil: 1', 'evil%ff', long, `${'a/'.repeat(80)}evil`, 'evil%', 'evil%zz'];
    for (const one of evil) {
        const target = one.replaceAll(' ', '%20'), twice = encodeURIComponent(decodeSafe(target));
        const doors = [['GET', `${base}?path=${root}/${target}`], ['GET', `${base}?path=${target}`], ['GET', `/api/2.0/mlflow/artifacts/list?run_id=${id}&path=${target}`],
            ['GET', `/get-artifact?run_id=${id}&path=${target}`], ['GET', `/get-artifact?run_id=${id}&path=${twice}`],
            ['POST', `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${id}&path=${target}`],
            ...['PUT', 'GET', 'DELETE'].flatMap((method) => [[method, `${base}/${root}/${target}`], [method, `${base}/${target}`]]),
            ['POST', `/api/2.0/mlflow-artifacts/mpu/create/${target}`], ['GET', `/api/2.0/mlflow-artifacts/presigned/${target}`]];
        for (const [method, door] of doors) {
            const reply = await ask(aw, method, door, { body: method === 'GET' ? undefined : Buffer.from('{"path":"evil","num_parts":1}'), headers: { 'Content-Type': 'application/json' } });
            assert(reply.status >= 400 && reply.status < 500, `${method} ${door.slice(0, 200)}: ${reply.status} ${reply.text}`);
            assert.equal(reply.headers['x-evil'], undefined);
        }
    }
    for (const inside of ['/inside/lake/', '/inside/lake/../registry.sock', '/inside/lake/raw_data']) assert.equal((await ask(aw, 'GET', inside)).status, 404);
    assert.deepEqual(await seen(), quiet);
    assert.equal((await get(aw, `${root}/kept`)).text, 'kept');
});
function decodeSafe(text) { try { return decodeURIComponent(text); } catch { return text; } }

test('who may: a reader reads, others are turned away before they have sent much', async () => {
    const { aw } = kinds.folder;
    await put(aw, '0/may/artifacts/a', 'x');
    assert.equal((await ask(aw, 'GET', `${base}/0/may/artifacts/a`, { token: viewer })).status, 200);
    for (const [method, token, status] of [['PUT', viewer, 403], ['DELETE', viewer, 403], ['DELETE', scientist, 403], ['PUT', false, 401], ['GET', false, 401], ['DELETE', false, 401]])
        assert.equal((await ask(aw, method, `${base}/0/may/artifacts/a`, { token, body: method === 'GET' ? undefined : Buffer.alloc(10) })).status, status, `${method} ${status}`);
    const large = await ask(aw, 'PUT', `${base}/0/may/artifacts/large`, { token: viewer, body: Buffer.alloc(40 << 20) });
    assert.deepEqual([large.status, large.json.error_code], [403, 'PERMISSION_DENIED']);
    assert.equal((await ask(aw, 'POST', '/api/2.0/mlflow-artifacts/mpu/create/0/may', { token: viewer, body: Buffer.from('{"path":"a","num_parts":1}'), headers: { 'Content-Type': 'application/json' } })).status, 403);
    assert.equal((await get(aw, '0/may/artifacts/a')).text, 'x');
});

// Begins an upload and sends a part of it; `cut` breaks it off.
async function begin(aw, name, headers, bytes) {
    const token = await aw.token();
    const request = http.request({ host: '127.0.0.1', port: aw.port, method: 'PUT', path: `${base}/${name}`, agent: false, headers: { Authorization: `Bearer ${token}`, ...headers } });
    const reply = new Promise((resolve) => { request.on('response', (r) => { r.resume(); resolve(r); }).on('error', () => resolve(null)); });
    await new Promise((resolve) => { request.write(bytes, resolve); });
    return { cut: () => request.destroy(), end: (more) => request.end(more), reply };
}
async function arrivals(aw) { // in the folder "~", or in unnamed files of the S3 lake's
    const pid = await aw.pid('registry'), open = await fs.readdir(`/proc/${pid}/fd`);
    const links = await Promise.all(open.map((fd) => fs.readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    return links.filter((link) => /\/lake\/~\/|\/tmp\/lake-/.test(link)).length;
}
const arriving = (aw, n = 1) => until(async () => await arrivals(aw) === n, `${n} uploads to arrive`);

each('an upload that is cut short leaves nothing', async (aw) => {
    const quiet = await aw.value('SELECT count(*) FROM ml.artifact');
    for (const headers of [{ 'Content-Length': 4 << 20 }, { 'Transfer-Encoding': 'chunked' }]) {
        const upload = await begin(aw, '0/cut/artifacts/a', headers, randomBytes(1 << 20));
        await arriving(aw);
        upload.cut();
        await clean(aw);
        await arriving(aw, 0);
    }
    assert.equal(await aw.value('SELECT count(*) FROM ml.artifact'), quiet);
    assert.equal((await get(aw, '0/cut/artifacts/a')).status, 404);
});

each('on a full disk an upload is refused in words, and leaves nothing', async (aw) => {
    const quiet = await aw.value('SELECT count(*) FROM ml.artifact'), pid = String(await aw.pid('registry'));
    const { uid, gid } = await fs.stat(aw.home), as = process.getuid() === uid ? [] : [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    const limit = (bytes) => must('setpriv', [...as, 'prlimit', '--pid', pid, `--fsize=${bytes}:`]); // that a file may have
    await limit(1 << 20);
    for (const size of [4 << 20, (1 << 20) + 1]) {
        const reply = await ask(aw, 'PUT', `${base}/0/full/artifacts/a`, { body: randomBytes(size) });
        assert.deepEqual([reply.status, reply.json.error_code], [503, 'TEMPORARILY_UNAVAILABLE'], reply.text);
        assert.match(reply.json.message, /File too large/);
    }
    await limit('unlimited');
    await clean(aw);
    assert.equal(await aw.value('SELECT count(*) FROM ml.artifact'), quiet);
    await put(aw, '0/full/artifacts/a', randomBytes(2 << 20));
});

test('killed in the middle of an upload, it is as if there had been none', async () => {
    const { aw } = kinds.folder, bytes = randomBytes(2 << 20);
    await put(aw, '0/kill/artifacts/a', 'before');
    const upload = await begin(aw, '0/kill/artifacts/a', { 'Content-Length': bytes.length }, bytes.subarray(0, 1 << 20));
    await arriving(aw);
    const pid = await aw.pid('registry');
    process.kill(pid, 'SIGKILL');
    upload.cut();
    await until(async () => await aw.pid('registry') !== pid, 'another to be started');
    await until(async () => (await get(aw, '0/kill/artifacts/a')).text === 'before', 'it to answer');
    await clean(aw);
    await put(aw, '0/kill/artifacts/a', bytes);
    assert((await get(aw, '0/kill/artifacts/a')).bytes.equals(bytes));
});

each('of many that put one path at once, one is there whole', async (aw) => {
    const bodies = Array.from({ length: 12 }, (_, i) => Buffer.alloc(50_000 + i, String(i)));
    const replies = await Promise.all(bodies.map((body) => ask(aw, 'PUT', `${base}/0/race/artifacts/a`, { body })));
    assert.deepEqual(replies.map((reply) => reply.status), bodies.map(() => 200));
    const last = (await get(aw, '0/race/artifacts/a')).bytes;
    assert(bodies.some((body) => body.equals(last)));
});

test('slow senders hold half of the threads at most: others are asked to come again, small things go on', async () => {
    const { aw } = kinds.folder, slow = [];
    for (let i = 0; i < 8; i++) slow.push(await begin(aw, `0/slow/artifacts/${i}`, { 'Content-Length': 200_000 }, Buffer.alloc(1000)));
    await arriving(aw, 8);
    const ninth = await ask(aw, 'PUT', `${base}/0/slow/artifacts/9`, { body: Buffer.alloc(200_000) });
    assert.deepEqual([ninth.status, ninth.json?.error_code, ninth.headers['retry-after']], [503, 'TEMPORARILY_UNAVAILABLE', '1']);
    await put(aw, '0/slow/artifacts/small', 'small');
    assert.equal((await get(aw, '0/slow/artifacts/small')).text, 'small');
    for (const one of slow) one.end(Buffer.alloc(199_000));
    for (const one of slow) assert.equal((await one.reply).statusCode, 200);
    await put(aw, '0/slow/artifacts/9', Buffer.alloc(200_000));
});

const json = { 'Content-Type': 'application/json' };
const mpu = (aw, what, folder, message, token) => ask(aw, 'POST', `/api/2.0/mlflow-artifacts/mpu/${what}/${folder}`, { body: Buffer.from(JSON.stringify(message)), headers: json, token });
const partPut = (aw, url, body) => ask(aw, 'PUT', new URL(url).pathname, { body, token: false });

each('an upload in parts, which come back to this server', async (aw) => {
    const parts = [randomBytes(6 << 20), randomBytes(6 << 20), randomBytes(10)];
    const made = (await mpu(aw, 'create', '0/mpu/artifacts', { path: '/home/ana/big.bin', num_parts: 3 })).json;
    assert.match(made.upload_id, /^[0-9a-f]{64}$/);
    assert.deepEqual(made.credentials.map((one) => one.part_number), [1, 2, 3]);
    assert(made.credentials.every((one) => one.url.startsWith(`${aw.url}/`)), made.credentials[0].url);
    const told = [];
    for (const i of [2, 0, 1]) {
        const reply = await partPut(aw, made.credentials[i].url, parts[i]);
        assert.equal(reply.status, 200, reply.text);
        told[i] = { part_number: i + 1, etag: reply.headers.etag, url: made.credentials[i].url };
    }
    assert.equal((await aw.job('lake', 'verify', '--json')).code, 0);
    const message = { path: '/home/ana/big.bin', upload_id: made.upload_id, parts: told };
    const wrong = async (what, folder, more, status, words) => {
        const reply = await mpu(aw, what, folder, { ...message, ...more });
        assert.equal(reply.status, status, reply.text);
        assert.match(reply.json.message, words);
    };
    await wrong('complete', '0/other/artifacts', {}, 404, /no upload of this id/);
    await wrong('complete', '0/mpu/artifacts', { upload_id: 'f'.repeat(64) }, 404, /no upload of this id/);
    await wrong('complete', '0/mpu/artifacts', { parts: told.slice(0, 2) }, 400, /^part 3 is not in its place/);
    await wrong('complete', '0/mpu/artifacts', { parts: [told[1], told[0], told[2]] }, 400, /^part 1 is not in its place/);
    await wrong('complete', '0/mpu/artifacts', { parts: [{ ...told[0], etag: 'x' }, told[1], told[2]] }, 400, /^part 1 has been put with another etag/);
    await wrong('abort', '0/other/artifacts', {}, 404, /no upload of this id/);
    assert.equal((await get(aw, '0/mpu/artifacts/big.bin')).status, 404);
    for (let i = 0; i < 2; i++) {
        const done = await mpu(aw, 'complete', '0/mpu/artifacts', message);
        assert.deepEqual([done.status, done.json], [200, {}]);
    }
    assert((await get(aw, '0/mpu/artifacts/big.bin')).bytes.equals(Buffer.concat(parts)));
    assert.equal((await partPut(aw, made.credentials[0].url, parts[0])).status, 404);
    assert.equal((await aw.job('lake', 'ls', 'artifacts/mlflow-parts/')).stdout, '');
    await clean(aw);
});

test('an upload in parts is refused, given up and forgotten', async () => {
    const { aw } = kinds.folder;
    for (const [message, words] of [[{ path: 'a', num_parts: 0 }, /0 is not from 1 to 10000/], [{ path: 'a', num_parts: 10001 }, /not from 1 to 10000/],
        [{ num_parts: 1 }, /Missing value for required parameter 'path'/], [{ path: 'a/..', num_parts: 1 }, /^Invalid path/], [{ path: 'a' }, /Missing value for required parameter 'num_parts'/]]) {
        const reply = await mpu(aw, 'create', '0/gone/artifacts', message);
        assert.equal(reply.status, 400, reply.text);
        assert.match(reply.json.message, words);
    }
    const made = (await mpu(aw, 'create', '0/gone/artifacts', { path: 'a', num_parts: 2 })).json, [first, second] = made.credentials.map((one) => one.url);
    const same = (await mpu(aw, 'create', '0/gone/artifacts', { path: 'b', num_parts: 1 })).json.credentials[0].url;
    assert.equal((await partPut(aw, second.replace(/2$/, '3'), Buffer.from('x'))).status, 400);
    assert.equal((await partPut(aw, second.replace(/2$/, 'x'), Buffer.from('x'))).status, 400);
    assert.equal((await partPut(aw, first.replace(made.upload_id, '0'.repeat(64)), Buffer.from('x'))).status, 404);
    for (const url of [first, same]) assert.equal((await partPut(aw, url, Buffer.from('shared bytes'))).status, 200);
    assert.equal((await mpu(aw, 'abort', '0/gone/artifacts', { path: 'a', upload_id: made.upload_id }, viewer)).status, 403);
    for (let i = 0; i < 2; i++) assert.equal((await mpu(aw, 'abort', '0/gone/artifacts', { path: 'a', upload_id: made.upload_id })).status, 200);
    assert.equal((await partPut(aw, first, Buffer.from('x'))).status, 404);
    assert.equal((await aw.job('lake', 'ls', 'artifacts/mlflow-parts/')).stdout.split('\n').filter(Boolean).length, 1); // the other's
    await aw.ask(`UPDATE ml.artifact_upload SET begun_at = now() - interval '2 days'`);
    assert.equal((await partPut(aw, same, Buffer.from('x'))).status, 404);
});

each('what nothing refers to goes with the upkeep of the lake, and nothing else', async (aw) => {
    await put(aw, '0/upkeep/artifacts/kept', 'kept bytes');
    await put(aw, '0/upkeep/artifacts/twice', 'shared by two');
    await put(aw, '0/upkeep/artifacts/again', 'shared by two');
    await put(aw, '0/upkeep/artifacts/over', 'written over');
    await put(aw, '0/upkeep/artifacts/over', 'the new one');
    for (const name of ['twice']) assert.equal((await ask(aw, 'DELETE', `${base}/0/upkeep/artifacts/${name}`)).status, 200);
    const key = (bytes) => `artifacts/mlflow/${sha256(bytes).slice(0, 2)}/${sha256(bytes)}`;
    const soon = new Date(Date.now() + 3 * 86400e3).toISOString().slice(0, 10), later = new Date(Date.now() + 9 * 86400e3).toISOString().slice(0, 10);
    assert.doesNotMatch((await aw.job('lake', 'expire', '--as-of', soon)).stdout, new RegExp(sha256('written over')));
    await aw.job('lake', 'expire', '--as-of', later);
    const left = (await aw.job('lake', 'ls', 'artifacts/mlflow/')).stdout;
    for (const bytes of ['kept bytes', 'shared by two', 'the new one']) assert(left.includes(key(bytes)), bytes);
    assert(!left.includes(key('written over')));
    assert.equal((await get(aw, '0/upkeep/artifacts/again')).text, 'shared by two');
    await put(aw, '0/upkeep/artifacts/back', 'written over');
    assert.equal((await get(aw, '0/upkeep/artifacts/back')).text, 'written over');
    assert.equal((await aw.job('lake', 'verify')).code, 0);
    assert.equal(await aw.value('SELECT count(*) FROM ml.artifact_upload WHERE ended_as IS NULL'), '0');
});

test('an object that was damaged on the disk is not sent', async () => {
    const { aw } = kinds.folder, bytes = randomBytes(200_000), hash = sha256(bytes);
    await put(aw, '0/damage/artifacts/a', bytes);
    assert.equal((await get(aw, '0/damage/artifacts/a')).status, 200);
    const file = path.join(aw.home, `lake/artifacts/mlflow/${hash.slice(0, 2)}/${hash}`);
    await fs.writeFile(file, Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')]));
    const reply = await get(aw, '0/damage/artifacts/a');
    assert.equal(reply.status, 503, reply.text.slice(0, 200));
    assert.match(reply.json.message, /is damaged/);
    await fs.writeFile(file, bytes);
    assert((await get(aw, '0/damage/artifacts/a')).bytes.equals(bytes));
});

// The most that a process has had resident since the last call, in MiB.
async function peak(pid) {
    const status = await fs.readFile(`/proc/${pid}/status`, 'utf8');
    await fs.writeFile(`/proc/${pid}/clear_refs`, '5');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) / 1024;
}
async function programs(aw) {
    const master = (await fs.readFile(path.join(aw.home, 'run/nginx.master.pid'), 'utf8')).trim();
    const workers = (await must('pgrep', ['-P', master])).stdout.trim().split('\n');
    return [await aw.pid('registry'), ...workers.map(Number)];
}

test('a large artifact passes both ways in constant memory, without a temporary file', async () => {
    const { aw } = kinds.folder, size = 200 << 20, url = `${aw.url}${base}/0/large/artifacts/a`;
    const header = ['-H', `Authorization: Bearer ${await aw.token()}`, '-H', 'Expect:'];
    const pids = await programs(aw);
    for (const pid of pids) await peak(pid);
    const before = await Promise.all(pids.map(peak));
    const sent = await run('sh', ['-c', `head -c ${size} /dev/zero | curl -sS --fail -T - ${header.map((word) => `'${word}'`).join(' ')} '${url}'`]);
    assert.equal(sent.stdout, '{}', sent.stderr);
    const hash = await run('sh', ['-c', `curl -sS --fail ${header.map((word) => `'${word}'`).join(' ')} '${url}' | sha256sum`]);
    assert.equal(hash.stdout.slice(0, 64), (await run('sh', ['-c', `head -c ${size} /dev/zero | sha256sum`])).stdout.slice(0, 64));
    const grown = (await Promise.all(pids.map(peak))).map((mib, i) => mib - before[i]);
    assert(grown.every((mib) => mib < 16), `grown by ${grown.map((mib) => mib.toFixed(1))} MiB`);
    await clean(aw);
    assert.doesNotMatch(await fs.readFile(path.join(aw.home, 'log/nginx.log'), 'utf8'), /buffered to a temporary .*mlflow-artifacts/);
});
