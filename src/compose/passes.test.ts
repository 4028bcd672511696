import { describe, expect, test } from 'vitest';
import { startEmbedded } from '../../test/kit/embedded.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { fill } from '../../test/kit/filled.ts';
import type { CopyOutcome } from '../execute/copy.ts';
import { createHttp } from '../http/client.ts';
import type { HttpClient } from '../http/types.ts';
import { digestOf } from '../oci/digest.ts';
import { type FailureClass, TranshipError } from '../oci/errors.ts';
import type { Event } from '../report/events.ts';
import { copy } from './copy.ts';
import { inPasses } from './passes.ts';
import { openSession } from './session.ts';

const good = { ok: true, id: '', digest: digestOf(Buffer.from('')), outcome: 'copied' } as CopyOutcome;
const bad = (failure: FailureClass): CopyOutcome => ({
  ok: false,
  id: '',
  error: new TranshipError('E_CUT', failure, 'The connection broke.'),
});

/** Tasks by the names of their destinations; each destination ends as its script says, pass after pass. */
async function passes(
  waves: readonly (readonly string[][])[],
  script: Record<string, CopyOutcome[]>,
  signal?: AbortSignal,
) {
  const ran: string[] = [];
  const events: Event[] = [];
  const items = await inPasses(
    waves.map((wave) => wave.map((names) => ({ to: names.map((name) => ({ name })) }))),
    {
      run: async ({ to }) => {
        ran.push(to.map(({ name }) => name).join('+'));
        return to.map(({ name }) => ({ destination: name, outcome: script[name]?.shift() ?? good }));
      },
      width: 1,
      emit: (event) => events.push(event),
      now: () => 7,
      signal,
    },
  );
  return { ran, events, items: items.map(({ destination, outcome }) => `${destination} ${outcome.ok}`) };
}

describe('what failed for a reason that may pass', () => {
  test('is tried again at the end, wave after wave, at the destinations that it failed at', async () => {
    const script = { b: [bad('temporary')], x: [bad('temporary'), bad('temporary')] };
    const { ran, items, events } = await passes([[['a', 'b'], ['c']], [['x']]], script);
    expect(ran).toEqual(['a+b', 'c', 'x', 'b', 'x', 'x']);
    expect(items).toEqual(['a true', 'b true', 'c true', 'x true']);
    expect(events).toEqual([
      { type: 'pass-started', at: 7, pass: 2, items: 2 },
      { type: 'pass-started', at: 7, pass: 3, items: 1 },
    ]);
  });

  test('is final after three passes', async () => {
    const { ran, items } = await passes([[['a']]], { a: Array.from({ length: 9 }, () => bad('temporary')) });
    expect(ran).toEqual(['a', 'a', 'a']);
    expect(items).toEqual(['a false']);
  });

  test.each(['failed', 'refused', 'auth', 'unwritable', 'cancelled', 'usage'] as const)(
    'is not what failed as %s',
    async (failure) => {
      const { ran, events } = await passes([[['a']]], { a: [bad(failure)] });
      expect(ran).toEqual(['a']);
      expect(events).toEqual([]);
    },
  );

  test('is left where the run was stopped', async () => {
    const { ran } = await passes([[['a']]], { a: [bad('temporary')] }, AbortSignal.abort());
    expect(ran).toEqual(['a']);
  });
});

test('a copy whose every upload session is cut in the first pass arrives in the second, as one item', async () => {
  await using source = await startEmbedded();
  await using target = await startEmbedded();
  await fill(source, 'corpus/busybox');
  const clock = new FakeClock();
  const real = createHttp({ settings: () => ({}), env: {}, userAgent: 'test' });
  const events: Event[] = [];
  let failed = false;
  const http: HttpClient = {
    request: (request) => real.request(request),
    download: (download) => real.download(download),
    upload: (upload) => {
      if (events.some(({ type }) => type === 'pass-started')) return real.upload(upload);
      failed = true;
      return Promise.reject(new TranshipError('E_CUT', 'temporary', 'The connection broke.'));
    },
    close: () => real.close(),
  };
  await using session = await openSession({ http, clock, emit: (event) => events.push(event) });
  const items = await copy(session, {
    source: `${source.host}/corpus/busybox`,
    destinations: [`${target.host}/copied`],
    allTags: true,
  });
  await real.close();
  expect(failed).toBe(true);
  expect(events.filter(({ type }) => type === 'pass-started')).toMatchObject([{ pass: 2, items: items.length }]);
  expect(items.length).toBeGreaterThan(0);
  expect(items.every(({ outcome }) => outcome.ok)).toBe(true);
});
