// Starting, stopping and the words for what stands in the way.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { folder, freePort, must, project, run, stack, until } from './stack.mjs';

let aw;
before(async () => { aw = await stack({ ingest: false, name: 'a home' }); }); // a space, everywhere
after(() => aw?.stop());

const oneLine = (text) => text.trim().split('\n').length === 1;

// Processes whose command line names the home.
async function processesOf(home) {
    const found = [];
    for (const pid of (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
        const words = await fs.readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        const at = await fs.readlink(`/proc/${pid}/cwd`).catch(() => '');
        if (words.includes(home) || at.startsWith(home)) found.push(`${pid} ${words.replaceAll('\0', ' ')}`);
    }
    return found;
}

test('status tells what runs', async () => {
    const { code, stdout } = await aw.services('status');
    assert.equal(code, 0);
    for (const name of ['postgres', 'predict', 'registry', 'metrics', 'nginx'])
        assert.match(stdout, new RegExp(`^${name} +up +pid \\d+`, 'm'));
});

test('a second start changes nothing and takes less than 5 s', async () => {
    const pid = await aw.pid('postgres');
    const began = Date.now();
    await aw.start();
    assert.ok(Date.now() - began < 5000);
    assert.equal(await aw.pid('postgres'), pid);
});

test('the token is the owner\'s alone, and made once', async () => {
    const file = path.join(aw.home, 'operator.token');
    const token = await aw.token();
    assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
    await aw.start();
    assert.equal(await aw.token(), token);
});

test('the database listens on no network and its folder is closed', async () => {
    assert.equal(await aw.value('SHOW listen_addresses'), undefined); // empty
    assert.equal((await fs.stat(path.join(aw.home, 'run'))).mode & 0o777, 0o700);
    assert.equal(await aw.value('SHOW fsync'), 'on');
});

for (const program of ['predict', 'registry', 'metrics', 'nginx', 'postgres'])
    test(`${program} comes back after kill -9`, async () => {
        const pid = await aw.pid(program);
        process.kill(pid, 'SIGKILL');
        await until(async () => (await aw.pid(program)) !== pid, 'a new process');
        await until(async () => (await aw.get('/api/v1/models')).status === 200, 'models', 40);
        await until(async () => (await aw.get('/metrics')).status === 200, 'metrics', 40);
    });

test('a log that has grown large is packed away, and its program goes on in the same file', async () => {
    const log = path.join(aw.home, 'log', 'metrics.log'), packed = `${log}.1.gz`;
    const line = '2009-01-01T00:00:00Z info test.filled by=test\n';
    await fs.appendFile(log, line.repeat(Math.ceil(11e6 / line.length)));
    assert.equal((await aw.services('rotate')).code, 0);
    assert.equal((await fs.stat(log)).size, 0);
    assert.equal((await must('sh', ['-c', `gzip -dc '${packed}' | grep -c test.filled`])).stdout.trim(),
        String(Math.ceil(11e6 / line.length)));
    await assert.rejects(fs.access(path.join(aw.home, 'log', 'registry.log.1.gz')), 'a small one was packed');

    const pid = await aw.pid('metrics');
    process.kill(pid, 'SIGKILL'); // its supervisor says so in the log
    await until(async () => /program\.ended name=metrics/.test(await fs.readFile(log, 'utf8')), 'the next line');
    assert.ok((await fs.stat(log)).size < 10000);
    await until(async () => (await aw.get('/metrics')).status === 200, 'metrics', 40);

    for (let i = 0; i < 6; i++) {
        await fs.appendFile(log, `${i}\n`);
        assert.equal((await run('deploy/services', ['rotate'], { env: { ...aw.env, LOG_MB: '0' } })).code, 0);
    }
    const kept = (await fs.readdir(path.join(aw.home, 'log'))).filter((name) => name.startsWith('metrics.log.'));
    assert.deepEqual(kept.sort(), [1, 2, 3, 4, 5].map((i) => `metrics.log.${i}.gz`));
});

test('a supervisor that was killed is replaced, and its program with it', async () => {
    const supervisor = Number((await fs.readFile(path.join(aw.home, 'run', 'nginx.pid'), 'utf8')).split(' ')[0]);
    process.kill(supervisor, 'SIGKILL');
    await until(async () => (await aw.services('status')).code === 3, 'the program to go');
    await aw.start();
    assert.equal((await aw.services('status')).code, 0);
});

test('a taken port is one clear line, and nothing is left running', async () => {
    const server = net.createServer();
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const { port } = server.address();
    const home = path.join(await folder(), 'home');

    const done = await run('deploy/services', ['start'], { env: { AIRWATCH_HOME: home, PORT: String(port) } });
    server.close();

    assert.equal(done.code, 73);
    assert.ok(oneLine(done.stderr), done.stderr);
    assert.match(done.stderr, new RegExp(`port ${port} is taken .* choose another port: make run PORT=`));
    assert.deepEqual(await processesOf(home), []);
});

test('wrong settings are one clear line', async () => {
    const home = path.join(await folder(), 'home');
    const long = path.join(await folder(), 'x'.repeat(100));
    const full = await folder();
    await fs.writeFile(path.join(full, 'letter.txt'), 'mine');
    for (const [env, code, words] of [
        [{ AIRWATCH_HOME: home, PORT: 'http' }, 64, /PORT is "http", not a port from 1 to 65535/],
        [{ AIRWATCH_HOME: home, PORT: '70000' }, 64, /PORT is "70000"/],
        [{ AIRWATCH_HOME: long }, 64, /\d+ bytes too long for a socket: choose a shorter AIRWATCH_HOME/],
        [{ AIRWATCH_HOME: full }, 64, /holds "letter.txt", so it is not an AirWatch home/],
        [{ AIRWATCH_HOME: '/etc' }, 64, /it is not an AirWatch home/],
        [{ AIRWATCH_HOME: '/' }, 64, /AIRWATCH_HOME is "\/"/],
        [{ AIRWATCH_HOME: path.join(full, 'letter.txt') }, 73, /is not a folder/],
        [{ AIRWATCH_HOME: "/tmp/it's" }, 64, /choose another AIRWATCH_HOME/],
    ]) {
        const done = await run('deploy/services', ['start'], { env });
        assert.match(done.stderr, words);
        assert.ok(oneLine(done.stderr), done.stderr);
        assert.equal(done.code, code, done.stderr);
    }
    assert.equal(await fs.readFile(path.join(full, 'letter.txt'), 'utf8'), 'mine');
});

test('a home\'s .env sets what is known, and runs nothing as root', async () => {
    const home = path.join(await folder(), 'home'), here = await folder(), mark = path.join(here, 'mark');
    await fs.mkdir(home);
    await fs.writeFile(path.join(here, 'evil.sh'), `touch '${mark}'`);
    await fs.writeFile(path.join(home, '.env'), `BASH_ENV=${here}/evil.sh\nENV=${here}/evil.sh\nPORT=17\n`);
    const done = await run('sh', ['-c', '. deploy/home.sh; home_find; bash -c true; echo $PORT', path.join(project, 'deploy/x')],
        { env: { AIRWATCH_HOME: home } });
    assert.equal(done.stdout, '17\n', done.stderr);
    await assert.rejects(fs.access(mark), 'it ran');
});

test('two starts at once are one', async () => {
    const home = path.join(await folder(), 'home');
    const env = { AIRWATCH_HOME: home, PORT: String(await freePort()) };
    const both = await Promise.all([1, 2].map(() => run('deploy/services', ['start'], { env })));
    for (const one of both) assert.equal(one.code, 0, one.stderr);
    assert.equal((await processesOf(home)).filter((words) => words.includes('nginx: master')).length, 1);
    await must('deploy/services', ['restart'], { env: { AIRWATCH_HOME: home } }); // which keeps its port
    assert.equal((await fetch(`http://127.0.0.1:${env.PORT}/api/v1/models`)).status, 401);
    await must('deploy/services', ['stop'], { env });
    assert.deepEqual(await processesOf(home), []);
});

test('clean-state deletes nothing that is not of a home', async () => {
    const full = await folder();
    await fs.writeFile(path.join(full, 'letter.txt'), 'mine');
    const done = await run('deploy/services', ['clean'], { env: { AIRWATCH_HOME: full } });
    assert.equal(done.code, 64);
    assert.equal(await fs.readFile(path.join(full, 'letter.txt'), 'utf8'), 'mine');
});

test('an ordinary user runs it without root', { skip: process.getuid() !== 0 && 'we are one' }, async () => {
    const clone = await folder();
    for (const part of ['deploy', 'nginx.conf']) await fs.cp(path.join(project, part), path.join(clone, part), { recursive: true });
    await fs.mkdir(path.join(clone, 'build'));
    for (const program of ['airwatch', 'predict.fcgi', 'registry.fcgi', 'metrics.fcgi'])
        await fs.copyFile(path.join(project, 'build', program), path.join(clone, 'build', program));
    await must('chown', ['-R', 'nobody', clone]);
    const env = { PORT: String(await freePort()) };
    const as = (...words) => run('setpriv', ['--reuid=nobody', '--regid=nogroup', '--clear-groups', ...words], { env, cwd: clone });

    const started = await as('deploy/services', 'start');
    try {
        assert.equal(started.code, 0, started.stderr);
        assert.equal((await fetch(`http://127.0.0.1:${env.PORT}/api/v1/models`)).status, 401);
        const owner = (await fs.stat(path.join(clone, 'var', 'pg'))).uid;
        assert.equal(owner, (await fs.stat(clone)).uid);
    } finally {
        assert.equal((await as('deploy/services', 'clean')).code, 0);
    }
    assert.deepEqual(await processesOf(clone), []);
});

test('a home that root\'s clone hides from its user lies elsewhere', { skip: process.getuid() !== 0 && 'only root has one' }, async () => {
    const hidden = await folder();
    await fs.chmod(hidden, 0o700);
    const named = path.join(hidden, 'var');
    const env = { AIRWATCH_HOME: named, PORT: String(await freePort()) };

    const started = await run('deploy/services', ['start'], { env });
    const target = await fs.readlink(named).catch(() => '');
    const cleaned = await run('deploy/services', ['clean'], { env });

    assert.equal(started.code, 0, started.stderr);
    assert.match(target, /^\/var\/lib\/airwatch\//);
    assert.equal(cleaned.code, 0, cleaned.stderr);
    await assert.rejects(fs.lstat(named));
    await assert.rejects(fs.lstat(target));
});

test('an installation below DESTDIR runs', async () => {
    const stage = await folder();
    await must('make', ['-s', 'install', `DESTDIR=${stage}`]);
    const services = path.join(stage, 'usr/local/lib/airwatch/deploy/services');
    const env = { AIRWATCH_HOME: path.join(await folder(), 'home'), PORT: String(await freePort()) };
    const started = await run(services, ['start'], { env, cwd: '/' });
    const status = await run(services, ['status'], { env, cwd: '/' });
    await run(services, ['clean'], { env, cwd: '/' });
    assert.equal(started.code, 0, started.stderr);
    assert.equal(status.code, 0, status.stdout);
    assert.match(await fs.readFile(path.join(stage, 'usr/local/lib/systemd/system/airwatch.service'), 'utf8'),
        /^ExecStart=\/usr\/local\/lib\/airwatch\/deploy\/services start$/m);
});

test('stop leaves nothing running, and the home can start again', async () => {
    assert.equal((await aw.services('stop')).code, 0);
    assert.deepEqual(await processesOf(aw.home), []);
    assert.equal((await aw.services('status')).code, 3);
    await aw.start();
    assert.equal((await aw.services('status')).code, 0);
});

test('clean-state ends everything and leaves nothing', async () => {
    assert.equal((await aw.services('clean')).code, 0);
    assert.deepEqual(await processesOf(aw.home), []);
    await assert.rejects(fs.lstat(aw.home));
});
