/** What registries need in order to ask for credentials: password hashes, and a server that hands out tokens. */
import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';
import { runOk } from './process.ts';

export interface Login {
  readonly username: string;
  readonly password: string;
}

export function basicHeader({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A line of an htpasswd file. perl, which every Debian has, knows bcrypt by the system's crypt(3). */
export async function htpasswdLine({ username, password }: Login): Promise<string> {
  const program = 'chomp(my $p = <STDIN>); print crypt($p, q($2y$05$abcdefghijklmnopqrstuu));';
  return `${username}:${await runOk('/usr/bin/perl', ['-e', program], { input: `${password}\n` })}\n`;
}

/** Writes a docker configuration with one login in it and returns the environment that makes programs read it. */
export function dockerConfig(home: string, host: string, { username, password }: Login): Record<string, string> {
  mkdirSync(join(home, '.docker'), { recursive: true });
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  return { HOME: home };
}

export interface TokenServer extends AsyncDisposable {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** Every scope that was asked for, in order; a request without one counts as an empty string. */
  readonly scopes: readonly string[];
}

/** The token protocol's other half, for one user: who signs in gets what the scope says. Tokens last `lifetime` seconds. */
export async function startTokenServer(login: Login, certificates: Certificates, lifetime = 60): Promise<TokenServer> {
  const scopes: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.headers.authorization !== basicHeader(login)) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
      return;
    }
    const asked = url.searchParams.getAll('scope');
    scopes.push(...(asked.length > 0 ? asked : ['']));
    const token = signToken(
      login.username,
      asked.flatMap((scope) => scope.split(' ')),
      certificates,
      lifetime,
    );
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ token, expires_in: lifetime }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    realm: `http://127.0.0.1:${port}/token`,
    service: 'test',
    issuer: 'test-issuer',
    scopes,
    [Symbol.asyncDispose]: stop,
  };
}

function signToken(
  subject: string,
  scopes: readonly string[],
  { certFile, keyFile }: Certificates,
  lifetime: number,
): string {
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.map((scope) => {
    const [type, name, actions] = splitScope(scope);
    return { type, name, actions: actions.split(',') };
  });
  const certificate = new X509Certificate(readFileSync(certFile));
  const header = { typ: 'JWT', alg: 'ES256', x5c: [certificate.raw.toString('base64')] };
  const id = createHash('sha256').update(`${now}${scopes.join()}`).digest('hex').slice(0, 16);
  const claims = {
    iss: 'test-issuer',
    sub: subject,
    aud: 'test',
    exp: now + lifetime,
    nbf: now - 10,
    iat: now,
    jti: id,
    access,
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const key = createPrivateKey(readFileSync(keyFile));
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** `repository:NAME:pull,push`; a name may hold a port, so the ends are what is split off. */
function splitScope(scope: string): [string, string, string] {
  const first = scope.indexOf(':');
  const last = scope.lastIndexOf(':');
  return [scope.slice(0, first), scope.slice(first + 1, last), scope.slice(last + 1)];
}
