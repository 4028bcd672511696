import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tranship } from '../../../test/kit/command-line.ts';
import { startEmbedded } from '../../../test/kit/embedded.ts';
import { addUser } from '../../../test/kit/quay/model/accounts.ts';
import { type Pair, type QuaySide, startQuayPair, startQuaySide } from '../../../test/kit/quay-pair.ts';

let pair: Pair;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-quay-sync-'));
  pair = await startQuayPair();
});
afterEach(async () => {
  await pair[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const servers = () => [pair.source.quay.url, pair.destination.quay.url];
const run = (argv: readonly string[], env: Record<string, string> = {}) =>
  tranship(argv, { home: folder, env: { ...pair.env, ...env } });
const sync = (...more: readonly string[]) => run(['quay', 'sync', ...servers(), ...more]);
const diff = (...more: readonly string[]) => run(['quay', 'diff', ...servers(), ...more]);

const digestsOf = async (side: QuaySide, repository: string) =>
  Object.fromEntries([...(await side.tags(repository))].map(([tag, entry]) => [tag, entry['manifest_digest']]));

async function filled(): Promise<void> {
  await pair.source.organization('payments');
  await pair.source.repository('payments/api', { visibility: 'public', description: 'the API' });
  pair.source.push('payments/api', ['v1', 'v2', 'latest']);
  await pair.source.repository('payments/deep/inside/worker');
  pair.source.push('payments/deep/inside/worker', ['v1'], 'worker');
  pair.clearLogs();
}

describe('a first run', () => {
  test('makes organisation and repositories with visibility and description, and brings every image', async () => {
    await filled();
    const { code, stderr } = await sync();
    expect(stderr).not.toContain('✖');
    expect(code).toBe(0);
    expect(await digestsOf(pair.destination, 'payments/api')).toEqual(await digestsOf(pair.source, 'payments/api'));
    expect(await digestsOf(pair.destination, 'payments/deep/inside/worker')).toEqual(
      await digestsOf(pair.source, 'payments/deep/inside/worker'),
    );
    expect(await pair.destination.api('GET', '/repository/payments/api?includeTags=false')).toMatchObject({
      is_public: true,
      description: 'the API',
    });
  });

  test('says with --dry-run what it would make, and makes nothing', async () => {
    await filled();
    const { code, stderr } = await sync('--dry-run');
    expect(code).toBe(0);
    expect(stderr).toContain('organization payments');
    expect(stderr).toContain('repository payments/api');
    expect(pair.source.quay.writes).toEqual([]);
    expect(pair.destination.quay.writes).toEqual([]);
  });

  test('shows as a difference what is missing, and writes nothing', async () => {
    await filled();
    const { code, stdout } = await diff('--exit-code');
    expect(code).toBe(5);
    expect(stdout).toContain('payments/api');
    expect(stdout).toMatch(/\+\s+v1\s.*new\s+\d+ B/);
    expect(pair.destination.quay.writes).toEqual([]);
    // The listings tell digests and sizes.
    const asked = [...pair.source.quay.requests, ...pair.destination.quay.requests];
    expect(asked.filter(({ path }) => /\/(manifests|blobs)\//.test(path))).toEqual([]);
  });

  test('brings teams, default permissions and robots where they are asked for', async () => {
    await filled();
    await pair.source.api('PUT', '/organization/payments/team/developers', {
      role: 'creator',
      description: 'they develop',
    });
    await pair.source.api('PUT', '/organization/payments/robots/ci', { description: 'pipeline' });
    await pair.source.api('POST', '/organization/payments/prototypes', {
      role: 'write',
      delegate: { name: 'payments+ci', kind: 'user' },
    });
    const { code } = await sync('--with', 'teams,default-permissions,robots');
    expect(code).toBe(0);
    const { teams } = (await pair.destination.api('GET', '/organization/payments')) as {
      teams: Record<string, unknown>;
    };
    expect(teams).toHaveProperty('developers');
    const { prototypes } = (await pair.destination.api('GET', '/organization/payments/prototypes')) as {
      prototypes: unknown[];
    };
    expect(prototypes).toHaveLength(1);
    pair.clearLogs();
    expect((await sync('--with', 'teams,default-permissions,robots')).code).toBe(0);
    expect(pair.destination.quay.writes.filter(({ path }) => !path.startsWith('/v2/auth'))).toEqual([]);
  });
});

test('a destination that sends mail gets organisations with the address that they have at the source', async () => {
  await filled();
  pair.destination.quay.setFeature('MAILING', true);
  expect((await sync()).code).toBe(0);
  expect(await pair.destination.api('GET', '/organization/payments')).toMatchObject({ email: 'payments@example.com' });
  await pair.destination.api('PUT', '/organization/payments', { email: 'standby@example.com' });
  await sync('--with', 'robots');
  expect(await pair.destination.api('GET', '/organization/payments')).toMatchObject({ email: 'standby@example.com' });
});

describe('a later run', () => {
  test('finds nothing to do without a write and without asking for a manifest', async () => {
    await filled();
    await sync();
    pair.clearLogs();
    const { code } = await sync();
    expect(code).toBe(0);
    const requests = [...pair.source.quay.requests, ...pair.destination.quay.requests];
    expect(pair.destination.quay.writes).toEqual([]);
    expect(requests.filter(({ path }) => path.includes('/manifests/'))).toEqual([]);
  });

  test('finds a moved tag, a new repository and a new organisation', async () => {
    await filled();
    await sync();
    pair.source.push('payments/api', ['latest'], 'newer');
    await pair.source.repository('payments/web');
    pair.source.push('payments/web', ['v1']);
    await pair.source.organization('stores');
    await pair.source.repository('stores/shop');
    pair.source.push('stores/shop', ['v1']);
    expect((await sync()).code).toBe(0);
    for (const repository of ['payments/api', 'payments/web', 'stores/shop'])
      expect(await digestsOf(pair.destination, repository)).toEqual(await digestsOf(pair.source, repository));
  });

  test('tells of a deleted tag and keeps it', async () => {
    await filled();
    await sync();
    await pair.source.api('DELETE', '/repository/payments/api/tag/v1');
    const { code, stderr } = await sync();
    expect(code).toBe(0);
    expect(stderr).toMatch(/Gone from the source[^]*payments\/api:v1/);
    expect((await diff('--exit-code')).code).toBe(5);
    expect(await pair.destination.tags('payments/api')).toHaveProperty('size', 3);
  });
});

describe('a tag that someone else set at the destination', () => {
  const moved = async () => {
    await filled();
    await sync();
    pair.source.push('payments/api', ['latest'], 'of the source');
    const [theirs] = pair.destination.push('payments/api', ['latest'], 'of the destination');
    return String(theirs);
  };
  const latest = async (side: QuaySide) => (await digestsOf(side, 'payments/api'))['latest'];

  test('is shown as diverged and left alone, and the run ends with 3', async () => {
    const theirs = await moved();
    const { code, stderr } = await sync('-o', 'json');
    expect(code).toBe(3);
    expect(stderr).toContain('diverged');
    expect(await latest(pair.destination)).toBe(theirs);
  });

  test('ends with 3 also where nothing else is there', async () => {
    await moved();
    expect((await sync('--repository', 'payments/api:latest')).code).toBe(3);
  });

  test('is replaced and listed by source-wins', async () => {
    const theirs = await moved();
    const { code, stderr } = await sync('--divergence', 'source-wins');
    expect(code).toBe(0);
    expect(stderr).toContain(theirs);
    expect(await latest(pair.destination)).toBe(await latest(pair.source));
  });

  test('keeps its place by newer-wins where it was set later', async () => {
    await filled();
    await sync();
    const theirs = pair.destination.push('payments/api', ['latest'], 'later');
    const { code } = await sync('--divergence', 'newer-wins');
    expect(code).toBe(0);
    expect(await latest(pair.destination)).toBe(theirs[0]);
  });

  test('stays reachable under a suffix by keep-both, and the next run has nothing to do', async () => {
    const theirs = await moved();
    expect((await sync('--divergence', 'keep-both')).code).toBe(0);
    expect(await latest(pair.destination)).toBe(await latest(pair.source));
    expect(Object.values(await digestsOf(pair.destination, 'payments/api'))).toContain(theirs);
    pair.clearLogs();
    expect((await sync()).code).toBe(0);
    expect(pair.destination.quay.writes).toEqual([]);
  });

  test('is reported although the source never had such a tag', async () => {
    await filled();
    await sync();
    pair.destination.push('payments/api', ['hotfix']);
    const { code, stdout } = await diff();
    expect(stdout).toMatch(/!\s+hotfix\s+diverged/);
    expect(code).toBe(0);
    expect((await sync()).code).toBe(3);
  });

  test('is told from one that fell behind by the history of the source', async () => {
    await filled();
    await sync();
    pair.source.push('payments/api', ['latest'], 'second');
    pair.source.push('payments/api', ['latest'], 'third');
    expect((await sync()).code).toBe(0);
    expect(await latest(pair.destination)).toBe(await latest(pair.source));
  });
});

describe('where the source has forgotten what its tags named', () => {
  const forgotten = async () => {
    await filled();
    await sync();
    pair.source.push('payments/api', ['latest'], 'newer');
    const repository = pair.source.quay.world.repositories.get('payments/api');
    if (repository === undefined) throw new Error('no such repository');
    const alive = repository.tags.filter(({ end }) => end === undefined);
    repository.tags.splice(0, repository.tags.length, ...alive);
  };

  test('the record of the earlier run and the destination’s history tell that the tag is ours', async () => {
    await forgotten();
    expect((await sync()).code).toBe(0);
    expect(await digestsOf(pair.destination, 'payments/api')).toEqual(await digestsOf(pair.source, 'payments/api'));
  });

  test('without that record nothing is overwritten', async () => {
    await forgotten();
    await rm(join(folder, '.local'), { recursive: true });
    expect((await sync()).code).toBe(3);
  });

  test('the record alone does not count where the destination was set away and back', async () => {
    await forgotten();
    const later = Date.now() + 3_600_000;
    const tag = pair.destination.quay.world.repositories
      .get('payments/api')
      ?.tags.find(({ name, end }) => name === 'latest' && end === undefined);
    if (tag === undefined) throw new Error('no such tag');
    Object.assign(tag, { start: later });
    expect((await sync()).code).toBe(3);
  });
});

describe('the direction', () => {
  test('is turned with everything of a side, tokens included', async () => {
    await pair.destination.organization('payments');
    await pair.destination.repository('payments/api');
    pair.destination.push('payments/api', ['v1']);
    const { code } = await sync('--failover');
    expect(code).toBe(0);
    expect(await digestsOf(pair.source, 'payments/api')).toEqual(await digestsOf(pair.destination, 'payments/api'));
  });

  test('comes back after a fail-over without taking our own tags for divergence', async () => {
    await filled();
    await sync();
    pair.destination.push('payments/api', ['latest'], 'while the first was down');
    pair.destination.push('payments/api', ['v3']);
    expect((await sync('--failover')).code).toBe(0);
    expect(await digestsOf(pair.source, 'payments/api')).toEqual(await digestsOf(pair.destination, 'payments/api'));
    expect((await sync()).code).toBe(0);
  });
});

describe('before anything is written', () => {
  const nothingWritten = () => expect(pair.destination.quay.writes).toEqual([]);

  test('a dead token of either side ends the run with 4', async () => {
    await filled();
    for (const name of ['TRANSHIP_SOURCE_TOKEN', 'TRANSHIP_DESTINATION_TOKEN']) {
      const { code, stderr } = await run(['quay', 'sync', ...servers()], { [name]: 'x'.repeat(40) });
      expect(code).toBe(4);
      expect(stderr).toContain('E_QUAY_TOKEN');
    }
    nothingWritten();
  });

  test('a host that cannot be reached ends it with 75', async () => {
    await filled();
    const [source = ''] = servers();
    expect((await run(['quay', 'sync', source, 'http://127.0.0.1:9'])).code).toBe(75);
    nothingWritten();
  });

  test('a server that is no Quay ends it with 1, and a path in its address with 2', async () => {
    await filled();
    await using other = await startEmbedded();
    const [source = ''] = servers();
    const run1 = await run(['quay', 'sync', source, `http://${other.host}`]);
    expect(run1.code).toBe(1);
    expect(run1.stderr).toContain('E_NOT_QUAY');
    expect((await run(['quay', 'sync', source, 'https://example.com/quay'])).code).toBe(2);
    nothingWritten();
  });

  test('a server that has another name for itself ends it with 2, and may be compared', async () => {
    await filled();
    await using other = await startQuaySide({ hostname: 'quay.example.com' });
    const [source = ''] = servers();
    other.quay.clearLog();
    const env = { TRANSHIP_DESTINATION_TOKEN: other.token };
    const { code, stderr } = await run(['quay', 'sync', source, other.quay.url], env);
    expect(code).toBe(2);
    expect(stderr).toContain('calls itself quay.example.com');
    expect(other.quay.writes).toEqual([]);
    expect((await run(['quay', 'diff', source, other.quay.url], env)).code).toBe(0);
  });

  test('one server twice is no pair', async () => {
    const [source = ''] = servers();
    expect((await run(['quay', 'sync', source, source])).code).toBe(2);
  });
});

describe('visibility and description of a repository on both sides', () => {
  const drifted = async () => {
    await filled();
    await sync();
    await pair.source.api('PUT', '/repository/payments/api', { description: 'the new API' });
    await pair.destination.api('POST', '/repository/payments/api/changevisibility', { visibility: 'private' });
    pair.clearLogs();
  };
  const shown = () => pair.destination.api('GET', '/repository/payments/api?includeTags=false');
  const weak = (scopes: string) => ({ TRANSHIP_DESTINATION_TOKEN: pair.destination.tokenOf('admin', scopes) });

  test('are a difference', async () => {
    await drifted();
    const { code, stdout } = await diff('--exit-code');
    expect(code).toBe(5);
    expect(stdout).toMatch(
      /differs in the settings of 1 repository\n\s+~\s+repository payments\/api\s+visibility: private → public, description differs/,
    );
    expect(JSON.parse((await diff('-o', 'json')).stdout).quay.objects).toMatchObject([
      { action: 'update', object: 'repository payments/api' },
    ]);
    expect(pair.destination.quay.writes).toEqual([]);
  });

  test('become as at the source', async () => {
    await drifted();
    expect((await sync('--dry-run')).stderr).toContain('visibility: private → public');
    expect(pair.destination.quay.writes).toEqual([]);
    expect((await sync()).code).toBe(0);
    expect(await shown()).toMatchObject({ is_public: true, description: 'the new API' });
    expect((await diff('--exit-code')).code).toBe(0);
  });

  test('stay where that is asked for, and are told of', async () => {
    await drifted();
    const { code, stderr } = await sync('--keep-settings');
    expect(code).toBe(0);
    expect(stderr).toContain('left as they are, as asked');
    expect(await shown()).toMatchObject({ is_public: false, description: 'the API' });
  });

  test('stay where the token may not change them, and the images come all the same', async () => {
    await drifted();
    pair.source.push('payments/api', ['v3']);
    const { code, stderr } = await run(['quay', 'sync', ...servers()], weak('repo:read repo:write user:read'));
    expect(stderr).toContain('left as they are: the token lacks repo:admin');
    expect(code).toBe(0);
    expect((await pair.destination.tags('payments/api')).has('v3')).toBe(true);
  });

  test('of a mirror are its own', async () => {
    await drifted();
    await pair.destination.api('PUT', '/repository/payments/api/changestate', { state: 'MIRROR' });
    expect((await diff()).stdout).not.toContain('differs in the settings of 1 repository');
  });
});

describe('a destination that takes no pushes from this login', () => {
  const behind = async () => {
    await filled();
    await sync();
    pair.source.push('payments/api', ['v3', 'v4']);
    pair.clearLogs();
  };
  const weak = (scopes: string) => ({ TRANSHIP_DESTINATION_TOKEN: pair.destination.tokenOf('admin', scopes) });

  test('is told once for each repository before anything is sent, in a dry run too', async () => {
    await behind();
    for (const more of [['--dry-run'], []]) {
      const { code, stderr } = await run(['quay', 'sync', ...servers(), ...more], weak('repo:read user:read'));
      expect(code).toBe(3);
      expect(stderr).toContain('may not push');
      expect(stderr).not.toContain('payments/api:v3');
      // The registry has the last word, and is asked only where something is meant to be written.
      const asked = pair.destination.quay.writes.filter(({ path }) => path.startsWith('/v2/auth'));
      expect(pair.destination.quay.writes).toEqual(asked);
      expect(asked).toHaveLength(more.length === 0 ? 1 : 0);
    }
  });

  test('is of no interest to who only compares', async () => {
    await behind();
    await pair.source.repository('payments/new');
    await pair.destination.api('PUT', '/repository/payments/api/changestate', { state: 'MIRROR' });
    const { code, stdout } = await run(['quay', 'diff', ...servers(), '--exit-code'], weak('repo:read'));
    expect(code).toBe(5);
    expect(stdout).toContain('v3');
    expect(stdout).toContain('repository payments/new');
  });

  test('is found out for a login that is not the token with its token service, and never in a dry run', async () => {
    await behind();
    addUser(pair.destination.quay.world, { username: 'ana', password: 'password1' });
    const file = join(folder, 'pair.yaml');
    await writeFile(
      file,
      `version: 1
source: {server: "${pair.source.quay.url}", token: {env: SOURCE}}
destinations: [{server: "${pair.destination.quay.url}", token: {env: DESTINATION}, login: {username: ana, password: {env: PASSWORD}}}]
`,
    );
    const env = { SOURCE: pair.source.token, DESTINATION: pair.destination.token, PASSWORD: 'password1' };
    expect((await run(['quay', 'sync', '-c', file, '--dry-run'], env)).code).toBe(0);
    expect(pair.destination.quay.writes).toEqual([]);
    const { code, stderr } = await run(['quay', 'sync', '-c', file], env);
    expect(code).toBe(3);
    expect(stderr).toContain('ana may not push to the repository');
    expect(pair.destination.quay.writes.map(({ path }) => path)).toEqual([
      expect.stringContaining('scope=repository%3Apayments%2Fapi%3Apull%2Cpush'),
    ]);
  });

  test('costs nothing to be asked where nothing is to be written', async () => {
    await filled();
    await sync();
    pair.clearLogs();
    expect((await run(['quay', 'sync', ...servers()], weak('repo:read user:read'))).code).toBe(0);
  });
});

test('a repository that is a mirror at the destination is left alone, and the others come over', async () => {
  await filled();
  await sync();
  pair.source.push('payments/api', ['v3']);
  pair.source.push('payments/deep/inside/worker', ['v2']);
  await pair.destination.api('PUT', '/repository/payments/api/changestate', { state: 'MIRROR' });
  const { code, stderr } = await sync();
  expect(code).toBe(3);
  expect(stderr).toContain('E_QUAY_STATE');
  expect((await pair.destination.tags('payments/deep/inside/worker')).size).toBe(2);
  expect((await pair.destination.tags('payments/api')).size).toBe(3);
});

test('robots that a token may not ask about are not said to be missing', async () => {
  await filled();
  await pair.source.api('PUT', '/organization/payments/robots/ci', {});
  await sync();
  await pair.destination.api('PUT', '/organization/payments/robots/ci', {});
  const weak = { TRANSHIP_DESTINATION_TOKEN: pair.destination.tokenOf('admin', 'repo:read repo:write') };
  const { code, stderr } = await run(['quay', 'sync', ...servers()], weak);
  expect(code).toBe(0);
  expect(stderr).toContain('Whether these robots are there its token may not ask: payments+ci');
  expect(stderr).not.toContain('are not at');
});

test('several destinations are filled with each blob read once', async () => {
  await filled();
  await using third = await startQuaySide();
  const { code } = await run(['quay', 'sync', ...servers(), third.quay.url], {
    TRANSHIP_DESTINATION_TOKEN_2: third.token,
  });
  expect(code).toBe(0);
  expect(await digestsOf(third, 'payments/api')).toEqual(await digestsOf(pair.source, 'payments/api'));
  const reads = pair.source.quay.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'));
  expect(new Set(reads.map(({ path }) => path)).size).toBe(reads.length);
});

test('a cache folder spares the source what was read before', async () => {
  await filled();
  const cache = join(folder, 'cache');
  await using third = await startQuaySide();
  expect((await sync('--cache-dir', cache)).code).toBe(0);
  pair.clearLogs();
  const [source = ''] = servers();
  const { code } = await run(['quay', 'sync', source, third.quay.url, '--cache-dir', cache], {
    TRANSHIP_DESTINATION_TOKEN: third.token,
  });
  expect(code).toBe(0);
  expect(await digestsOf(third, 'payments/api')).toEqual(await digestsOf(pair.source, 'payments/api'));
  expect(pair.source.quay.requests.filter(({ path }) => path.includes('/blobs/'))).toEqual([]);
});

test('an expiry is carried over, and taken away again', async () => {
  await filled();
  const expiration = Math.floor(Date.now() / 1000) + 86_400;
  await pair.source.api('PUT', '/repository/payments/api/tag/v1', { expiration });
  await pair.source.api('PUT', '/repository/payments/api/tag/v2', { immutable: true });
  await sync();
  const there = await pair.destination.tags('payments/api');
  expect(there.get('v1')).toMatchObject({ end_ts: expiration });
  expect(there.get('v2')).toMatchObject({ immutable: true });
  pair.clearLogs();
  await sync();
  expect(pair.destination.quay.writes).toEqual([]);
  await pair.source.api('PUT', '/repository/payments/api/tag/v1', { expiration: null });
  await sync();
  expect((await pair.destination.tags('payments/api')).get('v1')).not.toHaveProperty('end_ts');
});

test('labels that act on the mirror are warned of', async () => {
  await filled();
  pair.source.push('payments/api', ['short'], '', { 'quay.expires-after': '2d' });
  const { code, stderr } = await sync();
  expect(code).toBe(0);
  expect(stderr).toContain('quay.expires-after');
});

test('the file says which servers, and a list of tags leaves the rest alone', async () => {
  await filled();
  const config = join(folder, 'quay-sync.yaml');
  const [source, destination] = servers();
  await writeFile(
    config,
    `version: 1
source: {server: "${source}", token: {env: TRANSHIP_SOURCE_TOKEN}}
destination: {server: "${destination}", token: {env: TRANSHIP_DESTINATION_TOKEN}}
repositories: [payments/api:v1]
`,
  );
  expect((await run(['quay', 'sync', '-c', config])).code).toBe(0);
  expect([...(await pair.destination.tags('payments/api')).keys()]).toEqual(['v1']);
});

test('a listed tag that is not there is a failure, and the others come over', async () => {
  await filled();
  const { code, stderr } = await sync('--repository', 'payments/api:v1', '--repository', 'payments/api:v9');
  expect(code).toBe(3);
  expect(stderr).toContain('payments/api:v9');
  expect([...(await pair.destination.tags('payments/api')).keys()]).toEqual(['v1']);
});

test('tokens with the scopes of the user documents are enough, and one that may not read is found out before anything is written', async () => {
  await filled();
  const tokenOf = async (side: QuaySide, scope: string) => {
    await side.organization('holders');
    const app = await side.api('POST', '/organization/holders/applications', { name: 'tokens' });
    const made = await side.api('POST', `/organization/holders/applications/${app['client_id']}/tokens`, {
      name: 't',
      scope,
    });
    return String(made['token_code'] ?? made['access_token'] ?? made['token']);
  };
  const reading = await tokenOf(pair.source, 'repo:read');
  const creating = await tokenOf(pair.destination, 'repo:create repo:admin');
  pair.clearLogs();
  const useless = await run(['quay', 'sync', ...servers()], { TRANSHIP_SOURCE_TOKEN: 'y'.repeat(40) });
  expect(useless.code).toBe(4);
  expect(pair.destination.quay.writes).toEqual([]);
  const short = await run(['quay', 'sync', ...servers()], {
    TRANSHIP_SOURCE_TOKEN: reading,
    TRANSHIP_DESTINATION_TOKEN: creating,
  });
  expect(short).toMatchObject({ code: 4 });
  expect(short.stderr).toContain('user:admin');
  expect(pair.destination.quay.writes).toEqual([]);
  await pair.destination.organization('payments');
  const { code, stderr } = await run(['quay', 'sync', ...servers()], {
    TRANSHIP_SOURCE_TOKEN: reading,
    TRANSHIP_DESTINATION_TOKEN: creating,
  });
  expect(stderr).not.toContain('✖');
  expect(code).toBe(0);
  expect(await digestsOf(pair.destination, 'payments/api')).toEqual(await digestsOf(pair.source, 'payments/api'));
});

test.each(['3.7', '3.10', '3.12', '3.15', '3.17', '3.18'] as const)(
  'Quay %s is kept equal and then left alone',
  async (version) => {
    await pair[Symbol.asyncDispose]();
    pair = await startQuayPair({ version });
    await filled();
    expect((await sync()).code).toBe(0);
    expect(await digestsOf(pair.destination, 'payments/api')).toEqual(await digestsOf(pair.source, 'payments/api'));
    pair.clearLogs();
    expect((await sync()).code).toBe(0);
    expect(pair.destination.quay.writes).toEqual([]);
  },
);

test('robots whose pull secrets will not work are named, and the new logins written where told', async () => {
  await filled();
  await pair.source.api('PUT', '/organization/payments/robots/ci', {});
  const path = join(folder, 'secrets.yaml');
  const { code, stderr } = await sync('--with', 'robots', '--pull-secrets', path);
  expect(code).toBe(0);
  expect(stderr).toContain('payments+ci');
  const written = await readFile(path, 'utf8');
  expect(written).toContain('kind: Secret');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const { token } = (await pair.destination.api('GET', '/organization/payments/robots/ci')) as { token: string };
  expect(stderr).not.toContain(token);
  const data = /dockerconfigjson: (\S+)\n/.exec(written)?.[1] ?? '';
  const { auths } = JSON.parse(Buffer.from(data, 'base64').toString()) as { auths: Record<string, { auth: string }> };
  expect(Buffer.from(auths[pair.destination.quay.host]?.auth ?? '', 'base64').toString()).toBe(`payments+ci:${token}`);
});
