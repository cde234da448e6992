import assert from 'node:assert/strict';
import test from 'node:test';

import { shop } from '../src/assets/api.js';

const answering = (status, body) => {
  const asked = [];
  const send = async (path, options) => {
    asked.push({ path, ...options });
    return { ok: status < 400, status, json: async () => body };
  };
  return { asked, send };
};

test('an order goes to the gateway as JSON', async () => {
  const { asked, send } = answering(201, { id: 42 });

  assert.equal((await shop(send).order('m-1', 7, 3)).id, 42);
  assert.equal(asked[0].path, '/api/orders');
  assert.equal(asked[0].method, 'POST');
  assert.deepEqual(JSON.parse(asked[0].body), { member: 'm-1', goods: 7, quantity: 3 });
});

test('a member is part of the address, safely', async () => {
  const { asked, send } = answering(200, []);

  await shop(send).orders('a&b=c/d');
  await shop(send).member('a/b');
  assert.deepEqual(asked.map((one) => one.path), ['/api/orders?member=a%26b%3Dc%2Fd', '/api/members/a%2Fb']);
});

test('an error says which service answered what', async () => {
  const { send } = answering(503);

  await assert.rejects(shop(send).goods(), /\/goods answered 503/);
});
