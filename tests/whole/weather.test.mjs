// Weather is observed like air: AirData's temperature becomes observations, a recipe learns it, and
// tomorrow's temperature is served. Rejected lines are listed, shown and tried again on the way.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { folder, project, recipe, run, stack, until } from './stack.mjs';

const header = 'State Code,County Code,Site Num,Parameter Code,POC,Latitude,Longitude,Datum,Parameter Name,Sample Duration,Pollutant Standard,Date Local,Units of Measure,Event Type,Observation Count,Observation Percent,Arithmetic Mean,1st Max Value,1st Max Hour,AQI,Method Code';
const last = '2019-12-31', site = '37-183-0001';
let aw, made;

// Four winters below zero and summers, with noise that leaves a memory; one day has a fault.
function temperatures() {
    const lines = [header], level = [0, 0, 0, 0, 0, 0];
    let state = 7;
    const random = () => { state = (state * 1103515245 + 12345) % 2147483648; return state / 2147483648 - 0.5; };
    for (let day = Date.parse('2016-01-01'), n = 0; day <= Date.parse(last); day += 86400000, n++) {
        const shared = random() * 8;
        for (let i = 0; i < level.length; i++) {
            level[i] = 0.7 * level[i] + shared + random() * 4;
            const mean = n === 100 && i === 0 ? 999 : (25 + 35 * Math.sin((n - 100) / 58.1) + level[i]).toFixed(4);
            lines.push(`37,183,${String(i + 1).padStart(4, '0')},62101,1,${35 + i / 10},-78.5,WGS84,Outdoor Temperature,1 HOUR,,${new Date(day).toISOString().slice(0, 10)},Degrees Fahrenheit,None,24,100,${mean},${mean},15,,040`);
        }
    }
    return lines;
}

before(async () => {
    aw = await stack({ ingest: false });
    made = await folder();
});
after(async () => { await aw?.stop(); });

const json = async (...args) => JSON.parse((await aw.job(...args, '--json')).stdout);

test('a year of temperature comes in, and what could not be believed is listed and shown', async () => {
    const file = path.join(made, 'daily_TEMP.csv');
    await fs.writeFile(file, `${temperatures().join('\n')}\n`);
    const got = await json('ingest', '--file', file);
    assert.deepEqual([got.rows, got.new, got.rejected], [1461 * 6, 1461 * 6 - 1, 1]);

    const list = await json('rejects', 'list', '--file', 'daily_TEMP.csv', '--reason', 'above');
    assert.equal(list.found, 1);
    assert.deepEqual([list.rejects[0].line, list.rejects[0].reason], [602, 'value 999 is above 140']);
    const shown = await json('rejects', 'show', String(list.rejects[0].id));
    assert.equal(shown.content, temperatures()[601]);
    assert.equal(shown.file, file);
    const plain = await aw.job('rejects', 'show', String(list.rejects[0].id));
    assert.match(plain.stdout, /line 602\nvalue 999 is above 140\n37,183,0001,62101/);
    assert.deepEqual((await json('rejects', 'list', '--reason', 'below')).rejects, []);
});

test('a retry takes them by today\'s bounds, once', async () => {
    const [object] = (await aw.ask('SELECT object_id FROM data.object')).flat();
    const counts = async (...args) => { const [o] = (await json('rejects', 'retry', ...args)).objects; return [o.rejected_before, o.rejected, o.new, o.same]; };
    assert.deepEqual(await counts('--object', object), [1, 1, 0, 1461 * 6 - 1]);
    await aw.ask('UPDATE data.parameter SET ceiling = 1000 WHERE parameter = 62101');
    assert.deepEqual(await counts('--all', '--dry-run'), [1, 0, 1, 1461 * 6 - 1]);
    assert.equal((await json('rejects', 'list')).found, 1);
    assert.deepEqual(await counts('--all'), [1, 0, 1, 1461 * 6 - 1]);
    assert.equal((await json('rejects', 'list')).found, 0);
    assert.deepEqual((await json('rejects', 'retry', '--all')).objects, []);
    assert.equal(await aw.value('SELECT value FROM data.observation WHERE value > 500'), '999');
    await aw.ask('DELETE FROM data.observation WHERE value > 500');
    for (const [args, code, words] of [[['retry'], 64, /--object NUMBER/], [['retry', '--all', '--object', '1'], 64, /--object NUMBER/],
        [['retry', '--object', '99'], 66, /no object 99/], [['show', '99'], 66, /no reject 99/], [['show', 'x'], 64, /which list tells/], [['mend'], 64, /none of list, show and retry/]]) {
        const done = await aw.airwatch('rejects', ...args);
        assert.equal(done.code, code, args.join(' '));
        assert.match(done.stderr, words);
    }
});

test('a recipe of temperature is trained, predicts and is served', async () => {
    const own = JSON.parse(await fs.readFile(path.join(project, recipe), 'utf8'));
    Object.assign(own, { name: 'temperature-next-day', description: 'Tomorrow\'s mean temperature', data: { parameter: 62101 },
                         target: { name: 'temperature', unit: 'degF', horizon_days: 1 },
                         quality: own.quality.filter(({ name }) => name !== 'unit') }); // it wants most above zero
    const file = path.join(made, 'temperature.json');
    await fs.writeFile(file, JSON.stringify(own));
    const trained = await json('train', file, '--as-of', last);
    assert.match(trained.version, /^V1\.0\.0$/);
    await aw.job('predict', '--model', 'temperature-next-day', '--as-of', last, '--quiet');
    await until(async () => (await aw.get('/health', { token: false })).status === 200, 'the model to be served');

    const forecast = await aw.get(`/api/v1/forecast?site=${site}`, { token: false });
    assert.equal(forecast.status, 200, forecast.text);
    const [[value]] = await aw.ask(`SELECT value FROM serve.prediction JOIN data.site USING (site_id) WHERE site = '${site}'`);
    const [[mean]] = await aw.ask(`SELECT avg(value) FROM data.observation WHERE day > '2019-12-20'`);
    assert.ok(Math.abs(Number(value) - Number(mean)) < 15, `${value} near ${mean}`);
    assert.ok(Number(await aw.value('SELECT min(value) FROM data.observation')) < 0);

    // Better than taking tomorrow for today, in degrees below zero too.
    const [[chosen, rmse, persistence]] = await aw.ask(`SELECT v.family, a ->> 'rmse', b ->> 'rmse' FROM ml.version v,
        jsonb_array_elements(v.metrics -> 'candidates') a, jsonb_array_elements(v.metrics -> 'candidates') b
        WHERE a ->> 'family' = v.family AND b ->> 'family' = 'persistence'`);
    assert.ok(Number(rmse) > 0 && Number(rmse) < 0.97 * Number(persistence), `${chosen}: ${rmse}, persistence ${persistence}`);
    const page = await run('build/airwatch', ['render', '--as-of', last, '--quiet'], { env: aw.env });
    assert.equal(page.code, 0, page.stderr);
});
