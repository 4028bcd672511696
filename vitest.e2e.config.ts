import { defineConfig } from 'vitest/config';

/** The built program against real servers. One file at a time: several measure memory, and two cores are soon busy. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
