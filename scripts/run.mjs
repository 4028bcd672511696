/**
 * Runs one of the project's tasks on a bare clone or a worked-in one: installs what is missing, then runs the task's
 * steps with the project's own Node and tools first in the path. `package.json` names the tasks for npm.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { bootstrap, projectEnvironment, root } from './bootstrap.mjs';

const build = ['node scripts/build.ts'];
const typecheck = ['tsc -p .'];
const lint = [
  'oxlint -c oxlint.config.ts --type-aware --deny-warnings src test bench examples scripts',
  'biome check --error-on-warnings',
  'knip --no-progress --exclude exports,types',
  'node scripts/build.ts --if-stale',
  'publint --strict --level warning',
];

/** A task is the shell-free commands that it runs, in order; the caller's arguments go to the last one. */
const tasks = {
  setup: [],
  start: ['node scripts/build.ts --if-stale --bundle', 'node scripts/demo.ts'],
  test: [...typecheck, ...lint, 'vitest run'],
  build,
  lint,
  typecheck,
  format: ['biome check --write'],
  'test:quick': ['vitest run'],
  'test:e2e': [
    'node scripts/build.ts --if-stale',
    'bash scripts/install-servers.sh',
    'vitest run --config vitest.e2e.config.ts',
  ],
  bench: ['node scripts/build.ts --if-stale', 'bash scripts/install-servers.sh', 'node bench/main.ts'],
  serve: ['node scripts/build.ts --if-stale --bundle', 'node dist/bin/tranship.cjs serve'],
};

const [task = '', ...given] = process.argv.slice(2);
const steps = tasks[task];
if (steps === undefined) {
  console.error(`Unknown task "${task}". Tasks: ${Object.keys(tasks).join(', ')}`);
  process.exit(2);
}

try {
  bootstrap();
} catch (error) {
  console.error(`tranship: ${error.message}`);
  process.exit(1);
}

steps.forEach((step, index) => {
  const [command, ...words] = step.split(' ');
  const extra = index === steps.length - 1 ? given : [];
  const done = spawnSync(command, [...words, ...extra], { cwd: root, stdio: 'inherit', env: projectEnvironment() });
  if (done.error) console.error(`tranship: ${command} could not be started: ${done.error.message}`);
  if (done.status !== 0) {
    console.error(`\ntranship: "${step}" failed`);
    process.exit(done.status ?? 1);
  }
});
