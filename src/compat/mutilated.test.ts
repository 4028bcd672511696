/** Files that somebody mutilated: whatever comes of them, it is a configuration or a list of mistakes. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError } from '../config/mistake.ts';
import { configOf, readForeign } from './foreign.ts';
import { identify } from './identify.ts';

const corpus = fileURLToPath(new URL('../../test/foreign', import.meta.url));
const texts = globSync('*/**/*.{yaml,yml,json}', { cwd: corpus })
  .toSorted()
  .map((file) => readFileSync(join(corpus, file), 'utf8'));

const odd = [
  '',
  ':',
  '-',
  '[',
  '}',
  '&a ',
  '*a',
  '<<: ',
  '"',
  "'",
  '\t',
  '{{',
  '!include x',
  '~',
  '\u0000',
  '1.0',
  '@',
  '\n---\n',
  'x'.repeat(2000),
];

/** A text with a line lost, doubled or moved, or with something put where nobody would put it. */
const mutilated = fc
  .record({
    text: fc.constantFrom(...texts),
    cuts: fc.array(
      fc.record({
        at: fc.nat(),
        kind: fc.constantFrom('lose', 'double', 'indent', 'put'),
        what: fc.constantFrom(...odd),
      }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
  })
  .map(({ text, cuts }) =>
    cuts.reduce((now, { at, kind, what }) => {
      const lines = now.split('\n');
      const line = at % lines.length;
      const there = lines[line] ?? '';
      const place = at % (there.length + 1);
      if (kind === 'lose') return lines.toSpliced(line, 1).join('\n');
      if (kind === 'double') return lines.toSpliced(line, 0, there).join('\n');
      if (kind === 'indent') return lines.with(line, `  ${there}`).join('\n');
      return lines.with(line, there.slice(0, place) + what + there.slice(place)).join('\n');
    }, text),
  );

test('a mutilated file is read or refused, never a crash, and no password is repeated', async () => {
  let [read, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(mutilated, async (text) => {
      expect(() => identify(text)).not.toThrow();
      try {
        const intent = await readForeign(text, 'f', {
          env: {},
          destination: 'm.example.com',
          readText: async () => undefined,
        });
        if (intent !== undefined) configOf(intent.file, 'f');
        read += 1;
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        refused += 1;
        expect(error.message).not.toContain('not-a-real-word');
      }
    }),
    { numRuns: 600 },
  );
  expect(Math.min(read, refused)).toBeGreaterThan(30);
}, 60_000);
