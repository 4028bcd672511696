/** A hub fills a master, the master fills its copies: real registries with a private authority, passwords and plain HTTP. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { layerOf, noise } from '../kit/corpus/content.ts';
import { observe } from '../kit/corpus/observe.ts';
import { pushRepository } from '../kit/corpus/push.ts';
import { RepositoryBuilder } from '../kit/corpus/repository.ts';
import { basicHeader, htpasswdLine, type Login } from './kit/auth.ts';
import { type Certificates, makeCertificates } from './kit/certificates.ts';
import { tranship, transhipOk } from './kit/process.ts';
import { type Server, startServer } from './kit/servers.ts';
import { temporaryFolder } from './kit/storage.ts';

const login: Login = { username: 'mirror', password: 'pa ss:wörd' };
const folder = temporaryFolder('sync');
let certificates: Certificates;
let hub: Server;
let master: Server;
let staging: Server;
let cloud: Server;

beforeAll(async () => {
  certificates = await makeCertificates(folder.path);
  const closed = { tls: certificates, htpasswd: await htpasswdLine(login) };
  hub = await startServer('docker-registry');
  master = await startServer('docker-registry', closed);
  staging = await startServer('docker-registry', closed);
  cloud = await startServer('distribution');
  const builder = new RepositoryBuilder('library/app');
  const base = layerOf(noise(200_000, 'base'), 'none');
  for (const tag of ['1.0', '1.1', '2.0-rc1']) {
    const children = ['amd64', 'arm64'].map((architecture) =>
      builder.image({ os: 'linux', architecture }, [base, layerOf(noise(50_000, `${tag} ${architecture}`), 'none')]),
    );
    builder.index(children, { tags: [tag] });
  }
  await pushRepository(hub, builder.done());
  writeFileSync(config, configuration());
});

afterAll(async () => {
  for (const server of [hub, master, staging, cloud]) await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const config = join(folder.path, 'tranship.yaml');
const env = { MIRROR_USER: login.username, MIRROR_PASSWORD: login.password, XDG_STATE_HOME: folder.path };

function configuration(): string {
  const closed = (server: Server) =>
    `{url: "${server.host}", tls: {ca: "${certificates.caFile}"}, credentials: {username: {env: MIRROR_USER}, password: {env: MIRROR_PASSWORD}}}`;
  return `version: 1
registries:
  hub: {url: "http://${hub.host}"}
  master: ${closed(master)}
  staging: ${closed(staging)}
  cloud: {url: "http://${cloud.host}"}
stages:
  - id: intake
    from: {registry: hub, repository: library/app}
    tags: {exclude: ["*-rc*"]}
    to: [{registry: master, repository: base/app}]
  - id: spread
    depends_on: [intake]
    from: {registry: master, repositories: ["base/*"]}
    to: [{registry: staging, repository: "{path}"}, {registry: cloud, repository: "eu/{path}"}]
`;
}

async function sync(...more: readonly string[]): Promise<Report> {
  const file = join(folder.path, 'report.json');
  await transhipOk(['sync', '-c', config, '--report', file, ...more], { env });
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}

const sum = (report: Report, key: 'writes' | 'manifestGets') =>
  report.hosts.reduce((total, host) => total + host[key], 0);

describe('stages over real registries', () => {
  test('bring everything through, read once for two destinations', async () => {
    const report = await sync();
    expect(report.totals).toMatchObject({ copied: 6, failed: 0 });
    const secret = { authorization: basicHeader(login), ca: readFileSync(certificates.caFile, 'utf8') };
    const atMaster = await observe({ url: master.url, ...secret }, 'base/app');
    expect(Object.keys(atMaster.tags).toSorted()).toEqual(['1.0', '1.1']);
    expect(await observe({ url: staging.url, ...secret }, 'base/app')).toEqual(atMaster);
    expect(await observe(cloud, 'eu/base/app')).toEqual(atMaster);
    // Five blobs of layers and four configurations went out of the master once, for both.
    const sent = report.hosts.find(({ host }) => host === master.host)?.receivedBytes ?? 0;
    expect(sent).toBeLessThan(1.05 * (200_000 + 4 * 50_000) + 40_000);
  });

  test('a second run makes no write and reads no manifest', async () => {
    const report = await sync();
    expect(report.totals).toMatchObject({ copied: 0, updated: 0, same: 6, failed: 0 });
    expect([sum(report, 'writes'), sum(report, 'manifestGets')]).toEqual([0, 0]);
    expect((await tranship(['plan', '-c', config, '--exit-code'], { env })).code).toBe(0);
  });

  test('every byte is right', async () => {
    const { stderr } = await tranship(['verify', '-c', config, '--full'], { env });
    expect(stderr).toContain('6 tags whole');
  });

  test('a wrong password is told with exit code 4, and nothing of it is shown', async () => {
    const wrong = { ...env, MIRROR_PASSWORD: 'certainly-wrong' };
    const done = await tranship(['sync', '-c', config, '--stage', 'intake'], { env: wrong });
    expect(done.code).toBe(4);
    expect(done.stdout + done.stderr).not.toContain('certainly-wrong');
  });
});
