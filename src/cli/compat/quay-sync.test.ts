/** `quay_sync.py` as its users call it; each defect of the original that must not come back has a test that names it. */

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request as send } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeAuthority } from '../../../test/kit/certificates.ts';
import { tranship } from '../../../test/kit/command-line.ts';
import { type Pair, type QuaySide, startQuayPair, startQuaySide } from '../../../test/kit/quay-pair.ts';

let pair: Pair;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-compat-quay-sync-'));
  pair = await startQuayPair();
});
afterEach(async () => {
  await pair[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function filled(
  repositories: Readonly<Record<string, readonly string[]>> = { 'team-a/app': ['v1', 'v2.0'] },
): Promise<void> {
  for (const name of new Set(Object.keys(repositories).map((repository) => repository.split('/')[0] ?? '')))
    await pair.source.organization(name);
  for (const [name, tags] of Object.entries(repositories)) {
    await pair.source.repository(name);
    pair.source.push(name, tags);
  }
  pair.clearLogs();
}

const older = (more: Readonly<Record<string, unknown>> = {}) => ({
  source_server: pair.source.quay.url,
  source_token: pair.source.token,
  destination_server: pair.destination.quay.url,
  destination_token: pair.destination.token,
  failover: false,
  repositories: ['team-a/app:v2.0'],
  ...more,
});
const newer = (more: Readonly<Record<string, unknown>> = {}) => ({
  primary_server: pair.source.quay.url,
  primary_token: pair.source.token,
  secondary_server: pair.destination.quay.url,
  secondary_token: pair.destination.token,
  repositories: ['team-a/app:v2.0'],
  ...more,
});

async function run(config: object, flags: readonly string[] = [], env: Record<string, string> = {}) {
  const path = join(folder, 'config.yaml');
  // JSON is YAML, and says which values are texts.
  await writeFile(path, JSON.stringify(config));
  return tranship(['compat', 'quay-sync', '--config-file', path, ...flags], { home: folder, env });
}

const tagsOf = async (side: QuaySide, repository: string) => [...(await side.tags(repository)).keys()].sort();
const digestsOf = async (side: QuaySide, repository: string) =>
  Object.fromEntries([...(await side.tags(repository))].map(([tag, entry]) => [tag, entry['manifest_digest']]));
const hostOf = (side: QuaySide) => side.quay.host;

describe('the command line', () => {
  test('takes both forms of the file, and any beginning of a flag that is enough', async () => {
    await filled();
    expect((await run(older(), ['--skip-t', '--skip-b'])).code).toBe(0);
    expect((await run(newer(), ['--auto'])).code).toBe(0);
    expect(await tagsOf(pair.destination, 'team-a/app')).toEqual(['v1', 'v2.0']);
  });

  test('ends with 2 for what argparse refuses, and with 0 for help', async () => {
    const call = (...argv: string[]) => tranship(['compat', 'quay-sync', ...argv], { home: folder });
    expect((await call()).code).toBe(2);
    expect((await call('--config-file', 'x', '--skip')).stderr).toContain('ambiguous option: --skip could match');
    expect((await call('--config-file', 'x', '--nonsense')).code).toBe(2);
    const { code, stdout } = await call('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--auto-discovery');
    expect(stdout).toContain('--cache-dir');
  });

  test('a beginning that scripts use stays enough beside the flags that were added', async () => {
    await filled();
    const path = join(folder, 'config.yaml');
    await writeFile(path, JSON.stringify(older()));
    expect((await tranship(['compat', 'quay-sync', `--c=${path}`], { home: folder })).code).toBe(0);
  });

  test('ends with 1 for a file that is not there, is no YAML, or lacks what the run needs', async () => {
    const gone = await tranship(['compat', 'quay-sync', '--config-file', '/nonexistent.yaml'], { home: folder });
    expect(gone).toMatchObject({ code: 1 });
    expect(gone.stderr).toContain('CRITICAL:root:--> Config file not found: /nonexistent.yaml');
    const path = join(folder, 'bad.yaml');
    await writeFile(path, 'a: [');
    const bad = await tranship(['compat', 'quay-sync', '--config-file', path], { home: folder });
    expect(bad).toMatchObject({ code: 1 });
    expect(bad.stderr).toContain('CRITICAL:root:--> Error parsing config file:');
    const { primary_token: _, ...without } = newer();
    const lacking = await run(without);
    expect(lacking).toMatchObject({
      code: 1,
      stdout: `primary_token:\n${' '.repeat(24)}type: string\n${' '.repeat(24)}description: OAuth token of the primary Quay\n\n`,
    });
    expect(lacking.stderr).toContain('ERROR:root:The config file has missing values and/or options');
  });

  test('with keys of both forms the newer one wins, and a warning names the others', async () => {
    await filled();
    const { code, stderr } = await run({ ...newer(), source_server: 'ignored.example.com' });
    expect(code).toBe(0);
    expect(stderr).toMatch(/WARNING:root:Ignored.*source_server/);
  });
});

describe('order and texts', () => {
  test('are those of the original', async () => {
    await filled();
    const { code, stderr, stdout } = await run(older());
    expect(code).toBe(0);
    expect(stdout).toBe('\n\n');
    const lines = stderr.split('\n');
    const [source, destination] = [hostOf(pair.source), hostOf(pair.destination)];
    const [sourcePort, destinationPort] = [source.split(':')[1], destination.split(':')[1]];
    expect(lines.slice(0, 6)).toEqual([
      'INFO:root:127.0.0.1 resolves to --> 127.0.0.1 <--',
      'INFO:root:127.0.0.1 resolves to --> 127.0.0.1 <--',
      `INFO:root:127.0.0.1 is listening on port ${sourcePort}`,
      `INFO:root:127.0.0.1 is listening on port ${destinationPort}`,
      `INFO:root:Logged in to: ${source}`,
      `INFO:root:Logged in to: ${destination}`,
    ]);
    for (const text of [
      'INFO:root:Organization does not exist: team-a <---',
      'INFO:root:Attempting to create organization: team-a',
      'INFO:root:Organization created successfully: team-a',
      `INFO:root:Image pulled from ${source}/team-a/app:v2.0 <---`,
      `INFO:root:Image tagged: ${destination}/team-a/app:v2.0 <---`,
      `INFO:root:Image pushed from ${source}/team-a/app:v2.0 to ${destination}/team-a/app:v2.0 <---`,
    ])
      expect(lines).toContain(text);
    expect((await run(older())).stderr).toContain('Organization already exists in destination: team-a <---');
  });

  test('nothing is written before both sides passed', async () => {
    await filled();
    const { code, stderr } = await run(older({ destination_token: 'x'.repeat(40) }));
    expect(code).toBe(1);
    expect(stderr).toContain('Check that your API key is correct');
    expect(pair.destination.quay.writes).toEqual([]);
  });

  test('a wrong registry login ends it with 1 and the words for it', async () => {
    await filled();
    const { code, stderr } = await run(older(), ['--username', 'nobody', '--password', 'secret-word']);
    expect(code).toBe(1);
    expect(stderr).toContain('CRITICAL:root:--> Error logging in to Quay:');
    expect(stderr).not.toContain('secret-word');
  });

  test('what it replaced at the destination is listed', async () => {
    await filled();
    await run(older());
    const [theirs] = pair.destination.push('team-a/app', ['v2.0'], 'of the destination');
    const { code, stderr } = await run(older());
    expect(code).toBe(0);
    expect(stderr).toContain(
      `WARNING:root:Image of the destination replaced: ${hostOf(pair.destination)}/team-a/app:v2.0 (was ${theirs})`,
    );
    expect((await digestsOf(pair.destination, 'team-a/app'))['v2.0']).toBe(
      (await digestsOf(pair.source, 'team-a/app'))['v2.0'],
    );
  });
});

describe('defects of the original that are not repeated', () => {
  test('1.6.1: repositories and tags are read to the last page', async () => {
    const tags = Array.from({ length: 120 }, (_, at) => `v${at}`);
    await filled({ 'team-a/app': tags });
    for (let at = 0; at < 104; at += 1) await pair.source.repository(`team-a/r${at}`);
    expect((await run(older(), ['--auto-discovery'])).code).toBe(0);
    expect(Object.keys(await digestsOf(pair.destination, 'team-a/app'))).toHaveLength(100);
    const second = (await pair.destination.api(
      'GET',
      '/repository/team-a/app/tag/?onlyActiveTags=true&limit=100&page=2',
    )) as {
      tags: unknown[];
    };
    expect(second.tags).toHaveLength(20);
    expect(await pair.destination.api('GET', '/repository/team-a/r103?includeTags=false')).toMatchObject({
      name: 'r103',
    });
  });

  test('1.6.2: tags that were deleted are not brought back', async () => {
    await filled();
    await pair.source.api('DELETE', '/repository/team-a/app/tag/v1');
    expect((await run(older(), ['--auto-discovery'])).code).toBe(0);
    expect(await tagsOf(pair.destination, 'team-a/app')).toEqual(['v2.0']);
  });

  test('1.6.3: an address keeps its letters', async () => {
    const { stderr } = await run(older({ source_server: 'https://shop.invalid' }));
    expect(stderr).toContain('CRITICAL:root:--> DNS lookup failed for host shop.invalid <----');
  });

  test('1.6.4: names with several slashes keep all their parts', async () => {
    await filled({ 'team-a/deep/inside/app': ['v1'] });
    expect((await run(older(), ['--auto-discovery'])).code).toBe(0);
    expect(await tagsOf(pair.destination, 'team-a/deep/inside/app')).toEqual(['v1']);
  });

  test('1.6.5: with --skip-broken-images everything is tried, the failures come last, and the exit code is 1', async () => {
    await filled({ 'team-a/app': ['v1', 'v2.0'], 'team-b/app': ['v1'] });
    const list = ['team-a/app:gone', 'team-a/app:v1', 'team-b/app:v1'];
    const { code, stderr } = await run(older({ repositories: list }), ['--skip-broken-images']);
    expect(code).toBe(1);
    expect(stderr).toContain('CRITICAL:root:Error while attempting to pull the image: team-a/app:gone <---');
    expect(await tagsOf(pair.destination, 'team-b/app')).toEqual(['v1']);
    expect(stderr.indexOf('attempting to pull')).toBeGreaterThan(stderr.lastIndexOf('Image pushed from'));
  });

  test('1.6.5: without it the run ends with 1 at the first failure', async () => {
    await filled();
    const { code, stderr } = await run(older({ repositories: ['team-a/app:gone'] }));
    expect(code).toBe(1);
    expect(stderr).toContain('Error while attempting to pull the image: team-a/app:gone <---');
  });

  test('1.6.6: a user’s namespace is not made an organisation, and one that is missing is told', async () => {
    await filled();
    await pair.source.api('POST', '/superuser/users/', { username: 'ana', email: 'ana@example.com' });
    pair.source.push('ana/tool', ['v1']);
    const { code, stderr } = await run(older({ repositories: ['ana/tool:v1', 'team-a/app:v1'] }), [
      '--skip-broken-images',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('ana is a user, not an organization');
    expect(pair.destination.quay.world.accounts.has('ana')).toBe(false);
    expect(await tagsOf(pair.destination, 'team-a/app')).toEqual(['v1']);
  });

  test('1.6.7: an empty source is not called a wrong key, and a dead token not an empty source', async () => {
    const empty = await run(older(), ['--auto-discovery']);
    expect(empty.code).toBe(1);
    expect(empty.stderr).not.toContain('API key');
    const dead = await run(older({ source_token: 'x'.repeat(40) }), ['--auto-discovery']);
    expect(dead.code).toBe(1);
    expect(dead.stderr).toContain('API key');
  });

  test('1.6.8: host and port come from the address, and a closed port is told in one line', async () => {
    const { code, stderr } = await run(older({ destination_server: 'http://127.0.0.1:9' }));
    expect(code).toBe(1);
    expect(stderr).toContain('CRITICAL:root:127.0.0.1 refused the connection on port 9');
  });

  test('1.6.9: a fail-over of the older form turns the tokens too', async () => {
    await pair.destination.organization('team-a');
    await pair.destination.repository('team-a/app');
    pair.destination.push('team-a/app', ['v2.0']);
    expect((await run(older({ failover: true }))).code).toBe(0);
    expect(await tagsOf(pair.source, 'team-a/app')).toEqual(['v2.0']);
  });

  test('1.6.9: in the newer form the flag turns, and the key alone is ignored with a warning', async () => {
    await pair.destination.organization('team-a');
    await pair.destination.repository('team-a/app');
    pair.destination.push('team-a/app', ['v2.0']);
    expect((await run(newer(), ['--failover'])).code).toBe(0);
    expect(await tagsOf(pair.source, 'team-a/app')).toEqual(['v2.0']);
    expect((await run(newer({ failover: true }))).stderr).toContain('WARNING:root:Ignored: failover');
  });

  test('1.6.10: a second run transfers nothing', async () => {
    await filled();
    await run(older(), ['--auto-discovery']);
    pair.clearLogs();
    expect((await run(older(), ['--auto-discovery'])).code).toBe(0);
    const requests = [...pair.source.quay.requests, ...pair.destination.quay.requests];
    expect(requests.filter(({ path }) => /\/(?:blobs|manifests)\//.test(path))).toEqual([]);
    expect(pair.destination.quay.writes).toEqual([]);
  });

  test('1.6.11: digests stay what they are', async () => {
    await filled();
    await run(older(), ['--auto-discovery']);
    expect(await digestsOf(pair.destination, 'team-a/app')).toEqual(await digestsOf(pair.source, 'team-a/app'));
  });

  test('1.6.12: a password of the command line is in no output, also of every request traced', async () => {
    await filled();
    const { code, stderr, stdout } = await run(older(), ['--username', 'admin', '--password', 'password1']);
    expect(code).toBe(0);
    expect(stderr + stdout).not.toContain('password1');
  });

  test('1.6.12: --skip-tls-verify is for the API as for the registry', async () => {
    await filled();
    const { cert, key } = makeAuthority().issue(['DNS:other.example.com']);
    const { hostname, port } = new URL(pair.source.quay.url);
    const front = createServer({ cert, key }, (request, response) => {
      const headers = { ...request.headers };
      const onward = send({ hostname, port, path: request.url, method: request.method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const address = front.address();
    const server = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    try {
      expect((await run(older({ source_server: server }))).code).toBe(1);
      const { stderr } = await run(older({ source_server: server }), ['--skip-tls-verify']);
      expect(stderr).toContain(`Logged in to: ${server.slice('https://'.length)}`);
    } finally {
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
    }
  });

  test('1.6.13: the short file of the user document, with a token and no login, is enough', async () => {
    await filled();
    expect((await run(older())).code).toBe(0);
  });

  test('1.6.14: one run fills a mirror and a backup mirror, and reads each blob once', async () => {
    await filled();
    await using backup = await startQuaySide();
    await using third = await startQuaySide();
    const { code } = await run(
      older({ destinations: [{ server: backup.quay.url, token: backup.token }] }),
      ['--destination', third.quay.url, '--cache-dir', join(folder, 'cache')],
      { DESTINATION_TOKEN_1: third.token },
    );
    expect(code).toBe(0);
    for (const side of [pair.destination, backup, third]) expect(await tagsOf(side, 'team-a/app')).toEqual(['v2.0']);
    const reads = pair.source.quay.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'));
    expect(new Set(reads.map(({ path }) => path)).size).toBe(reads.length);
    expect(await readdir(join(folder, 'cache'), { recursive: true })).toContainEqual(
      expect.stringMatching(/index\.json$/),
    );
  });
});

test('a dead token gives way to the token of initialisation', async () => {
  await filled();
  const { code } = await run(newer({ primary_token: 'x'.repeat(40), primary_init_token: pair.source.token }));
  expect(code).toBe(0);
});

test('an entry without a tag means latest', async () => {
  await filled({ 'team-a/app': ['latest', 'v1'] });
  expect((await run(older({ repositories: ['team-a/app'] }))).code).toBe(0);
  expect(await tagsOf(pair.destination, 'team-a/app')).toEqual(['latest']);
});
