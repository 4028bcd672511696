/** What run-reposync prints, in its words: scripts look for them. */

export interface FailedTask {
  readonly task: string;
  /** As many lines as it takes. */
  readonly error: string;
}

/** `0:00:03.123456`, as Python writes a duration. */
export function pythonDuration(milliseconds: number): string {
  const micros = Math.max(0, Math.round(milliseconds * 1000));
  const seconds = Math.floor(micros / 1_000_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${Math.floor(seconds / 3600) % 24}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const fraction = micros % 1_000_000 === 0 ? '' : `.${String(micros % 1_000_000).padStart(6, '0')}`;
  return `${days === 0 ? '' : `${days} day${days === 1 ? '' : 's'}, `}${clock}${fraction}`;
}

export interface Counts {
  readonly copied: number;
  readonly same: number;
  readonly failed: number;
}

export function progressLine({ copied, same, failed }: Counts, total: number): string {
  return `⏳ progress: copied=${copied}, same-digest=${same}, failed=${failed} (${copied + same + failed}/${total} processed)`;
}

/** The block at the end: figures, then both lists in the order of their tasks. */
export function statistics(copied: readonly string[], same: number, failed: readonly string[]): readonly string[] {
  const total = copied.length + same + failed.length;
  return [
    `Run statistics: total=${total}, copied=${copied.length}, same-digest=${same}, failed=${failed.length}`,
    `Copied images (${copied.length}):`,
    ...listed(copied, '✅'),
    `Failed images (${failed.length}):`,
    ...listed(failed, '❌'),
  ];
}

function listed(tasks: readonly string[], mark: string): readonly string[] {
  return tasks.length === 0 ? ['  (none)'] : tasks.toSorted(byCodePoint).map((task) => `  ${mark} ${task}`);
}

/** One section for each failure, in the order of their tasks; nothing at all where nothing failed. */
export function tracebacks(failures: readonly FailedTask[]): string {
  return failures
    .toSorted((a, b) => byCodePoint(a.task, b.task))
    .map(({ task, error }) => `=== ${task} ===\n${error}\n`)
    .join('\n');
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
