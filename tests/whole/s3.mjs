// tests/whole/s3.mjs: an S3 for tests: s3rver keeps the objects; what it leaves out stands before it.
//
// s3rver 3.7.1 does not check signatures of version 4. This does, by signing each request again
// with aws4, from the headers that it says are signed; and it checks the payload's hash, the clock,
// the region and session tokens. It lists in S3's order, ends and lists unfinished uploads, and puts
// on condition that a key is free. By POST /-/faults/ it is made to fail in the ways that S3 fails in.
//
//   const s3 = await s3Server();              // { url, folder, stop(), faults({…}), count() }
//   node s3.mjs --port 0 --folder DIR         // prints its address; ends with its standard input
import aws4 from 'aws4';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import fs from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const keyId = 'AKIDTEST', secretKey = 'a/secret+key', region = 'eu-test-1';
const buckets = ['lake', 'models', 'other'];
const quiet = { error: 0, slow_down: 0, drop: 0, cut: 0, flip: 0, garbage: 0, redirect: 0, hang: 0, delay_ms: 0, clock_s: 0, no_conditions: 0, lose: 0, short: 0, expire: 0, must_encrypt: 0, only: '' };
const listing = new Set(['list-type', 'prefix', 'delimiter', 'max-keys', 'start-after', 'marker', 'continuation-token', 'encoding-type', 'fetch-owner']);
const uploadsOf = (bucket) => path.join(bucket, '._S3rver_uploads');
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const escape = (text) => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);

class Refusal extends Error {
    constructor(status, code, message, more = {}) {
        super(message);
        Object.assign(this, { status, code, more });
    }
}

function refuse(reply, error, isHead) {
    const more = Object.entries(error.more).map(([name, value]) => `<${name}>${escape(String(value))}</${name}>`).join('');
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${error.code}</Code><Message>${escape(error.message)}</Message>${more}</Error>`;
    reply.writeHead(error.status, { 'Content-Type': 'application/xml', Connection: 'close' });
    reply.end(isHead ? '' : body);
}

async function bodyOf(request) {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    return Buffer.concat(pieces);
}

// Throws what S3 would answer to a request that is not signed as it should be.
function check(request, body, state, faults) {
    const { headers } = request;
    const match = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
        .exec(headers.authorization ?? '');
    if (!match) throw new Refusal(403, 'AccessDenied', 'Access Denied');
    const [, id, , scope, names, given] = match;
    const key = state.keys.get(id);
    if (!key) throw new Refusal(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
    if (scope !== region)
        throw new Refusal(400, 'AuthorizationHeaderMalformed', `The authorization header is malformed; the region '${scope}' is wrong; expecting '${region}'`, { Region: region });
    const signed = Object.fromEntries(names.split(';').map((name) => [name, headers[name]]));
    const must = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
    if (must.some((name) => !(name in signed)))
        throw new Refusal(403, 'AccessDenied', `There were headers present in the request which were not signed: ${must.filter((name) => !(name in signed))}`);
    const again = aws4.sign({ service: 's3', region, method: request.method, path: request.url, headers: signed },
        { accessKeyId: id, secretAccessKey: key.secret });
    if (/Signature=(.*)$/.exec(again.headers.Authorization)[1] !== given)
        throw new Refusal(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided.');
    const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers['x-amz-date']);
    const now = Date.now() + faults.clock_s * 1000;
    if (Math.abs(Date.UTC(y, mo - 1, d, h, mi, s) - now) > 15 * 60 * 1000)
        throw new Refusal(403, 'RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.', { ServerTime: new Date(now).toISOString() });
    if (key.token !== undefined && headers['x-amz-security-token'] !== key.token)
        throw new Refusal(403, 'InvalidToken', 'The provided token is malformed or otherwise invalid.');
    if (faults.expire > 0) { faults.expire = 0; key.ends = 0; }
    if (key.ends !== undefined && key.ends < now) throw new Refusal(400, 'ExpiredToken', 'The provided token has expired.');
    if (headers['x-amz-content-sha256'] !== 'UNSIGNED-PAYLOAD' && hash(body) !== headers['x-amz-content-sha256'])
        throw new Refusal(400, 'XAmzContentSHA256Mismatch', 'The provided x-amz-content-sha256 header does not match what was computed.');
}

// Where a request goes: bucket and key, by path or by the host's first label.
function target(request) {
    const url = new URL(request.url, 'http://s3');
    const label = /^([a-z0-9.-]+)\.localhost(:|$)/.exec(request.headers.host ?? '')?.[1];
    const parts = decodeURIComponent(url.pathname).slice(1).split('/');
    const bucket = label ?? parts.shift();
    return { bucket, key: parts.join('/'), query: url.searchParams, search: url.search };
}

async function uploads(folder, { bucket, query }) {
    const root = path.join(folder, uploadsOf(bucket));
    const list = [];
    for (const id of await fs.readdir(root).catch(() => [])) {
        const file = path.join(root, id, 'key');
        const [key, about] = await Promise.all([fs.readFile(file, 'utf8'), fs.stat(file)]).catch(() => [null]);
        if (key?.startsWith(query.get('prefix') ?? '')) list.push({ key, id, at: about.mtime.toISOString() });
    }
    list.sort((a, b) => (a.key + a.id < b.key + b.id ? -1 : 1));
    const after = (query.get('key-marker') ?? '') + (query.get('upload-id-marker') ?? '');
    const page = list.filter((one) => one.key + one.id > after).slice(0, 2); // small, so that pages are tried
    const last = page.at(-1);
    const isMore = last !== undefined && last !== list.at(-1);
    return `<ListMultipartUploadsResult><Bucket>${bucket}</Bucket><IsTruncated>${isMore}</IsTruncated>${
        isMore ? `<NextKeyMarker>${last.key}</NextKeyMarker><NextUploadIdMarker>${last.id}</NextUploadIdMarker>` : ''}${
        page.map((one) => `<Upload><Key>${one.key}</Key><UploadId>${one.id}</UploadId><Initiated>${one.at}</Initiated></Upload>`).join('')
    }</ListMultipartUploadsResult>`;
}

// Lists by the bytes of whole keys, as S3 does; s3rver lists folder by folder.
async function list(folder, { bucket, query }, faults) {
    const root = path.join(folder, bucket), suffix = '._S3rver_object';
    const names = (await fs.readdir(root, { recursive: true })).filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
    const from = query.get('continuation-token') ?? query.get('start-after') ?? query.get('marker') ?? '';
    const bytes = (key) => Buffer.from(key);
    const prefix = query.get('prefix') ?? '', delimiter = query.get('delimiter');
    const all = names.filter((key) => key.startsWith(prefix) && Buffer.compare(bytes(key), bytes(from)) > 0)
        .sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
    const folderOf = (key) => { // what a delimiter makes of it, for rclone
        const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
        return at < 0 ? null : key.slice(0, at + 1);
    };
    const folders = [...new Set(all.map(folderOf))].filter((name) => name !== null);
    const keys = all.filter((key) => folderOf(key) === null);
    const page = faults.short > 0 && faults.short-- > 0 ? [] : keys.slice(0, Math.min(Number(query.get('max-keys') ?? 1000), 1000));
    const isUrl = query.get('encoding-type') === 'url';
    const shown = (key) => (isUrl ? encodeURIComponent(key).replace(/%20/g, '+').replace(/%2F/g, '/') : escape(key));
    const objects = await Promise.all(page.map(async (key) => {
        const about = await fs.stat(path.join(root, key + suffix)).catch(() => null);
        return about && `<Contents><Key>${shown(key)}</Key><LastModified>${about.mtime.toISOString()}</LastModified><ETag>&quot;x&quot;</ETag><Size>${about.size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
    }));
    return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><KeyCount>${page.length}</KeyCount>${
        isUrl ? '<EncodingType>url</EncodingType>' : ''}<IsTruncated>${page.length < keys.length}</IsTruncated>${
        page.length < keys.length ? `<NextContinuationToken>${escape(page.at(-1) ?? '')}</NextContinuationToken><NextMarker>${shown(page.at(-1) ?? '')}</NextMarker>` : ''}${objects.join('')}${
        folders.map((name) => `<CommonPrefixes><Prefix>${shown(name)}</Prefix></CommonPrefixes>`).join('')}</ListBucketResult>`;
}

// What s3rver does not do itself; true when it has been answered.
async function beyond(request, reply, to, state, faults) {
    const { method, headers } = request;
    if (method === 'GET' && to.key === '' && to.query.has('uploads')) {
        reply.writeHead(200, { 'Content-Type': 'application/xml' });
        reply.end(await uploads(state.folder, to));
        return true;
    }
    if (method === 'GET' && to.key === '' && [...to.query.keys()].every((name) => listing.has(name)) && await fs.stat(path.join(state.folder, to.bucket)).catch(() => null)) {
        reply.writeHead(200, { 'Content-Type': 'application/xml' });
        reply.end(await list(state.folder, to, faults));
        return true;
    }
    if (['DELETE', 'POST'].includes(method) && to.query.has('uploadId')) {
        const folder = path.join(state.folder, uploadsOf(to.bucket), path.basename(to.query.get('uploadId')));
        const isConditional = headers['if-none-match'] === '*'; // which is judged first, below
        if (!isConditional && !await fs.stat(folder).catch(() => null)) throw new Refusal(404, 'NoSuchUpload', 'The specified upload does not exist.');
        if (method === 'DELETE') {
            await fs.rm(folder, { recursive: true });
            reply.writeHead(204);
            reply.end();
            return true;
        }
    }
    const isObject = method === 'PUT' ? !to.query.has('partNumber') : to.query.has('uploads');
    if (faults.must_encrypt && ['PUT', 'POST'].includes(method) && isObject && headers['x-amz-server-side-encryption'] !== 'aws:kms')
        throw new Refusal(403, 'AccessDenied', 'Access Denied');
    if (headers['if-none-match'] === '*' && method !== 'GET') {
        if (faults.no_conditions) throw new Refusal(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented');
        if (await fs.stat(path.join(state.folder, to.bucket, `${to.key}._S3rver_object`)).catch(() => null))
            throw new Refusal(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
    }
    return false;
}

// Faults are of the first folder of a key, or of all; so tests side by side do not meet.
function faultsOf(state, to) {
    const first = (to.key || to.query.get('prefix') || '').split('/')[0];
    return state.faults.get(first) ?? state.faults.get('') ?? { ...quiet };
}

// The faults that were asked for; true when the request has been ended by one.
async function fault(request, reply, faults) {
    const is = (name) => faults[name] > 0 && (!faults.only || request.method === faults.only) && faults[name]-- > 0;
    if (is('drop')) { request.socket.destroy(); return true; }
    if (is('error')) throw new Refusal(500, 'InternalError', 'We encountered an internal error. Please try again.');
    if (is('slow_down')) throw new Refusal(503, 'SlowDown', 'Please reduce your request rate.');
    if (is('garbage')) { reply.writeHead(502, { 'Content-Type': 'text/html' }); reply.end('<html><p>bad gateway'); return true; }
    if (is('redirect')) throw new Refusal(301, 'PermanentRedirect', 'The bucket you are attempting to access must be addressed using the specified endpoint.', { Region: 'us-other-2' });
    if (faults.delay_ms > 0) await sleep(faults.delay_ms);
    if (is('hang')) return true; // until the client gives up
    return false;
}

// Sends what was checked on to s3rver, and its answer back.
function forward(request, body, reply, to, inner, faults) {
    const where = `/${to.bucket}${to.key === '' ? '' : `/${to.key.split('/').map(encodeURIComponent).join('/')}`}${to.search}`;
    return new Promise((resolve) => {
        const headers = { ...request.headers };
        delete headers['if-none-match']; // done above
        delete headers.expect;
        headers.host = '127.0.0.1'; // and the bucket is in the path
        if (headers['x-amz-copy-source']) headers['x-amz-copy-source'] = decodeURIComponent(headers['x-amz-copy-source']);
        const on = http.request({ port: inner, host: '127.0.0.1', method: request.method, path: where, headers }, (answer) => {
            const isEnd = request.method === 'POST' ? to.query.has('uploadId') : request.method === 'PUT' && !to.query.has('partNumber');
            if (isEnd && faults.lose > 0) { // it is done, and nobody is told
                faults.lose--;
                answer.resume().on('end', () => { request.socket.destroy(); resolve(); });
                return;
            }
            reply.writeHead(answer.statusCode, answer.headers);
            if (request.method === 'GET' && faults.cut > 0 && Number(answer.headers['content-length']) > 1) {
                faults.cut--;
                answer.once('data', (piece) => {
                    reply.write(piece.subarray(0, piece.length >> 1), () => { request.socket.destroy(); resolve(); });
                    answer.destroy();
                });
                return;
            }
            answer.on('data', (piece) => { if (request.method === 'GET' && faults.flip > 0) { faults.flip--; piece[0] ^= 1; } reply.write(piece); });
            answer.on('end', () => { reply.end(); resolve(); });
        });
        on.on('error', (error) => { refuse(reply, new Refusal(500, 'InternalError', error.message)); resolve(); });
        on.end(body);
    });
}

// Gives out credentials, good for some seconds, as a container's or an EC2 machine's service does:
// at /-/container/SECONDS and below /-/machine/SECONDS.
function services(request, reply, state) {
    const { headers, method } = request;
    const [, , service, life_s, ...rest] = request.url.split('/');
    const url = `/${rest.join('/')}`;
    const issue = () => {
        const n = ++state.issued, id = `ASIATEST${n}`, ends = Date.now() + Number(life_s) * 1000;
        state.keys.set(id, { secret: `s/${n}`, token: `token+${n}`, ends });
        state.register(id);
        reply.end(JSON.stringify({ Code: 'Success', AccessKeyId: id, SecretAccessKey: `s/${n}`, Token: `token+${n}`, Expiration: new Date(ends).toISOString().replace(/\.\d+/, '') }));
    };
    const no = (status) => { reply.writeHead(status); reply.end(); };
    if (service === 'container') return headers.authorization === 'of the container' ? issue() : no(401);
    if (url === '/latest/api/token') return method === 'PUT' && headers['x-aws-ec2-metadata-token-ttl-seconds'] ? reply.end('imds-token') : no(405);
    if (headers['x-aws-ec2-metadata-token'] !== 'imds-token') return no(401);
    const roles = '/latest/meta-data/iam/security-credentials/';
    if (url === roles) return reply.end('lake-role');
    return url === `${roles}lake-role` ? issue() : no(404);
}

async function serve(port, folder) {
    const require = createRequire(import.meta.url);
    const S3rver = require('s3rver');
    const account = require('s3rver/lib/models/account').DUMMY_ACCOUNT;
    const state = { folder, keys: new Map([[keyId, { secret: secretKey }]]), issued: 0, faults: new Map(), counts: {},
                    register: (id) => account.createKeyPair(id, 'unused') };
    state.register(keyId);
    const inner = await new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: folder, serviceEndpoint: 'localhost',
                                     configureBuckets: buckets.map((name) => ({ name })) }).run();
    const server = http.createServer(async (request, reply) => {
        try {
            if (request.url.startsWith('/-/faults/')) {
                state.faults.set(request.url.slice('/-/faults/'.length), { ...quiet, ...JSON.parse((await bodyOf(request)).toString() || '{}') });
                state.counts = {};
                return reply.end();
            }
            if (request.url === '/-/counts') return reply.end(JSON.stringify({ ...state.counts, issued: state.issued }));
            if (request.url.startsWith('/-/')) return services(request, reply, state);
            const to = target(request);
            state.counts[request.method] = (state.counts[request.method] ?? 0) + 1;
            const faults = faultsOf(state, to);
            if (await fault(request, reply, faults)) return undefined;
            const body = await bodyOf(request);
            check(request, body, state, faults);
            if (await beyond(request, reply, to, state, faults)) return undefined;
            return await forward(request, body, reply, to, inner.port, faults);
        } catch (error) {
            if (reply.headersSent || request.socket.destroyed) return request.socket.destroy();
            return refuse(reply, error instanceof Refusal ? error : new Refusal(500, 'InternalError', error.message), request.method === 'HEAD');
        }
    });
    server.keepAliveTimeout = 60000;
    server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
}

// Starts one as a process of its own; the same folder and port start it again where it was.
export async function s3Server({ folder, port = 0 } = {}) {
    const root = folder ?? await fs.mkdtemp('/tmp/aw-s3-');
    if (!folder) process.on('exit', () => rmSync(root, { recursive: true, force: true }));
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--port', String(port), '--folder', root], { stdio: ['pipe', 'pipe', 'inherit'] });
    const url = await new Promise((resolve, reject) => {
        child.stdout.once('data', (bytes) => resolve(String(bytes).trim()));
        child.once('exit', (code) => reject(new Error(`the S3 of the test ended with ${code}`)));
    });
    const ended = new Promise((resolve) => { child.once('exit', resolve); });
    return {
        url, folder: root, port: Number(new URL(url).port),
        env: { S3_ENDPOINT_URL: url, AWS_REGION: region, AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secretKey, S3_DATA_BUCKET_NAME: 'lake' },
        faults: (faults) => fetch(`${url}/-/faults/`, { method: 'POST', body: JSON.stringify(faults ?? {}) }),
        counts: async () => (await fetch(`${url}/-/counts`)).json(),
        stop: async (signal = 'SIGTERM') => { child.kill(signal); await ended; },
    };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const option = (name) => process.argv[process.argv.indexOf(`--${name}`) + 1];
    process.stdin.resume().on('end', () => process.exit(0)); // whoever started it is gone
    await serve(Number(option('port')), option('folder'));
}
