import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cases } from './cases.ts';
import { exceptions, strangersOn } from './exceptions.ts';
import { Target } from './target.ts';

/** A suite that nothing can fail says nothing; this one is held against registries that are plainly wrong. */
describe('the conformance suite', () => {
  test('has at least two hundred cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
  });

  test('names each case once', () => {
    expect(new Set(cases.map((one) => one.id)).size).toBe(cases.length);
  });

  test.each(Object.entries(exceptions))('the exceptions of %s are cases', (_name, known) => {
    expect(strangersOn(known, cases)).toEqual([]);
  });

  describe.each([
    { status: 500, why: 'answers 500 to everything' },
    { status: 301, why: 'sends everybody elsewhere' },
  ])('against a registry that $why', ({ status }) => {
    const answersAlike = constantServer(status);

    test('fails every case', async () => {
      const passed = await passing(answersAlike.origin());
      expect(passed).toEqual([]);
    });
  });

  describe('against a registry that says yes to everything', () => {
    const answersAlike = constantServer(200);

    test('fails every case that is not about being let through', async () => {
      const passed = await passing(answersAlike.origin());
      expect(passed.filter((id) => !id.startsWith('ping: '))).toEqual([]);
    });
  });
});

function constantServer(status: number): { origin(): URL } {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status, { location: '/elsewhere' }).end());
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise<unknown>((resolve) => server.close(resolve)));
  return { origin: () => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

async function passing(origin: URL): Promise<readonly string[]> {
  using target = new Target({ origin, existing: { repository: 'a', tag: 'b' }, username: 'u', password: 'p' });
  const passed: string[] = [];
  for (const { id, run } of cases) {
    if (
      await run(target).then(
        () => true,
        () => false,
      )
    )
      passed.push(id);
  }
  return passed;
}
