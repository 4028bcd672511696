import { defineConfig } from 'oxlint';
import { outsideModules, walls } from './test/walls/walls.ts';

const rooms = Object.keys(walls);

/** How many folders deep the source may go. A pattern cannot count them, so each depth has its own. */
const depths = [0, 1, 2, 3];

/** The walls of test/walls/walls.ts as lint rules, so that an editor shows a breach where it is typed. */
const wallOverrides = Object.entries(walls).flatMap(([room, wall]) => {
  const barred = rooms.filter((other) => other !== room && !wall.uses.includes(other));
  const typesOnly = barred.filter((other) => wall.types?.includes(other));
  const closed = barred.filter((other) => !typesOnly.includes(other));
  return depths.map((depth) => {
    const patterns = [
      { regex: reaching(closed, depth), message: `The room "${room}" may not import this (see test/walls/walls.ts).` },
      { regex: '(^|/)test/', message: 'The source never imports the tests.' },
      ...(typesOnly.length > 0
        ? [{ regex: reaching(typesOnly, depth), allowTypeImports: true, message: `"${room}" may import only types.` }]
        : []),
      ...(wall.pure ? [{ regex: outsideModules.source, message: `"${room}" does no input or output.` }] : []),
    ];
    return {
      files: [depth === 0 ? `src/${room}.ts` : `src/${room}/${'*/'.repeat(depth - 1)}*.ts`],
      rules: { 'typescript/no-restricted-imports': ['error', { patterns }] as ['error', object] },
    };
  });
});

/** A relative path from `depth` folders below the source up to it and into one of the rooms. */
function reaching(barred: readonly string[], depth: number): string {
  const up = depth === 0 ? '\\./' : '\\.\\./'.repeat(depth);
  return `^${up}(${barred.join('|')})(/|\\.ts$)`;
}

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'oxc', 'promise', 'node', 'vitest'],
  categories: { correctness: 'error' },
  rules: {
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    // What `await using` closes is closed before a promise that is returned unawaited has ended.
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/only-throw-error': 'error',
    // Destructured functions of an interface are no methods, but the rule cannot tell.
    'typescript/unbound-method': 'off',
    // Text is taken apart by character codes on purpose, what is printed is known, and types name what they mean twice.
    'no-control-regex': 'off',
    'promise/no-callback-in-promise': 'off',
    'typescript/restrict-template-expressions': 'off',
    'typescript/no-base-to-string': 'off',
    'typescript/no-misused-spread': 'off',
    'typescript/no-redundant-type-constituents': 'off',
    'typescript/require-array-sort-compare': 'off',
    // Spreads lay out long lists of arguments in lines that belong together.
    'unicorn/no-useless-spread': 'off',
    'no-eval': 'error',
    'no-empty': 'error',
    eqeqeq: 'error',
    'no-var': 'error',
    'prefer-const': 'error',
  },
  overrides: [
    ...wallOverrides,
    // Tests may stand anywhere, say what an expectation is about, and expect inside of laws and of cases.
    {
      files: ['**/*.test.ts'],
      rules: {
        'typescript/no-restricted-imports': 'off',
        'typescript/no-non-null-assertion': 'off',
        'typescript/no-misused-promises': 'off',
        'require-yield': 'off',
        'vitest/valid-expect': ['error', { maxArgs: 2 }],
        'vitest/require-to-throw-message': 'off',
        'vitest/no-conditional-expect': 'off',
        'vitest/no-standalone-expect': 'off',
        'vitest/expect-expect': 'off',
      },
    },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});
