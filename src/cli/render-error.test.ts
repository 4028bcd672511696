import { describe, expect, test } from 'vitest';
import { TranshipError } from '../oci/errors.ts';
import { errorLines } from './render-error.ts';

const plain = (_tone: string, text: string) => text;

describe('an error', () => {
  test('shows the mistakes of a configuration one a line', () => {
    const message =
      'The configuration has 2 mistakes:\n  a.yaml:3:1: unknown key "tagz".\n  a.yaml:5:2: \u001b[31mred.';
    const lines = errorLines(new TranshipError('E_CONFIG', 'usage', message, { subject: 'a.yaml' }), plain);
    expect(lines).toEqual([
      '✖ The configuration has 2 mistakes: (E_CONFIG)',
      '  a.yaml:3:1: unknown key "tagz".',
      '  a.yaml:5:2: red.',
      '  → See `tranship explain E_CONFIG`.',
    ]);
  });

  test('of any other kind stays on one line, so that no stranger writes a line of its own', () => {
    const error = new TranshipError('E_DENIED', 'auth', 'No.\n::error::gotcha', { serverSaid: 'a\r\n::set-output::b' });
    const lines = errorLines(error, plain);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('No. ::error::gotcha');
  });
});
