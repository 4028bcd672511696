/** The plan as a document for programs and as a text for a pull request. */
import { jsonPieces } from '../kit/json-pieces.ts';
import { type PlanRendering, planLines } from './render.ts';
import { sumLine } from './render-footer.ts';
import type { Plan } from './types.ts';

/** The whole plan, never shortened, in pieces. */
export function* planJson(plan: Plan): Generator<string> {
  yield* jsonPieces(plan);
  yield '\n';
}

/** The plan as people see it, in a block where no name of a tag can be read as Markdown. */
export function planMarkdown(plan: Plan, rendering: Omit<PlanRendering, 'paint'> = {}): string {
  const text = planLines(plan, { width: 120, ...rendering }).join('\n');
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `**tranship plan:** ${sumLine(plan)}\n\n${fence}text\n${text}\n${fence}\n`;
}
