// tests/whole/stack.mjs: a whole AirWatch of its own: a home below /tmp, a free port, real services.
//
//   const aw = await stack({ train: true, replayTo: '2009-01-14' });
//   await aw.get('/health');  await aw.airwatch('ingest', file);  await aw.ask('SELECT 1');
//   await aw.stop();          // ends everything and deletes the home
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const project = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const sample = 'deploy/sample/pm10_germany_1998_2009.csv';
export const recipe = 'deploy/models/pm-next-day.json';

// Who interrupts a test ends all that it started.
const children = new Set(), homes = new Set();
let isEnding = false;
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]])
    process.on(signal, () => { // which comes twice, from a terminal and from node's runner
        if (isEnding) return;
        isEnding = true;
        for (const child of children) child.kill('SIGTERM');
        for (const home of homes)
            spawnSync('setsid', ['-w', 'deploy/services', 'stop'], { cwd: project, env: { ...process.env, AIRWATCH_HOME: home } });
        process.exit(code);
    });

// Runs a command to its end. Never throws for its exit code.
export function run(command, args, { env = {}, input, cwd = project, started } = {}) {
    return new Promise((resolve, reject) => {
        const { PATH, HOME, LANG = 'C.UTF-8' } = process.env;
        const child = spawn(command, args, { cwd, env: { PATH, HOME, LANG, ...env } });
        children.add(child);
        let stdout = '', stderr = '';
        child.stdout.on('data', (bytes) => { stdout += bytes; });
        child.stderr.on('data', (bytes) => { stderr += bytes; });
        child.on('error', reject);
        child.on('close', (code, signal) => { children.delete(child); resolve({ code, signal, stdout, stderr }); });
        child.stdin.on('error', () => {}); // it may end before it has read all
        child.stdin.end(input ?? '');
        started?.(child);
    });
}

export async function must(command, args, options) {
    const done = await run(command, args, options);
    if (done.code !== 0)
        throw new Error(`${command} ${args.join(' ')} ended with ${done.code ?? done.signal}: ${done.stderr || done.stdout}`);
    return done;
}

export function freePort() {
    return new Promise((resolve, reject) => {
        const server = net.createServer();
        server.on('error', reject);
        server.listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

// Waits for a condition; its last failure is told when it never comes.
export async function until(claim, what, seconds = 30) {
    for (const end = Date.now() + seconds * 1000; ;) {
        const failure = await Promise.resolve().then(claim).then((ok) => (ok ? null : 'it is false'), (error) => error.message);
        if (failure === null) return;
        if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}: ${failure}`);
        await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
}

// A folder that the services' user can enter, deleted at the end of the process.
const folders = [];
process.on('exit', () => folders.forEach((made) => rmSync(made, { recursive: true, force: true })));
export async function folder() {
    const made = await fs.mkdtemp('/tmp/aw-whole-');
    await fs.chmod(made, 0o755);
    folders.push(made);
    return made;
}

// Starts a stack; then, as asked, takes the sample in up to `last`, trains, replays and renders.
export async function stack({ name = 'home', last = '2008-12-31', ingest = true, train = false,
                              replayTo = null, render = false, port, settings = null } = {}) {
    const home = path.join(await folder(), name);
    if (settings) { // in the home's .env: for jobs and services alike
        await fs.mkdir(home);
        await fs.writeFile(path.join(home, '.env'), Object.entries(settings).map(([key, value]) => `${key}=${value}\n`).join(''));
    }
    const aw = {
        home,
        port: port ?? await freePort(),
        get url() { return `http://127.0.0.1:${this.port}`; },
        get env() { return { AIRWATCH_HOME: home, PORT: String(this.port) }; },

        services: (what) => run('deploy/services', [what], { env: aw.env }),
        airwatch: (...args) => run('build/airwatch', args, { env: aw.env }),
        job: (...args) => must('build/airwatch', args, { env: aw.env }),
        start: () => must('deploy/services', ['start'], { env: aw.env }),

        // Rows as arrays of text; one value alone by value().
        async ask(sql) {
            const done = await must('psql', ['-XAtq', '-F', '\t', '-v', 'ON_ERROR_STOP=1',
                `host='${home}/run' user=airwatch dbname=airwatch`, '-c', sql]);
            return done.stdout.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
        },
        async value(sql) { return (await aw.ask(sql))[0]?.[0]; },

        // One request; `token: false` sends none. The body is parsed where it is JSON.
        async request(method, target, { body, headers = {}, token = true } = {}) {
            const bearer = token === true ? await aw.token() : token;
            const reply = await fetch(aw.url + target, {
                method, body,
                headers: { ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}), ...headers },
            });
            const text = await reply.text();
            let json = null;
            try { json = JSON.parse(text); } catch { /* a page, metrics */ }
            return { status: reply.status, headers: reply.headers, text, json };
        },
        get: (target, options) => aw.request('GET', target, options),
        post: (target, value, options = {}) => aw.request('POST', target, {
            body: typeof value === 'string' ? value : JSON.stringify(value),
            ...options,
            headers: { 'Content-Type': 'application/json', ...options.headers },
        }),
        token: async () => (await fs.readFile(path.join(home, 'operator.token'), 'utf8')).trim(),
        pid: async (program) => Number((await fs.readFile(path.join(home, 'run', `${program}.child`), 'utf8')).split(' ')[0]),

        async stop() {
            await aw.services('stop');
            homes.delete(home);
            await fs.rm(path.dirname(home), { recursive: true, force: true });
        },
    };
    homes.add(home);
    try {
        await aw.start();
        if (ingest) await aw.job('ingest', '--newer', sample, '--as-of', last, '--quiet');
        if (train) {
            await aw.job('train', recipe, '--as-of', last, '--quiet');
            await until(async () => (await aw.get('/health', { token: false })).status === 200, 'the model to be served');
        }
        if (replayTo) await aw.job('replay', '--from', '2009-01-01', '--to', replayTo, '--quiet');
        if (render) await aw.job('render', '--as-of', replayTo ?? last, '--quiet');
    } catch (error) {
        await aw.stop();
        throw error;
    }
    return aw;
}
