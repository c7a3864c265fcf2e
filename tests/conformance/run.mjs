// tests/conformance/run.mjs: drives a server by the real `mlflow` clients, each with the same test programs.
//
// usage: node tests/conformance/run.mjs [--reference] [PYTEST ARGUMENT...]
//
// Without --reference it starts a stack of its own and goes through nginx. With it MLflow's own server
// is under test: that shows whether the programs are right about MLflow. Its deviations from what we
// answer are told where the programs say differs(ours, theirs).
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { folder, freePort, must, project, recipe, stack, until } from '../whole/stack.mjs';

const clients = ['mlflow3', 'mlflow2'];
const isReference = process.argv[2] === '--reference';
const chosen = process.argv.slice(isReference ? 3 : 2);
const began = Date.now();

const places = Object.fromEntries(await Promise.all(clients.map(async (client) =>
    [client, (await must('tests/conformance/venv', [client], { env: inherited(/^(AW_VENV|PIP_)/) })).stdout.trim()])));

function inherited(pattern) {
    return Object.fromEntries(Object.entries(process.env).filter(([key]) => pattern.test(key)));
}

// MLflow's own server, on a database and artifacts of its own. It asks who one is only where it is
// started for that, and takes a fifth of a second for the answer; so there is a second one of it.
async function reference() {
    const password = randomUUID();
    const start = async (options, settings) => {
        const [home, port] = [await folder(), await freePort()];
        await fs.writeFile(`${home}/auth.ini`, `[mlflow]\ndefault_permission = READ\ndatabase_uri = sqlite:///${home}/auth.db\nadmin_username = admin\n`
            + 'authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n');
        const server = spawn(`${places.mlflow3}/bin/mlflow`, [
            'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--serve-artifacts',
            '--backend-store-uri', `sqlite:///${home}/mlflow.db`, '--artifacts-destination', `${home}/artifacts`, ...options,
        ], { stdio: 'ignore', detached: true, env: { PATH: process.env.PATH, HOME: home, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
            MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_AUTH_CONFIG_PATH: `${home}/auth.ini`, ...settings } });
        const url = `http://127.0.0.1:${port}`;
        servers.push(server);
        await until(async () => (await fetch(`${url}/health`)).ok, 'the MLflow server', 60);
        return url;
    };
    const servers = [];
    const stop = async () => { for (const server of servers) process.kill(-server.pid, 'SIGTERM'); };
    try {
        const url = await start([], {});
        const guarded = await start(['--app-name', 'basic-auth'], { MLFLOW_AUTH_ADMIN_PASSWORD: password, MLFLOW_FLASK_SERVER_SECRET_KEY: password });
        return { url, env: { CONFORMANCE_SUBJECT: 'mlflow', CONFORMANCE_AUTH_URL: guarded, CONFORMANCE_AUTH_PASSWORD: password }, stop };
    } catch (error) {
        await stop();
        throw error;
    }
}

// Models of our own training, for outward_test.py.
async function train(aw) {
    const whole = JSON.parse(await fs.readFile(path.join(project, recipe), 'utf8'));
    const { ridge, boost } = whole.families;
    for (const [family, families] of Object.entries({ boost: { boost: { ...boost, rounds: 40 } }, ridge: { ridge }, persistence: {} })) {
        const file = path.join(aw.home, `outward-${family}.json`);
        await fs.writeFile(file, JSON.stringify({ ...whole, name: `outward-${family}`, families: { persistence: {}, climatology: {}, ...families } }));
        await aw.job('train', file, '--as-of', '2008-12-31', '--quiet');
    }
    // One as a version from before has it, without a folder, until it is published.
    await aw.ask("DELETE FROM ml.artifact a USING ml.version v JOIN ml.model m USING (model_id) WHERE m.model = 'outward-ridge' AND a.folder LIKE '%' || v.run_id || '%'");
    await aw.job('model', 'publish', 'outward-ridge', '--quiet');
    await until(async () => (await aw.get('/api/v1/models')).json.models.length === 3 && (await aw.get('/health', { token: false })).status === 200,
        'the models to be served');
}

async function ours() {
    const aw = await stack();
    await train(aw);
    return { url: aw.url, env: { CONFORMANCE_TOKEN: await aw.token(), CONFORMANCE_HOME: aw.home }, stop: () => aw.stop() };
}

// Runs the programs with one client; what it printed is kept until its end, so that the two do not mix.
async function drive(client, subject, work) {
    const tally = path.join(work, `${client}.json`);
    const env = {
        ...inherited(/^(HOME|LANG)$/), PATH: `${places[client]}/bin:${process.env.PATH}`, PYTHONDONTWRITEBYTECODE: '1',
        SETUPTOOLS_USE_DISTUTILS: 'stdlib', // scikit-learn 1.4 loads the two in an order that the other choice forbids
        CONFORMANCE_URL: subject.url, CONFORMANCE_TALLY: tally, ...subject.env,
    };
    const child = spawn(`${places[client]}/bin/python`, ['-m', 'pytest', '--basetemp', path.join(work, client), ...chosen],
        { cwd: path.join(project, 'tests/conformance'), env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { text += bytes; });
    const code = await new Promise((resolve, reject) => { child.on('close', resolve); child.on('error', reject); });
    console.log(`== ${client}\n${text}`);
    const counts = JSON.parse(await fs.readFile(tally, 'utf8').catch(() => '{"version": "?", "passed": 0, "failed": 1}'));
    return { ...counts, code };
}

const subject = await (isReference ? reference() : ours());
let results;
try {
    const work = await folder();
    results = await Promise.all(clients.map((client) => drive(client, subject, work)));
} finally {
    await subject.stop();
}
console.log(`conformance: ${results.map(({ version, passed, failed }) => `mlflow ${version}: ${passed} passed, ${failed} failed`).join('; ')}`
    + `; ${Math.round((Date.now() - began) / 1000)} s`);
process.exit(results.every(({ code, passed }) => code === 0 && passed > 0) ? 0 : 1);
