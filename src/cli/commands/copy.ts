import { type CopiedItem, copy } from '../../compose/copy.ts';
import type { CommandContext } from '../context.ts';
import { copyDocument } from '../copy-document.ts';
import { copyFailureLines } from '../copy-failures.ts';
import { copySummary } from '../copy-summary.ts';
import { exitCodeOfItems } from '../exit-codes.ts';
import { startProgress } from '../progress/progress.ts';
import { withSession } from '../session.ts';

export async function run(context: CommandContext): Promise<number> {
  const startedAt = context.runtime.now();
  const items = await copyWithProgress(context);
  tell(items, context, startedAt);
  const failures = items.flatMap(({ outcome }) => (outcome.ok ? [] : [outcome.error.failure]));
  return exitCodeOfItems(items.length - failures.length, failures);
}

async function copyWithProgress(context: CommandContext): Promise<readonly CopiedItem[]> {
  const { args, options, signal } = context;
  const [source = '', ...destinations] = args;
  const jobs = options.count('jobs');
  using progress = startProgress(context);
  return await withSession(
    context,
    (session) =>
      copy(session, {
        source,
        destinations,
        allTags: options.flag('allTags'),
        platforms: options.list('platform'),
        referrers: options.flag('referrers'),
        foreignLayers: options.flag('foreignLayers'),
        dryRun: options.flag('dryRun'),
        ...(jobs !== undefined && { jobs }),
        signal,
      }),
    progress.listen,
  );
}

/** The answer on standard output; failures last on standard error, where they are seen. */
function tell(items: readonly CopiedItem[], { io, options, runtime }: CommandContext, startedAt: number): void {
  const dryRun = options.flag('dryRun');
  if (options.text('output') === 'json') io.json(copyDocument(items, dryRun));
  else for (const { reference } of items) if (reference !== undefined && !dryRun) io.answer(reference);
  const summary = copySummary(items, dryRun, runtime.now() - startedAt);
  if (summary !== undefined) io.note(summary);
  for (const line of copyFailureLines(items, io.paintNote)) io.error(line);
}
