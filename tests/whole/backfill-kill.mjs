// tests/whole/backfill-kill.mjs: kill -9 at random moments of a backfill, then the same command again:
// the rows are those of a run that nobody disturbed.
//
//   node tests/whole/backfill-kill.mjs 50 [SEED]       as a program: make backfill-kill
//
// A backfill over years and states is run undisturbed, then again after EPA has corrected values, of
// which one cannot be believed. The same is done with kills. Both must end with the same
// observations, history and rejects.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { aqsServer } from './aqs-server.mjs';
import { run, stack, until } from './stack.mjs';

const allYears = [1988, 1987, 1986, 1985, 1984, 1983];
const states = ['19', '21', '29'];
const backfill = ['backfill', 'ozone', '--from', '1983-01-01', '--to', '1988-12-31', '--as-of', '1990-01-01', '--json'];

// Without the numbers of objects, which count attempts, and without wall-clock times.
const tables = {
    observation: `SELECT parameter, site, day, poc, value, n_hours, method, event FROM data.observation
        JOIN data.site USING (site_id) ORDER BY 1, 2, 3, 4`,
    history: `SELECT parameter, site, day, poc, value, replaced_as_of FROM data.observation_past
        JOIN data.site USING (site_id) ORDER BY 1, 2, 3, 4, 5`,
    reject: 'SELECT reason, content FROM data.reject ORDER BY 1, 2',
    unit: 'SELECT unit, state, first_day, last_day, covered, newest_day, n_rows, digest FROM data.source_unit ORDER BY 1',
    objects: 'SELECT count(*) FROM data.object',
};
const corrections = [['19', 0.111], ['21', 0.222], ['29', 0.05], ['29', -0.5]]; // the last is rejected

function random(seed) { // mulberry32
    let a = seed;
    return () => {
        a = (a + 0x6d2b79f5) | 0;
        let t = Math.imul(a ^ (a >>> 15), a | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
}

export async function killed(nKills, seed, { nYears = allYears.length, say = () => {} } = {}) {
    const years = allYears.slice(0, nYears);
    const chance = random(seed);
    const epa = await aqsServer({ years, only: states, real: false });
    const aw = await stack({ ingest: false });
    const env = { ...aw.env, AQS_URL: epa.api, AQS_EMAIL: epa.email, AQS_KEY: epa.key, AQS_PAUSE_MS: '0', AQS_A_MINUTE: '0' };
    const days = states.map((state) => epa.expected({ state }));
    const correct = (i, value) => {
        const { site, day } = days[states.indexOf(corrections[i][0])][17 + 40 * i];
        epa.correct({ site, day, value });
        return { site, day };
    };
    const state = async () => {
        const found = {};
        for (const [name, sql] of Object.entries(tables))
            found[name] = (await aw.ask(`SELECT count(*), md5(string_agg(r::text, '|')) FROM (${sql}) r`))[0].join(' ');
        return found;
    };
    const ended = () => until(async () => await aw.value(
        `SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'airwatch %'`) === '0', 'the killed job\'s backend to end');
    async function fresh() {
        await aw.ask('TRUNCATE data.source, data.observation, data.observation_past, data.reject, data.ingest, data.object, data.site RESTART IDENTITY CASCADE');
        await aw.ask(`INSERT INTO data.source (source, kind, settings) VALUES ('ozone', 'aqs', '{"service": "dailyData",
            "parameter": ["44201"], "area": ["19", "21", "29"], "since": "1983-01-01", "revise_days": 60}')`);
    }
    let n = 0, nCycles = 0;
    // Runs until it ends by itself; killed at random moments as long as kills are wanted.
    async function roughly(took) {
        for (;;) {
            let timer;
            const wait = 20 + chance() * took * 0.6;
            const done = await run('build/airwatch', backfill, {
                env, started: (child) => { if (n < nKills) timer = setTimeout(() => child.kill('SIGKILL'), wait); },
            });
            clearTimeout(timer);
            await ended();
            if (done.signal !== 'SIGKILL') {
                assert.equal(done.code, 0, done.stderr);
                return;
            }
            n++;
            const [[of, at]] = await aw.ask(`SELECT count(*), count(*) FILTER (WHERE fetched_at >= b.started_at)
                FROM data.source_unit u, data.source_backfill b WHERE u.source = b.source`);
            say(`kill ${n}, after ${Math.round(wait)} ms: ${at} of ${of} units done`);
        }
    }

    try {
        await fresh();
        const began = Date.now();
        const one = JSON.parse((await must(aw, env)).stdout);
        const took = Date.now() - began;
        assert.deepEqual([one.units.done + one.units.empty - (allYears.length - nYears) * states.length, one.new], [states.length * nYears, days.flat().length]);
        const first = await state();
        const past = corrections.map(([, value], i) => ({ ...correct(i, value), value }));
        assert.deepEqual([JSON.parse((await must(aw, env)).stdout)].map((r) => [r.changed, r.rejected])[0], [3, 1]);
        const second = await state();

        const was = new Map(days.flat().map((day) => [`${day.site} ${day.day}`, day.value]));
        while (n < nKills) {
            for (const { site, day } of past)
                epa.correct({ site, day, value: was.get(`${site} ${day}`), changed: `${Number(day.slice(0, 4)) + 1}-05-01` });
            await fresh();
            await roughly(took);
            assert.deepEqual(await state(), first);
            for (const { site, day, value } of past) epa.correct({ site, day, value });
            await roughly(took);
            assert.deepEqual(await state(), second);
            nCycles++;
        }
        for (const [key, sha256] of await aw.ask('SELECT key, sha256 FROM data.object'))
            assert.equal(createHash('sha256').update(readFileSync(path.join(aw.home, 'lake', key))).digest('hex'), sha256);
        return { kills: n, cycles: nCycles, took, state: second };
    } finally {
        await aw.stop();
        await epa.stop();
    }
}

async function must(aw, env) {
    const done = await run('build/airwatch', backfill, { env });
    assert.equal(done.code, 0, done.stderr);
    return done;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const seed = Number(process.argv[3] ?? Date.now() % 100000);
    console.log(`seed ${seed}`);
    const got = await killed(Number(process.argv[2] ?? 50), seed, { say: console.log });
    console.log(`${got.kills} kills in ${got.cycles} courses of two backfills of ${got.took} ms: each course ended with the rows of the undisturbed one`);
    for (const [name, sum] of Object.entries(got.state)) console.log(`  ${name}: ${sum}`);
}
