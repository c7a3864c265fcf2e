// The pages as a person meets them: in a browser, over the real services.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { stack } from './stack.mjs';

const axe = await fs.readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const sizes = [1280, 360], schemes = ['light', 'dark'];
let aw, browser;

before(async () => {
    aw = await stack({ train: true, replayTo: '2009-01-10', render: true });
    browser = await chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
});
after(async () => {
    await browser?.close();
    await aw?.stop();
});

// Opens an address; `said` collects what the console and the network complained of.
async function open(target, options = {}) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    const said = [];
    page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) said.push(message.text());
    });
    page.on('pageerror', (error) => said.push(error.message));
    await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
            console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
        });
    });
    const answer = await page.goto(aw.url + target, { waitUntil: 'networkidle' });
    assert.equal(answer.status(), 200, target);
    return { page, said };
}

const forecasts = () => aw.ask(`
    SELECT s.site, round(p.value::numeric, 1) FROM serve.prediction p JOIN data.site s USING (site_id)
    WHERE p.kind = 'batch' AND p.made_at = (SELECT max(made_at) FROM serve.prediction WHERE kind = 'batch')
    ORDER BY s.site`);

test('the front page shows the model in production and its scores', async () => {
    const { page, said } = await open('/');
    const [version, rmse] = (await aw.ask(`
        SELECT v.version, round((c ->> 'rmse')::numeric, 2)
        FROM ml.version v, jsonb_array_elements(v.metrics -> 'candidates') AS c
        WHERE v.stage = 'production' AND (c ->> 'chosen')::bool`))[0];

    assert.equal(await page.locator('.lead-card .version').textContent(), version);
    assert.equal((await page.locator('.stats dd').first().textContent()).match(/[\d.]+/)[0], rmse);
    assert.match(await page.locator('.eyebrow').first().textContent(), /Sat 10 January 2009/);
    for (const family of ['persistence', 'climatology', 'ridge', 'boost'])
        assert.equal(await page.locator('tbody th', { hasText: family }).count(), 1, family);
    assert.deepEqual(said, []);
    await page.close();
});

test('the front page shows the forecast of every station, in the table and on the map', async () => {
    const { page } = await open('/');
    const due = await forecasts();

    const rows = await page.locator('#forecast tbody tr').evaluateAll((list) => list.map((row) => [
        row.dataset.site, row.cells[1].textContent, row.cells[3].textContent.trim()]));
    assert.ok(due.length > 20, `${due.length} stations`);
    assert.deepEqual(rows.map(([site]) => site).sort(), due.map(([site]) => site).sort());
    for (const [site, value] of due) {
        const [, shown, index] = rows.find(([name]) => name === site);
        assert.ok(Math.abs(Number(shown) - Number(value)) < 0.11, `${site}: ${shown} for ${value}`);
        assert.match(index, /^\d+ (Good|Moderate|Unhealthy|Very Unhealthy|Hazardous)/);
    }
    assert.equal(await page.locator('a.dot').count(), due.length);
    await page.close();
});

test('the table is sorted and filtered', async () => {
    const { page } = await open('/');
    const values = () => page.locator('#forecast tbody tr:visible td:nth-child(2)').allTextContents();

    await page.getByRole('button', { name: /^Forecast/ }).click();
    const up = (await values()).map(Number);
    assert.deepEqual(up, [...up].sort((a, b) => a - b));
    await page.getByRole('button', { name: /^Forecast/ }).click();
    assert.deepEqual((await values()).map(Number), [...up].reverse());

    const [[site]] = await forecasts();
    await page.getByLabel('Find a station').fill(site);
    assert.equal((await values()).length, 1);
    assert.equal(await page.locator('#filter-count').textContent(), '1 found');
    await page.close();
});

test('another station brings another chart and its online forecast', async () => {
    const { page, said } = await open('/');
    const before = await page.locator('#chart').getAttribute('src');
    const values = await page.locator('#picker option[data-live]').evaluateAll((list) => list.map((o) => o.value));
    const next = values.find((value) => !before.includes(value));

    await page.getByLabel('Station', { exact: true }).selectOption(next);

    assert.equal(await page.locator('#chart').getAttribute('src'), `/chart/station-${next}.svg`);
    await page.waitForFunction(() => document.getElementById('chart').complete);
    assert.ok(await page.locator('#chart').evaluate((image) => image.naturalWidth) > 0);
    assert.equal(await page.locator('#picked').getAttribute('href'), `/station/${next}.html`);
    await page.locator('#online').waitFor({ state: 'visible' });
    assert.match(await page.locator('#online').textContent(), /The online service says [\d.]+ ug\/m3 for \d{4}-\d\d-\d\d, by V1\./);
    assert.deepEqual(said, []);
    await page.close();
});

test('every link of the site leads somewhere, and every chart is there', async () => {
    const seen = new Set(['/']), todo = ['/'];
    while (todo.length > 0) {
        const target = todo.pop();
        const reply = await aw.get(target, { token: false });
        assert.equal(reply.status, 200, target);
        if (!reply.headers.get('content-type').startsWith('text/html')) continue;
        for (const [, link] of reply.text.matchAll(/(?:href|src)="(\/[^"#]*)"/g))
            if (!seen.has(link)) {
                seen.add(link);
                todo.push(link);
            }
    }
    assert.ok(seen.size > 60, `${seen.size} addresses`);
    assert.equal((await aw.get('/station/nobody.html', { token: false })).status, 404);
});

for (const scheme of schemes)
    for (const width of sizes)
        test(`pages fit ${width} px in ${scheme}, say nothing to the console and are accessible`, async () => {
            const [[site]] = await forecasts();
            for (const target of ['/', `/station/${site}.html`, '/model/pm-next-day.html', '/data.html']) {
                const { page, said } = await open(target, { viewport: { width, height: 900 }, colorScheme: scheme });
                assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width,
                    `${target} scrolls sideways`);
                assert.deepEqual(said, [], target);
                await page.evaluate(axe);
                const found = await page.evaluate(() => window.axe.run());
                assert.deepEqual(found.violations
                    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
                    .map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], target);
                await page.close();
            }
        });

test('the pages need no script', async () => {
    const { page } = await open('/', { javaScriptEnabled: false });
    assert.equal(await page.locator('#forecast tbody tr').count(), (await forecasts()).length);
    assert.equal(await page.getByLabel('Find a station').isVisible(), false);
    await page.close();
});

test('/docs shows every operation of the API from files of our own', async () => {
    const { page, said } = await open('/docs');
    const document = (await aw.get('/api/openapi.json', { token: false })).json;
    await page.locator('.opblock-tag-section').first().waitFor();

    assert.deepEqual(await page.locator('.opblock-tag').evaluateAll((list) => list.map((one) => one.dataset.tag).sort()),
        document.tags.map((one) => one.name).sort());
    const tag = document.tags.find((one) => one.name === 'MLflow: registry').name;
    await page.locator(`.opblock-tag[data-tag="${tag}"]`).click();
    const due = Object.values(document.paths).flatMap(Object.values).filter((one) => one.tags.includes(tag)).length;
    await page.waitForFunction((n) => document.querySelectorAll('.opblock').length === n, due);
    await page.locator('.opblock-summary-control', { hasText: '/model-versions/get-download-uri' }).click();
    await page.locator('.opblock.is-open .parameters').waitFor();
    assert.equal(await page.locator('#missing').count(), 0);
    assert.deepEqual(said, []);
    await page.close();
});

test('/docs says what is missing where Swagger UI could not be fetched', async () => {
    const { page } = await open('/docs', { javaScriptEnabled: false });
    assert.match(await page.locator('#missing').textContent(), /www\/docs\/fetch/);
    assert.equal((await aw.get('/docs/nonesuch.js', { token: false })).status, 404);
    await page.close();
});
