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
    // By default one core stays free, which on a small machine is half of it.
    maxWorkers: '100%',
    testTimeout: 20_000,
  },
});
