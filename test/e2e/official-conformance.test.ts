/** The distribution specification's own suite against `tranship serve`. */
import { expect, test } from 'vitest';
import { run } from './kit/process.ts';
import { startServer } from './kit/servers.ts';
import { temporaryFolder } from './kit/storage.ts';
import { tool } from './kit/tools.ts';

test('every check runs and none fails', async () => {
  using folder = temporaryFolder('conformance');
  await using server = await startServer('embedded');
  const env = {
    OCI_ROOT_URL: server.url,
    OCI_NAMESPACE: 'myorg/myrepo',
    OCI_CROSSMOUNT_NAMESPACE: 'myorg/other',
    OCI_TEST_PULL: '1',
    OCI_TEST_PUSH: '1',
    OCI_TEST_CONTENT_DISCOVERY: '1',
    OCI_TEST_CONTENT_MANAGEMENT: '1',
  };
  const done = await run(tool('conformance'), [], { cwd: folder.path, env });
  const said = plain(done.stdout);
  const counts = /Ran (\d+) of \d+ Specs[\s\S]*?(\d+) Passed \| (\d+) Failed/.exec(said)?.slice(1).map(Number);
  expect(counts, said.slice(-4000)).toEqual([63, 63, 0]);
  expect(done.code).toBe(0);
});

function plain(text: string): string {
  // The suite colours its output whether asked or not.
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
}
