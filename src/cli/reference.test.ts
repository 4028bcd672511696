import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commandReference } from './reference.ts';
import { commandTable } from './table.ts';

const page = join(fileURLToPath(new URL('../..', import.meta.url)), 'docs/reference/commands.md');

test('the reference in docs is what the table says (vitest -u writes it anew)', async () => {
  await expect(commandReference(commandTable)).toMatchFileSnapshot(page);
});
