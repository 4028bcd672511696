import type { CopiedItem } from '../compose/copy.ts';
import { bytesText, countText, durationText } from '../kit/quantity.ts';

/** `3 copied, 1 updated, 408 the same, 1 failed: 38.2 MB moved, 126 MB did not have to, in 12 s`; nothing for a single copy. */
export function copySummary(items: readonly CopiedItem[], dryRun: boolean, milliseconds: number): string | undefined {
  if (items.length < 2 && !dryRun) return undefined;
  const done = items.flatMap(({ outcome }) => (outcome.ok ? [outcome] : []));
  const count = (kind: string) => done.filter(({ outcome }) => outcome === kind).length;
  const counts = [
    part(count('copied'), dryRun ? 'to copy' : 'copied'),
    part(count('updated'), dryRun ? 'to update' : 'updated'),
    part(count('same'), 'the same'),
    part(items.length - done.length, 'failed'),
  ].filter((text) => text !== '');
  const moved = sum(done.map(({ bytesMoved }) => bytesMoved));
  const saved = sum(done.map(({ bytesMounted, bytesPresent }) => bytesMounted + bytesPresent));
  const bytes = `${bytesText(moved)} ${dryRun ? 'to move' : 'moved'}${saved > 0 ? `, ${bytesText(saved)} there or mounted` : ''}`;
  const what = `${counts.join(', ')}: ${bytes}, ${durationText(milliseconds)}`;
  return dryRun ? `Dry run of ${countText(items.length, 'copy', 'copies')}, nothing was written: ${what}` : what;
}

function part(count: number, word: string): string {
  return count === 0 ? '' : `${count} ${word}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
