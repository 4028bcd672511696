import { expect, test } from 'vitest';
import { z } from 'zod';
import { testHttp } from '../../test/kit/http.ts';
import { type Handler, serve } from '../../test/kit/test-server.ts';
import { Secret } from '../kit/secret.ts';
import { type ApiOptions, openApi } from './api.ts';

const shape = z.looseObject({ name: z.string() });
const call = { what: 'The listing of tags', subject: 'registry.example.com/a', path: '/things?n=1' };

async function server(handler: Handler, authorization: ApiOptions['authorization'] = async () => undefined) {
  const running = await serve(handler);
  const client = testHttp();
  const base = new URL(`http://127.0.0.1:${running.port}/api/v2.0/`);
  return {
    api: openApi({ base, http: client.http, authorization }),
    seen: running.seen,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await running[Symbol.asyncDispose]();
    },
  };
}

const json = (document: unknown, status = 200): Handler => {
  return (_request, response) => response.writeHead(status).end(JSON.stringify(document));
};

test('a path stands below the base, whether that ends in a slash or not', async () => {
  await using running = await server(json({ name: 'x', more: 1 }));
  expect(await running.api.read(call, shape)).toEqual({ name: 'x', more: 1 });
  expect(running.seen[0]?.url).toBe('/api/v2.0/things?n=1');
});

test('a redirect to a page for signing in is not followed', async () => {
  await using elsewhere = await serve(json({ name: 'trap' }));
  const location = `http://127.0.0.1:${elsewhere.port}/login`;
  const sendAway: Handler = (_request, response) => response.writeHead(302, { location }).end();
  await using running = await server(sendAway, async () => new Secret('Basic abc'));
  await expect(running.api.read(call, shape)).rejects.toMatchObject({ code: 'E_REFUSED', serverSaid: 'HTTP 302' });
  expect(elsewhere.seen).toEqual([]);
});

test('one 401 is answered with a renewed authorisation, a second one stands', async () => {
  const renewals: boolean[] = [];
  await using running = await server(json({ message: 'expired' }, 401), async ({ renewed }) => {
    renewals.push(renewed);
    return new Secret(renewed ? 'Bearer new' : 'Bearer old');
  });
  await expect(running.api.read(call, shape)).rejects.toMatchObject({ code: 'E_UNAUTHORIZED', failure: 'auth' });
  expect(running.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  expect(renewals).toEqual([false, true]);
});

test('an authorisation that cannot be renewed is sent once', async () => {
  await using running = await server(json({}, 401), async () => new Secret('Basic same'));
  await expect(running.api.read(call, shape)).rejects.toMatchObject({ code: 'E_UNAUTHORIZED' });
  expect(running.seen).toHaveLength(1);
});

test('what is made is sent once, and a failure of the server says nothing about it', async () => {
  await using running = await server(json({ message: 'oops' }, 500));
  const creation = running.api.create({ ...call, document: { a: 1 } });
  await expect(creation).rejects.toMatchObject({ code: 'E_SERVER', serverSaid: 'HTTP 500 oops' });
  expect(running.seen).toHaveLength(1);
});

test.each([
  ['another document', json([1, 2])],
  ['no document', ((_request, response) => response.writeHead(200).end('<html>hello</html>')) satisfies Handler],
  ['nothing', ((_request, response) => response.writeHead(200).end()) satisfies Handler],
])('%s with status 200 is no listing', async (_, handler) => {
  await using running = await server(handler);
  await expect(running.api.read(call, shape)).rejects.toMatchObject({ code: 'E_LISTING' });
});

test.each([
  [403, 'E_DENIED', 'auth', { errors: [{ code: 'DENIED', message: 'no rights' }] }, 'HTTP 403 no rights'],
  [404, 'E_REPOSITORY_UNKNOWN', 'failed', { detail: 'not here' }, 'HTTP 404 not here'],
  [418, 'E_REFUSED', 'failed', { error: 'tea\u001b[31m only\n' }, 'HTTP 418 tea [31m only'],
  [400, 'E_REFUSED', 'failed', {}, 'HTTP 400 {}'],
  [500, 'E_SERVER', 'temporary', { message: 'x'.repeat(500) }, `HTTP 500 ${'x'.repeat(200)}`],
] as const)(
  'HTTP %i is %s, with the words of the server made safe',
  async (status, code, failure, document, serverSaid) => {
    await using running = await server(json(document, status));
    await expect(running.api.read(call, shape)).rejects.toMatchObject({
      code,
      failure,
      serverSaid,
      subject: 'registry.example.com/a',
      message: expect.stringContaining('The listing of tags'),
    });
  },
);
