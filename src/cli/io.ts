import { jsonPieces } from '../kit/json-pieces.ts';
import type { Output, Runtime } from './runtime.ts';
import { type ColourChoice, type Paint, painter, wantsColour } from './terminal/colour.ts';
import { safeForLog } from './terminal/safe-text.ts';

export const logLevels = ['error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A live part at the bottom of the terminal that has to make room for a line. */
export interface LiveRegion {
  printAbove(text: string): void;
}

export interface IoOptions {
  readonly level: LogLevel;
  readonly colour: ColourChoice;
}

/** The two streams: standard output carries the answer and nothing else; all the rest goes to standard error. */
export class Io {
  readonly level: LogLevel;
  /** For standard output. */
  readonly paint: Paint;
  /** For standard error. */
  readonly paintNote: Paint;
  readonly #runtime: Runtime;
  #scrub: (text: string) => string = (text) => text;
  #live: LiveRegion | undefined;

  constructor(runtime: Runtime, options: IoOptions) {
    this.#runtime = runtime;
    this.level = options.level;
    this.paint = painter(wantsColour(options.colour, runtime.stdout, runtime.env));
    this.paintNote = painter(wantsColour(options.colour, runtime.stderr, runtime.env));
  }

  /** Takes secrets out of everything that goes to standard error from now on. */
  scrubWith(scrub: (text: string) => string): void {
    this.#scrub = scrub;
  }

  /** Lines appear above `region` while it lives. */
  attach(region: LiveRegion): () => void {
    this.#live = region;
    return () => {
      this.#live = undefined;
    };
  }

  /** One line of the answer. */
  answer(line: string): void {
    this.#runtime.stdout.write(`${line}\n`);
  }

  /** Nobody reads the answer any more: what is only looked up to be printed need not be. */
  get isAnswerLost(): boolean {
    return this.#runtime.stdout.isLost === true;
  }

  /** A line of a long answer; waits while the reader is slower than we are, so that nothing piles up. */
  async answerSlowly(line: string): Promise<void> {
    await writeAndDrain(this.#runtime.stdout, `${line}\n`);
  }

  json(value: unknown): void {
    this.answer(JSON.stringify(value, null, 2));
  }

  /** The same for a large value: written piece by piece, as fast as the reader takes it. */
  async jsonSlowly(value: unknown): Promise<void> {
    for (const piece of jsonPieces(value)) await writeAndDrain(this.#runtime.stdout, piece);
    this.answerRaw('\n');
  }

  /** Bytes as they are, such as a manifest's. */
  answerRaw(text: string): void {
    this.#runtime.stdout.write(text);
  }

  error(text: string): void {
    this.#print(text);
  }

  warn(text: string): void {
    if (this.shows('warn')) this.#print(`${this.paintNote('warn', '!')} ${text}`);
  }

  note(text: string): void {
    if (this.shows('info')) this.#print(text);
  }

  debug(text: string): void {
    if (this.shows('debug')) this.#print(this.paintNote('dim', text));
  }

  shows(level: LogLevel): boolean {
    return logLevels.indexOf(level) <= logLevels.indexOf(this.level);
  }

  #print(text: string): void {
    const safe = safeForLog(this.#scrub(text), this.#runtime.env);
    if (this.#live === undefined) this.#runtime.stderr.write(`${safe}\n`);
    else this.#live.printAbove(safe);
  }
}

function writeAndDrain(output: Output, text: string): Promise<void> {
  if (output.write(text)) return Promise.resolve();
  return new Promise((resolve) => output.once('drain', () => resolve()));
}
