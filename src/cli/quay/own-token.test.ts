import { expect, test } from 'vitest';
import { tranship } from '../../../test/kit/command-line.ts';

test('one token of the environment opens neither of two Quays, and the hint does not send anybody there', async () => {
  const env = { TRANSHIP_QUAY_TOKEN: 'x'.repeat(40) };
  const { code, stderr } = await tranship(['quay', 'diff', '127.0.0.1:1', '127.0.0.1:2'], { env });
  expect(code).toBe(4);
  expect(stderr).toContain('a token of its own');
  expect(stderr).not.toContain('TRANSHIP_QUAY_TOKEN');
});
