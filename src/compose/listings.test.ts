import { expect, test } from 'vitest';
import { HurriedClock } from '../../test/kit/client.ts';
import { startScripted } from '../../test/kit/scripted-registry.ts';
import type { RegistryConfig } from '../config/types.ts';
import { Listings } from './listings.ts';
import { openSession } from './session.ts';

async function listingsOf(registry: RegistryConfig, env: Record<string, string> = {}) {
  const session = await openSession({ clock: new HurriedClock() });
  const config = { version: 1, registries: { it: registry }, stages: [] } as const;
  const listings = new Listings(session, { config, file: 'tranship.yaml', env });
  return { listings, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}

test('what could not be opened is opened by the next who asks, and then no more', async () => {
  const env: Record<string, string> = {};
  const api = { token: { env: 'TOKEN' } };
  await using test = await listingsOf({ host: 'r.example.com', plainHttp: true, kind: 'harbor', api }, env);
  await expect(test.listings.of('it')).rejects.toThrow('TOKEN');
  env['TOKEN'] = 'secret';
  const opened = await test.listings.of('it');
  expect(opened.kind).toBe('harbor');
  expect(await test.listings.of('it')).toBe(opened);
});

test('a registry that did not answer is asked again what it is, until it answers', async () => {
  let isUp = false;
  await using server = await startScripted((seen) => {
    const challenge = `Bearer realm="http://${seen.headers['host']}/service/token",service="it"`;
    return isUp ? { status: 401, headers: { 'www-authenticate': challenge } } : seen.cut();
  });
  await using test = await listingsOf({ host: server.host, plainHttp: true });
  expect((await test.listings.of('it')).kind).toBeUndefined();
  isUp = true;
  expect((await test.listings.of('it')).kind).toBe('harbor');
  const asked = server.log.length;
  expect((await test.listings.of('it')).kind).toBe('harbor');
  expect(server.log).toHaveLength(asked);
});
