import type { Io, LiveRegion } from '../io.ts';
import type { Output } from '../runtime.ts';
import { liveLines } from './lines.ts';
import type { ProgressState } from './state.ts';

export interface LiveOptions {
  readonly io: Io;
  readonly output: Output;
  readonly state: ProgressState;
  readonly now: () => number;
  readonly everyMs?: number;
}

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

/** Keeps the live lines at the bottom of a terminal until it is disposed of. Lines of others scroll up above them. */
export class LiveProgress implements LiveRegion, Disposable {
  readonly #options: LiveOptions;
  readonly #detach: () => void;
  readonly #timer: NodeJS.Timeout;
  #drawn = 0;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#detach = options.io.attach(this);
    options.output.write(hideCursor);
    this.#timer = setInterval(() => this.draw(), options.everyMs ?? 100);
    this.#timer.unref();
  }

  /** One write a picture, so that a terminal never shows half of one. */
  draw(): void {
    const { output, state, now, io } = this.#options;
    const columns = Math.max((output.columns ?? 80) - 1, 20);
    const lines = state.running === 0 ? [] : liveLines(state, now(), columns, io.paintNote);
    output.write(this.#erase() + lines.map((line) => `${line}\n`).join(''));
    this.#drawn = lines.length;
  }

  printAbove(text: string): void {
    this.#options.output.write(`${this.#erase()}${text}\n`);
    this.#drawn = 0;
    this.draw();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#options.output.write(this.#erase() + showCursor);
    this.#drawn = 0;
    this.#detach();
  }

  #erase(): string {
    return this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A\r\u001b[J`;
  }
}
