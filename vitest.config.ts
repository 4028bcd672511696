import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'test/laws/**/*.test.ts',
      'test/walls/**/*.test.ts',
      'test/docs/**/*.test.ts',
      'test/kit/**/*.test.ts',
      'test/conformance/**/*.test.ts',
      'examples/**/*.test.ts',
    ],
    pool: 'forks',
    // A process of its own for each file would cost as much as the tests themselves.
    isolate: false,
    setupFiles: ['test/fresh-secrets.ts'],
    // By default one core stays free, which on a small machine is half of it.
    maxWorkers: '100%',
    testTimeout: 20_000,
  },
});
