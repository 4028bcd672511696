import { verify } from '../../compose/verify.ts';
import { exitCodeOfVerification, type VerifiedTag } from '../../report/verification.ts';
import { renderVerification, verificationFormats } from '../../report/verification-formats.ts';
import { damageText, reasonText, verificationText } from '../../report/verification-words.ts';
import type { CommandContext } from '../context.ts';
import { startProgress } from '../progress/progress.ts';
import { reportFiles, tellReports, writeReports } from '../report-files.ts';
import { syncInput } from '../sync-input.ts';
import { withSync } from '../sync-session.ts';
import type { Paint } from '../terminal/colour.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options, io } = context;
  const files = reportFiles(context, verificationFormats);
  using progress = startProgress(context);
  const found = await withSync(context, progress.listen, (sync) =>
    verify(sync, { ...syncInput(context), full: options.flag('full'), repair: options.flag('repair') }),
  );
  if (options.text('output') === 'json') await io.jsonSlowly(found);
  else for (const item of found.items) for (const line of linesOf(item, io.paint)) await io.answerSlowly(line);
  io.note(verificationText(found));
  await writeReports(files, (format) => renderVerification(found, format));
  tellReports(files, context);
  return exitCodeOfVerification(found);
}

const signs = { differs: '~', damaged: '✖', unknown: '?', repaired: '✓' } as const;

function linesOf(item: VerifiedTag, paint: Paint): readonly string[] {
  const { state, destination, error, damages = [] } = item;
  const sign = paint(state === 'repaired' ? 'good' : 'bad', signs[state]);
  const code = error === undefined ? '' : ` (${error.code})`;
  return [
    `${sign} ${destination}  ${reasonText(item)}${code}`,
    ...damages.map((damage) => `    ${damageText(damage)}`),
  ];
}
