import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tranship } from '../../test/kit/command-line.ts';

test('the configuration is valid', async () => {
  const file = fileURLToPath(new URL('tranship.yaml', import.meta.url));
  const env = { ACTIVE_USER: 'mirror', ACTIVE_PASSWORD: 'not a real one' };
  expect(await tranship(['config', 'validate', '-c', file], { env })).toMatchObject({ code: 0 });
});
