// Users, passwords, tokens and grants, as MLflow's clients meet them, through nginx.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { run as command, stack } from './stack.mjs';

let aw, closed; // as it comes; and one that is open to whoever shows nothing, and closed where nothing is granted
before(async () => {
    [aw, closed] = await Promise.all([stack({ ingest: false }),
        stack({ ingest: false, settings: { ANONYMOUS_ROLE: 'scientist', MLFLOW_DEFAULT_PERMISSION: 'NO_PERMISSIONS', MLFLOW_SERVER_ALLOWED_HOSTS: 'ml.example.org' } })]);
});
after(() => Promise.all([aw?.stop(), closed?.stop()]));

const second = '/api/2.0/mlflow', third = '/api/3.0/mlflow';
const password = 'correct horse battery';
const basic = (user, secret = password) => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;

// One message as a user; GET and its fields in the query.
async function ask(user, method, path, fields = {}, headers = {}) {
    const query = method === 'GET' ? `?${new URLSearchParams(fields)}` : '';
    return aw.request(method, path + query, {
        token: user === 'operator', // who has the home's token
        body: method === 'GET' ? undefined : JSON.stringify(fields),
        headers: { 'Content-Type': 'application/json', ...(user && user !== 'operator' ? { Authorization: basic(user) } : {}), ...headers },
    });
}
async function must(user, method, path, fields, headers) {
    const reply = await ask(user, method, path, fields, headers);
    assert.equal(reply.status, 200, `${method} ${path}: ${reply.text}`);
    return reply.json;
}
async function refused(status, code, user, method, path, fields, headers) {
    const reply = await ask(user, method, path, fields, headers);
    assert.deepEqual([reply.status, reply.json?.error_code], [status, code], `${method} ${path}: ${reply.text}`);
    return reply.json.message;
}
const user = (name) => must('operator', 'POST', `${second}/users/create`, { username: name, password });
const audited = (action) => aw.value(`SELECT count(*) FROM auth.audit WHERE action = '${action}'`);

test('nobody gets 401 and is told how to sign in', async () => {
    const reply = await aw.get(`${second}/users/current`, { token: false });
    assert.equal(reply.status, 401);
    assert.equal(reply.headers.get('www-authenticate'), 'Basic realm="mlflow"');
    assert.equal(reply.json.error_code, 'UNAUTHENTICATED');
});

test('a token signs in as bearer and as password of any name', async () => {
    const token = await aw.token();
    for (const authorization of [`Bearer ${token}`, basic('anything', token), basic('', token)]) {
        const reply = await aw.get(`${third}/server-info`, { token: false, headers: { Authorization: authorization } });
        assert.equal(reply.status, 200);
    }
});

test('a user is made, read, promoted, changed and deleted, and each change is audited', async () => {
    const made = await user('ana@example.org');
    assert.equal(made.user.username, 'ana@example.org');
    assert.equal(made.user.is_admin, false);
    assert.deepEqual(made.user.experiment_permissions, []);
    const current = await must('ana@example.org', 'GET', `${second}/users/current`);
    assert.equal(current.user.id, made.user.id);
    assert.equal(await aw.value("SELECT role FROM auth.role_grant JOIN auth.principal USING (principal_id) WHERE principal = 'ana@example.org'"), 'scientist');
    await must('operator', 'PATCH', `${second}/users/update-admin`, { username: 'ana@example.org', is_admin: true });
    assert.equal((await must('ana@example.org', 'GET', `${second}/users/get`, { username: 'ana@example.org' })).user.is_admin, true);
    await must('operator', 'PATCH', `${second}/users/update-admin`, { username: 'ana@example.org', is_admin: false });
    await refused(403, 'PERMISSION_DENIED', 'ana@example.org', 'GET', `${second}/users/list`);
    await must('operator', 'DELETE', `${second}/users/delete`, { username: 'ana@example.org' });
    await refused(401, 'UNAUTHENTICATED', 'ana@example.org', 'GET', `${second}/users/current`);
    await refused(404, 'RESOURCE_DOES_NOT_EXIST', 'operator', 'GET', `${second}/users/get`, { username: 'ana@example.org' });
    for (const action of ['user.created', 'user.made_operator', 'user.made_scientist', 'user.deleted'])
        assert.equal(await audited(action), '1', action);
    assert.notEqual((await user('ana@example.org')).user, undefined); // the name may be used again
});

test('a password is kept as a salted digest alone', async () => {
    await user('salt');
    const kept = await aw.value("SELECT verifier FROM auth.password JOIN auth.principal USING (principal_id) WHERE principal = 'salt'");
    assert.match(kept, /^scrypt\$14\$8\$5\$[0-9a-f]{32}\$[0-9a-f]{64}$/);
    assert.equal((await aw.ask('SELECT 1 FROM auth.audit WHERE detail::text LIKE \'%battery%\'')).length, 0);
});

test('a password is changed by its owner who knows it, and the old one is dead at once', async () => {
    await user('bo');
    const path = `${second}/users/update-password`, next = 'another long secret';
    assert.match(await refused(400, 'INVALID_PARAMETER_VALUE', 'bo', 'PATCH', path, { username: 'bo', password: next }), /Current password is required/);
    assert.match(await refused(400, 'INVALID_PARAMETER_VALUE', 'bo', 'PATCH', path, { username: 'bo', password: next, current_password: 'wrong wrong wrong' }), /does not match/);
    assert.match(await refused(400, 'INVALID_PARAMETER_VALUE', 'bo', 'PATCH', path, { username: 'bo', password, current_password: password }), /must differ/);
    await must('bo', 'PATCH', path, { username: 'bo', password: next, current_password: password });
    await refused(401, 'UNAUTHENTICATED', 'bo', 'GET', `${second}/users/current`);
    assert.equal((await aw.get(`${second}/users/current`, { token: false, headers: { Authorization: basic('bo', next) } })).status, 200);
    await must('operator', 'PATCH', path, { username: 'bo', password });
    await must('bo', 'GET', `${second}/users/current`);
    await must('bo', 'PATCH', path, { username: 'bo', password: next }, { 'User-Agent': 'mlflow-python-client/2.12.2' }); // knows no such field
});

test('who has a token alone gives themselves a password, once', async () => {
    const [[name]] = await aw.ask("SELECT principal FROM auth.principal JOIN auth.role_grant USING (principal_id) WHERE role = 'operator'");
    const path = `${second}/users/update-password`;
    await must('operator', 'PATCH', path, { username: name, password });
    await must(name, 'GET', `${second}/users/list`);
    await refused(400, 'INVALID_PARAMETER_VALUE', 'operator', 'PATCH', path, { username: name, password: 'another long secret' });
});

test('passwords that are empty, short or long, and names that cannot be, are refused', async () => {
    for (const fields of [{}, { username: 'cy' }, { username: 'cy', password: '' }, { username: 'cy', password: 'x' },
                          { username: 'cy', password: 'eleven char' }, { username: 'cy', password: 'x'.repeat(201) },
                          { username: '', password }, { username: 'a b', password }, { username: 'a\u0000', password },
                          { username: 'a'.repeat(64), password }, { username: ['a'], password }, { username: 'cy', password: 123456789012 }])
        await refused(400, 'INVALID_PARAMETER_VALUE', 'operator', 'POST', `${second}/users/create`, fields);
    await user('cy');
    await refused(400, 'RESOURCE_ALREADY_EXISTS', 'operator', 'POST', `${second}/users/create`, { username: 'cy', password });
});

test('a wrong password is not told from an unknown name', async () => {
    const message = async (name, secret) => (await aw.get(`${second}/users/current`, { token: false, headers: { Authorization: basic(name, secret) } })).json.message;
    await user('dee');
    assert.equal(await message('dee', 'x'), await message('nobody-here', 'x'));
});

test('only an operator makes users, and the last one stays', async () => {
    await user('eve');
    for (const [method, path, fields] of [['POST', 'users/create', { username: 'eve2', password }], ['PATCH', 'users/update-admin', { username: 'eve', is_admin: true }],
        ['DELETE', 'users/delete', { username: 'cy' }], ['GET', 'users/get', { username: 'cy' }], ['PATCH', 'users/update-password', { username: 'cy', password: 'something long' }]])
        await refused(403, 'PERMISSION_DENIED', 'eve', method, `${second}/${path}`, fields);
    const [[operator]] = await aw.ask("SELECT principal FROM auth.principal JOIN auth.role_grant USING (principal_id) WHERE role = 'operator'");
    await refused(400, 'INVALID_PARAMETER_VALUE', 'operator', 'PATCH', `${second}/users/update-admin`, { username: operator, is_admin: false });
    await refused(400, 'INVALID_PARAMETER_VALUE', 'operator', 'DELETE', `${second}/users/delete`, { username: operator });
});

test('grants before 3.12: made once, read, changed, dropped; and a 404 where there is none', async () => {
    await user('fay');
    for (const [path, id, key, thing] of [['experiments', 'experiment_id', 'experiment_permission', '0'], ['registered-models', 'name', 'registered_model_permission', 'some model']]) {
        const at = `${second}/${path}/permissions`, who = { [id]: thing, username: 'fay' };
        await refused(404, 'RESOURCE_DOES_NOT_EXIST', 'operator', 'GET', `${at}/get`, who);
        const made = await must('operator', 'POST', `${at}/create`, { ...who, permission: 'EDIT' });
        assert.equal(made[key].permission, 'EDIT');
        assert.equal(made[key][id], thing);
        await refused(400, 'RESOURCE_ALREADY_EXISTS', 'operator', 'POST', `${at}/create`, { ...who, permission: 'READ' });
        await must('operator', 'PATCH', `${at}/update`, { ...who, permission: 'NO_PERMISSIONS' });
        assert.equal((await must('operator', 'GET', `${at}/get`, who))[key].permission, 'NO_PERMISSIONS');
        await refused(400, 'INVALID_PARAMETER_VALUE', 'operator', 'PATCH', `${at}/update`, { ...who, permission: 'ALL' });
        await refused(403, 'PERMISSION_DENIED', 'fay', 'PATCH', `${at}/update`, { ...who, permission: 'MANAGE' });
        await must('operator', 'DELETE', `${at}/delete`, who);
        await refused(404, 'RESOURCE_DOES_NOT_EXIST', 'operator', 'DELETE', `${at}/delete`, who);
    }
    assert.deepEqual([await audited('grant.added'), await audited('grant.changed'), await audited('grant.dropped')], ['2', '2', '2']);
});

test('grants since 3.12: to a user, and what comes of them is told', async () => {
    await user('gil');
    const of = { username: 'gil', resource_type: 'experiment', resource_id: '123456' };
    const told = async () => must('gil', 'GET', `${third}/users/permissions/get`, of);
    assert.deepEqual(await told(), { allowed: false, permission: 'READ' }); // what holds where nothing is granted
    await must('operator', 'POST', `${third}/users/permissions/grant`, { ...of, permission: 'DENY' });
    assert.deepEqual(await told(), { allowed: false, permission: 'NO_PERMISSIONS' });
    await refused(400, 'RESOURCE_ALREADY_EXISTS', 'operator', 'POST', `${third}/users/permissions/grant`, { ...of, permission: 'READ' });
    const { permissions } = await must('gil', 'GET', `${third}/users/current/permissions`);
    assert.deepEqual(permissions.map((p) => [p.resource_type, p.resource_pattern, p.permission]), [['experiment', '123456', 'DENY']]);
    await must('operator', 'POST', `${third}/users/permissions/revoke`, of);
    await refused(404, 'RESOURCE_DOES_NOT_EXIST', 'operator', 'POST', `${third}/users/permissions/revoke`, of);
    await refused(403, 'PERMISSION_DENIED', 'gil', 'POST', `${third}/users/permissions/grant`, { ...of, permission: 'MANAGE' });
    await refused(403, 'PERMISSION_DENIED', 'gil', 'POST', `${third}/users/permissions/grant`, { ...of, resource_id: '*', permission: 'MANAGE' });
    await refused(403, 'PERMISSION_DENIED', 'gil', 'POST', `${third}/users/permissions/grant`, { ...of, resource_id: '999999', permission: 'MANAGE' });
    await refused(400, 'INVALID_PARAMETER_VALUE', 'operator', 'POST', `${third}/users/permissions/grant`, { ...of, resource_type: 'gateway_secret', permission: 'READ' });
});

test('roles hold grants for those who are assigned', async () => {
    await user('hal');
    const { role } = await must('operator', 'POST', `${third}/roles/create`, { workspace: 'default', name: 'readers', description: 'they read' });
    assert.equal(role.description, 'they read');
    await refused(400, 'RESOURCE_ALREADY_EXISTS', 'operator', 'POST', `${third}/roles/create`, { workspace: 'default', name: 'readers' });
    await refused(400, 'INVALID_PARAMETER_VALUE', 'operator', 'POST', `${third}/roles/create`, { workspace: 'default', name: '__user_7__' });
    const { role_permission: held } = await must('operator', 'POST', `${third}/roles/permissions/add`,
        { role_id: role.id, resource_type: 'registered_model', resource_pattern: '*', permission: 'MANAGE' });
    const { assignment } = await must('operator', 'POST', `${third}/roles/assign`, { username: 'hal', role_id: role.id });
    assert.equal(assignment.role_id, role.id);
    await refused(400, 'RESOURCE_ALREADY_EXISTS', 'operator', 'POST', `${third}/roles/assign`, { username: 'hal', role_id: role.id });
    const of = { username: 'hal', resource_type: 'registered_model', resource_id: 'anything' };
    assert.equal((await must('hal', 'GET', `${third}/users/permissions/get`, of)).permission, 'MANAGE');
    await must('operator', 'PATCH', `${third}/roles/permissions/update`, { role_permission_id: held.id, permission: 'EDIT' });
    assert.equal((await must('hal', 'GET', `${third}/users/permissions/get`, of)).permission, 'EDIT');
    assert.equal((await must('operator', 'GET', `${third}/roles/permissions/list`, { role_id: role.id })).role_permissions.length, 1);
    assert.deepEqual((await must('hal', 'GET', `${third}/users/roles/list`, { username: 'hal' })).roles.map((r) => r.name), ['readers']);
    assert.equal((await must('operator', 'GET', `${third}/roles/users/list`, { role_id: role.id })).assignments.length, 1);
    await must('operator', 'PATCH', `${third}/roles/update`, { role_id: role.id, name: 'editors' });
    assert.ok((await must('operator', 'GET', `${third}/roles/list`, { workspace: 'default' })).roles.some((r) => r.name === 'editors'));
    await must('operator', 'DELETE', `${third}/roles/permissions/remove`, { role_permission_id: held.id });
    await must('operator', 'DELETE', `${third}/roles/unassign`, { username: 'hal', role_id: role.id });
    await refused(404, 'RESOURCE_DOES_NOT_EXIST', 'operator', 'DELETE', `${third}/roles/unassign`, { username: 'hal', role_id: role.id });
    await must('operator', 'DELETE', `${third}/roles/delete`, { role_id: role.id });
    await refused(404, 'RESOURCE_DOES_NOT_EXIST', 'operator', 'GET', `${third}/roles/get`, { role_id: role.id });
    for (const id of [0, -1, 2147483648, 9223372036854775807n.toString()])
        await refused(404, 'RESOURCE_DOES_NOT_EXIST', 'operator', 'GET', `${third}/roles/get`, { role_id: id });
});

test('MANAGE on the workspace makes a manager of users and roles, who cannot make an operator', async () => {
    await user('ivy');
    const { role } = await must('operator', 'POST', `${third}/roles/create`, { workspace: 'default', name: 'managers' });
    await must('operator', 'POST', `${third}/roles/permissions/add`, { role_id: role.id, resource_type: 'workspace', resource_pattern: '*', permission: 'MANAGE' });
    await refused(403, 'PERMISSION_DENIED', 'ivy', 'GET', `${third}/roles/list`);
    await must('operator', 'POST', `${third}/roles/assign`, { username: 'ivy', role_id: role.id });
    await must('ivy', 'GET', `${third}/roles/list`);
    await must('ivy', 'POST', `${second}/users/create`, { username: 'ivys-friend', password });
    await refused(403, 'PERMISSION_DENIED', 'ivy', 'PATCH', `${second}/users/update-admin`, { username: 'ivy', is_admin: true });
    await refused(400, 'INVALID_PARAMETER_VALUE', 'operator', 'POST', `${third}/roles/permissions/add`, { role_id: role.id, resource_type: 'workspace', resource_pattern: '*', permission: 'EDIT' });
});

test('a scientist logs to the experiment that is there from the start, a viewer does not', async () => {
    await user('jo');
    await user('kim');
    await aw.ask("UPDATE auth.role_grant SET role = 'viewer' WHERE principal_id = (SELECT principal_id FROM auth.principal WHERE principal = 'kim')");
    await must('jo', 'POST', `${second}/runs/create`, { experiment_id: '0' });
    await refused(403, 'PERMISSION_DENIED', 'kim', 'POST', `${second}/runs/create`, { experiment_id: '0' });
    await refused(403, 'PERMISSION_DENIED', 'kim', 'POST', `${second}/experiments/create`, { name: 'of kim' });
    await must('kim', 'GET', `${second}/experiments/get`, { experiment_id: '0' });
    const { experiment_id } = await must('jo', 'POST', `${second}/experiments/create`, { name: 'of jo' });
    await refused(403, 'PERMISSION_DENIED', 'kim', 'POST', `${second}/runs/create`, { experiment_id });
    await must('jo', 'POST', `${second}/experiments/permissions/create`, { experiment_id, username: 'kim', permission: 'EDIT' }); // who made it manages it
    await must('kim', 'POST', `${second}/runs/create`, { experiment_id });
});

test('a grant follows a renamed model, and what comes under an old name later is another', async () => {
    await user('lee');
    await user('moe');
    const told = async (name) => (await must('moe', 'GET', `${third}/users/permissions/get`, { username: 'moe', resource_type: 'registered_model', resource_id: name })).permission;
    await must('lee', 'POST', `${second}/registered-models/create`, { name: 'one' });
    await must('lee', 'POST', `${third}/users/permissions/grant`, { username: 'moe', resource_type: 'registered_model', resource_id: 'one', permission: 'EDIT' });
    await must('lee', 'POST', `${second}/registered-models/rename`, { name: 'one', new_name: 'two' });
    assert.deepEqual([await told('one'), await told('two')], ['READ', 'EDIT']);
    await must('moe', 'PATCH', `${second}/registered-models/update`, { name: 'two', description: 'x' });
    await must('lee', 'DELETE', `${second}/registered-models/delete`, { name: 'two' });
    await must('operator', 'POST', `${second}/registered-models/create`, { name: 'two' });
    assert.equal(await told('two'), 'READ');
    for (const name of ['lee', 'moe']) // one managed the old one, one could edit it
        await refused(403, 'PERMISSION_DENIED', name, 'PATCH', `${second}/registered-models/update`, { name: 'two', description: 'y' });
});

test('who shows nothing acts as ANONYMOUS_ROLE there, and only there', async () => {
    const none = { token: false };
    const made = await closed.post(`${second}/experiments/create`, { name: 'of nobody' }, none);
    assert.equal(made.status, 200, made.text);
    const { experiment_id } = made.json;
    assert.equal((await closed.post(`${second}/runs/create`, { experiment_id }, none)).status, 200);
    assert.equal((await closed.get(`${second}/experiments/get?experiment_id=${experiment_id}`, none)).status, 200);
    assert.equal((await closed.post(`${second}/users/create`, { username: 'x', password }, none)).status, 403);
    assert.equal((await closed.get(`${second}/users/current`, none)).status, 401);
    assert.equal((await closed.get('/api/v1/datasets', none)).status, 401);
    assert.equal((await closed.get(`${third}/server-info`, { token: 'aw_wrong' })).status, 401); // what is shown must be good
    assert.equal((await closed.post(`${second}/experiments/create`, { name: 'x' }, { ...none, headers: { Origin: 'https://evil.example' } })).status, 403);
    assert.equal((await aw.get(`${third}/server-info`, none)).status, 401);
});

test('where nothing is granted NO_PERMISSIONS hides what others made, until it is granted', async () => {
    const as = (name) => ({ token: false, headers: { Authorization: basic(name) } });
    for (const name of ['maker', 'other'])
        assert.equal((await closed.post(`${second}/users/create`, { username: name, password })).status, 200);
    const { experiment_id } = (await closed.post(`${second}/experiments/create`, { name: 'hidden' }, as('maker'))).json;
    const { run } = (await closed.post(`${second}/runs/create`, { experiment_id }, as('maker'))).json;
    const seen = async (name) => [
        (await closed.get(`${second}/experiments/get?experiment_id=${experiment_id}`, as(name))).status,
        (await closed.get(`${second}/runs/get?run_id=${run.info.run_id}`, as(name))).status,
        ((await closed.post(`${second}/experiments/search`, { max_results: 100 }, as(name))).json.experiments ?? []).some((e) => e.name === 'hidden'),
        ((await closed.post(`${second}/runs/search`, { experiment_ids: [experiment_id] }, as(name))).json.runs ?? []).length,
        (await closed.post(`${second}/runs/set-tag`, { run_id: run.info.run_id, key: 'k', value: name }, as(name))).status];
    const grant = (permission, to) => closed.post(`${third}/users/permissions/${to}`, { username: 'other', resource_type: 'experiment', resource_id: experiment_id, permission }, as('maker'));
    assert.deepEqual(await seen('maker'), [200, 200, true, 1, 200]);
    assert.deepEqual(await seen('other'), [403, 403, false, 0, 403]);
    assert.equal((await grant('READ', 'grant')).status, 200); // its maker manages it
    assert.deepEqual(await seen('other'), [200, 200, true, 1, 403]);
    assert.equal((await grant(undefined, 'revoke')).status, 200);
    assert.equal((await grant('EDIT', 'grant')).status, 200);
    assert.deepEqual(await seen('other'), [200, 200, true, 1, 200]);
    assert.equal((await closed.post(`${second}/experiments/delete`, { experiment_id }, as('other'))).status, 403);
    assert.equal((await closed.post(`${second}/experiments/delete`, { experiment_id }, as('maker'))).status, 200);
});

test('a request with a password costs less than 1 ms more than one without', async () => {
    const times = { with: [], without: [] }, at = `${closed.url}${third}/server-info`;
    const options = { with: { headers: { Authorization: basic('maker') } }, without: {} };
    for (let i = 0; i < 600; i++) // by turns, so that both meet the same machine
        for (const kind of ['with', 'without']) {
            const start = performance.now();
            const reply = await fetch(at, options[kind]);
            await reply.text();
            assert.equal(reply.status, 200);
            times[kind].push(performance.now() - start);
        }
    const median = (list) => list.sort((a, b) => a - b)[list.length / 2];
    const [more, none] = [median(times.with) - median(times.without), median(times.without)];
    console.log(`# ${more.toFixed(3)} ms more than ${none.toFixed(3)} ms`);
    assert.ok(more < 1, `${more} ms`);
});

test('a program that starts with many requests at once has its password checked once', async () => {
    assert.equal((await closed.post(`${second}/users/create`, { username: 'many', password })).status, 200);
    const one = { headers: { Authorization: basic('many') } };
    const replies = await Promise.all(Array.from({ length: 8 }, () => fetch(`${closed.url}${third}/server-info`, one)));
    assert.deepEqual(replies.map((r) => r.status), Array(8).fill(200));
});

test('an old password is dead also while so many are checked that none can wait', async () => {
    await user('old');
    const at = (secret) => fetch(`${aw.url}${third}/server-info`, { headers: { Authorization: basic('old', secret) } });
    assert.equal((await at(password)).status, 200);
    assert.equal((await ask('operator', 'PATCH', `${second}/users/update-password`, { username: 'old', password: 'another battery staple' })).status, 200);
    const guesses = Array.from({ length: 24 }, (_, i) => at(`a wrong guess ${i}`));
    await Promise.any(guesses.map(async (guess) => assert.equal((await guess).status, 503))); // as many wait as may
    assert.equal((await at(password)).status, 503);
    await Promise.all(guesses);
});

test('a host of MLFLOW_SERVER_ALLOWED_HOSTS reaches the server', async () => {
    const status = async (stackOf, host) => (await command('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `Host: ${host}`, '-H', `Authorization: ${basic('x', await stackOf.token())}`, `${stackOf.url}${third}/server-info`])).stdout;
    assert.deepEqual([await status(closed, 'ml.example.org'), await status(closed, 'evil.example'), await status(aw, 'ml.example.org')], ['200', '403', '403']);
});
