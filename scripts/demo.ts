/**
 * `npm start`: shows what the program does, for real. Two registries of its own on this machine, content that it makes, every
 * command run as a user would type it. Everything is gone when it ends.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pushRepository } from '../test/kit/corpus/push.ts';
import { writeConfig } from './demo/config.ts';
import { firstRelease, nextRelease } from './demo/releases.ts';
import { command, narrate, serve } from './demo/stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'tranship-demo-'));
// What runs remember of each other goes with the rest.
process.env['XDG_STATE_HOME'] = join(folder, 'state');
try {
  await play(folder);
} catch (error) {
  console.error(`\nThe demonstration stopped: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function play(at: string): Promise<void> {
  narrate('Two registries, both `tranship serve`, and an application in the first one:');
  await using here = await serve(join(at, 'here'));
  await using there = await serve(join(at, 'there'));
  await pushRepository({ url: here.url }, await firstRelease());
  const app = `${here.host}/shop/web`;
  const mirror = `${there.host}/mirror/web`;
  await command('inspect', `${app}:1.0`);

  narrate('What should be where stands in a file. It is checked, every mistake at once:');
  const file = writeConfig(at, here.host, there.host);
  await command('config', 'validate', '-c', file);

  narrate('What differs, why, and what it would cost. Nothing is written:');
  await command('plan', '-c', file);

  narrate('Do it. Layers that images share go over once; the signature comes along unasked:');
  const page = join(tmpdir(), 'tranship-demo-report.html');
  await command('sync', '-c', file, '--report', page);

  narrate('The same command again. Nothing is left to do: no write, no manifest read:');
  await command('sync', '-c', file);

  narrate('The next release changes one file and moves "latest". Only the new layer moves:');
  await pushRepository({ url: here.url }, await nextRelease());
  await command('sync', '-c', file);

  narrate('Is everything there, down to the last byte?');
  await command('verify', '-c', file, '--full');
  await command('referrers', `${mirror}:1.0`);

  narrate('And into a folder that any tool for OCI layouts reads, to carry it somewhere without a network:');
  await command('copy', `${mirror}:1.1`, `oci:${join(at, 'usb-stick')}:1.1`);

  narrate('That was real: real registries, real bytes. The page about the first run stays, for a browser:');
  console.log(`  ${page}\n`);
  narrate('Try it on yours:');
  // With the project's own Node: the system's may be older than the program needs.
  const program = 'node_modules/.bin/node dist/bin/tranship.cjs';
  console.log(`  ${program} doctor registry.example.com`);
  console.log(`  ${program} init`);
  console.log(`  ${program} copy registry.example.com/app:1.4 other.example.com/app:1.4\n`);
}
