import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type QuaySide, startQuaySide } from '../../../test/kit/quay-pair.ts';
import { createHttp } from '../../http/client.ts';
import type { HttpClient } from '../../http/types.ts';
import { Secret } from '../../kit/secret.ts';
import { openQuay, type QuayClient } from '../client.ts';
import { detectFeatures } from '../features.ts';
import { inventoryOf, namespacesSeen } from './inventory.ts';

let side: QuaySide;
let http: HttpClient;

beforeAll(async () => {
  http = createHttp({ settings: () => ({}), env: {}, userAgent: 'test' });
  side = await startQuaySide();
  for (const name of ['payments', 'stores', 'empty']) await side.organization(name);
  // More than the ten pages of ten at which Quay's search ends, and more than one page of its listing.
  for (let at = 0; at < 120; at += 1) await side.repository(`payments/app-${at}`);
  await side.repository('stores/shop');
  await side.repository('stores/open', { visibility: 'public' });
}, 60_000);
afterAll(async () => {
  await side[Symbol.asyncDispose]();
  await http.close();
});

async function as(user: string, scopes: string): Promise<QuayClient> {
  const token = new Secret(side.tokenOf(user, scopes));
  const quay = openQuay({ url: new URL(side.quay.url), http, token });
  await detectFeatures(quay);
  return quay;
}

describe('the namespaces that a token sees', () => {
  test('are found without user:read however many repositories there are', async () => {
    expect(await namespacesSeen(await as('admin', 'repo:read'))).toEqual({
      names: ['payments', 'stores'],
      isMember: false,
    });
  });

  test('are with user:read those of its user, and for one who may read all of them every organisation', async () => {
    const { names, isMember } = await namespacesSeen(await as('admin', 'repo:read user:read super:user'));
    expect(names).toEqual(expect.arrayContaining(['admin', 'empty', 'payments', 'stores']));
    expect(isMember).toBe(true);
  });

  test('of a superuser without full access are only the own ones: what cannot be looked into is not taken for empty', async () => {
    await using plain = await startQuaySide({ features: { SUPERUSERS_FULL_ACCESS: false } });
    await plain.organization('mine');
    await plain.api('POST', '/superuser/users/', { username: 'bob', email: 'bob@example.com' });
    const bob = new Secret(plain.tokenOf('bob', 'user:admin'));
    const bobs = openQuay({ url: new URL(plain.quay.url), http, token: bob });
    await bobs.call('createOrganization', { body: { name: 'bobs', email: 'bobs@example.com' } });
    const quay = openQuay({ url: new URL(plain.quay.url), http, token: new Secret(plain.token) });
    await detectFeatures(quay);
    expect((await namespacesSeen(quay)).names).toEqual(['admin', 'mine']);
  });

  test('of someone without a repository are none', async () => {
    await using bare = await startQuaySide();
    const token = new Secret(bare.tokenOf('ana', 'repo:read'));
    const quay = openQuay({ url: new URL(bare.quay.url), http, token });
    await detectFeatures(quay);
    expect(await namespacesSeen(quay)).toEqual({ names: [], isMember: false });
  });
});

describe('the repositories of a namespace', () => {
  test('are listed to their end', async () => {
    expect((await inventoryOf(await as('admin', 'repo:read'), ['payments'])).size).toBe(120);
  });

  test('are the public ones for someone who has no part in it', async () => {
    const found = await inventoryOf(await as('ana', 'repo:read'), ['payments', 'stores', 'nowhere']);
    expect([...found.keys()]).toEqual(['stores/open']);
  });
});
