import { setTimeout as pause } from 'node:timers/promises';
import { type ExpectStatic, test } from 'vitest';
import { copy } from '../../../src/compose/copy.ts';
import { openSession } from '../../../src/compose/session.ts';
import { createHttp } from '../../../src/http/client.ts';
import { isTranshipError, type TranshipError } from '../../../src/oci/errors.ts';
import { exitCodeOf } from '../../../src/oci/exit-code.ts';
import { MemoryRepository } from '../../../src/oci/memory.ts';
import { FakeClock } from '../../kit/fake-clock.ts';
import { imageMaker } from '../../kit/images.ts';
import { type Personality, type ScriptedRegistry, type Store, startScripted } from '../../kit/scripted-registry.ts';

export interface Case {
  readonly source?: Personality;
  readonly destination?: Personality;
  /** Puts something else under the tag than the usual image. */
  readonly fill?: (store: Store) => void;
  readonly allTags?: boolean;
  /** In the message, the server's words or the hint. */
  readonly says?: RegExp;
  /** How long a server may be silent; short where it is meant to be, and long enough for a busy machine elsewhere. */
  readonly quietMs?: number;
  /** For what may be waited in all, where more than usual is right. */
  readonly patienceMs?: number;
  /** How many requests wait together, where that is more than one. */
  readonly atOnce?: number;
}

/** All that is waited for retries, pauses that a server asks for, and passes. */
const usualPatienceMs = 10 * 60 * 1000;

/** Of a server that says nothing every request is one minute: see `limits.headTimeout`. */
const mostSilentRequests = 12;

/** A copy that ends with `E_CODE exit`, in bounded time and leaving nothing at the destination. */
export function ends(expected: string, when: string, one: Case): void {
  test.concurrent(`${when}: ${expected}`, { timeout: 60_000 }, async ({ expect }) => {
    await using from = await startScripted(...(one.source ? [one.source] : []));
    await using to = await startScripted(...(one.destination ? [one.destination] : []));
    fill(from.store);
    one.fill?.(from.store);
    const quietMs = expected.startsWith('E_TIMEOUT') ? 400 : 3000;
    const { error, waited, silent } = await attempt(from, to, { quietMs, ...one });
    if (error === undefined) throw new Error('the copy should have failed');
    const { code, failure, side, message, serverSaid, hint, subject } = error;
    const words = [message, serverSaid, hint].join(' — ');
    expect({ ends: `${code} ${exitCodeOf(failure)}`, side, words }).toEqual({
      ends: expected,
      side: one.destination ? 'destination' : 'source',
      words,
    });
    expect(words).toMatch(one.says ?? /./);
    expect(subject).toBeDefined();
    expect(waited).toBeLessThan(one.patienceMs ?? usualPatienceMs);
    expect(silent / (one.atOnce ?? 1)).toBeLessThanOrEqual(mostSilentRequests);
    await expectNothingLeft(to.store, expect);
  });
}

/** A copy that arrives whole although a server makes it hard. */
export function arrives(when: string, one: Pick<Case, 'source' | 'destination'>): void {
  test.concurrent(`${when}: arrives`, { timeout: 60_000 }, async ({ expect }) => {
    await using from = await startScripted(...(one.source ? [one.source] : []));
    await using to = await startScripted(...(one.destination ? [one.destination] : []));
    fill(from.store);
    const { error, waited } = await attempt(from, to, { quietMs: 5000 });
    expect(error).toBeUndefined();
    expect(waited).toBeLessThan(usualPatienceMs);
    expect(to.store.tags).toEqual(from.store.tags);
    for (const [digest, bytes] of from.store.blobs) expect(to.store.blobs.get(digest)?.equals(bytes)).toBe(true);
    await expectNoUpload(to.store, expect);
  });
}

async function expectNothingLeft({ tags, manifests, uploads }: Store, expect: ExpectStatic): Promise<void> {
  expect([...tags.keys(), ...manifests.keys()]).toEqual([]);
  await expectNoUpload({ uploads }, expect);
}

async function expectNoUpload({ uploads }: Pick<Store, 'uploads'>, expect: ExpectStatic): Promise<void> {
  for (let looks = 0; uploads.size > 0 && looks < 50; looks++) await pause(20);
  expect([...uploads.keys()]).toEqual([]);
}

interface Trial {
  readonly allTags?: boolean;
  readonly quietMs: number;
}

interface Attempt {
  readonly error: TranshipError | undefined;
  /** Milliseconds that would have been slept. */
  readonly waited: number;
  /** Requests that were given up because nothing came. */
  readonly silent: number;
}

async function attempt(
  from: ScriptedRegistry,
  to: ScriptedRegistry,
  { allTags = false, quietMs }: Trial,
): Promise<Attempt> {
  const clock = new FakeClock();
  let silent = 0;
  const http = createHttp({
    settings: () => ({}),
    env: {},
    userAgent: 'test',
    clock,
    timeouts: { connect: 1000, headTimeout: quietMs, idle: quietMs, wait: 60_000, nameRetry: 100 },
    observe: (event) => {
      if (event.type === 'request' && event.error?.startsWith('E_TIMEOUT')) silent += 1;
    },
  });
  try {
    await using session = await openSession({ http, clock });
    const name = ({ host }: ScriptedRegistry) => `${host}/app${allTags ? '' : ':v1'}`;
    const items = await copy(session, { source: name(from), destinations: [name(to)], allTags });
    const [error] = items.flatMap(({ outcome }) => (outcome.ok ? [] : [outcome.error]));
    return { error, waited: clock.now(), silent };
  } catch (error) {
    if (!isTranshipError(error)) throw error;
    return { error, waited: clock.now(), silent };
  } finally {
    await http.close();
  }
}

/** An image of a small layer and one that goes up in a PATCH. Made once, because its digests are not for nothing. */
const memory = new MemoryRepository({ location: 'memory' });
const make = imageMaker(memory);
const root = make.image([make.blob('a small layer'), make.blob(Buffer.alloc(9_000_000, 'large '))]);

function fill(store: Store): void {
  for (const [digest, bytes] of memory.blobs) store.blobs.set(digest, Buffer.from(bytes));
  for (const { bytes, descriptor } of memory.manifests.values()) {
    store.manifests.set(descriptor.digest, { bytes: Buffer.from(bytes), mediaType: descriptor.mediaType });
  }
  store.tags.set('app:v1', root.digest);
}
