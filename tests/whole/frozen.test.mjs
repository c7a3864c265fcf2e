// A database that is there and says nothing: its processes are stopped (SIGSTOP) and go on later.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { run, sample, stack, until } from './stack.mjs';

const programs = ['predict', 'registry', 'metrics'];
let aw;
before(async () => { aw = await stack({ last: '2000-12-31' }); });
after(() => aw?.stop());

// The server and what it forked, the parent last when they go on.
async function databaseProcesses() {
    const parent = await aw.pid('postgres');
    const children = (await fs.readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).trim().split(' ');
    return [parent, ...children.filter((pid) => pid !== '').map(Number)];
}

// Stops the database while `work` runs; it goes on whatever comes of that.
async function frozen(work) {
    const stopped = [];
    try {
        for (const pid of await databaseProcesses()) {
            process.kill(pid, 'SIGSTOP');
            stopped.push(pid);
        }
        return await work();
    } finally {
        for (const pid of stopped.reverse())
            try { process.kill(pid, 'SIGCONT'); } catch { /* it ended as it was told to before */ }
    }
}

async function timed(work) {
    const began = Date.now();
    return [await work(), (Date.now() - began) / 1000];
}

test('what needs the database is 503 in time, and all comes back without a restart', async () => {
    const pids = await Promise.all(programs.map((name) => aw.pid(name)));
    const threads = await Promise.all(Array.from({ length: 20 }, () => aw.get('/api/v1/models')));
    assert.ok(threads.every((reply) => reply.status === 200));

    await frozen(async () => {
        const health = timed(() => aw.get('/health', { token: false }));
        const metrics = timed(() => aw.get('/metrics'));
        const job = timed(() => aw.airwatch('token', 'list'));
        const replies = await Promise.all([
            ...Array.from({ length: 20 }, () => timed(() => aw.get('/api/v1/models'))),
            timed(() => aw.get('/api/v1/audit')),
        ]);
        for (const [reply, seconds] of replies) {
            assert.equal(reply.status, 503, reply.text);
            assert.equal(reply.json.error.code, 'UNAVAILABLE');
            assert.ok(seconds < 12, `${seconds} s`);
        }
        for (const [reply, seconds] of [await health, await metrics]) { // these tell it
            assert.match(reply.text, /"database":\{"state":"down"\}|^airwatch_database_up 0$/m);
            assert.ok(seconds < 12, `${seconds} s`);
        }
        const [done, took] = await job; // it could not even connect
        assert.equal(done.code, 75);
        assert.match(done.stderr, /the database has not answered for 15 seconds/);
        assert.ok(took < 20, `${took} s`);
    });

    await until(async () => (await aw.get('/api/v1/models')).status === 200, 'models');
    await until(async () => /^airwatch_database_up 1$/m.test((await aw.get('/metrics')).text), 'metrics');
    await until(async () => (await aw.get('/health', { token: false })).json.parts.database.state === 'up', 'health');
    assert.deepEqual(await Promise.all(programs.map((name) => aw.pid(name))), pids);
    assert.equal((await aw.services('status')).code, 0);
});

test('a job that is under way goes on when the database does', async () => {
    let done;
    const ingest = run('build/airwatch', ['ingest', '--newer', sample, '--as-of', '2008-12-31', '--quiet', '--json'], { env: aw.env });
    ingest.then((result) => { done = result; });
    await until(async () => await aw.value(`SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'airwatch ingest' AND state <> 'idle' AND query LIKE '%COPY%'`) !== '0', 'the copy');

    await frozen(async () => {
        await new Promise((resolve) => { setTimeout(resolve, 2000); }); // that it waits cannot be seen otherwise
        assert.equal(done, undefined, JSON.stringify(done));
    });

    const { code, stdout, stderr } = await ingest;
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).rejected, 0);
    assert.equal(await aw.value(`SELECT count(*) FROM data.observation`), await aw.value(`SELECT sum(n_new) FROM data.ingest`));
});
