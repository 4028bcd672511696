import type { SyncOutcome } from '../compose.ts';
import type { CommandContext } from './context.ts';

/** What a run came to, for who started it. Returns the exit code. */
export async function tellRun({ report }: SyncOutcome, { options, io }: CommandContext): Promise<number> {
  if (options.text('output') === 'json') io.json(report);
  const { copied, updated, same, pruned, blocked, failed } = report.totals;
  io.note(
    `${copied} copied, ${updated} updated, ${same} the same, ${pruned} pruned, ${blocked} blocked, ${failed} failed`,
  );
  return report.exitCode;
}
