// Declared tables by command: declared, filled from files and addresses, listed, made datasets of.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { folder, project, run, stack, until } from './stack.mjs';

const data = path.join(project, '../shared/data');
let aw, here;
before(async () => {
    aw = await stack({ ingest: false, settings: { AQS_URL: 'http://127.0.0.1:1/', AQS_PAUSE_MS: '1' } });
    here = await folder();
});
after(() => aw?.stop());

const json = async (...args) => JSON.parse((await aw.job(...args, '--json')).stdout);
const refusal = async (code, words, ...args) => {
    const done = await aw.airwatch(...args);
    assert.equal(done.code, code, done.stderr);
    assert.match(done.stderr, words);
};

// Rows of housing's form, some of them wrong on purpose.
const housing = 'longitude,latitude,housing_median_age,total_rooms,total_bedrooms,population,households,median_income,median_house_value,ocean_proximity\n';
const good = '-122.23,37.88,41.0,880.0,129.0,322.0,126.0,8.3252,452600.0,NEAR BAY\n';

test('a table is declared once, shown and listed', async () => {
    assert.match((await aw.job('table', 'list')).stdout, /no table is declared yet; shipped are: housing, iris, prsa/);
    assert.equal((await json('table', 'declare', 'housing')).outcome, 'new');
    assert.equal((await json('table', 'declare', 'deploy/tables/housing.json')).outcome, 'same');
    assert.match((await aw.job('table', 'show', 'housing')).stdout, /total_bedrooms +number +rooms +may be missing +from 0/);
    assert.equal((await json('table', 'show', 'housing')).declaration.columns.length, 10);
    assert.deepEqual((await json('table', 'list')).tables.map((t) => [t.table, t.columns, t.rows]), [['housing', 10, 0]]);
    assert.equal(await aw.value("SELECT count(*) FROM auth.audit WHERE action = 'table.declared'"), '1');
});

test('a declaration that cannot be, or would not fit the rows, is refused', async () => {
    const file = path.join(here, 'housing.json');
    const d = JSON.parse(await fs.readFile(path.join(project, 'deploy/tables/housing.json')));
    const write = (change) => fs.writeFile(file, JSON.stringify({ ...d, ...change }));
    await fs.writeFile(file, '{"name": "housing",');
    await refusal(65, /line 1, column 20/, 'table', 'declare', file);
    await write({ columns: [...d.columns, { name: 'x', type: 'money' }] });
    await refusal(65, /column "x": unknown type "money"/, 'table', 'declare', file);
    await write({ columns: d.columns.slice(1) });
    await refusal(73, /"housing" is declared otherwise: column "longitude" is gone/, 'table', 'declare', file);
    await refusal(66, /could not open file "nonesuch": .*; nor is a table of that name shipped \(there are: housing, iris, prsa\)/, 'table', 'declare', 'nonesuch');
    await write({ name: 'column' });
    await refusal(65, /name "column" is taken/, 'table', 'declare', file); // processed.table_column is ours
    assert.notEqual(await aw.value('SELECT count(*) FROM processed.table_column'), '0');
    await refusal(66, /no table "nonesuch"/, 'table', 'show', 'nonesuch');
    await refusal(64, /none of declare, list, show and drop/, 'table', 'paint', 'housing');
    await refusal(64, /drop needs a table's name/, 'table', 'drop');
    await refusal(66, /no table "nonesuch"/, 'table', 'drop', 'nonesuch');
});

test('a file fills it: good rows kept, bad ones rejected with line and reason', async () => {
    const file = path.join(here, 'housing.csv');
    await fs.writeFile(file, `${housing}${good}${good.replace('129.0', '')}${good.replace('NEAR BAY', 'MOON')}1,2\n${good.replace('37.88', '97')}`);
    const got = await json('ingest', '--table', 'housing', file);
    assert.deepEqual([got.table, got.rows, got.new, got.changed, got.same, got.skipped, got.rejected, got.removed], ['housing', 5, 2, 0, 0, {}, 3, 0]);
    assert.equal(typeof got.seconds, 'number');
    assert.equal(got.first_reject, 'line 4: ocean_proximity "MOON" is not an allowed value');
    assert.deepEqual(await aw.ask('SELECT line, reason FROM data.reject ORDER BY line'), [
        ['4', 'ocean_proximity "MOON" is not an allowed value'], ['5', '2 fields instead of 10'], ['6', 'latitude "97" is above 43']]);
    assert.equal(await aw.value('SELECT count(*) FROM declared.housing WHERE total_bedrooms IS NULL'), '1');
    assert.equal((await json('ingest', '--table', 'housing', '--file', file)).same, 2);
    assert.equal(await aw.value('SELECT count(*) FROM data.observation'), '0');
});

test('wrong calls are refused', async () => {
    await refusal(66, /no table "irises"; declare it by: airwatch table declare FILE.json/, 'ingest', '--table', 'irises', 'deploy/sample/iris.csv');
    await refusal(66, /declare it by: airwatch table declare iris/, 'ingest', '--table', 'iris', 'deploy/sample/iris.csv');
    await refusal(65, /into table "housing": column "150" is not declared/, 'ingest', '--table', 'housing', 'deploy/sample/iris.csv');
    await refusal(66, /could not open file "nonesuch.csv"/, 'ingest', '--table', 'housing', 'nonesuch.csv');
    await refusal(65, /no known format has the columns 150, 4/, 'ingest', 'deploy/sample/iris.csv');
    await refusal(64, /--table and --name are of one file/, 'ingest', '--table', 'iris', 'deploy/sample');
    const file = path.join(here, 'housing.csv');
    await refusal(65, /: a file of table "housing", say --table housing: could not ingest/, 'ingest', '--file', file);
    await refusal(65, /: a file of table "iris", which is shipped: airwatch table declare iris, then ingest with --table iris: /,
        'ingest', '--file', 'deploy/sample/iris.csv');
    await fs.writeFile(path.join(here, 'unknown.csv'), 'colour,shape\nred,round\n');
    const plain = await aw.airwatch('ingest', '--file', path.join(here, 'unknown.csv'));
    assert.equal(plain.code, 65);
    assert.doesNotMatch(plain.stderr, /--table/);
});

test('the shipped irises are 150 rows, 50 of each species', async () => {
    await aw.job('table', 'declare', 'iris', '--quiet');
    const got = await json('ingest', '--table', 'iris', 'deploy/sample/iris.csv');
    assert.deepEqual([got.rows, got.new, got.rejected], [150, 150, 0]);
    assert.deepEqual(await aw.ask('SELECT species, count(*) FROM declared.iris GROUP BY species ORDER BY species'),
        [['setosa', '50'], ['versicolor', '50'], ['virginica', '50']]);
});

test('an address fills it, and so does a configured source, until the table is dropped', async () => {
    let text = `${housing}${good}`, asked = 0, sent = 0;
    const server = http.createServer((request, reply) => {
        asked++;
        if (request.url === '/lost.csv') return reply.writeHead(404).end('no such file');
        if (request.url === '/broken.csv') { // all but the end
            reply.writeHead(200, { ETag: '"1"', 'Content-Length': text.length + 1 });
            return reply.write(text, () => request.socket.destroy());
        }
        sent += text.length;
        return reply.end(text);
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const base = `http://127.0.0.1:${server.address().port}`, url = `${base}/housing.csv`;
    const add = (name, ...rest) => aw.job('source', 'add', name, '--kind', 'url', ...rest, '--quiet');
    try {
        assert.deepEqual(await json('ingest', '--table', 'housing', '--url', url).then((got) => [got.same, got.removed]), [1, 1]);
        await add('houses', '--url', url, '--table', 'housing');
        text = `${housing}${good}${good.replace('41.0', '40')}`;
        let got = await json('ingest', '--source', 'houses');
        assert.deepEqual([got.rows, got.new, got.same, got.removed], [2, 1, 1, 0]);
        text = `${housing}${good}\n`; // in bytes that were not there before
        got = await json('ingest', '--source', 'houses');
        assert.deepEqual([got.rows, got.same, got.skipped, got.removed], [2, 1, { 'blank line': 1 }, 1]);

        asked = 0;
        const { checks } = await json('source', 'test', 'houses');
        assert.deepEqual(checks.map((c) => [c.check, c.good]), [['table', true], ['file', true]]);
        assert.match(checks[1].detail, /housing.csv" is there/);
        assert.equal(asked, 1);
        await add('lost', '--url', `${base}/lost.csv`, '--table', 'nonesuch');
        const lost = await aw.airwatch('source', 'test', 'lost');
        assert.equal(lost.code, 65);
        assert.match(lost.stdout, /^BAD +table .*no table "nonesuch".*\nBAD +file .*answered 404\n$/);
        await add('away', '--url', 'http://127.0.0.1:1/x.csv');
        const away = await aw.airwatch('source', 'test', 'away');
        assert.equal(away.code, 75);
        assert.equal(`${away.stdout}${away.stderr}`.split('127.0.0.1:1/x.csv').length, 2, 'the reason is told once');

        await add('broken', '--url', `${base}/broken.csv`);
        await aw.airwatch('ingest', '--source', 'broken');
        assert.equal((await fs.readdir(path.join(aw.home, 'download'))).length, 2, 'the part and its note');
        await aw.job('source', 'remove', 'broken', '--quiet');
        assert.deepEqual(await fs.readdir(path.join(aw.home, 'download')), []);

        await json('dataset', '--table', 'housing');
        await refusal(73, /source "houses" fills table "housing"; remove it first, or let --force/, 'table', 'drop', 'housing');
        assert.equal(await aw.value('SELECT count(*) FROM declared.housing'), '1');
        await aw.job('table', 'drop', 'housing', '--force', '--dry-run', '--quiet');
        assert.equal(await aw.value('SELECT count(*) FROM declared.housing'), '1');
        const objects = await aw.value('SELECT count(*) FROM data.object');
        assert.deepEqual(await json('table', 'drop', 'housing', '--force'), { dropped: 'housing', sources: ['houses'] });
        assert.deepEqual(await aw.ask("SELECT to_regclass('declared.housing') IS NULL, to_regclass('processed.table_housing') IS NULL"), [['t', 't']]);
        assert.equal(await aw.value('SELECT count(*) FROM data.object'), objects);
        await refusal(66, /no table "housing"/, 'ingest', '--table', 'housing', '--url', url);
        await refusal(66, /no source "houses"/, 'source', 'show', 'houses');
    } finally {
        server.close();
        server.closeAllConnections();
    }
    const list = (await aw.get('/api/v1/datasets?table=housing')).json.datasets;
    assert.match((await aw.get(`${list[0].address}/data.csv`)).text, /^longitude,[^\n]*\n-122.23,37.88,41,880,129,/, 'a version outlives its table');
    assert.equal((await json('table', 'declare', 'housing')).outcome, 'new');
});

test('its rows become a dataset version that scientists read', async () => {
    const made = await json('dataset', '--table', 'iris');
    assert.deepEqual([made.table, made.n_rows], ['iris', 150]);
    assert.equal((await json('dataset', '--table', 'iris')).dataset_id, made.dataset_id);
    const token = (await aw.job('token', 'create', '--principal', 'sci', '--role', 'scientist')).stdout.trim();
    const get = (rest) => aw.get(`/api/v1/datasets${rest}`, { token });
    assert.deepEqual((await get('?table=iris')).json.datasets.map((d) => [d.table, d.model]), [['iris', null]]);
    const { columns } = (await get(`/${made.dataset_id}`)).json;
    assert.deepEqual(columns[0], { name: 'sepal_length', type: 'number', unit: 'cm' });
    const lines = (await get(`/${made.dataset_id}/data.csv`)).text.trimEnd().split('\n');
    assert.deepEqual([lines.length, lines[0], lines[1]], [151, columns.map((c) => c.name).join(), '5.1,3.5,1.4,0.2,setosa']);
    assert.match((await get(`/${made.dataset_id}/data.csv?site=x`)).json.error.message, /table "iris" has neither sites nor days/);
});

// What was committed and what became of it, whoever said it under which number.
const stateOf = async (table) => [
    await aw.ask(`SELECT md5(string_agg(concat_ws('|', id, x, _line), ',' ORDER BY id)), count(*) FROM declared.${table}`),
    await aw.ask(`SELECT md5(string_agg(row::text, ',' ORDER BY row::text)), count(*) FROM data.declared_past WHERE name = '${table}'`),
    await aw.ask(`SELECT n_new, n_changed, n_same, n_rejected FROM data.ingest WHERE table_name = '${table}' AND n_new + n_changed > 0 ORDER BY ingest_id`),
];

test('kill -9 at any moment of an ingest leaves it done or not done', async () => {
    const rows = (n, f) => `id,x\n${Array.from({ length: n }, (_, i) => `${i},${f(i)}\n`).join('')}`;
    const files = [rows(40000, (i) => i), rows(50000, (i) => (i % 3 ? i : -i)) + 'none,1\n'];
    for (const table of ['calm', 'killed']) {
        const file = path.join(here, `${table}.json`);
        await fs.writeFile(file, JSON.stringify({ name: table, key: ['id'], columns: [{ name: 'id', type: 'integer' }, { name: 'x', type: 'number' }] }));
        await aw.job('table', 'declare', file, '--quiet');
    }
    const ingest = (table, i, started) => run('build/airwatch', ['ingest', '--table', table, path.join(here, `${table}-${i}.csv`), '--quiet'],
        { env: aw.env, started });
    const gone = () => until(async () => await aw.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'airwatch ingest'") === '0',
        'the killed job\'s backend to end');
    let seed = 20261121, kills = 0;
    const random = () => { seed = (seed * 1103515245 + 12345) % 2 ** 31; return seed / 2 ** 31; };
    for (const [i, text] of files.entries()) {
        for (const table of ['calm', 'killed'])
            await fs.writeFile(path.join(here, `${table}-${i}.csv`), text.replace('id,x', table === 'calm' ? 'id,x' : 'id,"x"')); // objects of their own
        const begun = Date.now();
        assert.equal((await ingest('calm', i)).code, 0);
        const took = Date.now() - begun;
        for (let k = 0, done = null; k <= 5 && done?.code !== 0; k++) { // five to be killed; if one is done before, so be it
            let timer;
            const wait = took * (k + random()) / 7; // later and later
            done = await ingest('killed', i, (child) => { if (k < 5) timer = setTimeout(() => child.kill('SIGKILL'), wait); });
            clearTimeout(timer);
            assert.ok(done.code === 0 || done.signal === 'SIGKILL', done.stderr);
            kills += done.signal ? 1 : 0;
            await gone();
        }
        assert.equal((await ingest('killed', i)).code, 0); // which changes nothing
    }
    assert.ok(kills >= 3, `${kills} kills`);
    assert.deepEqual(await stateOf('killed'), await stateOf('calm'));
    assert.equal(await aw.value("SELECT count(*) FROM data.reject r JOIN data.object USING (object_id) WHERE name LIKE '%killed-1.csv'"), '1');
    const broken = (await json('lake', 'verify')).broken ?? [];
    assert.deepEqual(broken, []);
});

test('of several ingests of one table at once the newest object holds, row by row', async () => {
    const file = path.join(here, 'both.json');
    await fs.writeFile(file, JSON.stringify({ name: 'both', key: ['id'], columns: [{ name: 'id', type: 'integer' }, { name: 'x', type: 'integer' }] }));
    await aw.job('table', 'declare', file, '--quiet');
    const ids = { 1: [0, 20000], 2: [5000, 25000], 3: [10000, 12000] }; // what each says, from and to
    const server = http.createServer((request, reply) => {
        const k = request.url.slice(1), [from, to] = ids[k];
        reply.end(`id,x\n${Array.from({ length: to - from }, (_, i) => `${from + i},${k}\n`).join('')}`);
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    try {
        for (const k of Object.keys(ids))
            await aw.job('source', 'add', `part${k}`, '--kind', 'url', '--url', `http://127.0.0.1:${server.address().port}/${k}`, '--table', 'both', '--quiet');
        const all = await Promise.all([...Object.keys(ids).map((k) => aw.airwatch('ingest', '--source', `part${k}`, '--quiet')),
            aw.airwatch('dataset', '--table', 'both', '--quiet')]);
        assert.deepEqual(all.map((one) => [one.code, one.stderr]), Array(4).fill([0, '']));
    } finally {
        server.close();
        server.closeAllConnections();
    }
    const order = (await aw.ask("SELECT right(name, 1) FROM data.object WHERE name LIKE 'http%/_' ORDER BY object_id")).flat();
    assert.deepEqual([...order].sort(), ['1', '2', '3']);
    const said = new Map();
    for (const k of order)
        for (let id = ids[k][0]; id < ids[k][1]; id++) said.set(id, k);
    const counts = {};
    for (const k of said.values()) counts[k] = (counts[k] ?? 0) + 1;
    const seen = Object.fromEntries(await aw.ask('SELECT x, count(*) FROM declared.both GROUP BY x'));
    for (const k of order)
        assert.equal(seen[k] ?? '0', String(counts[k] ?? 0), `rows that object ${k} said, in the order ${order}`);
    assert.equal(await aw.value('SELECT count(*) FROM declared.both'), '25000');
});

// Beside what passes above: whole public files, where they are at hand, counted by awk.
const at = async (...parts) => fs.stat(path.join(data, ...parts)).then(() => path.join(data, ...parts), () => null);
async function awk(program, file) {
    const done = await run('awk', ['-F,', program, file]);
    return done.stdout.trim().split('\n').map((line) => line.split(' '));
}

test('California housing is counted as awk counts it', async (t) => {
    const file = await at('tables', 'california_housing.csv');
    if (file === null) return t.diagnostic('../shared/data is not there');
    const [[rows, missing, sum]] = await awk('NR > 1 { n++; if ($5 == "") m++; s += $9 } END { printf "%d %d %.0f", n, m, s }', file);
    const got = await json('ingest', '--table', 'housing', file);
    assert.deepEqual([got.rows, got.rejected, String(got.new + got.changed + got.same)], [20640, 0, rows]);
    assert.deepEqual(await aw.ask('SELECT count(*), count(*) - count(total_bedrooms), sum(median_house_value)::bigint FROM declared.housing'),
        [[rows, missing, sum]]);
    assert.equal(missing, '207');
    return undefined;
});

test('hourly Beijing is counted as awk counts it', async (t) => {
    const file = await at('hourly', 'PRSA_Data_Aotizhongxin_20130301-20170228.csv');
    if (file === null) return t.diagnostic('../shared/data is not there');
    const columns = { 6: 'pm25', 7: 'pm10', 8: 'so2', 9: 'no2', 10: 'co', 11: 'o3', 12: 'temperature', 16: 'wind_direction', 17: 'wind_speed' };
    const fields = Object.keys(columns);
    const [[rows, ...missing]] = await awk(`NR > 1 { n++; for (i = 1; i <= NF; i++) if ($i == "NA") m[i]++ }
        END { printf "%d", n; ${fields.map((i) => `printf " %d", m[${i}]`).join('; ')} }`, file);
    await aw.job('table', 'declare', 'prsa', '--quiet');
    const got = await json('ingest', '--table', 'prsa', file);
    assert.deepEqual([got.rows, got.new, got.rejected], [35064, 35064, 0]);
    assert.deepEqual(await aw.ask(`SELECT count(*), ${fields.map((i) => `count(*) - count(${columns[i]})`).join()} FROM declared.prsa`),
        [[rows, ...missing]]);
    assert.equal((await json('ingest', '--table', 'prsa', file)).same, 35064);
    return undefined;
});
