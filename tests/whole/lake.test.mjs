// The lake in S3: the loop's core over it, read back by rclone, moved, damaged, away, expired.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';

import { s3Server, region, keyId, secretKey } from './s3.mjs';
import { folder, must, run, stack, until } from './stack.mjs';

let s3, aw;
const settings = () => ({
    USE_S3: 'true', S3_MLFLOW_ARTIFACTS_BUCKET_NAME: 'models', S3_PREFIX: 'team', S3_PART_MB: '5', ...s3.env,
});
const files = (place) => fs.readdir(place, { recursive: true, withFileTypes: true })
    .then((all) => all.filter((one) => one.isFile()).map((one) => path.join(one.parentPath ?? one.path, one.name)));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const rclone = (...args) => must('rclone', ['--config', '/dev/null', '--retries', '1', ...args], {
    env: { RCLONE_CONFIG_S3_TYPE: 's3', RCLONE_CONFIG_S3_PROVIDER: 'Other', RCLONE_CONFIG_S3_ACCESS_KEY_ID: keyId,
           RCLONE_CONFIG_S3_SECRET_ACCESS_KEY: secretKey, RCLONE_CONFIG_S3_REGION: region, RCLONE_CONFIG_S3_ENDPOINT: s3.url },
});
const lake = (...args) => run('build/airwatch', ['lake', ...args], { env: aw.env });
const report = async (...args) => {
    const done = await lake(...args, '--json');
    return { code: done.code, stderr: done.stderr, ...JSON.parse(done.stdout) };
};
const keys = async (...args) => (await report('ls', ...args)).objects.map((one) => one.key);

before(async () => {
    s3 = await s3Server();
    aw = await stack({ train: true, replayTo: '2009-01-10', settings: settings() });
});
after(async () => {
    await aw?.stop();
    await s3?.stop();
});

test('ingest, train, predict and serve over nginx, with all objects in S3', async () => {
    assert.deepEqual(await files(path.join(aw.home, 'lake')), []);
    const all = await keys();
    for (const prefix of ['raw_data/', 'processed_data/pm-next-day/', 'predictions/pm-next-day/2009/01/', 'artifacts/models/pm-next-day/'])
        assert(all.some((key) => key.startsWith(prefix)), `${prefix} among ${all.join(' ')}`);
    assert.deepEqual(all, [...all].sort());
    const model = (await aw.get('/api/v1/models/pm-next-day')).json;
    const answer = await aw.post('/api/v1/predict/pm-next-day', model.input_example);
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await aw.get('/health', { token: false })).json.parts.store.state, 'up');
});

test('an independent client reads back what is there, byte for byte', async () => {
    const to = await folder();
    await rclone('copy', 's3:lake/team', to);
    await rclone('copy', 's3:models/team', to);
    const found = await files(to);
    assert.deepEqual(found.map((file) => path.relative(to, file)).sort(), await keys());
    for (const file of found.filter((name) => name.includes('/raw_data/')))
        assert.equal(path.basename(file).split('.')[0], sha256(await fs.readFile(file)));
    const known = await aw.ask('SELECT key, sha256 FROM data.dataset_version UNION SELECT artifact_key, artifact_sha256 FROM ml.version');
    assert(known.length >= 2);
    for (const [key, hash] of known) assert.equal(sha256(await fs.readFile(path.join(to, key))), hash);
});

test('ls, get and put', async () => {
    const place = await folder(), file = path.join(place, 'note.txt');
    await fs.chmod(place, 0o777); // what get writes belongs to the home's owner
    await fs.writeFile(file, 'of the operator\n');
    assert.equal((await lake('put', file, 'notes/one.txt')).code, 0);
    assert.equal((await lake('put', file, 'notes/one.txt')).code, 0); // the same bytes again
    assert.equal((await lake('get', 'notes/one.txt')).stdout, 'of the operator\n');
    await fs.writeFile(file, 'other');
    const refused = await lake('put', file, 'notes/one.txt');
    assert.equal(refused.code, 73);
    assert.match(refused.stderr, /could not keep object "notes\/one.txt": the key holds other bytes/);
    assert.match((await lake('ls', 'notes/', '--long')).stdout, /^ +16  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  notes\/one.txt\n$/);
    assert.deepEqual(await keys('notes/'), ['notes/one.txt']);
    const missing = await lake('get', 'notes/two.txt');
    assert.equal(missing.code, 66);
    assert.match(missing.stderr, /there is no object "notes\/two.txt"/);
    assert.equal((await lake('get', 'notes/one.txt', '--out', `${file}.back`)).code, 0);
    assert.equal(await fs.readFile(`${file}.back`, 'utf8'), 'of the operator\n');
});

test('a file that cannot be read or written is told with the reason', async () => {
    const refusal = async (code, words, ...args) => {
        const done = await run('build/airwatch', args, { env: aw.env });
        assert.equal(done.code, code, done.stderr);
        assert.match(done.stderr, words);
    };
    await refusal(77, /could not write file "\/usr\/note": Permission denied/, 'lake', 'get', 'notes/one.txt', '--out', '/usr/note');
    await refusal(66, /could not write file "\/does\/not\/exist": No such file/, 'lake', 'get', 'notes/one.txt', '--out', '/does/not/exist');
    await refusal(0, /^$/, 'lake', 'get', 'notes/one.txt', '--out', '/dev/null');
    assert((await fs.stat('/dev/null')).isCharacterDevice());
    await refusal(77, /could not keep the token: could not write file "\/usr\/token": Permission denied/,
        'token', 'create', '--principal', 'ana', '--role', 'viewer', '--out', '/usr/token');
    await refusal(66, /could not open file "nonesuch": No such file or directory/, 'lake', 'put', 'nonesuch', 'notes/two.txt');
    await refusal(66, /could not open file "\/usr": it is a folder/, 'lake', 'put', '/usr', 'notes/two.txt');
});

test('sync moves the lake to a folder and to another bucket; it goes on where it stopped', async () => {
    const to = path.join(await folder(), 'copy'), all = await keys();
    await fs.mkdir(to);
    await must('chmod', ['777', to]);
    const first = await report('sync', 'raw_data/', '--to', `dir:${to}`);
    const second = await report('sync', '--to', `dir:${to}`);
    assert.equal(first.n_copied, all.filter((key) => key.startsWith('raw_data/')).length);
    assert.equal(second.n_same, first.n_copied, second.stderr);
    assert.equal(second.n_same + second.n_copied, all.length);
    assert.equal((await report('sync', '--to', `dir:${to}`)).n_copied, 0);
    assert.equal((await report('sync', '--from', `dir:${to}`, '--to', 's3://other/moved')).n_copied, all.length);
    await rclone('check', '--download', '--exclude', '~*/**', to, 's3:other/moved');
    const missing = await lake('sync', '--from', 'dir:/does/not/exist');
    assert.equal(missing.code, 66, missing.stderr);
    assert.equal((await lake('sync', '--from', 'ftp://x')).code, 64);
});

test('verify finds what is damaged, missing, of unknown hash and unreferenced', async () => {
    const [[checked]] = await aw.ask('SELECT count(*) FROM data.quality_run WHERE key IS NOT NULL');
    assert(Number(checked) > 0);
    const good = await report('verify');
    assert.equal(good.code, 0);
    assert.equal(good.n_damaged + good.n_missing + good.n_unrecorded, 0);
    assert.deepEqual(good.faults, [{ key: 'notes/one.txt', fault: 'unreferenced' }]);
    const [raw, lost] = (await keys('raw_data/')).slice(-2), whole = path.join(await folder(), 'whole');
    await rclone('copyto', `s3:lake/team/${lost}`, whole);
    await rclone('deletefile', `s3:lake/team/${lost}`);
    const strange = path.join(await folder(), 'strange');
    await fs.writeFile(strange, 'strange');
    await rclone('copyto', strange, 's3:lake/team/notes/strange');
    const disk = path.join(s3.folder, 'lake/team', `${raw}._S3rver_object`), bytes = await fs.readFile(disk);
    const lostBytes = await fs.readFile(whole), copied = path.join(await folder(), 'raw_data');
    await rclone('copy', 's3:lake/team/raw_data', copied);
    await must('chmod', ['-R', 'a+rX,a-w', path.join(copied, '..')]); // a copy that may only be read
    await fs.writeFile(disk, Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')]));

    const bad = await report('verify');
    assert.equal(bad.code, 65);
    assert.match(bad.error.message, /1 objects damaged, 0 unreadable, 1 missing, 1 of unknown hash .*: airwatch lake sync --from LAKE --mend, .*: airwatch lake verify --adopt$/);
    assert.deepEqual(bad.faults.filter((one) => one.fault !== 'unreferenced').sort((a, b) => (a.fault < b.fault ? -1 : 1)),
        [{ key: raw, fault: 'damaged' }, { key: lost, fault: 'missing' }, { key: 'notes/strange', fault: 'of unknown hash' }]);
    const read = await lake('get', raw);
    assert.equal(read.code, 73);
    assert.match(read.stderr, /is damaged: its hash is [0-9a-f]{64}, not/);
    assert.equal(read.stdout, '');
    assert.equal((await lake('get', 'notes/strange')).code, 73);

    await fs.writeFile(whole, 'other');
    assert.match((await lake('put', whole, lost)).stderr, /could not keep object .*: its hash is [0-9a-f]{64}, and that of the bytes [0-9a-f]{64}/);
    await fs.writeFile(whole, lostBytes);
    assert.equal((await report('put', whole, lost)).is_mended, false);
    await fs.writeFile(whole, bytes);
    assert.equal((await report('put', whole, raw)).is_mended, true);
    await fs.writeFile(disk, 'damaged again');
    const copy = await report('sync', '--from', `dir:${path.join(copied, '..')}`, '--mend');
    assert.deepEqual([copy.code, copy.n_mended, copy.n_failed], [0, 1, 0], copy.stderr);
    assert.deepEqual(await fs.readFile(disk), bytes);
    assert.equal((await report('verify', '--adopt')).n_adopted, 1);
    assert.equal((await lake('verify')).code, 0);
    assert.equal((await lake('get', 'notes/strange')).stdout, 'strange');
});

test('a server that is killed half-way is told, and everything goes on when it is back', async () => {
    const big = path.join(await folder(), 'big'), example = (await aw.get('/api/v1/models/pm-next-day')).json.input_example;
    await fs.writeFile(big, randomBytes(24 << 20));
    await s3.faults({ delay_ms: 300 });
    let child;
    const putting = run('build/airwatch', ['lake', 'put', big, 'notes/big'], { env: aw.env, started: (c) => { child = c; } });
    const uploads = path.join(s3.folder, 'lake/._S3rver_uploads');
    await until(async () => (await files(uploads)).some((name) => /\/2$/.test(name)), 'the second part');
    await s3.stop('SIGKILL');
    const put = await putting;
    assert(child.pid > 0);
    assert.equal(put.code, 75, put.stderr);
    assert.match(put.stderr, /could not keep object "notes\/big": .*tried 5 times: /);
    assert.equal((await lake('ls')).code, 75);
    await until(async () => (await aw.get('/health', { token: false })).json.parts.store.state === 'down', 'health to see it');
    assert.equal((await aw.post('/api/v1/predict/pm-next-day', example)).status, 200); // from memory
    assert.equal((await aw.get('/api/v1/models/pm-next-day')).status, 503); // which is read from S3
    const day = await aw.airwatch('replay', '--from', '2009-01-11', '--to', '2009-01-12', '--quiet');
    assert.equal(day.code, 75, day.stderr);

    s3 = await s3Server({ folder: s3.folder, port: s3.port });
    assert.equal((await lake('put', big, 'notes/big')).code, 0);
    assert.equal(sha256(await fs.readFile(big)), JSON.parse((await lake('put', big, 'notes/big', '--json')).stdout).sha256);
    await aw.job('replay', '--from', '2009-01-11', '--to', '2009-01-12', '--quiet');
    assert.equal((await lake('verify')).code, 0);
    assert.equal((await report('expire', '--dry-run')).n_unfinished, 0); // a day old at least
});

test('a wrong secret is refused, and shown nowhere', async () => {
    const env = { ...aw.env, AWS_SECRET_ACCESS_KEY: 'hush-hush' };
    const done = await run('build/airwatch', ['lake', 'ls'], { env });
    assert.equal(done.code, 77);
    assert.match(done.stderr, /the secret access key is wrong/);
    const logs = await Promise.all((await files(path.join(aw.home, 'log'))).map((name) => fs.readFile(name, 'utf8')));
    for (const text of [done.stderr, done.stdout, ...logs]) {
        assert(!text.includes('hush-hush'));
        assert(!text.includes(secretKey));
    }
});

test('expire deletes by policy, and never what is needed', async () => {
    const before_ = await keys(), file = path.join(await folder(), 'orphan');
    await fs.writeFile(file, 'nobody knows me');
    for (const key of ['processed_data/orphan.csv', 'predictions/orphan.csv', 'raw_data/orphan', 'keep/me'])
        assert.equal((await lake('put', file, key)).code, 0);
    const dead = ['artifacts/models/pm-next-day/dead/model.json']; // of a version that was replaced
    assert.equal((await lake('put', file, dead[0])).code, 0);
    await aw.ask(`INSERT INTO ml.version (model_id, number, tag, manual, auto, run_id, as_of, recipe, recipe_sha256, family, reason, artifact_key, artifact_sha256, stage)
                  SELECT model_id, number + 100, tag, manual, auto + 100, run_id, as_of, recipe, recipe_sha256, family, reason, '${dead[0]}', '${sha256('nobody knows me')}', 'archived' FROM ml.version`);
    const late = ['--as-of', '2040-01-01'];

    const plan = await report('expire', ...late, '--dry-run');
    const known = [...dead, ...before_.filter((key) => key.startsWith('monitoring_reports/'))]; // by the database
    const expected = ['predictions/orphan.csv', 'processed_data/orphan.csv', ...known].sort();
    assert.deepEqual(plan.expired.map((one) => one.key), expected);
    assert(plan.n_held >= 2 && plan.n_used >= 10);
    assert(expected.every((key) => known.includes(key) || !before_.includes(key)));
    assert.equal((await report('expire')).n_expired, 0); // all is young
    assert.deepEqual((await report('expire', ...late)).expired, plan.expired);
    assert.equal((await report('expire', ...late)).n_expired, 0);
    const verified = await report('verify');
    assert.equal(verified.code, 0);
    assert.equal(verified.n_expired, known.length);
    assert.equal(await aw.value(`SELECT count(*) FROM data.object_expired`), String(expected.length));
    assert.deepEqual((await report('expire', '--prefix', 'raw_data/', '--older-than', '30', ...late)).expired.map((one) => one.key), ['raw_data/orphan']);
    assert.deepEqual(await keys('keep/'), ['keep/me']);

    const policy = await report('policy', 'predictions/', '--keep', '30', '--and-used');
    assert.deepEqual(policy.policies.find((one) => one.prefix === 'predictions/'), { prefix: 'predictions/', keep_days: 30, takes_used: true });
    const n = (await keys('predictions/')).length;
    assert.equal((await report('expire', ...late)).n_expired, n);
    assert.equal((await report('verify')).code, 0);
    assert.equal((await aw.get('/api/v1/models/pm-next-day')).status, 200);
});

test('a certificate is trusted by AWS_CA_BUNDLE, and refused at once without', async () => {
    const here = await folder(), cert = path.join(here, 'cert'), key = path.join(here, 'key');
    await must('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']);
    await must('chmod', ['755', here]);
    let n = 0;
    const server = tls.createServer({ key: await fs.readFile(key), cert: await fs.readFile(cert) }, (outer) => {
        const inner = net.connect(s3.port, '127.0.0.1');
        for (const end of [outer, inner]) end.on('error', () => { outer.destroy(); inner.destroy(); });
        outer.pipe(inner).pipe(outer);
    });
    server.on('connection', () => { n += 1; });
    await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
    const ask = (bundle) => run('build/airwatch', ['lake', 'ls', 'raw_data/'], {
        env: { ...aw.env, S3_ENDPOINT_URL: `https://127.0.0.1:${server.address().port}`, AWS_CA_BUNDLE: bundle },
    });
    try {
        const trusted = await ask(cert);
        assert.equal(trusted.code, 0, trusted.stderr);
        assert.match(trusted.stdout, /^raw_data\//);
        n = 0;
        const refused = await ask('');
        assert.equal(refused.code, 75, refused.stderr);
        assert.match(refused.stderr, /certificate/);
        assert.equal(n, 1, 'not tried again');
        assert.equal((await ask('/does/not/exist')).code, 75);
    } finally {
        server.close();
    }
});

test('credentials of the instance role serve as well', async () => {
    const env = { AIRWATCH_HOME: aw.home, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', HOME: '/nonexistent',
                  AWS_EC2_METADATA_SERVICE_ENDPOINT: `${s3.url}/-/machine/3600` };
    const text = await fs.readFile(path.join(aw.home, '.env'), 'utf8');
    await fs.writeFile(path.join(aw.home, '.env'), text.replace(/AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)=.*\n/g, ''));
    const done = await run('build/airwatch', ['lake', 'ls', 'raw_data/'], { env });
    await fs.writeFile(path.join(aw.home, '.env'), text);
    assert.equal(done.code, 0, done.stderr);
    assert(done.stdout.length > 0);
});
