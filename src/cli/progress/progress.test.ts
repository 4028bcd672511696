import { describe, expect, test } from 'vitest';
import { widthOf } from '../../kit/text.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import type { Event } from '../../report/events.ts';
import { painter } from '../terminal/colour.ts';
import { finishedLine, liveLines, overallText } from './lines.ts';
import { type FinishedCopy, ProgressState } from './state.ts';
import { traceTo } from './trace.ts';

const plain = painter(false);
const one = digestOf(Buffer.from('one'));
const two = digestOf(Buffer.from('two'));
const copy = 'a → b';

function following(...events: readonly Event[]) {
  const state = new ProgressState();
  const finished = events.map((event) => state.apply(event)).filter((copied) => copied !== undefined);
  return { state, finished };
}

const started = (at = 0): Event => ({ type: 'copy-started', copy, source: 'a', destination: 'b', at });
const planned = (bytes: number): Event => ({ type: 'copy-planned', copy, digest: one, blobs: 2, bytes, at: 0 });
const blob = (type: 'blob-started', digest: Digest, size: number, at = 0): Event => ({ type, copy, digest, size, at });
const moved = (digest: Digest, bytes: number, at: number): Event => ({
  type: 'blob-progress',
  copy,
  digest,
  bytes,
  at,
});
const done = (digest: Digest, size: number, outcome: 'copied' | 'mounted' | 'present', at = 0): Event => ({
  type: 'blob-finished',
  copy,
  digest,
  size,
  outcome,
  at,
});
const finished = (more: Partial<Event & { type: 'copy-finished' }> = {}): Event => ({
  type: 'copy-finished',
  copy,
  digest: one,
  outcome: 'copied',
  bytesMoved: 100,
  bytesMounted: 0,
  bytesPresent: 0,
  referrers: 0,
  at: 2_000,
  ...more,
});

describe('the state of a run', () => {
  test('bytes on their way and bytes that are settled both count as done', () => {
    const { state } = following(
      started(),
      planned(300),
      blob('blob-started', one, 200),
      moved(one, 50, 100),
      done(two, 100, 'present'),
    );
    expect(state.totals()).toEqual({ done: 150, total: 300 });
    expect(state.active()).toMatchObject([{ digest: one, bytes: 50, size: 200, destination: 'b' }]);
  });

  test('the rate counts what moved, not what was there', () => {
    const { state } = following(
      started(),
      planned(1000),
      done(two, 800, 'mounted'),
      blob('blob-started', one, 200, 0),
      moved(one, 100, 1_000),
    );
    expect(state.rate(1_000)).toBe(100);
  });

  test('after a resume that falls back nothing is counted twice or negative', () => {
    const { state } = following(
      started(),
      planned(200),
      blob('blob-started', one, 200),
      moved(one, 150, 500),
      moved(one, 100, 600),
    );
    expect(state.totals().done).toBe(100);
    expect(state.rate(1_000)).toBeGreaterThanOrEqual(0);
  });

  test('a finished copy is told with what was saved', () => {
    const { finished: told } = following(
      started(),
      planned(300),
      done(one, 100, 'mounted'),
      done(two, 200, 'present'),
      finished(),
    );
    expect(told).toMatchObject([{ destination: 'b', milliseconds: 2_000, mounted: 1, present: 1 }]);
  });

  test('a failed copy takes its blobs off the screen', () => {
    const error = { code: 'E_X', failure: 'failed', message: 'x' } as const;
    const { state } = following(started(), blob('blob-started', one, 1), { type: 'copy-failed', copy, error, at: 1 });
    expect([state.active().length, state.running, state.failed]).toEqual([0, 0, 1]);
  });

  test('what is tried again does not count as failed', () => {
    const error = { code: 'E_X', failure: 'temporary', message: 'x' } as const;
    const again: Event = { type: 'pass-started', pass: 2, items: 1, at: 2 };
    const { state } = following(started(), { type: 'copy-failed', copy, error, at: 1 }, again, started(3), finished());
    expect([state.failed, state.finished]).toEqual([0, 1]);
  });

  test('events of copies that nobody announced change nothing', () => {
    const { state, finished: told } = following(planned(5), done(one, 5, 'copied'), finished());
    expect([state.totals(), told]).toEqual([{ done: 0, total: 0 }, []]);
  });
});

describe('lines', () => {
  const told = (
    more: Partial<FinishedCopy> = {},
    event: Partial<Event & { type: 'copy-finished' }> = {},
  ): FinishedCopy => ({
    source: 'a',
    destination: 'dr.example.com/app:1.4',
    milliseconds: 2_100,
    mounted: 3,
    present: 0,
    result: finished({ bytesMoved: 12_000_000, ...event }) as Event & { type: 'copy-finished' },
    ...more,
  });

  test('a copy that went well', () => {
    expect(finishedLine(told(), plain)).toBe('✓ dr.example.com/app:1.4  copied 12.0 MB, 3 blobs mounted, 2.1 s');
  });

  test('a copy that a dry run only foresees', () => {
    const line = finishedLine(told(), plain, { dryRun: true });
    expect(line).toBe('+ dr.example.com/app:1.4  to be copied 12.0 MB, 3 blobs to be mounted, 2.1 s');
  });

  test('a tag that moved says what it was', () => {
    expect(finishedLine(told({}, { outcome: 'updated', previous: two }), plain)).toMatch(/^~ .*, was sha256:\w{12}…$/);
  });

  test('nothing to do', () => {
    expect(finishedLine(told({}, { outcome: 'same' }), plain)).toBe('= dr.example.com/app:1.4  the same already');
  });

  test('the live part fits the terminal, whatever its width', () => {
    const { state } = following(started(), planned(5e9), blob('blob-started', one, 4e9), moved(one, 1e9, 1_000), {
      type: 'waiting',
      host: 'registry.example.com',
      milliseconds: 30_000,
      reason: 'the registry asked for a pause',
      at: 1_000,
    });
    for (const columns of [20, 40, 79, 200]) {
      for (const line of liveLines(state, 1_500, columns, plain))
        expect(widthOf(line)).toBeLessThanOrEqual(Math.max(columns, 38));
    }
    expect(liveLines(state, 1_500, 100, plain).at(-1)).toContain('waiting 30 s for registry.example.com');
    expect(liveLines(state, 60_000, 100, plain).join()).not.toContain('waiting');
  });

  test('in a log a long wait is told of in any case, a short one and one that another form tells are not', () => {
    const wait = { type: 'waiting', host: 'registry.example.com', reason: 'no answer yet to GET tags', at: 0 } as const;
    const notedBy = (progress: string | undefined, event: Event) => {
      const noted: string[] = [];
      const io = { note: (text: string) => noted.push(text), debug: () => {}, shows: () => false };
      traceTo(io, progress)(event);
      return noted;
    };
    const line = '… waiting up to 50 s for registry.example.com: no answer yet to GET tags';
    expect(notedBy(undefined, { ...wait, milliseconds: 50_000, atMost: true })).toEqual([line]);
    expect(notedBy('plain', { ...wait, milliseconds: 50_000 })).toEqual([line.replace('up to ', '')]);
    expect(notedBy('json', { ...wait, milliseconds: 50_000 })).toEqual([]);
    expect(notedBy('none', { ...wait, milliseconds: 50_000 })).toEqual([]);
    expect(notedBy(undefined, { ...wait, milliseconds: 2_000 })).toEqual([]);
  });

  test('many blobs are summed up', () => {
    const digests = Array.from({ length: 9 }, (_, index) => digestOf(Buffer.from(String(index))));
    const { state } = following(started(), planned(900), ...digests.map((digest) => blob('blob-started', digest, 100)));
    expect(liveLines(state, 1, 100, plain)).toHaveLength(1 + 6 + 1);
    expect(liveLines(state, 1, 100, plain).at(-1)).toContain('and 3 more blobs');
  });

  test('a line for a log', () => {
    const { state } = following(started(), planned(200), blob('blob-started', one, 200), moved(one, 100, 1_000));
    expect(overallText(state, 1_000)).toBe('100 B of 200 B (50 %), 100 B/s, 1.0 s left');
  });

  test('a few milliseconds do not tell how long it will take', () => {
    const { state } = following(started(), planned(40_000_000), blob('blob-started', one, 1_000), moved(one, 600, 90));
    expect(overallText(state, 100)).not.toMatch(/left|\/s/);
  });
});
