/** Private certificate authorities, passwords and tokens, at real registries. */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layerOf, noise } from '../kit/corpus/content.ts';
import { observe } from '../kit/corpus/observe.ts';
import { pushRepository } from '../kit/corpus/push.ts';
import { RepositoryBuilder } from '../kit/corpus/repository.ts';
import { basicHeader, dockerConfig, htpasswdLine, type Login, startTokenServer } from './kit/auth.ts';
import { type Certificates, makeCertificates } from './kit/certificates.ts';
import { tranship, transhipOk } from './kit/process.ts';
import { type Server, type ServerKind, startServer } from './kit/servers.ts';
import { temporaryFolder } from './kit/storage.ts';

const login: Login = { username: 'copier', password: 'pa ss:wörd/+%=' };
const folders = [temporaryFolder('ca'), temporaryFolder('expired'), temporaryFolder('names')] as const;
let certificates: Certificates;
let expired: Certificates;
let otherName: Certificates;
let htpasswd: string;
let source: Server;

beforeAll(async () => {
  certificates = await makeCertificates(folders[0].path);
  expired = await makeCertificates(folders[1].path, { days: -1 });
  otherName = await makeCertificates(folders[2].path, { names: 'DNS:registry.example.com' });
  htpasswd = await htpasswdLine(login);
  source = await startServer('distribution');
  const builder = new RepositoryBuilder('auth/app');
  builder.image({ os: 'linux', architecture: 'amd64' }, [layerOf(noise(50_000, 'auth'), 'none')], { tags: ['latest'] });
  await pushRepository(source, builder.done());
});

afterAll(async () => {
  await source[Symbol.asyncDispose]();
  for (const folder of folders) folder[Symbol.dispose]();
});

const copyTo = (destination: Server, ...more: string[]): string[] => [
  ...['copy', `${source.host}/auth/app:latest`, `${destination.host}/auth/app:latest`],
  ...more,
];

const kinds: readonly ServerKind[] = ['docker-registry', 'distribution', 'embedded'];

describe.each(kinds)('%s behind TLS and a password', (kind) => {
  test('takes an image from who has the authority and the password', async () => {
    await using server = await startServer(kind, { tls: certificates, htpasswd });
    using home = temporaryFolder('home');
    const env = dockerConfig(home.path, server.host, login);
    await transhipOk(copyTo(server, '--ca-file', certificates.caFile), { env });
    const seen = { url: server.url, authorization: basicHeader(login), ca: readFileSync(certificates.caFile, 'utf8') };
    expect(await observe(seen, 'auth/app')).toEqual(await observe(source, 'auth/app'));
  });

  test('says that the certificate is not trusted, and how to trust it', async () => {
    await using server = await startServer(kind, { tls: certificates, htpasswd });
    const done = await tranship(copyTo(server));
    expect(done.code).not.toBe(0);
    expect(done.stderr).toMatch(/--ca-file/);
    expect(done.stderr).toMatch(/destination/);
  });

  test('sends away who has a wrong password with exit code 4', async () => {
    await using server = await startServer(kind, { tls: certificates, htpasswd });
    using home = temporaryFolder('home');
    const env = dockerConfig(home.path, server.host, { ...login, password: 'wrong' });
    expect(await tranship(copyTo(server, '--ca-file', certificates.caFile), { env })).toMatchObject({ code: 4 });
  });

  test('keeps a login that works and refuses one that does not', async () => {
    await using server = await startServer(kind, { tls: certificates, htpasswd });
    using home = temporaryFolder('home');
    const env = { HOME: home.path };
    const args = [
      'login',
      server.host,
      '--username',
      login.username,
      '--password-stdin',
      '--ca-file',
      certificates.caFile,
    ];
    expect(await tranship(args, { env, input: 'wrong\n' })).toMatchObject({ code: 4 });
    expect(await tranship(args, { env, input: `${login.password}\n` })).toMatchObject({ code: 0 });
    await transhipOk(copyTo(server, '--ca-file', certificates.caFile), { env });
    await transhipOk(['logout', server.host], { env });
    expect(await tranship(copyTo(server, '--ca-file', certificates.caFile), { env })).toMatchObject({ code: 4 });
  });
});

test.each([
  ['has run out', () => expired, /expired/i],
  ['stands for another host', () => otherName, /host ?name|names|registry\.example\.com|does not match/i],
])('a certificate that %s is refused and named so', async (_why, which, words) => {
  await using server = await startServer('distribution', { tls: which() });
  const done = await tranship(copyTo(server, '--ca-file', which().caFile));
  expect(done.code).not.toBe(0);
  expect(done.stderr).toMatch(words);
});

describe.each(['docker-registry', 'distribution'] as const)('%s with a token server', (kind) => {
  test('gets a token for what is done and no more', async () => {
    await using tokens = await startTokenServer(login, certificates);
    const { realm, service, issuer } = tokens;
    await using server = await startServer(kind, {
      token: { realm, service, issuer, certFile: certificates.certFile },
    });
    using home = temporaryFolder('home');
    const env = dockerConfig(home.path, server.host, login);
    await transhipOk(copyTo(server), { env });
    const afterCopy = tokens.scopes.length;
    await transhipOk(['digest', `${server.host}/auth/app:latest`], { env });
    await transhipOk(['copy', '--dry-run', `${source.host}/auth/app:latest`, `${server.host}/auth/app:latest`], {
      env,
    });
    const forReading = tokens.scopes.slice(afterCopy);
    expect(forReading.length).toBeGreaterThan(0);
    expect(forReading.filter((scope) => scope.includes('push'))).toEqual([]);
    expect(tokens.scopes.some((scope) => scope.includes('push'))).toBe(true);
  });

  test('renews a token that runs out under way', async () => {
    await using tokens = await startTokenServer(login, certificates, 1);
    const { realm, service, issuer } = tokens;
    await using server = await startServer(kind, {
      token: { realm, service, issuer, certFile: certificates.certFile },
    });
    using home = temporaryFolder('home');
    await transhipOk(copyTo(server), { env: dockerConfig(home.path, server.host, login) });
  });
});
