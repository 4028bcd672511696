import { type ExplainedTag, explainTags } from '../../compose/explain-tags.ts';
import type { CommandContext } from '../context.ts';
import { exitDone } from '../exit-codes.ts';
import { warnTo } from '../session.ts';
import { withSync } from '../sync-session.ts';
import { type Column, tableLines } from '../terminal/table.ts';

/** `tags REPOSITORY --explain`: what the stages of the configuration make of each tag. */
export async function run(context: CommandContext): Promise<number> {
  const { options, io, signal } = context;
  const [repository = ''] = context.args;
  const [stage] = options.list('stage');
  const tags = await withSync(context, warnTo(context), (sync) => explainTags(sync, repository, { stage, signal }));
  if (options.text('output') === 'json')
    io.json({ apiVersion: 'tranship/v1', kind: 'TagDecisions', of: repository, items: tags });
  else for (const line of tableLines(columns, tags)) await io.answerSlowly(line);
  return exitDone;
}

const columns: readonly Column<ExplainedTag>[] = [
  { title: 'TAG', value: ({ tag }) => tag },
  { title: 'IS', value: ({ kept }) => (kept ? 'kept' : 'dropped') },
  { title: 'STAGE', value: ({ stage }) => stage },
  { title: 'RULE', value: ({ rule }) => rule?.name ?? '–' },
  { title: 'BECAUSE IT', value: ({ why }) => why },
];
