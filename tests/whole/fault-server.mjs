// tests/whole/fault-server.mjs: an HTTP server on the loopback that misbehaves when it is told to.
//
//   const server = await faultServer(answer, { pause_ms: 40, most: [10, 600] });
//   server.faults(['cut', { fault: '429', after: 2 }, 'ok']);     // one for each request to come
//   server.requests;                                             // what came, and what was sent
//   server.violations();                                         // of the pace it asks for
//
// `answer({ method, path, query, headers })` gives { status, type, headers, body }. A body is served
// in ranges, with ETag and Last-Modified where its headers name them. Faults, each a word or an
// object { fault, match, times, … }: `match` waits for a request whose address has that text in it.
//   ok                          serves
//   latency    ms               thinks that long first
//   429        after            with Retry-After (seconds, or a date as text), or without
//   500, 503                    503 is a maintenance page in HTML
//   cut        bytes            ends the connection after so many bytes of the body (half of it)
//   reset                       ends it before the first byte, with a RST
//   truncated  bytes            200 and a right Content-Length, of a body that ends too early
//   failed     error            AQS's Failed envelope with 400
//   type       type             the right body under the wrong Content-Type
//   drip       bytes, ms        so many bytes at a time, so far apart
//   no-range                    the whole body, whatever Range asked for
//   status     status, body     any other answer
//   (before)                    a function to be awaited first, given in node with any of these
//   hold                        sends half of the body and then nothing, until the client goes
// Other programs steer it by POST /control/faults (a JSON list), GET /control/requests and
// /control/violations, POST /control/reset.
import { createHash } from 'node:crypto';
import http from 'node:http';

const maintenance = '<!DOCTYPE html>\n<html><head><title>AQS Data Mart</title></head>\n'
    + '<body><h1>Down for maintenance</h1><p>Back on Sunday at midnight.</p></body></html>\n';
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

function failed(error) {
    return `{\n    "Header": [\n        {\n            "status": "Failed",\n            "request_time": "2026-05-12T12:05:43-04:00",\n`
        + `            "url": "aqs/?email=redacted&key=redacted",\n            "error": [\n                ${JSON.stringify(error)}\n`
        + `            ]\n        }\n    ],\n    "Data": [\n\n    ]\n}\n`;
}

// What a fault makes of an answer; null leaves it as it is.
function spoiled(fault, answer) {
    switch (fault.fault) {
    case '429':
        return { status: 429, type: 'text/plain', body: 'slow down\n', headers: fault.after === undefined ? {} : { 'Retry-After': fault.after } };
    case '500': return { status: 500, type: 'text/plain', body: 'Internal Server Error\n' };
    case '503':
        return { status: 503, type: 'text/html', body: maintenance, headers: fault.after === undefined ? {} : { 'Retry-After': fault.after } };
    case 'failed': return { status: 400, type: 'application/json', body: failed(fault.error ?? 'value is missing or the value is empty: param') };
    case 'type': return { ...answer, type: fault.type ?? 'text/html' };
    case 'truncated': return { ...answer, body: Buffer.from(answer.body).subarray(0, fault.bytes ?? Math.floor(Buffer.byteLength(answer.body) / 2)) };
    case 'status': return { status: fault.status, type: fault.type ?? 'text/plain', body: fault.body ?? '', headers: fault.headers };
    default: return answer;
    }
}

// The part of a body that a request's Range asks for, after RFC 9110: with If-Range only while the
// body is still the same one.
function ranged(request, answer, ignores) {
    const headers = { ...answer.headers }, bytes = Buffer.from(answer.body);
    const etag = headers.ETag, modified = headers['Last-Modified'];
    if (answer.status !== 200 || (!etag && !modified)) return { ...answer, headers, body: bytes };
    headers['Accept-Ranges'] = 'bytes';
    if ((etag && request.headers['if-none-match'] === etag) || (!request.headers['if-none-match'] && modified && request.headers['if-modified-since'] === modified))
        return { status: 304, headers, body: Buffer.alloc(0) };
    const found = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const since = request.headers['if-range'];
    if (!found || ignores || (since !== undefined && since !== etag && since !== modified)) return { ...answer, headers, body: bytes };
    const from = Number(found[1]), to = found[2] === '' ? bytes.length - 1 : Math.min(Number(found[2]), bytes.length - 1);
    if (from >= bytes.length) return { status: 416, headers: { ...headers, 'Content-Range': `bytes */${bytes.length}` }, body: Buffer.alloc(0) };
    headers['Content-Range'] = `bytes ${from}-${to}/${bytes.length}`;
    return { ...answer, status: 206, headers, body: bytes.subarray(from, to + 1) };
}

export const etagOf = (bytes) => `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;

// pause_ms: from the end of an answer to the next request; most: [n, ms], so many requests in that
// time. A request under way while another comes is a violation always, unless `parallel` is true.
export async function faultServer(answer, { pause_ms = 0, most = null, parallel = false } = {}) {
    const requests = [], violations = [];
    let queue = [], active = 0, ended = -Infinity;

    function paceCheck(request) {
        if (parallel) return;
        const say = (what) => violations.push(`${request.method} ${request.path}: ${what}`);
        if (active > 0) say('another request is under way');
        else if (request.at - ended < pause_ms) say(`only ${Math.round(request.at - ended)} ms after the one before`);
        if (most) {
            const n = requests.filter((other) => request.at - other.at < most[1]).length + 1;
            if (n > most[0]) say(`${n} requests within ${most[1]} ms`);
        }
    }

    function faultTake(target) {
        const at = queue.findIndex((one) => !one.match || target.includes(one.match));
        if (at < 0) return { fault: 'ok' };
        const fault = queue[at];
        fault.times -= 1;
        if (fault.times <= 0) queue.splice(at, 1);
        return fault;
    }

    async function send(reply, fault, record, made) {
        const { status, type, headers = {}, body } = made;
        const has = status !== 304 && record.method !== 'HEAD';
        const bytes = has ? body : Buffer.alloc(0);
        record.status = status;
        const write = (part) => { record.sent += part.length; return reply.write(part); };
        reply.writeHead(status, { ...(type ? { 'Content-Type': type } : {}), ...(status === 304 ? {} : { 'Content-Length': body.length }), ...headers });
        if (fault.fault === 'cut' || fault.fault === 'hold') {
            const part = bytes.subarray(0, Math.min(fault.bytes ?? Math.floor(bytes.length / 2), bytes.length));
            await new Promise((resolve) => { record.sent += part.length; reply.write(part, resolve); });
            done(record);
            if (fault.fault === 'cut') reply.socket.end();
            else ended = -Infinity; // when the client gives up is not seen here in time
            await new Promise((resolve) => { reply.once('close', resolve); });
            return;
        }
        if (fault.fault === 'drip') {
            const step = fault.bytes ?? 1000;
            for (let at = 0; at < bytes.length && !reply.destroyed; at += step) {
                if (at > 0) await sleep(fault.ms ?? 10);
                if (at + step >= bytes.length) done(record);
                write(bytes.subarray(at, at + step));
            }
        } else if (bytes.length > 0) {
            done(record);
            write(bytes);
        }
        done(record);
        reply.end();
    }

    // Once, and never later than the client can know of it: before the last byte is handed over.
    function done(record) {
        if (record.ended !== null) return;
        record.ended = performance.now();
        active -= 1;
        ended = record.ended;
    }

    async function serve(message, reply, record) {
        const fault = faultTake(record.target);
        record.fault = fault.fault;
        await fault.before?.();
        if (fault.ms && fault.fault === 'latency') await sleep(fault.ms);
        if (fault.fault === 'reset') { done(record); message.socket.resetAndDestroy(); return; }
        const made = spoiled(fault, await answer(record));
        const whole = { ...made, body: Buffer.from(made.body ?? '') };
        await send(reply, fault, record, ranged(record, whole, fault.fault === 'no-range'));
    }

    async function control(message, reply, what) {
        let text = '';
        for await (const piece of message) text += piece;
        const json = (value) => reply.writeHead(200, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
        if (message.method === 'POST' && what === 'faults') { faults(JSON.parse(text)); return json(queue.length); }
        if (message.method === 'POST' && what === 'reset') { reset(); return json(true); }
        if (what === 'requests') return json(requests);
        if (what === 'violations') return json(violations);
        if (message.method === 'POST' && server.controls[what]) return json(server.controls[what](text === '' ? {} : JSON.parse(text)) ?? true);
        return reply.writeHead(404).end('no such control\n');
    }

    const listener = http.createServer((message, reply) => {
        const url = new URL(message.url, 'http://127.0.0.1');
        if (url.pathname.startsWith('/control/')) return void control(message, reply, url.pathname.slice(9)).catch((error) => reply.writeHead(400).end(`${error.message}\n`));
        const record = {
            method: message.method, target: message.url, path: url.pathname, query: Object.fromEntries(url.searchParams),
            headers: message.headers, at: performance.now(), ended: null, status: null, sent: 0,
        };
        paceCheck(record);
        active += 1;
        requests.push(record);
        reply.on('close', () => done(record));
        return void serve(message, reply, record).catch((error) => {
            if (!reply.headersSent) reply.writeHead(500, { 'Content-Type': 'text/plain' });
            reply.end(`the test's server is broken: ${error.stack}\n`);
        });
    });
    await new Promise((resolve, reject) => { listener.on('error', reject); listener.listen(0, '127.0.0.1', resolve); });

    function faults(list) {
        queue.push(...list.map((one) => (typeof one === 'string' ? { fault: one } : { ...one })).map((one) => ({ times: 1, ...one })));
    }
    function reset() {
        queue = [];
        requests.length = 0;
        violations.length = 0;
    }

    const { port } = listener.address();
    const server = {
        port, origin: `http://127.0.0.1:${port}`, requests, faults, reset,
        violations: () => [...violations],
        violate: (text) => violations.push(text),
        waiting: () => queue.length,       // faults that no request has met yet
        controls: {},                      // further words of POST /control/<word>
        async stop() {
            listener.closeAllConnections();
            await new Promise((resolve) => { listener.close(resolve); });
        },
    };
    return server;
}
