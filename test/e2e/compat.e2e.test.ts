/**
 * The two user flows that tranship takes over: development registries kept in step by run-reposync's example, and a CronJob
 * that crawls an Azure registry and copies what it found.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAuthority } from '../kit/certificates.ts';
import { startConnectProxy } from '../kit/connect-proxy.ts';
import { startAcr } from '../kit/doubles/acr.ts';
import { type FaultProxy, faultProxy } from '../kit/fault-proxy.ts';
import { pushSample } from '../kit/push-sample.ts';
import { htpasswdLine } from './kit/auth.ts';
import { makeCertificates } from './kit/certificates.ts';
import { tranship } from './kit/process.ts';
import { type Server, startServer } from './kit/servers.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tranship-compat-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const user = { username: 'testuser', password: 'testpassword' };
const login = { name: user.username, password: user.password };

test('development registries: checked, synced, and a second run costs no write and no manifest', async () => {
  const htpasswd = await htpasswdLine(user);
  const certificates = await makeCertificates(folder);
  const servers: readonly Server[] = await Promise.all([
    startServer('docker-registry', { htpasswd }),
    startServer('docker-registry', { htpasswd }),
    startServer('docker-registry', { htpasswd, tls: certificates }),
    startServer('docker-registry', { htpasswd }),
  ]);
  await using stack = new AsyncDisposableStack();
  for (const server of servers) stack.use(server);
  const [hub, master, staging, aws] = servers as [Server, Server, Server, Server];
  const watched = new Map<string, FaultProxy>();
  const behind = async (name: string, server: Server): Promise<string> => {
    if (server.url.startsWith('https:')) return server.host;
    const proxy = stack.use(await faultProxy({ target: new URL(server.url) }));
    watched.set(name, proxy);
    return proxy.host;
  };
  for (const tag of ['0.0.1', '1.0.0', '2.0.0']) await pushSample({ url: hub.url }, 'example/sleeper', tag, login);
  const hosts = {
    hub: await behind('hub', hub),
    master: await behind('master', master),
    staging: staging.host,
    aws: await behind('aws', aws),
  };
  const file = join(folder, 'sync-cfg.yaml');
  writeFileSync(file, example(hosts));
  const env = { SSL_CERT_FILE: certificates.caFile, REGISTRY_USER: user.username, REGISTRY_PASSWORD: user.password };
  const run = (...more: string[]) => tranship(['compat', 'run-reposync', '-c', file, ...more], { env });

  const checked = await run('--verify-only');
  expect(checked.code, checked.stderr).toBe(0);
  const first = await run();
  expect(first.code, first.stderr).toBe(0);
  expect(first.stderr).toContain('failed=0');
  expect(first.stdout + first.stderr).not.toContain(user.password);

  const before = [...watched.values()].map(({ requests }) => requests.length);
  const second = await run();
  expect(second.code, second.stderr).toBe(0);
  expect(second.stderr).toMatch(/Run statistics: total=\d+, copied=0, same-digest=\d+, failed=0/);
  const lines = [...watched.values()].flatMap(({ requests }, at) =>
    requests.slice(before[at]).map(({ method, url }) => `${method} ${url}`),
  );
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => /^(?:PUT|POST|PATCH|DELETE) /.test(line))).toEqual([]);
  expect(lines.filter((line) => /^GET .*\/manifests\//.test(line))).toEqual([]);
});

function example({
  hub,
  master,
  staging,
  aws,
}: Readonly<Record<'hub' | 'master' | 'staging' | 'aws', string>>): string {
  const registry = (key: string, url: string, skip: boolean): string =>
    [
      `  ${key}:`,
      `    url: "${url}"`,
      '    env_user: REGISTRY_USER',
      '    env_password: REGISTRY_PASSWORD',
      ...(skip ? ['    skip-tls-verify: true'] : []),
    ].join('\n');
  return `registries:
${[registry('hub', hub, false), registry('master', master, true), registry('staging', staging, false), registry('aws', aws, true)].join('\n')}
stages:
  - from:
      source: "hub"
      repository: "example/sleeper"
    to:
      - destination: master
        repository: "services/comp/sleeper"
        tags: []
      - destination: staging
        repository: "services/comp/sleeper"
        tags: ["1.0.0"]
      - destination: aws
        repository: "services/comp_v3/sleeper"
        tags: ["0.0.1", "1.0.0"]
    id: "i-am-not-required"
  - from:
      source: "hub"
      repository: "example/sleeper"
    to:
      - destination: master
        repository: "services/comp/sleeper"
        tags: []
    id: "i-run-before"
  - from:
      source: "master"
      repository: "services/comp/sleeper"
    to:
      - destination: staging
        repository: "services/comp_v4/sleeper"
        tags: ["1.0.0"]
    depends_on: ["i-run-before"]
`;
}

test('the CronJob: crawl and sync as two processes through a shared folder', async () => {
  const authority = makeAuthority();
  const caFile = join(folder, 'azure-ca.pem');
  writeFileSync(caFile, authority.cert);
  const tls = authority.issue(['DNS:acme.azurecr.io', 'IP:127.0.0.1']);
  await using acr = await startAcr({ users: {}, tls, ca: authority.cert });
  await using target = await startServer('docker-registry', { htpasswd: await htpasswdLine(user) });
  await using proxy = await startConnectProxy({ 'acme.azurecr.io:443': acr.port });
  const digest = await pushSample({ url: acr.url, ca: authority.cert }, 'team/app', '1.0', undefined);
  const shared = mkdtempSync(join(folder, 'data-'));
  const source = { SOURCE_USERNAME: 'crawler', SOURCE_PASSWORD: 'source-word' };
  const env = { HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1', SSL_CERT_FILE: caFile, ...source };

  const names = join(folder, 'names');
  expect((await tranship(['compat', 'link', names])).code).toBe(0);
  const crawl = ['--registry-name=acme', '--namespace=team', `--workdir=${shared}`];
  const crawled = await tranship(['compat', 'registry-sync', 'crawl', ...crawl], { env });
  expect(crawled.code, crawled.stderr).toBe(0);
  expect(readFileSync(join(shared, 'tags.csv'), 'utf8')).toMatch(new RegExp(`^team,app,1.0,.*,${digest}\r$`, 'm'));

  const sync = ['--source-registry-name=acme', '--namespace=team', `--target-registry-name=${target.host}`];
  const more = ['--target-namespace=mirror', `--workdir=${shared}`];
  const login = { TARGET_USERNAME: user.username, TARGET_PASSWORD: user.password };
  const synced = await tranship(['compat', 'registry-sync', 'sync', ...sync, ...more], { env: { ...env, ...login } });
  expect(synced.code, synced.stderr).toBe(0);
  expect(synced.stderr).toContain('Synced: 1 copied, 0 the same, 0 failed.');
  expect(synced.stderr).not.toMatch(/source-word|testpassword/);
  expect(proxy.asked.every((name) => name === 'acme.azurecr.io:443')).toBe(true);
});
