// What scientists may read, by HTTP and by SQL, and what they may not.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';

import { must, project, recipe, run, stack, until } from './stack.mjs';

const isRoot = process.getuid() === 0;
let aw, made, whole, password, raw;
const tokens = {};

before(async () => {
    aw = await stack();
    made = JSON.parse((await aw.job('dataset', recipe, '--as-of', '2008-12-31', '--json')).stdout);
    for (const role of ['viewer', 'predictor', 'scientist', 'engineer', 'operator'])
        tokens[role] = (await aw.job('token', 'create', '--principal', `the-${role}`, '--role', role)).stdout.trim();
    whole = await fs.readFile(path.join(aw.home, 'lake', made.key), 'utf8');
    raw = await aw.value('SELECT sha256 FROM data.object ORDER BY object_id LIMIT 1');
    password = (await aw.job('database-user', 'create', '--principal', 'ana')).stdout.trim();
});
after(() => aw?.stop());

const get = (target, role = 'scientist', headers = {}, method = 'GET') =>
    aw.request(method, target, { token: role && tokens[role], headers });
const data = (rest = '') => `/api/v1/datasets/${made.dataset_id}/data.csv${rest}`;

// ---- by HTTP -------------------------------------------------------------------------------------

test('each role reads what it may, and no more', async () => {
    const may = { // datasets, sources, objects
        viewer: [403, 403, 403], predictor: [403, 403, 403], scientist: [200, 403, 403],
        engineer: [200, 200, 200], operator: [200, 200, 200],
    };
    for (const [role, [datasets, sources, objects]] of Object.entries(may)) {
        for (const target of ['/api/v1/datasets', `/api/v1/datasets/${made.dataset_id}`, data(), data('.gz')])
            assert.equal((await get(target, role)).status, datasets, `${role} ${target}`);
        assert.equal((await get('/api/v1/sources', role)).status, sources, role);
        for (const target of ['/api/v1/objects', `/api/v1/objects/${raw}`])
            assert.equal((await get(target, role)).status, objects, `${role} ${target}`);
    }
    for (const target of ['/api/v1/datasets', data(), '/api/v1/sources', '/api/v1/objects', `/api/v1/objects/${raw}`])
        assert.equal((await get(target, null)).status, 401, target);
    const reply = await get(`/api/v1/objects/${raw}`);
    assert.match(reply.json.error.message, /"the-scientist" lacks role "engineer"/);
    assert.match((await get('/api/v1/datasets', 'viewer')).json.error.message, /lacks role "scientist or engineer"/);
});

test('every address that there is keeps to its role', async () => {
    const holds = { // roles that each role brings, as in the manual
        viewer: ['viewer'], predictor: ['viewer', 'predictor'], scientist: ['viewer', 'predictor', 'scientist'],
        engineer: ['viewer', 'engineer'], operator: ['viewer', 'predictor', 'scientist', 'engineer', 'operator'],
    };
    const { paths } = (await get('/api/openapi.json', null)).json; // tests/api/routes_test.c holds it to the routes
    let refused = 0;
    for (const [path, methods] of Object.entries(paths))
        for (const [method, told] of Object.entries(methods)) {
            const wanted = told['x-role'];
            const target = path.replace(/\{[^}]*\}/g, '0'); // of nothing: who is let in changes nothing
            for (const role of [null, ...Object.keys(holds)]) {
                const { status } = await get(target, role, {}, method.toUpperCase());
                const may = wanted === 'public' || (role !== null && wanted.split(' or ').some((one) => holds[role].includes(one)));
                const words = `${method} ${target} (${wanted}) as ${role}: ${status}`;
                const isGranted = path.includes('mlflow') || path.includes('get-artifact'); // there grants say more than roles
                if (!may || !isGranted) assert.equal(status === (role === null ? 401 : 403), !may, words);
                assert.equal(may && status === 401, false, words);
                refused += may ? 0 : 1;
            }
        }
    assert.ok(refused > 50, `${refused} refusals`);
});

test('a dataset tells what it is and was made of', async () => {
    const reply = await get(`/api/v1/datasets/${made.dataset_id}`);
    const d = reply.json;
    assert.equal(d.sha256, made.sha256);
    assert.equal(d.n_rows, whole.trimEnd().split('\n').length - 1);
    assert.equal(d.size_bytes, Buffer.byteLength(whole));
    assert.deepEqual([d.model, d.table, d.as_of, d.n_sites, d.sites.length], ['pm-next-day', null, '2008-12-31', 70, 70]);
    assert.deepEqual(d.columns.map((c) => c.name).join(), whole.slice(0, whole.indexOf('\n')));
    assert.equal(d.columns[2].unit, 'ug/m3');
    assert.deepEqual(d.recipe, JSON.parse(await fs.readFile(path.join(project, recipe), 'utf8')));
});

test('raw objects behind a dataset are named to engineers and operators only', async () => {
    const target = `/api/v1/datasets/${made.dataset_id}`;
    const seen = await get(target);
    assert.equal(seen.json.lineage.n_objects, 1);
    assert.equal(seen.text.includes(raw), false);
    assert.equal(seen.json.lineage.objects, undefined);
    for (const role of ['engineer', 'operator'])
        assert.equal((await get(target, role)).json.lineage.objects[0].sha256, raw);
});

test('the list is filtered and paged', async () => {
    for (const day of ['2005-12-31', '2006-12-31', '2007-12-31'])
        await aw.job('dataset', recipe, '--as-of', day, '--quiet');
    const days = [];
    for (let before = ''; before !== null;) {
        const page = (await get(`/api/v1/datasets?model=pm-next-day&limit=2${before}`)).json;
        days.push(...page.datasets.map((d) => d.as_of));
        before = page.next_before && `&before=${page.next_before}`;
    }
    assert.deepEqual(days, ['2007-12-31', '2006-12-31', '2005-12-31', '2008-12-31']);
    assert.deepEqual((await get('/api/v1/datasets?model=nonesuch')).json.datasets, []);
    assert.deepEqual((await get('/api/v1/datasets?table=nonesuch')).json.datasets, []);
});

test('the rows come whole, packed, and by site and day', async () => {
    const plain = await get(data());
    assert.equal(plain.text, whole);
    assert.equal(plain.headers.get('content-length'), String(Buffer.byteLength(whole)));
    const packed = await fetch(aw.url + data('.gz'), { headers: { Authorization: `Bearer ${tokens.scientist}` } });
    assert.equal(zlib.gunzipSync(Buffer.from(await packed.arrayBuffer())).toString(), whole);

    const lines = whole.trimEnd().split('\n');
    const wanted = (sites, from, to) => [lines[0], ...lines.slice(1).filter((line) => {
        const [day, site] = line.split(',');
        return (!sites || sites.includes(site)) && day >= from && day <= to;
    })].join('\n') + '\n';
    assert.equal((await get(data('?site=DEBB053,DEUB005'))).text, wanted(['DEBB053', 'DEUB005'], '0', '9'));
    assert.equal((await get(data('?from=2007-02-28&to=2007-03-01'))).text, wanted(null, '2007-02-28', '2007-03-01'));
    assert.equal((await get(data('?site=DEBB053&from=2008-01-01'))).text, wanted(['DEBB053'], '2008-01-01', '9'));
    const part = await fetch(`${aw.url}${data('.gz')}?site=DEBB053`, { headers: { Authorization: `Bearer ${tokens.scientist}` } });
    assert.equal(zlib.gunzipSync(Buffer.from(await part.arrayBuffer())).toString(), wanted(['DEBB053'], '0', '9'));
});

test('what the caller has is not sent again, and a range is', async () => {
    const tag = (await get(data())).headers.get('etag');
    assert.equal(tag, `"${made.sha256}"`);
    const same = await get(data(), 'scientist', { 'If-None-Match': tag });
    assert.deepEqual([same.status, same.text], [304, '']);
    assert.equal((await get(data('.gz'), 'scientist', { 'If-None-Match': tag })).status, 200);
    const part = await get(data(), 'scientist', { Range: 'bytes=5-8', 'If-Range': tag });
    assert.deepEqual([part.status, part.text], [206, 'site']);
    assert.equal(part.headers.get('content-range'), `bytes 5-8/${Buffer.byteLength(whole)}`);
    assert.equal((await get(data(), 'scientist', { Range: 'bytes=999999999-' })).status, 416);
    const head = await get(data(), 'scientist', {}, 'HEAD');
    assert.deepEqual([head.status, head.text, head.headers.get('etag')], [200, '', tag]);
    assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(whole)));
});

test('wrong questions are answered with what is wrong', async () => {
    for (const [target, status, words] of [
        [data('?sites=DEBB053'), 400, /unknown query value "sites" \(known: site, from, to\)/],
        [data('?site=NOWHERE,DEBB053'), 404, /has no site "NOWHERE"/],
        [data('?site='), 400, /is not a site's code/],
        [data('?from=yesterday'), 400, /"from".*yesterday/],
        [data('?from=2008-02-01&to=2008-01-01'), 400, /from is later than to/],
        ['/api/v1/datasets/999999', 404, /no dataset 999999/],
        ['/api/v1/datasets/x', 400, /dataset "x" is not a whole number/],
        ['/api/v1/datasets?limit=0', 400, /limit is 0/],
        ['/api/v1/datasets?colour=red', 400, /unknown query value "colour"/],
    ]) {
        const reply = await get(target);
        assert.equal(reply.status, status, target);
        assert.match(reply.json.error.message, words);
    }
});

test('a version from before versions told what they were made of is read all the same', async () => {
    const id = await aw.value(`UPDATE data.dataset_version SET size_bytes = NULL, columns = NULL, recipe = NULL, sites = NULL
        WHERE as_of = '2005-12-31' RETURNING dataset_id`);
    const d = (await get(`/api/v1/datasets/${id}`)).json;
    assert.deepEqual([d.columns, d.recipe, d.sites], [null, null, null]);
    assert.match((await get(`/api/v1/datasets/${id}/data.csv?site=DEBB053&from=2005-12-31`)).text, /^date.*\n2005-12-31,DEBB053,.*\n$/);
    assert.equal((await get(`/api/v1/datasets/${id}/data.csv?site=NOWHERE`)).status, 404);
});

test('an engineer reads a raw object as it came in', async () => {
    const reply = await fetch(`${aw.url}/api/v1/objects/${raw}`, { headers: { Authorization: `Bearer ${tokens.engineer}` } });
    const bytes = Buffer.from(await reply.arrayBuffer());
    assert.equal(createHash('sha256').update(bytes).digest('hex'), raw);
    const list = (await get('/api/v1/objects', 'engineer')).json;
    assert.equal(list.objects.at(-1).sha256, raw);
    assert.equal((await get(`/api/v1/objects/${'0'.repeat(64)}`, 'engineer')).status, 404);
});

test('a caller who leaves ends the work, and many who do not read do not block others', async () => {
    const log = path.join(aw.home, 'log/registry.log');
    const idle = await Promise.all(Array.from({ length: 8 }, () => new Promise((resolve, reject) => {
        const socket = net.connect(aw.port, '127.0.0.1', () => {
            socket.write(`GET ${data()} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.scientist}\r\n\r\n`);
            socket.once('readable', () => resolve(socket)); // the answer has begun; it is not read
        });
        socket.on('error', reject);
    })));
    assert.equal((await get('/api/v1/datasets')).status, 200);
    await until(async () => (await get(data())).status === 503, 'the ninth download to be refused');
    idle.forEach((socket) => { socket.on('error', () => {}); socket.destroy(); });
    await until(async () => (await get(data())).status === 200, 'a place to be free');
    await until(async () => (await fs.readFile(log, 'utf8')).includes('request.broken_off'), 'the log to tell');
});

// ---- by SQL --------------------------------------------------------------------------------------

// psql as another user of the machine, where root may become one; each statement on its own.
function psql(login, secret, statements, { socket = 'sql', database = 'airwatch', input } = {}) {
    const commands = [].concat(statements).flatMap((sql) => ['-c', sql]);
    const how = input ? ['-f', '-'] : ['-v', 'ON_ERROR_STOP=1'];
    const call = ['psql', '-XAtqw', ...how, '-h', `${aw.home}/${socket}`, '-U', login, database, ...commands];
    const env = secret ? { PGPASSWORD: secret } : {};
    return isRoot ? run('setpriv', ['--reuid=nobody', '--regid=nogroup', '--clear-groups', ...call], { env, input })
                  : run(call[0], call.slice(1), { env, input });
}

test('a scientist reads processed data with psql', async () => {
    for (const [sql, wanted] of [
        ['SELECT count(*) FROM site_day', String(made.n_rows)],
        ["SELECT value FROM processed.site_day WHERE site = 'DEBB053' AND day = '2008-12-31'", '79.395'],
        ['SELECT count(*) FROM site', '70'],
        [`SELECT sha256 FROM dataset WHERE dataset_id = ${made.dataset_id}`, made.sha256],
        ['SELECT unit FROM parameter WHERE parameter = 81102', 'ug/m3'],
        ['SELECT count(*) FROM quality WHERE false', '0'],
    ]) {
        const done = await psql('ana', password, sql);
        assert.equal(done.stdout.trim(), wanted, done.stderr);
    }
});

test('a scientist sees tables that are declared later', async () => {
    await aw.job('table', 'declare', 'iris', '--quiet');
    await aw.job('ingest', '--table', 'iris', 'deploy/sample/iris.csv', '--quiet');
    const done = await psql('ana', password, "SELECT species, count(*) FROM table_iris GROUP BY species ORDER BY species");
    assert.equal(done.stdout, 'setosa|50\nversicolor|50\nvirginica|50\n', done.stderr);
    assert.match((await psql('ana', password, 'SELECT * FROM declared.iris')).stderr, /permission denied for schema declared/);
});

test('a scientist is refused everything else', async () => {
    const writing = 'SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE'; // the login's default is only a default
    const refused = [
        'SELECT * FROM data.source', 'SELECT * FROM data.object', 'SELECT * FROM data.ingest', 'SELECT * FROM data.reject',
        'SELECT * FROM data.observation', 'SELECT * FROM data.dataset_version', 'SELECT * FROM ml.version',
        'SELECT * FROM serve.prediction', 'SELECT * FROM auth.token', 'SELECT * FROM auth.audit', 'SELECT * FROM ops.job',
        'SELECT * FROM public.migration', 'SELECT * FROM pg_authid', 'SELECT data.table_show(\'iris\')',
        'INSERT INTO processed.site (site) VALUES (\'x\')', "UPDATE processed.parameter SET name = 'x'", 'DELETE FROM processed.site',
        'TRUNCATE data.site', 'CREATE TABLE processed.mine (x int)', 'CREATE TABLE public.mine (x int)', 'CREATE SCHEMA mine',
        'CREATE TEMPORARY TABLE mine (x int)', 'CREATE ROLE mine', 'CREATE DATABASE mine', 'ALTER ROLE ana SUPERUSER',
        'SET ROLE airwatch', 'SET SESSION AUTHORIZATION airwatch',
        "SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('.')", "COPY processed.site TO '/tmp/x'",
        "COPY processed.site TO PROGRAM 'id'", "COPY processed.site FROM '/etc/passwd'", 'SELECT lo_create(0)',
        "SELECT lo_import('/etc/passwd')", "SELECT lo_from_bytea(0, 'x')", 'SELECT pg_advisory_lock(1)',
        'SELECT pg_try_advisory_lock(1)', 'DO $$ BEGIN END $$', 'SHOW data_directory', 'SELECT pg_reload_conf()',
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'airwatch'", 'ALTER SYSTEM SET fsync = off', 'SELECT * FROM pg_hba_file_rules()', 'CHECKPOINT',
        "CREATE FUNCTION processed.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "SELECT pg_stat_file('/etc/passwd')",
        "SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000))", 'BEGIN; LOCK TABLE processed.site IN SHARE MODE; ROLLBACK',
        'SELECT * FROM processed.site FOR UPDATE', 'SELECT * FROM data.declared_past', "ALTER ROLE ana VALID UNTIL 'infinity'",
        'ALTER ROLE ana CONNECTION LIMIT 100', 'GRANT pg_read_server_files TO ana', 'SELECT * FROM pg_largeobject', 'ALTER VIEW processed.site OWNER TO ana',
    ];
    // One session, a statement a line; psql goes on after an error and tells the line.
    const done = await psql('ana', password, [], { input: [writing, ...refused].map((sql) => `${sql};\n`).join('') });
    const errors = new Map([...done.stderr.matchAll(/^psql:<stdin>:(\d+): ERROR: +(.*)$/gm)].map(([, line, words]) => [Number(line), words]));
    refused.forEach((sql, i) => {
        assert.ok(errors.has(i + 2), `${sql} was not refused: ${done.stderr}`);
        assert.match(errors.get(i + 2), /permission denied|must be (superuser|owner|member)|must be a superuser|must have admin option/i, sql);
    });
    assert.equal(errors.has(1), false, 'the session may try to write');
    assert.equal(await aw.value('SELECT count(*) FROM pg_largeobject_metadata'), '0');
    assert.match((await psql('ana', password, [writing, 'GRANT SELECT ON processed.site TO PUBLIC'])).stderr, /no privileges were granted/);
    assert.match((await psql('ana', password, 'CREATE TABLE processed.mine (x int)')).stderr, /read-only transaction/);
});

test('nobody connects as somebody else', async () => {
    const cases = [
        [await psql('ana', null, 'SELECT 1'), /no password supplied/],
        [await psql('ana', `${password}x`, 'SELECT 1'), /password authentication failed/],
        [await psql('ana', password, 'SELECT 1', { database: 'postgres' }), /rejects connection/],
        [await psql('postgres', password, 'SELECT 1'), /rejects connection/],
        [await psql('airwatch_scientist', password, 'SELECT 1'), /authentication failed|rejects connection|not permitted to log in/],
    ];
    if (isRoot) // only root can be somebody else
        cases.push([await psql('airwatch', password, 'SELECT 1'), /Peer authentication failed/],
            [await psql('airwatch', password, 'SELECT 1', { socket: 'run' }), /Permission denied/]);
    for (const [done, words] of cases) {
        assert.equal(done.code, 2, done.stdout);
        assert.match(done.stderr, words);
    }
    assert.equal(await aw.value('SELECT 1'), '1', 'the operator is let in');
});

test('a login gets another password, ends, and is never of another role', async () => {
    const file = path.join(aw.home, 'tmp', 'ben');
    const again = (await aw.job('database-user', 'create', '--principal', 'ana')).stdout.trim();
    assert.equal((await psql('ana', password, 'SELECT 1')).code, 2);
    password = again;
    assert.equal((await psql('ana', password, 'SELECT 1')).stdout, '1\n');

    const report = await aw.job('database-user', 'create', '--principal', 'ben', '--expires', '1', '--out', file, '--json');
    const secret = (await fs.readFile(file, 'utf8')).trim();
    assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
    assert.equal(report.stdout.includes(secret), false);
    assert.match((await aw.job('database-user', 'list')).stdout, /^ana .*\nben +\d{4}-/);
    assert.equal((await psql('ben', secret, 'SELECT 1')).stdout, '1\n');
    await aw.job('database-user', 'drop', '--principal', 'ben', '--quiet');
    assert.equal((await psql('ben', secret, 'SELECT 1')).code, 2);
    const taken = await aw.airwatch('database-user', 'create', '--principal', 'airwatch');
    assert.equal(taken.code, 65);
    assert.match(taken.stderr, /another role "airwatch"/);
    assert.equal(await aw.value(`SELECT count(*) FROM auth.audit WHERE detail::text LIKE '%${secret}%'`), '0');
    assert.equal((await run('grep', ['-rl', secret, path.join(aw.home, 'log'), path.join(aw.home, 'pg', 'base')])).stdout, '');
});

test('a home from before trusts nobody any more after its next start', async () => {
    const hba = path.join(aw.home, 'pg/pg_hba.conf');
    await fs.writeFile(hba, 'local all all trust\n');
    await fs.rm(path.join(aw.home, 'pg/pg_ident.conf'));
    await must('sh', ['-c', `kill -s HUP ${await aw.pid('postgres')}`]);
    await until(async () => (await psql('airwatch', null, 'SELECT 1')).code === 0, 'the old rule to hold');
    await aw.start();
    await until(async () => (await psql('ana', null, 'SELECT 1')).code === 2, 'the password to be asked for');
    if (isRoot)
        assert.match((await psql('airwatch', null, 'SELECT 1')).stderr, /Peer authentication failed/);
    assert.equal(await aw.value('SELECT 1'), '1');
    const done = await psql('ana', password, 'SELECT count(*) FROM site');
    assert.equal(done.stdout, '70\n', done.stderr);
});
