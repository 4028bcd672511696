import type { Output } from '../runtime.ts';

/** What this needs of `process.stdout` and `process.stderr`. */
type Stream = Pick<NodeJS.WriteStream, 'write' | 'once' | 'off' | 'isTTY' | 'columns'> & {
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
};

/**
 * A standard stream that outlives its reader: when a pipe is closed at the other end or a disk is full, the rest is
 * dropped and the work goes on. A copy of a thousand tags must not end because `2>&1 | head` has seen enough.
 */
export class LastingOutput implements Output {
  readonly #stream: Stream;
  #failure: NodeJS.ErrnoException | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  get isTTY(): boolean {
    return this.#stream.isTTY;
  }

  get columns(): number {
    return this.#stream.columns;
  }

  get isLost(): boolean {
    return this.#failure !== undefined;
  }

  write(text: string): boolean {
    return this.isLost || this.#stream.write(text);
  }

  /** A stream that fails never drains; whoever waits for it goes on then too. */
  once(event: 'drain', listener: () => void): void {
    const stream = this.#stream;
    const onEither = (): void => {
      stream.off('drain', onEither).off('error', onEither);
      listener();
    };
    stream.once(event, onEither).once('error', onEither);
  }

  async settled(): Promise<NodeJS.ErrnoException | undefined> {
    if (!this.isLost) await new Promise((resolve) => this.#stream.write('', resolve));
    return this.#failure?.code === 'EPIPE' ? undefined : this.#failure;
  }
}
