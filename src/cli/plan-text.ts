import { planLines } from '../plan/render.ts';
import type { Plan } from '../plan/types.ts';
import type { CommandContext } from './context.ts';

/** A plan for a person, as wide as the terminal. */
export function planText(plan: Plan, { io, runtime }: CommandContext): readonly string[] {
  const { columns } = runtime.stdout;
  return planLines(plan, { paint: io.paint, ...(columns !== undefined && { width: columns }) });
}
