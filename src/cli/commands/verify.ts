import { verify } from '../../compose/verify.ts';
import { countText } from '../../kit/quantity.ts';
import { shortDigest } from '../../oci/digest.ts';
import {
  exitCodeOfVerification,
  type TagDamage,
  type Verification,
  type VerifiedTag,
} from '../../report/verification.ts';
import type { CommandContext } from '../context.ts';
import { startProgress } from '../progress/progress.ts';
import { syncInput } from '../sync-input.ts';
import { withSync } from '../sync-session.ts';
import type { Paint } from '../terminal/colour.ts';

export async function run(context: CommandContext): Promise<number> {
  const { options, io } = context;
  using progress = startProgress(context);
  const found = await withSync(context, progress.listen, (sync) =>
    verify(sync, { ...syncInput(context), full: options.flag('full'), repair: options.flag('repair') }),
  );
  if (options.text('output') === 'json') io.json(found);
  else for (const item of found.items) for (const line of linesOf(item, io.paint)) await io.answerSlowly(line);
  io.note(summaryOf(found));
  return exitCodeOfVerification(found);
}

const signs = { differs: '~', damaged: '✖', unknown: '?', repaired: '✓' } as const;

function linesOf({ state, destination, reason, error, damages = [] }: VerifiedTag, paint: Paint): readonly string[] {
  const why = reason ?? (error === undefined ? state : `${error.message} (${error.code})`);
  const sign = paint(state === 'repaired' ? 'good' : 'bad', signs[state]);
  return [`${sign} ${destination}  ${why}`, ...damages.map((damage) => `    ${damageText(damage)}`)];
}

function damageText({ what, digest, problem }: TagDamage): string {
  return `${what} ${shortDigest(digest)}  ${problem}`;
}

function summaryOf({ totals }: Verification): string {
  const { whole, differs, damaged, repaired, unknown } = totals;
  const trouble = [
    [differs, 'differ'],
    [damaged, 'damaged'],
    [repaired, 'repaired'],
    [unknown, 'not found out'],
  ] as const;
  const parts = trouble.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return [`${countText(whole, 'tag')} whole`, ...parts].join(', ');
}
