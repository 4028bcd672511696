import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { copying, destination, v1 } from '../../test/kit/copying.ts';
import { counting } from '../../test/kit/counting.ts';
import { Ledger } from './ledger.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A destination that does well, and one whose pushes of blobs last until told otherwise. */
function pair() {
  const set = copying();
  set.make.tag('v1', set.make.image(['one', 'two', 'three'].map((text) => set.make.blob(text))));
  const goesOn = Promise.withResolvers<void>();
  const push = async (signal: AbortSignal, call: () => unknown) => {
    await Promise.race([goesOn.promise, new Promise((_, stop) => signal.addEventListener('abort', stop))]);
    return call();
  };
  const slow = counting(destination('slow'), (method, args, call) =>
    method === 'pushBlob' ? push((args[2] as { signal: AbortSignal }).signal, call) : call(),
  );
  const places = [destination('good'), slow.place].map((place) => ({ place, tags: v1 }));
  return { ...set, places, slow, goesOn };
}

describe('a destination that stands still while others are done', () => {
  it('fails for now, and is not begun with further images, unless it comes by itself', async () => {
    const { all, places, slow, goesOn } = pair();
    const ledger = new Ledger();
    const copied = all(places, {}, { leavesBehind: true, ledger });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await copied).toMatchObject([
      { ok: true },
      { ok: false, error: { code: 'E_LEFT_BEHIND', failure: 'temporary', side: 'destination' } },
    ]);

    slow.calls.reset();
    const next = await all(places, {}, { leavesBehind: true, ledger });
    expect(next).toMatchObject([{ ok: true }, { ok: false, error: { code: 'E_LEFT_BEHIND' } }]);
    expect(slow.calls.log).toEqual([]);

    goesOn.resolve();
    expect(await all(places.slice(1), {}, { leavesBehind: true, ledger })).toMatchObject([{ ok: true }]);
  });

  it('is waited for where nobody tries again later', async () => {
    const { all, places, goesOn } = pair();
    const copied = all(places);
    await vi.advanceTimersByTimeAsync(600_000);
    goesOn.resolve();
    expect(await copied).toMatchObject([{ ok: true }, { ok: true }]);
  });

  it('does not, as long as anything arrives there, for this image or another', async () => {
    const { all, places, goesOn } = pair();
    const ledger = new Ledger();
    const copied = all(places, {}, { leavesBehind: true, ledger });
    for (let seconds = 0; seconds < 200; seconds += 20) {
      await vi.advanceTimersByTimeAsync(20_000);
      ledger.repository(places[1]!.place).registry.pulse.beat();
    }
    goesOn.resolve();
    expect(await copied).toMatchObject([{ ok: true }, { ok: true }]);
  });
});
