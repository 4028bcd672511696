import type { QuayPlan } from '../../compose/quay/state.ts';
import { countText } from '../../kit/quantity.ts';
import { safeText } from '../../kit/text.ts';
import type { QuayChange } from '../../quay/declared/change.ts';
import type { ChangeResult } from '../../quay/declared/run.ts';
import type { Paint } from '../terminal/colour.ts';

const signs = { create: '+', update: '~', delete: '-' } as const;
const tones = { create: 'good', update: 'warn', delete: 'bad' } as const;

/** A plan as people see it: a heading for each organisation, a line for each change. */
export function planLines({ plan, held }: QuayPlan, paint: Paint): readonly string[] {
  const lines: string[] = [];
  for (const { name, changes, remarks } of plan.parts) {
    if (changes.length + remarks.length === 0) continue;
    lines.push(`  ${paint('strong', name)}`, ...changes.map((change) => changeLine(change, paint)));
    for (const { object, message } of remarks) {
      lines.push(`    ${paint('warn', '!')}  ${safeText(object)}   ${safeText(message)}`);
    }
  }
  for (const change of held) lines.push(`    ${paint('dim', '-')}  ${safeText(change.object)}   waits for --prune`);
  return lines;
}

export function changeLine(change: QuayChange, paint: Paint): string {
  return `    ${paint(tones[change.action], signs[change.action])}  ${safeText(change.object)}   ${safeText(change.reason)}`;
}

export function planSummary({ plan, held }: QuayPlan): string {
  const changes = plan.parts.flatMap((part) => part.changes);
  if (changes.length === 0 && held.length === 0) return 'Nothing to do: the server is as the file says.';
  const count = (action: QuayChange['action']) => changes.filter((change) => change.action === action).length;
  const waiting = held.length === 0 ? '' : `, ${countText(held.length, 'deletion')} waiting for --prune`;
  return `${count('create')} to create, ${count('update')} to change, ${count('delete')} to delete${waiting}.`;
}

export function planDocument({ plan, held, refusal }: QuayPlan): object {
  return {
    apiVersion: 'tranship/v1',
    kind: 'Plan',
    server: plan.server,
    organizations: plan.parts.map(({ name, kind, changes, remarks }) => ({
      name,
      kind,
      changes: changes.map(changeDocument),
      remarks: remarks.map(({ object, message, asked }) => ({ object, message, refused: asked === true })),
    })),
    held: held.map(changeDocument),
    ...(refusal === undefined ? {} : { refusal: { code: refusal.code, message: refusal.message } }),
  };
}

export function reportDocument(server: string, results: readonly ChangeResult[]): object {
  return {
    apiVersion: 'tranship/v1',
    kind: 'Report',
    server,
    changes: results.map(({ part, change, outcome, error, because }) => ({
      organization: part,
      ...changeDocument(change),
      outcome,
      ...(because === undefined ? {} : { because }),
      ...(error === undefined
        ? {}
        : { error: { code: error.code, message: error.message, serverSaid: error.serverSaid, hint: error.hint } }),
    })),
  };
}

function changeDocument({ action, object, reason }: QuayChange): object {
  return { action, object, reason };
}
