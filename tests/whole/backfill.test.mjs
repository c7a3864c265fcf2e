// A backfill killed a few times; make backfill-kill does so fifty times.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { killed } from './backfill-kill.mjs';

test('a backfill killed six times ends with the rows of one that nobody disturbed', async () => {
    assert.equal((await killed(6, 1, { nYears: 2 })).kills, 6);
});
