// Many callers at once, and programs that die under them: all are answered, all answers are kept.
import assert from 'node:assert/strict';
import http from 'node:http';
import process from 'node:process';
import { after, before, test } from 'node:test';

import { stack, until } from './stack.mjs';

const predict = '/api/v1/predict/pm-next-day';
let aw, example;

before(async () => {
    aw = await stack({ train: true, name: 'a home' });
    await until(async () => (await aw.get('/health')).status === 200, 'the model');
    example = JSON.stringify((await aw.get('/api/v1/models/pm-next-day')).json.input_example);
});
after(() => aw?.stop());

// One request on the agent's connections; the fetch of Node has a limit of its own.
function ask(agent, token, method = 'POST', target = predict) {
    return new Promise((resolve, reject) => {
        const request = http.request(aw.url + target, { agent, method, headers: { Authorization: `Bearer ${token}` } }, (reply) => {
            let text = '';
            reply.on('data', (bytes) => { text += bytes; });
            reply.on('error', reject);
            reply.on('end', () => resolve({ status: reply.statusCode, text }));
        });
        request.on('error', reject);
        request.end(method === 'POST' ? example : undefined);
    });
}

// Callers that each ask again and again as long as `goesOn`; returns the ids of answers and the tally.
async function crowd(n, goesOn) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: n });
    const token = await aw.token();
    const ids = [], tally = {}, answered = Array(n).fill(0);
    await Promise.all(answered.map(async (_, i) => {
        while (goesOn(answered[i])) {
            const reply = await ask(agent, token).catch((error) => ({ status: error.code }));
            tally[reply.status] = (tally[reply.status] ?? 0) + 1;
            if (reply.status !== 200) continue;
            answered[i]++;
            ids.push(...JSON.parse(reply.text).predictions.map((p) => p.id));
        }
    }));
    agent.destroy();
    return { ids, tally, answered };
}

async function keptOnce(ids) {
    await until(async () => (await aw.get('/health')).json?.parts.spool.waiting_bytes === 0, 'the log to be taken in', 60);
    const kept = (await aw.ask(`SELECT prediction_id FROM serve.prediction WHERE kind = 'online'`)).flat();
    assert.equal(new Set(kept).size, kept.length, 'a prediction is there twice');
    const has = new Set(kept);
    assert.deepEqual(ids.filter((id) => !has.has(id)), [], 'an answer was not kept');
}

test('many more callers than threads are all answered, each in turn', async () => {
    const { ids, tally, answered } = await crowd(200, (n) => n < 20);

    assert.deepEqual(tally, { 200: 4000 });
    assert.ok(answered.every((n) => n === 20));
    await keptOnce(ids);
});

test('callers that leave without waiting do not stand in the way of others', async () => {
    const token = await aw.token();
    for (let turns = 0; turns < 5; turns++) {
        const agent = new http.Agent({ keepAlive: true });
        const asked = Array.from({ length: 200 }, () => ask(agent, token).catch(() => null));
        await Promise.race(asked); // by now the others wait in the queue
        agent.destroy();
        await Promise.all(asked);
    }
    const reply = await aw.get('/health');
    assert.equal(reply.status, 200, reply.text);
});

test('answers of a program that is killed again and again are kept, each once', async () => {
    const end = Date.now() + 4000;
    const asking = crowd(32, () => Date.now() < end);
    for (let kills = 0; kills < 3; kills++) {
        const pid = await aw.pid('predict');
        process.kill(pid, 'SIGKILL');
        await until(async () => (await aw.pid('predict')) !== pid && (await aw.get('/health')).status === 200, 'the next one');
    }
    const { ids, tally } = await asking;

    const failed = Object.keys(tally).filter((status) => !['200', '503', 'ECONNRESET'].includes(status));
    assert.deepEqual(failed, [], JSON.stringify(tally)); // what may be tried again, and nothing else
    assert.ok(ids.length > 100);
    await keptOnce(ids);
});

test('a database that is killed is not missed, and gets all answers in the end', async () => {
    const end = Date.now() + 3000;
    const asking = crowd(16, () => Date.now() < end);
    process.kill(await aw.pid('postgres'), 'SIGKILL');
    const { ids, tally } = await asking;

    assert.deepEqual(Object.keys(tally), ['200'], JSON.stringify(tally));
    await until(async () => (await aw.get('/health')).json?.parts.database.state === 'up', 'the database');
    await keptOnce(ids);
});
