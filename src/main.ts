import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import process from 'node:process';
import { argumentsAs } from './cli/called-as.ts';
import { run } from './cli/run.ts';
import type { Runtime, StopSignal } from './cli/runtime.ts';
import { LastingOutput } from './cli/terminal/lasting-output.ts';

/** As it was called, which may be by the name of a program that it stands in for. */
const [, program = 'tranship'] = process.argv;

const runtime: Runtime = {
  program,
  argv: argumentsAs(program, process.argv.slice(2)),
  env: process.env,
  home: homedir(),
  cwd: process.cwd(),
  platform: process.platform,
  // Opened when somebody reads it: most commands never do.
  get stdin() {
    return process.stdin;
  },
  stdout: new LastingOutput(process.stdout),
  stderr: new LastingOutput(process.stderr),
  now: () => Date.now(),
  random: () => randomBytes(8).toString('hex'),
  onSignal: (listener) => {
    const stops = (['SIGINT', 'SIGTERM'] satisfies StopSignal[]).map((signal) => {
      const handler = () => listener(signal);
      process.on(signal, handler);
      return () => process.off(signal, handler);
    });
    return () => {
      for (const stop of stops) stop();
    };
  },
  exitNow: (code) => process.exit(code),
};

// Should nothing be left to wait for before the command has ended, that is a fault and no success.
process.exitCode = 1;
void run(runtime).then((code) => {
  process.exitCode = code;
});
