// tests/conformance/border.mjs: imports what MLflow's own servers have, the current one and 2.12.2, and holds it against them.
import { spawn } from 'node:child_process';
import { folder, freePort, must, run, stack, until } from '../whole/stack.mjs';

const clients = ['mlflow3', 'mlflow2'];
const began = Date.now();
const inherited = Object.fromEntries(Object.entries(process.env).filter(([key]) => /^(AW_VENV|PIP_)/.test(key)));
const places = Object.fromEntries(await Promise.all(clients.map(async (client) =>
    [client, (await must('tests/conformance/venv', [client], { env: inherited })).stdout.trim()])));
const quiet = { GIT_PYTHON_REFRESH: 'quiet', MLFLOW_DISABLE_TELEMETRY: 'true', SETUPTOOLS_USE_DISTUTILS: 'stdlib', PYTHONDONTWRITEBYTECODE: '1' };

// A server that keeps all it has in a folder.
export async function reference(client) {
    const [home, port] = [await folder(), await freePort()];
    const server = spawn(`${places[client]}/bin/mlflow`, [
        'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--serve-artifacts',
        '--backend-store-uri', `sqlite:///${home}/mlflow.db`, '--artifacts-destination', `${home}/artifacts`,
    ], { stdio: 'ignore', env: { PATH: `${places[client]}/bin:${process.env.PATH}`, HOME: home, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', ...quiet } });
    const url = `http://127.0.0.1:${port}`;
    await until(async () => (await fetch(`${url}/health`)).ok, `the server of ${client}`, 90);
    return { url, stop: () => new Promise((resolve) => { server.on('close', resolve); server.kill('SIGTERM'); }) };
}

function same(what, got, due) {
    if (JSON.stringify(got) !== JSON.stringify(due)) throw new Error(`${what} is ${JSON.stringify(got)}, not ${JSON.stringify(due)}`);
}

async function cross(client) {
    const [home, aw, source] = await Promise.all([folder(), stack({ ingest: false }), reference(client)]);
    const python = (file, ...args) => must(`${places[client]}/bin/python`, [`tests/conformance/${file}`, ...args],
        { env: { HOME: home, PATH: `${places[client]}/bin:${process.env.PATH}`, ...quiet, MLFLOW_TRACKING_TOKEN: token } });
    const bring = async (...args) => JSON.parse((await aw.job('import', 'mlflow', source.url, '--json', ...args)).stdout);
    const token = await aw.token();
    try {
        await python('border_fill.py', source.url);

        const dry = await bring('--dry-run');
        same('what a dry run leaves', await aw.value("SELECT count(*) FROM ml.imported"), '0');
        const one = await bring('--experiment', 'border second');
        same('the runs of one experiment', [one.created.runs, one.created.models], [3, 0]);
        const rest = await bring();
        same('the rest', [rest.created.runs, rest.same.runs, rest.created.models, rest.created.versions], [4, 3, 2, 3]);
        same('what a dry run told', [dry.skipped.logged_models, dry.created.runs, dry.created.models, dry.created.versions], [0, 7, 2, 3]);
        same('what was skipped', rest.reasons.map(({ id }) => id), ["border's@production"]);
        await python('border_compare.py', source.url, aw.url);
        const again = await bring();
        same('what a second time brings', [again.created, again.same.runs], [{ ...again.created, experiments: 0, runs: 1, logged_models: 0, models: 0, versions: 0, files: 0 }, 6]); // the run that has not ended
        await python('border_compare.py', source.url, aw.url);
        const reachable = await run('build/airwatch', ['import', 'mlflow', 'http://anna:secret-word@127.0.0.1:9', '--quiet'], { env: aw.env });
        same('a server that is not there', [reachable.code, reachable.stderr.includes('secret-word')], [75, false]);
    } finally {
        await Promise.all([aw.stop(), source.stop()]);
    }
    console.log(`border: all that ${client} had came over`);
}

for (const client of clients) await cross(client);
console.log(`border: ${Math.round((Date.now() - began) / 1000)} s`);
process.exit(0);
