import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tranship } from '../../test/kit/command-line.ts';
import { startEmbedded } from '../../test/kit/embedded.ts';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { pushSample } from '../../test/kit/push-sample.ts';

test('a plan tells how many pulls are left where it would cost some, and costs none', async () => {
  await using folder = await tempFolder();
  await using source = await startEmbedded();
  await using target = await startEmbedded();
  await pushSample(source, 'team/app', 'v1', undefined);
  source.personality.answer = ({ url = '' }) =>
    url.includes('ratelimitpreview')
      ? { status: 200, headers: { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '80;w=21600' } }
      : undefined;
  const file = join(folder.path, 'tranship.yaml');
  const config = {
    version: 1,
    registries: { hub: { url: `http://${source.host}`, kind: 'docker-hub' }, here: { url: `http://${target.host}` } },
    stages: [{ from: { registry: 'hub', repository: 'team/app' }, to: [{ registry: 'here', repository: 'app' }] }],
  };
  await writeFile(file, JSON.stringify(config));
  const home = folder.path;

  const planned = await tranship(['plan', '-c', file], { home });
  expect(planned).toMatchObject({ code: 0, stderr: expect.stringContaining('80 of 100 pulls are left') });
  expect(source.seen(/^GET .*\/manifests\//)).toEqual([]);

  expect((await tranship(['sync', '-c', file], { home })).code).toBe(0);
  const nothing = await tranship(['plan', '-c', file], { home });
  expect(nothing.stderr).not.toContain('pulls are left');
});
