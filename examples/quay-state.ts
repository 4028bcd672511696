/** Declared state from a program: the plan as data, then carried out. */
import { applyQuay, connectDeclared, loadDeclaration, planQuay } from '../src/index.ts';

export async function settle(file: string, env: Readonly<Record<string, string | undefined>>) {
  const declaration = await loadDeclaration(file);
  await using connection = await connectDeclared(declaration, { env });
  const found = await planQuay(connection, declaration, { env, now: () => Date.now() });
  const planned = found.plan.parts.flatMap((part) => part.changes.map((change) => `${change.action} ${change.object}`));
  const results = await applyQuay(connection, found);
  return { planned, failed: results.filter(({ outcome }) => outcome !== 'done').length };
}
