import { availableParallelism } from 'node:os';
import process from 'node:process';
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
    globalSetup: ['test/files-in-memory.ts'],
    // One more than there are cores, because some tests have to wait; by default a core would even stay free.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 20_000,
    // Who reads a log wants to know what failed and how many passed, not two hundred names of files.
    reporters: process.stdout.isTTY === true ? 'default' : 'minimal',
  },
});
