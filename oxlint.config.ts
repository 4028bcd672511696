import { defineConfig } from 'oxlint';
import { outsideModules, walls } from './test/walls/walls.ts';

const rooms = Object.keys(walls);

/** The walls of test/walls/walls.ts as lint rules, so that an editor shows a breach where it is typed. */
const wallOverrides = Object.entries(walls).map(([room, wall]) => {
  const barred = rooms.filter((other) => other !== room && !wall.uses.includes(other));
  const typesOnly = barred.filter((other) => wall.types?.includes(other));
  const closed = barred.filter((other) => !typesOnly.includes(other));
  const patterns = [
    { regex: below(closed), message: `The room "${room}" may not import this (see test/walls/walls.ts).` },
    { regex: '(^|/)test/', message: 'The source never imports the tests.' },
    ...(typesOnly.length > 0
      ? [{ regex: below(typesOnly), allowTypeImports: true, message: `"${room}" may import only types from here.` }]
      : []),
    ...(wall.pure ? [{ regex: outsideModules.source, message: `"${room}" does no input or output.` }] : []),
  ];
  return {
    files: [`src/${room}/**/*.ts`, `src/${room}.ts`],
    rules: { 'typescript/no-restricted-imports': ['error', { patterns }] as ['error', object] },
  };
});

/** Matches a relative path whose first folder or file above is one of the rooms: `../plan/x.ts`, `./compose.ts`. */
function below(barred: readonly string[]): string {
  return `^(\\./|(\\.\\./)+)(${barred.join('|')})(/|\\.ts$)`;
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
    'typescript/switch-exhaustiveness-check': 'off',
    'typescript/only-throw-error': 'error',
    'typescript/no-unsafe-assignment': 'off',
    'typescript/unbound-method': 'off',
    'no-eval': 'error',
    'no-empty': 'error',
    eqeqeq: 'error',
    'no-var': 'error',
    'prefer-const': 'error',
  },
  overrides: [
    ...wallOverrides,
    // Tests may stand anywhere; a configuration file has to export a default.
    { files: ['**/*.test.ts'], rules: { 'typescript/no-restricted-imports': 'off' } },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});
