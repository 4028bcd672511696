/**
 * Canary credentials through everything that the program says and shows: no stream, file or process argument may hold them
 * in any of the forms in which they travel.
 */
import { chmodSync, globSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layerOf, noise } from '../kit/corpus/content.ts';
import { pushRepository } from '../kit/corpus/push.ts';
import { RepositoryBuilder } from '../kit/corpus/repository.ts';
import { basicHeader, dockerConfig, htpasswdLine, type Login, startTokenServer } from './kit/auth.ts';
import { makeCertificates } from './kit/certificates.ts';
import { type Finished, finished, type RunOptions, startTranship } from './kit/process.ts';
import { type Server, startServer } from './kit/servers.ts';
import { temporaryFolder } from './kit/storage.ts';

const login: Login = { username: 'bird', password: 'Kanarienvogel+/=?& %7 "quote' };
const forms = formsOf(login);
const home = temporaryFolder('canary');
const certs = temporaryFolder('canary-certs');
const said: string[] = [];
const argumentsSeen = new Set<string>();
let source: Server;
let destination: Server;
let tokenServer: Awaited<ReturnType<typeof startTokenServer>>;
let tokenRegistry: Server;
let env: Record<string, string>;

beforeAll(async () => {
  const certificates = await makeCertificates(certs.path);
  const htpasswd = await htpasswdLine(login);
  source = await startServer('distribution', { htpasswd });
  destination = await startServer('embedded', { htpasswd });
  tokenServer = await startTokenServer(login, certificates);
  const { realm, service, issuer } = tokenServer;
  tokenRegistry = await startServer('distribution', {
    token: { realm, service, issuer, certFile: certificates.certFile },
  });
  const builder = new RepositoryBuilder('canary/app');
  builder.image({ os: 'linux', architecture: 'amd64' }, [layerOf(noise(100_000, 'canary'), 'none')], {
    tags: ['latest'],
  });
  await pushRepository({ url: source.url, authorization: basicHeader(login) }, builder.done());
  env = loginsFor([source, destination, tokenRegistry]);
});

afterAll(async () => {
  for (const each of [source, destination, tokenServer, tokenRegistry]) await each[Symbol.asyncDispose]();
  home[Symbol.dispose]();
  certs[Symbol.dispose]();
});

/** One configuration file for all; the source's login comes from a helper program, so that its arguments are seen too. */
function loginsFor([helped, ...others]: readonly Server[]): Record<string, string> {
  for (const other of others) dockerConfig(home.path, other.host, login);
  const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  const auths = Object.fromEntries(others.map(({ host }) => [host, { auth }]));
  const config = { auths, credHelpers: { [helped?.host ?? '']: 'canary' } };
  writeFileSync(join(home.path, '.docker/config.json'), JSON.stringify(config));
  const answer = JSON.stringify({ Username: login.username, Secret: login.password });
  const helper = join(home.path, 'docker-credential-canary');
  writeFileSync(join(home.path, 'answer.json'), answer);
  writeFileSync(helper, `#!/bin/sh\necho "$0 $*" >>"${home.path}/helper-arguments"\ncat "${home.path}/answer.json"\n`);
  chmodSync(helper, 0o755);
  return { HOME: home.path, PATH: `${home.path}:${process.env.PATH}` };
}

/** Runs at the most talkative level while looking at every process's arguments, and keeps all that was said. */
async function talk(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = startTranship([...args, '--log-level', 'trace', '--debug'], { env, ...options });
  const end = finished(child, options);
  const done = await watchArguments(end);
  said.push(`$ ${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
  return done;
}

async function watchArguments<T>(end: Promise<T>): Promise<T> {
  let running = true;
  const result = end.finally(() => {
    running = false;
  });
  while (running) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const line = readOr(`/proc/${pid}/cmdline`);
      if (line !== '') argumentsSeen.add(line.replaceAll('\0', ' '));
    }
    await Promise.race([result.catch(() => undefined), pause(2)]);
  }
  return result;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended between the two looks.
    return '';
  }
}

describe('with credentials that would be noticed', () => {
  test('work goes on at the most talkative level', async () => {
    const from = `${source.host}/canary/app:latest`;
    expect(await talk(['copy', from, `${destination.host}/canary/app:latest`])).toMatchObject({ code: 0 });
    expect(await talk(['copy', from, `${tokenRegistry.host}/canary/app:latest`, '--progress', 'json'])).toMatchObject({
      code: 0,
    });
    for (const reading of ['inspect', 'manifest', 'digest', 'referrers'])
      await talk([reading, `${destination.host}/canary/app:latest`]);
    await talk(['inspect', '-o', 'json', from]);
    await talk(['tags', `${tokenRegistry.host}/canary/app`]);
    await talk(['repos', source.host]);
    await talk(['diff', from, `${tokenRegistry.host}/canary/app:latest`, '-o', 'json']);
    await talk(['doctor', source.host]);
    await talk(['doctor', `${tokenRegistry.host}/canary/app`, '--write', '-o', 'json']);
  });

  test('so do failures', async () => {
    await talk(['copy', `${source.host}/canary/absent:latest`, `${destination.host}/canary/app:x`]);
    await talk(['login', tokenRegistry.host, '--username', login.username, '--password-stdin'], {
      input: `${login.password}\n`,
    });
    const wrong = { HOME: certs.path, ...dockerConfig(certs.path, source.host, { ...login, username: 'nobody' }) };
    expect(await talk(['digest', `${source.host}/canary/app:latest`], { env: wrong })).toMatchObject({ code: 4 });
    // A user who writes a password into a reference is refused, and not quoted.
    await talk(['digest', `${login.username}:Singvogel@${source.host}/canary/app:latest`]);
    await talk(['logout', tokenRegistry.host]);
  });

  test('the trace tells of requests, so there was something to search', () => {
    expect(said.join('').length).toBeGreaterThan(2000);
    expect(said.join('')).toMatch(/GET|HEAD/);
    expect([...argumentsSeen].some((line) => line.includes('tranship.cjs copy'))).toBe(true);
  });

  test.each(Object.entries(forms))('nothing that was said holds the %s form', (_name, form) => {
    expect(said.filter((text) => text.includes(form))).toEqual([]);
  });

  test('what a user wrote where a password has no place was not said again', () => {
    const answers = said.map((text) => text.slice(text.indexOf('\n')));
    expect(answers.filter((text) => text.includes('Singvogel'))).toEqual([]);
  });

  test.each(Object.entries(forms))('no process argument held the %s form', (_name, form) => {
    const all = [...argumentsSeen, readOr(join(home.path, 'helper-arguments'))];
    expect(all.filter((line) => line.includes(form))).toEqual([]);
  });

  test('no file but the credentials themselves holds any form', () => {
    const kept = new Set(['.docker/config.json', 'answer.json']);
    const files = globSync('**/*', { cwd: home.path, exclude: (name) => kept.has(String(name)) });
    const all = [...files, ...readdirSync(home.path)].filter(
      (file) => !kept.has(file) && isFile(join(home.path, file)),
    );
    const holding = all.filter((file) => holdsAny(readFileSync(join(home.path, file), 'latin1')));
    expect(holding).toEqual([]);
  });

  test('the servers never saw a secret in a URL', () => {
    expect([source, destination, tokenRegistry].filter((server) => holdsAny(server.log()))).toEqual([]);
  });
});

const isFile = (path: string): boolean => statSync(path).isFile();
const holdsAny = (text: string): boolean => Object.values(forms).some((form) => text.includes(form));

function formsOf({ username, password }: Login): Record<string, string> {
  const base64 = (text: string): string => Buffer.from(text).toString('base64').replaceAll('=', '');
  return {
    plain: password,
    'first word': 'Kanarienvogel',
    'base64 of both': base64(`${username}:${password}`),
    base64: base64(password),
    'base64url of both': Buffer.from(`${username}:${password}`).toString('base64url'),
    'URL-encoded': encodeURIComponent(password),
    'form-encoded': new URLSearchParams({ p: password }).toString().slice(2),
    JSON: JSON.stringify(password).slice(1, -1),
    hexadecimal: Buffer.from(password).toString('hex'),
  };
}
