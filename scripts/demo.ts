/**
 * `npm start`: shows what the program does, for real. Two registries of its own on this machine, content that it makes, every
 * command run as a user would type it. Everything is gone when it ends.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pushRepository } from '../test/kit/corpus/push.ts';
import { firstRelease, nextRelease } from './demo/releases.ts';
import { command, narrate, serve } from './demo/stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'tranship-demo-'));
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

  narrate('Copy every tag. Layers that images share go over once; the signature comes along unasked:');
  await command('copy', '--all-tags', app, mirror);

  narrate('The same command again. Nothing is left to do, so nothing is moved:');
  await command('copy', '--all-tags', app, mirror);

  narrate('The next release changes one file. Of its layers only the new one moves:');
  await pushRepository({ url: here.url }, await nextRelease());
  await command('copy', '--all-tags', app, mirror);

  narrate('Both sides hold the same, to the last byte of every manifest:');
  await command('diff', app, mirror);
  await command('referrers', `${mirror}:1.0`);

  narrate('And into a folder that any tool for OCI layouts reads, to carry it somewhere without a network:');
  await command('copy', `${mirror}:1.1`, `oci:${join(at, 'usb-stick')}:1.1`);

  narrate('That was real: real registries, real bytes. Try it on yours:');
  console.log('  node dist/bin/tranship.mjs doctor registry.example.com');
  console.log('  node dist/bin/tranship.mjs copy registry.example.com/app:1.4 other.example.com/app:1.4\n');
}
