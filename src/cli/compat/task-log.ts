/** Tells run-reposync's lines while a run goes on, and knows at the end what became of every task. */

import type { TaskNames } from '../../compat/reposync/tasks.ts';
import { type Counts, type FailedTask, progressLine, pythonDuration } from '../../compat/reposync/texts.ts';
import type { Event, Failure } from '../../report/events.ts';
import type { Report } from '../../report/report.ts';

interface TaskLogOptions {
  /** One line for standard error. */
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly debug: boolean;
}

const progressEveryMs = 5000;

export class TaskLog {
  readonly #names: TaskNames;
  readonly #options: TaskLogOptions;
  readonly #running = new Map<string, { readonly task: string; readonly startedAt: number }>();
  readonly #copied = new Set<string>();
  readonly #failures = new Map<string, FailedTask>();
  #same = 0;
  #known = 0;

  constructor(names: TaskNames, options: TaskLogOptions) {
    this.#names = names;
    this.#options = options;
  }

  readonly listen = (event: Event): void => {
    if (event.type === 'repository-planned') {
      const { items, same, trusted } = event.plan;
      this.#known += items.length + same + trusted;
      this.#same += same + trusted;
      if (same > 0)
        this.#debug(`⏭️  ${event.plan.source.location} → ${event.plan.destination.location} — ${same} same digest`);
    } else if (event.type === 'copy-started') {
      const task = this.#names.of(event.stage ?? '', targetOf(event));
      this.#running.set(event.copy, { task, startedAt: event.at });
    } else if (event.type === 'copy-finished') this.#finished(event);
    else if (event.type === 'warning') this.#options.write(`WARNING: ${event.message}`);
  };

  /** Prints how far it is, every few seconds, until the result is disposed of. */
  everyFewSeconds(): Disposable {
    const timer = setInterval(() => this.#progress(), progressEveryMs).unref();
    return {
      [Symbol.dispose]: () => clearInterval(timer),
    };
  }

  /** Whether a task failed shows at the end: what failed for a passing reason is tried again before. */
  finish({ items }: Report): void {
    for (const { outcome, stage, destination, error, milliseconds = 0 } of items) {
      if (outcome !== 'failed' && outcome !== 'not-reached' && outcome !== 'blocked') continue;
      const hasTag = destination.lastIndexOf(':') > destination.lastIndexOf('/');
      const tasks = hasTag ? [this.#names.of(stage, destination)] : this.#names.ofRepository(stage, destination);
      for (const task of tasks) {
        this.#copied.delete(task);
        this.#failures.set(task, { task, error: wordsOf(error, outcome) });
        const { code = outcome, message = '' } = error ?? {};
        this.#options.write(`ERROR: ❌ [${pythonDuration(milliseconds)}] ${task} — error: ${code}: ${message}`);
      }
    }
    this.#progress();
  }

  result(): { readonly copied: readonly string[]; readonly same: number; readonly failures: readonly FailedTask[] } {
    return { copied: [...this.#copied], same: this.#same, failures: [...this.#failures.values()] };
  }

  #finished(event: Event & { type: 'copy-finished' }): void {
    const running = this.#running.get(event.copy);
    if (running === undefined) return;
    const took = pythonDuration(event.at - running.startedAt);
    if (event.outcome === 'same') {
      this.#same += 1;
      return this.#debug(`⏭️  [${took}] ${running.task} — same digest`);
    }
    this.#copied.add(running.task);
    return this.#options.write(`INFO: ✅ [${took}] ${running.task} — copied`);
  }

  #progress(): void {
    const counts: Counts = { copied: this.#copied.size, same: this.#same, failed: this.#failures.size };
    const total = Math.max(this.#known, counts.copied + counts.same + counts.failed);
    this.#options.write(`INFO: ${progressLine(counts, total)}`);
  }

  #debug(line: string): void {
    if (this.#options.debug) this.#options.write(`DEBUG: ${line}`);
  }
}

/** A copy is named `source → destination`; the destination has its tag there, whatever the event says of digests. */
function targetOf({ copy, destination }: Event & { type: 'copy-started' }): string {
  return copy.split(' → ').at(-1) ?? destination;
}

function wordsOf(error: Failure | undefined, outcome: string): string {
  if (error === undefined) return outcome;
  const { code, message, side, subject, serverSaid, hint } = error;
  return [
    `${code}: ${message}`,
    ...(subject === undefined ? [] : [`at: ${side === undefined ? '' : `${side} `}${subject}`]),
    ...(serverSaid === undefined ? [] : [`the server said: ${serverSaid}`]),
    ...(hint === undefined ? [] : [`what to do: ${hint}`]),
  ].join('\n');
}
