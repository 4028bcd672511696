import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tranship } from '../../test/kit/command-line.ts';
import { startEmbedded } from '../../test/kit/embedded.ts';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { pushSample } from '../../test/kit/push-sample.ts';

const example = (name: string) => readFile(fileURLToPath(new URL(name, import.meta.url)), 'utf8');

test('a disk is filled on one side, carried, and unloaded on the other', async () => {
  await using hub = await startEmbedded();
  await using inside = await startEmbedded();
  await using here = await tempFolder();
  await using there = await tempFolder();
  for (const tag of ['3.17', '3.18', '3.19', '3.20', '3.21']) await pushSample(hub, 'library/alpine', tag, undefined);
  const [fill, unload] = [join(here.path, 'fill.yaml'), join(there.path, 'unload.yaml')];
  await writeFile(fill, (await example('fill.yaml')).replace('docker.io', hub.host));
  await writeFile(
    unload,
    (await example('unload.yaml')).replace('registry.example.com', inside.host).replace(/ *tls:.*\n/, ''),
  );

  const filled = await tranship(['sync', '-c', fill]);
  expect(filled.code, filled.stderr).toBe(0);
  await cp(join(here.path, 'disk'), join(there.path, 'disk'), { recursive: true });
  const unloaded = await tranship(['sync', '-c', unload]);
  expect(unloaded.code, unloaded.stderr).toBe(0);
  expect((await tranship(['tags', `${inside.host}/mirror/alpine`])).stdout.trim().split('\n')).toEqual([
    '3.19',
    '3.20',
    '3.21',
  ]);
});
