/** How the demonstration speaks and runs the program. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { freePort, statusOf, until } from '../../test/e2e/kit/ports.ts';

const program = fileURLToPath(new URL('../../dist/bin/tranship.cjs', import.meta.url));
const serverLimitMs = 10_000;

export function narrate(text: string): void {
  console.log(`\n${styleText('bold', text)}\n`);
}

/** Runs the program before the viewer's eyes. */
export async function command(...args: readonly string[]): Promise<void> {
  console.log(styleText('cyan', `$ tranship ${args.join(' ')}`));
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`tranship ${args[0]} ended with ${code}`);
}

export interface Served extends AsyncDisposable {
  readonly host: string;
  readonly url: string;
}

/** Starts a registry on a free port of this machine alone. */
export async function serve(folder: string): Promise<Served> {
  const host = `127.0.0.1:${await freePort()}`;
  const args = ['serve', folder, '--listen', host];
  console.log(styleText('cyan', `$ tranship ${args.join(' ')} &`));
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const look = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`the registry did not start: ${said}`);
    return (await statusOf(`http://${host}/v2/`)) === 200;
  };
  await until(look, { limitMs: serverLimitMs, what: `the registry at ${host} answering` });
  const stop = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await gone;
  };
  return { host, url: `http://${host}`, [Symbol.asyncDispose]: stop };
}
