import type { Digest } from '../../oci/digest.ts';
import type { Event } from '../../report/events.ts';

/** A blob on its way. */
export interface ActiveBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly destination: string;
  readonly bytes: number;
}

/** What is told about a copy that went well. Failures are told once, by whoever returns the exit code. */
export interface FinishedCopy {
  readonly source: string;
  readonly destination: string;
  readonly milliseconds: number;
  readonly mounted: number;
  readonly present: number;
  readonly result: Event & { type: 'copy-finished' };
}

interface RunningCopy {
  readonly source: string;
  readonly destination: string;
  readonly startedAt: number;
  mounted: number;
  present: number;
  /** Bytes of its blobs, once its graph is known, and those that are settled. */
  planned: number;
  settled: number;
}

interface Waiting {
  readonly host: string;
  readonly until: number;
  readonly reason: string;
}

/** Rates over a shorter time jump about, over a longer one they lag. */
const rateWindowMs = 5_000;

/** What the first small blobs took says nothing of the hours that are left. */
const shortestMeasureMs = 500;

/** Follows the events of a run, as far as somebody who watches wants to know. */
export class ProgressState {
  readonly #copies = new Map<string, RunningCopy>();
  readonly #active = new Map<string, ActiveBlob>();
  readonly #samples: { at: number; moved: number }[] = [];
  #waiting: Waiting | undefined;
  #moved = 0;
  /** Of copies that ended. */
  #bytesBefore = 0;
  finished = 0;
  failed = 0;

  /** Takes an event; a copy that finished with it is returned. */
  apply(event: Event): FinishedCopy | undefined {
    switch (event.type) {
      case 'copy-started':
        this.#copies.set(event.copy, {
          source: event.source,
          destination: event.destination,
          startedAt: event.at,
          mounted: 0,
          present: 0,
          planned: 0,
          settled: 0,
        });
        return undefined;
      case 'copy-planned':
        this.#onCopy(event.copy, (copy) => {
          copy.planned = event.bytes;
        });
        return undefined;
      case 'blob-started':
        this.#startBlob(event);
        return undefined;
      case 'blob-progress':
        this.#moveBlob(event);
        return undefined;
      case 'blob-finished':
        this.#finishBlob(event);
        return undefined;
      case 'copy-finished':
        return this.#finish(event);
      case 'copy-failed':
        this.failed += 1;
        this.#end(event.copy);
        return undefined;
      case 'pass-started':
        // What is tried again has not failed yet.
        this.failed = Math.max(0, this.failed - event.items);
        return undefined;
      case 'waiting':
        this.#waiting = { host: event.host, until: event.at + event.milliseconds, reason: event.reason };
        return undefined;
      default:
        return undefined;
    }
  }

  get running(): number {
    return this.#copies.size;
  }

  /** Blobs on their way, those with most left to move first. */
  active(): readonly ActiveBlob[] {
    return [...this.#active.values()].toSorted((a, b) => b.size - b.bytes - (a.size - a.bytes));
  }

  totals(): { readonly done: number; readonly total: number } {
    let done = this.#bytesBefore;
    let total = this.#bytesBefore;
    for (const copy of this.#copies.values()) {
      done += copy.settled;
      total += Math.max(copy.planned, copy.settled);
    }
    for (const blob of this.#active.values()) done += blob.bytes;
    return { done: Math.min(done, total), total };
  }

  waiting(now: number): Waiting | undefined {
    return this.#waiting !== undefined && this.#waiting.until > now ? this.#waiting : undefined;
  }

  /** Bytes a second that really moved, over the last seconds; 0 where nothing can be told yet. */
  rate(now: number): number {
    this.#forgetOldSamples(now);
    const first = this.#samples[0];
    if (first === undefined || now - first.at < shortestMeasureMs) return 0;
    return ((this.#moved - first.moved) * 1000) / (now - first.at);
  }

  #startBlob(event: Event & { type: 'blob-started' }): void {
    const destination = this.#copies.get(event.copy)?.destination ?? event.copy;
    const { digest, size } = event;
    this.#active.set(blobKey(event), { digest, size, destination, bytes: 0 });
    if (this.#samples.length === 0) this.#samples.push({ at: event.at, moved: 0 });
  }

  #moveBlob(event: Event & { type: 'blob-progress' }): void {
    const blob = this.#active.get(blobKey(event));
    if (blob === undefined) return;
    this.#moved += Math.max(event.bytes - blob.bytes, 0);
    this.#active.set(blobKey(event), { ...blob, bytes: event.bytes });
    const last = this.#samples.at(-1);
    if (last === undefined || event.at - last.at >= 100) this.#samples.push({ at: event.at, moved: this.#moved });
    this.#forgetOldSamples(event.at);
  }

  #forgetOldSamples(now: number): void {
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > rateWindowMs) this.#samples.shift();
  }

  #finishBlob(event: Event & { type: 'blob-finished' }): void {
    const blob = this.#active.get(blobKey(event));
    this.#active.delete(blobKey(event));
    if (blob !== undefined && event.outcome === 'copied') this.#moved += Math.max(event.size - blob.bytes, 0);
    this.#onCopy(event.copy, (copy) => {
      copy.settled += event.size;
      if (event.outcome === 'mounted') copy.mounted += 1;
      if (event.outcome === 'present') copy.present += 1;
    });
  }

  #finish(event: Event & { type: 'copy-finished' }): FinishedCopy | undefined {
    const copy = this.#end(event.copy);
    if (copy === undefined) return undefined;
    this.finished += 1;
    const { source, destination, mounted, present } = copy;
    return { source, destination, mounted, present, result: event, milliseconds: event.at - copy.startedAt };
  }

  #end(id: string): RunningCopy | undefined {
    const copy = this.#copies.get(id);
    if (copy === undefined) return undefined;
    this.#copies.delete(id);
    for (const key of this.#active.keys()) if (key.startsWith(`${id} `)) this.#active.delete(key);
    this.#bytesBefore += copy.settled;
    return copy;
  }

  #onCopy(id: string, change: (copy: RunningCopy) => void): void {
    const copy = this.#copies.get(id);
    if (copy !== undefined) change(copy);
  }
}

function blobKey(event: { readonly copy: string; readonly digest: Digest }): string {
  return `${event.copy} ${event.digest}`;
}
