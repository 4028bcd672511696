import type { Report } from './report.ts';

type Warning = Report['warnings'][number];

/** Warnings that are kept; a source with a hundred thousand odd tags must not fill the memory. */
const mostWarnings = 500;

/** Each warning once, the first ones of them, and how many more there were. */
export class Warnings {
  readonly #known = new Map<string, Warning>();
  #more = 0;

  add({ code, message, subject }: Warning): void {
    const key = JSON.stringify([code, message, subject]);
    if (this.#known.has(key)) return;
    if (this.#known.size < mostWarnings) {
      this.#known.set(key, { code, message, ...(subject !== undefined && { subject }) });
    } else this.#more += 1;
  }

  all(): readonly Warning[] {
    const more = { code: 'W_MORE', message: `${this.#more} more warnings were left out here` };
    return [...this.#known.values(), ...(this.#more > 0 ? [more] : [])];
  }
}
