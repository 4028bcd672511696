import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesText, countText, durationText } from '../../kit/quantity.ts';
import { fit, padStart, safeText, widthOf } from '../../kit/text.ts';
import type { Output } from '../runtime.ts';
import { painter, wantsColour } from './colour.ts';
import { safeForLog } from './safe-text.ts';
import { tableLines } from './table.ts';

describe('text of a stranger', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007text', 'text'],
    ['a\u0008\u0008b', 'ab'],
    ['line\r\nnext\tcell', 'line next cell'],
    ['abc\u202egnp.exe', 'abcgnp.exe'],
    ['\u2066x\u2069\ufeff', 'x'],
    ['\u009b31mred', 'red'],
    ['ordinary ä 日本', 'ordinary ä 日本'],
  ])('%j becomes %j', (text, safe) => expect(safeText(text)).toBe(safe));

  test('nothing that steers a terminal is ever left', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safeText(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });

  test('commands of a CI’s log are broken, there only', () => {
    const text = '::set-output name=x::y\n  ::error::z\n##[command]rm and ##vso[task.x]';
    expect(safeForLog(text, {})).toBe(text);
    const safe = safeForLog(text, { GITHUB_ACTIONS: 'true' });
    expect(safe).not.toMatch(/^\s*::/m);
    expect(safe).not.toMatch(/##(?:vso)?\[/);
  });
});

describe('words', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [38_200_000, '38.2 MB'],
    [99_940_000, '99.9 MB'],
    [126_000_000, '126 MB'],
    [999_600_000, '1.0 GB'],
    [5e15, '5.0 PB'],
    [5e18, '5000 PB'],
  ])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

  test.each([
    [0, '0.0 s'],
    [2_140, '2.1 s'],
    [9_960, '10 s'],
    [59_400, '59 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('%d ms are %s', (milliseconds, text) => expect(durationText(milliseconds)).toBe(text));

  test('one and many', () => {
    expect([countText(1, 'layer'), countText(2, 'layer'), countText(2, 'copy', 'copies')]).toEqual([
      '1 layer',
      '2 layers',
      '2 copies',
    ]);
  });
});

describe('width', () => {
  test.each([
    ['abc', 3],
    ['日本', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['👩‍🚀', 2],
  ])('%s takes %d columns', (text, columns) => expect(widthOf(text)).toBe(columns));

  test('the middle is left out, the ends stay', () => {
    expect(fit('registry.example.com/team/app:1.4', 20)).toBe('registry.e…m/app:1.4');
    expect(fit('short', 20)).toBe('short');
    expect(fit('anything', 0)).toBe('');
  });

  test('what was fitted fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(60), (text, columns) => {
        expect(widthOf(fit(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  test('columns stand under each other, wide letters too', () => {
    const columns = [
      { title: 'NAME', value: (row: readonly string[]) => row[0] ?? '' },
      { title: 'SIZE', value: (row: readonly string[]) => row[1] ?? '', align: 'right' as const },
    ];
    expect(
      tableLines(columns, [
        ['日本', '1 B'],
        ['x', '12 kB'],
      ]),
    ).toEqual(['NAME   SIZE', '日本    1 B', 'x     12 kB']);
    expect(padStart('too long', 3)).toBe('too long');
  });
});

describe('colour', () => {
  const terminal: Output = { write: () => true, once: () => undefined, isTTY: true };
  const pipe: Output = { ...terminal, isTTY: false };

  test.each([
    ['auto', terminal, {}, true],
    ['auto', pipe, {}, false],
    ['auto', terminal, { NO_COLOR: '1' }, false],
    ['auto', terminal, { NO_COLOR: '' }, true],
    ['auto', pipe, { FORCE_COLOR: '1' }, true],
    ['auto', terminal, { FORCE_COLOR: '0' }, false],
    ['auto', terminal, { CLICOLOR: '0' }, false],
    ['auto', terminal, { TERM: 'dumb' }, false],
    ['always', pipe, { NO_COLOR: '1' }, true],
    ['never', terminal, { FORCE_COLOR: '1' }, false],
  ] as const)('%s, terminal or not, %#', (choice, output, env, wanted) => {
    expect(wantsColour(choice, output, env)).toBe(wanted);
  });

  test('painted or left as it is', () => {
    expect(painter(true)('bad', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(painter(false)('bad', 'x')).toBe('x');
  });
});
