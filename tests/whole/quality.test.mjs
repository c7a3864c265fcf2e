// The quality gate as its people meet it: the command, its exit code, history, alert, page, API.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { folder, project, stack } from './stack.mjs';

let aw, here, recipe;

// The shipped recipe with other expectations, as a file.
async function recipeWith(name, quality) {
    const file = path.join(here, `${name}.json`);
    await fs.writeFile(file, JSON.stringify({ ...recipe, quality }));
    return file;
}

before(async () => {
    aw = await stack();
    here = await folder();
    recipe = JSON.parse(await fs.readFile(path.join(project, 'deploy/models/pm-next-day.json'), 'utf8'));
});
after(() => aw?.stop());

const alerts = () => aw.ask(`SELECT message, closed_as_of IS NULL FROM ops.alert WHERE cause = 'quality:pm-next-day' ORDER BY alert_id`);

test('the shipped recipe passes on the shipped data, and each expectation is a line', async () => {
    const done = await aw.job('check', 'deploy/models/pm-next-day.json', '--as-of', '2008-12-31');
    for (const { name, expect } of recipe.quality)
        assert.match(done.stdout, new RegExp(`^(pass|warn) +${name ?? expect} +${expect} `, 'm'));
    assert.match(done.stdout, new RegExp(`${recipe.quality.length} expectations: \\d+ warnings, no failure`));
    assert.deepEqual(await alerts(), []);
});

test('a gate that fails exits 69, tells the rows, opens an alert, and closes it when it passes', async () => {
    const strict = await recipeWith('strict', [
        { expect: 'range', max: 50, where: "day > today - 30 and latitude is not null" },
        { expect: 'freshness', max_age_days: 400 }]);
    const done = await aw.airwatch('check', strict, '--as-of', '2008-12-31', '--json');
    assert.equal(done.code, 69, done.stderr);
    const told = JSON.parse(done.stdout);
    assert.equal(told.error.code, 'GATE');
    assert.match(told.error.message, /^the quality gate of "pm-next-day" is closed: range: \d+ of \d+ are not at most 50/);
    const [range, fresh] = told.report.expectations;
    assert.equal(range.verdict, 'fail');
    assert.equal(range.sample.length, 5);
    assert.ok(range.sample.every((row) => row.value > 50 && row.day > '2008-12-01' && row.site));
    assert.equal(fresh.verdict, 'pass');
    const [n, bad] = (await aw.ask(`SELECT count(*), count(*) FILTER (WHERE value > 50) FROM data.observation JOIN data.site USING (site_id)
        WHERE parameter = 81102 AND day > date '2008-12-31' - 30 AND day <= '2008-12-31' AND latitude IS NOT NULL`))[0].map(Number);
    assert.deepEqual([range.n_rows, range.n_bad], [n, bad]);

    const open = await alerts();
    assert.equal(open.length, 1);
    assert.equal(open[0][1], 't');
    assert.ok(open[0][0].includes('is closed: range'));
    const refused = await aw.airwatch('train', strict, '--as-of', '2008-12-31', '--quiet');
    assert.equal(refused.code, 69);
    assert.equal(await aw.value('SELECT count(*) FROM ml.version'), '0');

    await aw.job('check', 'deploy/models/pm-next-day.json', '--as-of', '2008-12-31', '--quiet');
    assert.equal((await alerts())[0][1], 'f');
});

test('a dry run keeps neither report nor alert', async () => {
    const before = await aw.value('SELECT count(*) FROM data.quality_run');
    const closed = await recipeWith('closed', [{ expect: 'row_count', max: 1 }]);
    const done = await aw.airwatch('check', closed, '--as-of', '2008-12-31', '--dry-run');
    assert.equal(done.code, 69);
    assert.equal(await aw.value('SELECT count(*) FROM data.quality_run'), before);
    assert.equal((await alerts()).at(-1)[1], 'f');
});

test('a recipe with a wrong expectation is refused by its path, before anything is asked', async () => {
    for (const [quality, words] of [
        [[{ expect: 'range', max: 1, were: 'x' }], /quality\[0\]: unknown key "were"/],
        [[{ expect: 'schema' }, { expect: 'range', max: 1, where: "site = 'x'; DROP TABLE data.site" }], /quality\[1\]: where: at 11, ";": no such sign/],
        [[{ expect: 'unique', key: ['site"'] }], /quality\[0\]: key\[0\] is "site"", no column/]]) {
        const done = await aw.airwatch('check', await recipeWith('wrong', quality), '--as-of', '2008-12-31');
        assert.equal(done.code, 65, done.stderr);
        assert.match(done.stderr, words);
    }
    assert.equal((await aw.airwatch('check')).code, 64);
    assert.equal((await aw.airwatch('check', 'deploy/models/pm-next-day.json', '--table', 'iris')).code, 64);
});

test('history: each run its own, in rows, in the lake and by command', async () => {
    const listed = JSON.parse((await aw.job('quality', 'list', '--json')).stdout).runs;
    assert.ok(listed.length >= 3);
    assert.ok(listed.every((run, i) => i === 0 || run.quality_id < listed[i - 1].quality_id));
    const failed = listed.find((run) => run.verdict === 'fail');
    const shown = JSON.parse((await aw.job('quality', 'show', String(failed.quality_id), '--json')).stdout).run;
    const document = JSON.parse(await fs.readFile(path.join(aw.home, 'lake', failed.key), 'utf8'));
    assert.match(failed.key, /^monitoring_reports\/quality\/pm-next-day\/2008-12-31T235959Z-[0-9a-f]{12}\.json$/);
    assert.deepEqual(document.expectations, shown.expectations);
    assert.equal(document.verdict, 'fail');
    assert.match((await aw.job('quality', 'show', String(failed.quality_id))).stdout, /^fail  range /m);
    assert.equal((await aw.airwatch('quality', 'show', '999999')).code, 66);
    assert.equal((await aw.airwatch('quality', 'show', 'x')).code, 64);
});

test('the API tells runs to every role, and to nobody without a token', async () => {
    const [run] = (await aw.get('/api/v1/quality?limit=1')).json.runs;
    for (const role of ['viewer', 'predictor', 'scientist', 'engineer', 'operator']) {
        const token = (await aw.job('token', 'create', '--principal', `the-${role}`, '--role', role)).stdout.trim();
        const list = await aw.get('/api/v1/quality?subject=pm-next-day', { token });
        assert.equal(list.status, 200, list.text);
        assert.equal(list.json.next_before, null);
        assert.ok(list.json.runs.every((one) => one.subject === 'pm-next-day'));
        const one = await aw.get(`/api/v1/quality/${run.quality_id}`, { token });
        assert.equal(one.status, 200, one.text);
        assert.equal(one.json.expectations.length, run.n_checks);
    }
    for (const target of ['/api/v1/quality', `/api/v1/quality/${run.quality_id}`])
        assert.equal((await aw.get(target, { token: false })).status, 401);
    assert.equal((await aw.get('/api/v1/quality/999999')).status, 404);
    assert.equal((await aw.get('/api/v1/quality/x')).status, 400);
    assert.equal((await aw.get('/api/v1/quality?limit=0')).status, 400);
    assert.equal((await aw.get('/api/v1/quality?subjects=x')).status, 400);
    assert.deepEqual((await aw.get('/api/v1/quality?subject=none')).json.runs, []);
    const second = await aw.get(`/api/v1/quality?before=${run.quality_id}&limit=1`);
    assert.ok(second.json.runs[0].quality_id < run.quality_id);
});

test('a declared table has expectations of its own', async () => {
    const declared = JSON.parse(await fs.readFile(path.join(project, 'deploy/tables/iris.json'), 'utf8'));
    const declare = async (quality) => {
        const file = path.join(here, 'iris.json');
        await fs.writeFile(file, JSON.stringify({ ...declared, ...(quality ? { quality } : {}) }));
        return aw.airwatch('table', 'declare', file);
    };
    const number = declared.columns.find((c) => c.type === 'number').name;
    const wrong = await declare([{ expect: 'range', column: 'nonsense', min: 0 }]);
    assert.equal(wrong.code, 65);
    assert.match(wrong.stderr, /quality\[0\]: column is "nonsense", no column \(known: /);
    assert.equal((await declare()).code, 0);
    assert.equal((await aw.airwatch('check', '--table', 'iris')).code, 69); // no row yet
    await aw.job('ingest', '--table', 'iris', '--file', 'deploy/sample/iris.csv', '--quiet');
    assert.equal((await aw.airwatch('check', '--table', 'iris')).code, 0);

    assert.equal((await declare([{ expect: 'row_count', min: 150, max: 150 }, { expect: 'range', column: number, max: 6, mostly: 0.5 },
        { expect: 'range', name: 'low', column: number, max: 6, severity: 'warn' }])).code, 0);
    const done = await aw.job('check', '--table', 'iris', '--json');
    const { report } = JSON.parse(done.stdout);
    assert.equal(report.target, 'table iris');
    const bad = Number(await aw.value(`SELECT count(*) FROM declared.iris WHERE ${number} > 6`));
    assert.deepEqual(report.expectations.map((x) => [x.verdict, x.n_rows, x.n_bad]), [['pass', 150, 0], ['pass', 150, bad], ['warn', 150, bad]]);
    assert.ok(report.expectations[2].sample.every((row) => row[number] > 6));
    assert.equal((await aw.airwatch('check', '--table', 'nonsense')).code, 66);
});

test('the data page shows verdicts, rows that do not hold and the past runs', async () => {
    const closed = await recipeWith('page', [{ expect: 'range', max: 50, where: 'value > 40' }]);
    assert.equal((await aw.airwatch('check', closed, '--as-of', '2008-12-31', '--quiet')).code, 69);
    await aw.job('render', '--as-of', '2030-01-01', '--quiet');
    const page = (await aw.get('/data.html')).text;
    const [value] = await aw.ask(`SELECT sample->0->>'site', sample->0->>'value' FROM data.quality_result WHERE verdict = 'fail' ORDER BY quality_id DESC LIMIT 1`);
    assert.match(page, /Quality gate: <span class="state bad">closed</);
    assert.ok(page.includes('where <code>value &gt; 40</code>'));
    assert.ok(page.includes(`<td>${value[0]}</td>`) && page.includes(`<td>${value[1]}</td>`));
    assert.ok(page.includes('<h3>table.iris: table iris'));
    const strip = page.match(/<p class="strip"[\s\S]*?<\/p>/)[0];
    const runs = Number(await aw.value(`SELECT count(*) FROM data.quality_run WHERE subject = 'pm-next-day'`));
    assert.equal(strip.match(/<span /g).length, runs);
    assert.match(strip, /<span class="bad" title="2008-12-31: fail, 1 failed, 0 warned"><\/span><\/p>$/);
});
