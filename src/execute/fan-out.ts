import type { BlobSource, CallOptions, Chunk } from '../oci/ports.ts';
import { Reader } from './fan-out-reader.ts';
import { laggardMs, rendezvousMs } from './limits.ts';
import { shareChunk } from './shared-chunk.ts';

/** One reader's share of a download. */
export interface Branch extends BlobSource {
  /** This reader does not read now, or no more: nobody waits for it. Opening later makes a download of its own. */
  leave(): void;
}

export interface FanOutTiming {
  readonly rendezvousMs: number;
  readonly laggardMs: number;
}

const usualTiming: FanOutTiming = { rendezvousMs, laggardMs };

/**
 * One download for several readers: each chunk is read once and goes to all, and its buffer goes back after the last. The slowest
 * reader sets the pace, unless it takes nothing for a while: then it is split off and reads on by itself. So does a reader that
 * opens late, again, or at an offset.
 */
export class FanOut {
  readonly #source: BlobSource;
  readonly #timing: FanOutTiming;
  readonly #readers = new Set<Reader>();
  readonly #stop = new AbortController();
  #expected: number;
  #timer: NodeJS.Timeout | undefined;
  #started = false;

  constructor(source: BlobSource, expected: number, timing: FanOutTiming = usualTiming) {
    this.#source = source;
    this.#expected = expected;
    this.#timing = timing;
  }

  branch(): Branch {
    let expected = true;
    let reader: Reader | undefined;
    const arrive = (): boolean => {
      const first = expected;
      if (first) this.#expected -= 1;
      expected = false;
      return first;
    };
    return {
      open: async (offset, options = {}) => {
        reader?.close();
        reader = arrive() && offset === 0 ? this.#join(options) : undefined;
        this.#startWhenComplete();
        return reader?.stream() ?? this.#source.open(offset, options);
      },
      leave: () => {
        arrive();
        reader?.close();
        this.#startWhenComplete();
      },
    };
  }

  /** A part in the shared download, or `undefined` where it is under way already or nobody else would read. */
  #join(options: CallOptions): Reader | undefined {
    if (this.#started || (this.#expected <= 0 && this.#readers.size === 0)) return undefined;
    const reader = new Reader(this.#source, (gone) => this.#drop(gone), options);
    this.#readers.add(reader);
    this.#timer ??= setTimeout(() => this.#start(), this.#timing.rendezvousMs);
    return reader;
  }

  #startWhenComplete(): void {
    if (this.#expected <= 0 && this.#readers.size > 0) this.#start();
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    clearTimeout(this.#timer);
    if (this.#readers.size > 0) void this.#pump();
  }

  /** Never rejects: a failure of the download reaches every reader through its stream. */
  async #pump(): Promise<void> {
    try {
      for await (const chunk of await this.#source.open(0, { signal: this.#stop.signal })) {
        await this.#hand(chunk);
        if (this.#readers.size === 0) break;
      }
      for (const reader of this.#readers) reader.finish();
    } catch (error) {
      for (const reader of this.#readers) reader.fail(error);
    }
  }

  async #hand(chunk: Chunk): Promise<void> {
    const readers = [...this.#readers];
    if (readers.length === 0) return chunk.release();
    const shared = shareChunk(chunk, readers.length);
    for (const reader of readers) reader.put(shared);
    await this.#untilTaken(readers);
  }

  /** Waits for every reader to take what it was handed; once one did, the others have the laggard's time. */
  async #untilTaken(readers: readonly Reader[]): Promise<void> {
    const pending = waitsOf(readers);
    if (pending.length === 0) return;
    if (pending.length === readers.length) await Promise.race(pending);
    const rest = readers.filter((reader) => reader.isFull);
    if (rest.length === 0) return;
    const timer = setTimeout(() => this.#splitOff(rest), this.#timing.laggardMs);
    await Promise.all(waitsOf(rest));
    clearTimeout(timer);
  }

  /** Only while somebody else moves: a reader that is slow alone delays nobody. */
  #splitOff(suspects: readonly Reader[]): void {
    if (suspects.length === this.#readers.size) return;
    for (const reader of suspects) {
      if (!reader.isFull) continue;
      this.#readers.delete(reader);
      reader.detach();
    }
  }

  #drop(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size === 0 && this.#started) this.#stop.abort(new Error('nobody reads any more'));
  }
}

function waitsOf(readers: readonly Reader[]): readonly Promise<void>[] {
  return readers.map((reader) => reader.taken()).filter((taken) => taken !== undefined);
}
