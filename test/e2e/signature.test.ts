/** An image signed with a key by cosign, in both of its forms, still verifies at the end of the chain. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCorpus } from '../kit/corpus/corpus.ts';
import { listTags, observe } from '../kit/corpus/observe.ts';
import { pushRepository } from '../kit/corpus/push.ts';
import { run, runOk, transhipOk } from './kit/process.ts';
import { type Server, startServer } from './kit/servers.ts';
import { temporaryFolder } from './kit/storage.ts';
import { tool } from './kit/tools.ts';

const repository = 'corpus/multi';
const password = { COSIGN_PASSWORD: 'of-this-test' };
/** Without a transparency log, which would need a network. */
const offline = ['--use-signing-config=false', '--tlog-upload=false', '--allow-http-registry', '--yes'];

const forms = [
  ['under a tag made from the digest', ['--new-bundle-format=false'], /\.sig$/],
  ['as a referrer', [], /./],
] as const;

test.each(forms)('a signature %s travels along and verifies', async (_form, flags, marks) => {
  using folder = temporaryFolder('cosign');
  await using source = await startServer('docker-registry');
  await pushImage(source);
  await runOk(tool('cosign'), ['generate-key-pair'], { cwd: folder.path, env: password });
  const signed = `${source.host}/${repository}@${await digestAt(source)}`;
  await runOk(tool('cosign'), ['sign', '--key', 'cosign.key', ...flags, ...offline, signed], {
    cwd: folder.path,
    env: password,
  });

  await using end = await throughTheChain(source, join(folder.path, 'layout'));

  expect((await listTags(end, repository)).join(' ')).toMatch(marks);
  expect(await verify(end, folder.path, flags)).toMatchObject({ code: 0 });
});

test('an image that nobody signed does not verify, so the check above can fail', async () => {
  using folder = temporaryFolder('cosign');
  await using source = await startServer('docker-registry');
  await pushImage(source);
  await runOk(tool('cosign'), ['generate-key-pair'], { cwd: folder.path, env: password });
  expect((await verify(source, folder.path, [])).code).not.toBe(0);
});

async function pushImage(server: Server): Promise<void> {
  const corpus = await makeCorpus({ largeLayer: 1, manyTags: 1 });
  for (const each of corpus.filter(({ name }) => name === repository)) await pushRepository(server, each);
}

async function digestAt(server: Server): Promise<string> {
  return (await observe(server, repository, ['latest'])).tags.latest ?? '';
}

async function verify(server: Server, folder: string, flags: readonly string[]): ReturnType<typeof run> {
  const reference = `${server.host}/${repository}@${await digestAt(server)}`;
  const offlineToo = ['--insecure-ignore-tlog=true', '--allow-http-registry'];
  return run(tool('cosign'), ['verify', '--key', 'cosign.pub', ...flags, ...offlineToo, reference], { cwd: folder });
}

/** One tag at a time, as a user copies an image: what belongs to it must come along unasked. */
async function throughTheChain(source: Server, layout: string): Promise<Server> {
  let from = source;
  for (const kind of ['distribution', 'olareg', 'embedded'] as const) {
    const next = await startServer(kind);
    await transhipOk(['copy', `${from.host}/${repository}:latest`, `${next.host}/${repository}:latest`]);
    if (from !== source) await from[Symbol.asyncDispose]();
    from = next;
  }
  const end = await startServer('docker-registry');
  await transhipOk(['copy', `${from.host}/${repository}:latest`, `oci:${layout}:latest`]);
  await transhipOk(['copy', `oci:${layout}:latest`, `${end.host}/${repository}:latest`]);
  await from[Symbol.asyncDispose]();
  return end;
}
