import { planSync } from '../../compose/sync.ts';
import { planJson, planMarkdown } from '../../plan/render-formats.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOfPlan } from '../plan-exit-code.ts';
import { planText } from '../plan-text.ts';
import { checkFolderOf, type ReportFile, reportFiles, tellReports, writeReports } from '../report-files.ts';
import { warnTo } from '../session.ts';
import { syncInput } from '../sync-input.ts';
import { withSync } from '../sync-session.ts';

const formats = ['json', 'markdown'] as const;

export async function run(context: CommandContext): Promise<number> {
  const { options, io } = context;
  const reports = reportFiles(context, formats);
  const plans = saved(options.text('save'));
  const plan = await withSync(context, warnTo(context), (sync) => planSync(sync, syncInput(context)));
  if (options.text('output') === 'json') await io.jsonSlowly(plan);
  else for (const line of planText(plan, context)) await io.answerSlowly(line);
  await writeReports([...plans, ...reports], (format) => (format === 'json' ? planJson(plan) : planMarkdown(plan)));
  tellReports(reports, context);
  return exitCodeOfPlan(plan, { tellsDifference: options.flag('exitCode') });
}

/** What `apply` reads is JSON, whatever its name. */
function saved(path: string | undefined): readonly ReportFile<'json'>[] {
  if (path === undefined) return [];
  checkFolderOf(path);
  return [{ path, format: 'json' }];
}
