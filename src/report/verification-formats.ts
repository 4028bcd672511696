/** The files that a verification can be written to, by the same endings as a run's report. */
import { type Columns, csvLines } from './csv-lines.ts';
import type { ReportFormat } from './formats.ts';
import { code, folded, plain, table } from './markdown-text.ts';
import { repositoryOf, tagOf } from './reference.ts';
import type { TagDamage, Verification, VerifiedTag } from './verification.ts';
import { damageText, reasonText, verificationText } from './verification-words.ts';
import { element, escaped, open, xmlDeclaration } from './xml.ts';

export const verificationFormats = ['json', 'junit', 'csv', 'markdown'] as const satisfies readonly ReportFormat[];

export function renderVerification(found: Verification, format: (typeof verificationFormats)[number]): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(found, null, 2)}\n`;
    case 'junit':
      return junitOf(found);
    case 'csv':
      return csvLines(columns, found.items.flatMap(rowsOf));
    case 'markdown':
      return markdownOf(found);
  }
}

/** A line for each damage, and one for a tag of which something else is told. */
interface Row {
  readonly item: VerifiedTag;
  readonly damage?: TagDamage;
}

function rowsOf(item: VerifiedTag): readonly Row[] {
  const { damages = [] } = item;
  return damages.length === 0 ? [{ item }] : damages.map((damage) => ({ item, damage }));
}

const columns: Columns<Row> = {
  stage: ({ item }) => item.stage,
  source: ({ item }) => item.source,
  destination: ({ item }) => item.destination,
  state: ({ item }) => item.state,
  digest: ({ item }) => item.digest,
  reason: ({ item }) => item.reason,
  damaged: ({ damage }) => damage?.what,
  damaged_digest: ({ damage }) => damage?.digest,
  problem: ({ damage }) => damage?.problem,
  error_code: ({ item }) => item.error?.code,
  error_side: ({ item }) => item.error?.side,
  error: ({ item }) => item.error?.message,
  server_said: ({ item }) => item.error?.serverSaid,
  hint: ({ item }) => item.error?.hint,
};

/** One suite: a case for each tag that is listed, and one for all that are whole, which may be many thousands. */
function junitOf(found: Verification): string {
  const { items, totals } = found;
  const errors = totals.unknown;
  const failures = totals.differs + totals.damaged;
  const counts = { tests: items.length + 1, failures, errors, skipped: 0 };
  const whole = open('testcase', { classname: 'tranship verify', name: verificationText(found) }, '/>');
  return [
    xmlDeclaration,
    open('testsuites', { name: 'tranship verify', ...counts }),
    `  ${open('testsuite', { name: found.intent, ...counts })}`,
    `    ${whole}`,
    ...items.map(caseOf),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseOf(item: VerifiedTag): string {
  const { destination, state, stage, error, damages = [] } = item;
  // Where a whole stage could not be looked at, a registry's host stands alone, perhaps with a port.
  const isHost = !destination.includes('/');
  const classname = `${stage}: ${isHost ? destination : repositoryOf(destination)}`;
  const name = isHost ? 'its repositories' : tagOf(destination) || 'the repository';
  const words = [reasonText(item), ...damages.map(damageText)].join('\n');
  const inner =
    state === 'repaired'
      ? `<system-out>${escaped(words)}</system-out>`
      : element(state === 'unknown' ? 'error' : 'failure', error?.code ?? state, words);
  return [`    ${open('testcase', { classname, name })}`, `      ${inner}`, '    </testcase>'].join('\n');
}

function markdownOf(found: Verification): string {
  const { items, intent, totals } = found;
  const wrong = items.filter(({ state }) => state !== 'repaired');
  const repaired = items.filter(({ state }) => state === 'repaired');
  const sign = wrong.length > 0 ? '❌' : '✅';
  const parts = [
    `## ${sign} tranship verify: ${verificationText(found)}`,
    code(intent),
    ...(wrong.length > 0 ? [tableOf(wrong)] : []),
    ...folded(`${totals.repaired} repaired`, repaired.length > 0 ? tableOf(repaired) : undefined),
  ];
  return `${parts.join('\n\n')}\n`;
}

function tableOf(items: readonly VerifiedTag[]): string {
  const cells = items.map((item) => [
    code(item.destination),
    plain(reasonText(item)),
    (item.damages ?? []).map((damage) => code(damageText(damage))).join('<br>'),
  ]);
  return table(['tag', 'why', 'below it'], cells);
}
