import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { makeAuthority } from '../../test/kit/certificates.ts';
import { testHttp } from '../../test/kit/http.ts';
import { serve, serveRaw, type TestServer } from '../../test/kit/test-server.ts';
import { Secret } from '../kit/secret.ts';
import type { HttpOptions } from './client.ts';
import { limits } from './limits.ts';

const authority = makeAuthority();
const name = 'registry.example.com';
const good = authority.issue([`DNS:${name}`, 'IP:127.0.0.1']);
const folder = mkdtempSync(join(tmpdir(), 'tranship-trust-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = ({ port }: TestServer, host = name) => new URL(`https://${host}:${port}/v2/`);
const hello = (_: unknown, response: { end(text: string): void }) => response.end('hello');

async function ask(server: TestServer, options: Partial<HttpOptions>, host = name): Promise<string> {
  await using kit = testHttp({ settings: () => ({}), ...options });
  const answer = await kit.http.request({ method: 'GET', url: at(server, host), retry: 'never' });
  return `${answer.status} ${answer.body}`;
}

describe('a certificate', () => {
  test("is trusted by the registry's own authority", async () => {
    await using server = await serve(hello, { ...good });
    expect(await ask(server, { settings: () => ({ ca: authority.cert }) })).toBe('200 hello');
  });

  test('is trusted by SSL_CERT_FILE', async () => {
    const file = join(folder, 'ca.pem');
    writeFileSync(file, authority.cert);
    await using server = await serve(hello, { ...good });
    expect(await ask(server, { env: { SSL_CERT_FILE: file } })).toBe('200 hello');
  });

  test("is trusted by docker's folder for the host, and only for that", async () => {
    await using server = await serve(hello, { ...good });
    const own = join(folder, `${name}:${server.port}`);
    mkdirSync(own);
    writeFileSync(join(own, 'ca.crt'), authority.cert);
    expect(await ask(server, { certificateFolders: [join(folder, 'absent'), folder] })).toBe('200 hello');
    const other = ask(server, { certificateFolders: [folder] }, 'other.example.com');
    await expect(other).rejects.toMatchObject({ code: 'E_TLS_UNKNOWN_CA' });
  });

  test.each([
    ['of an unknown authority', good, name, 'E_TLS_UNKNOWN_CA', '--ca-file', ''],
    ['that has expired', authority.issue([`DNS:${name}`], -1), name, 'E_TLS_EXPIRED', 'renewed', authority.cert],
    ['for other names', good, 'other.example.com', 'E_TLS_WRONG_HOST', 'name', authority.cert],
  ])('%s is refused, with what to do', async (_, identity, host, code, hint, ca) => {
    await using server = await serve(hello, { ...identity });
    const asked = ask(server, { settings: () => (ca === '' ? {} : { ca }) }, host);
    await expect(asked).rejects.toMatchObject({
      code,
      failure: 'failed',
      subject: `${host}:${server.port}`,
      hint: expect.stringContaining(hint),
    });
  });

  test('is not looked at where the user said so, for that host alone', async () => {
    await using server = await serve(hello, { ...good });
    const settings = (host: string) => (host.startsWith('lab.') ? { insecure: true } : {});
    expect(await ask(server, { settings }, 'lab.example.com')).toBe('200 hello');
    await expect(ask(server, { settings })).rejects.toMatchObject({ code: 'E_TLS_UNKNOWN_CA' });
  });

  test('is wrong on loopback too: nothing falls back to plain HTTP', async () => {
    await using server = await serve(hello, { ...good });
    await expect(ask(server, {}, '127.0.0.1')).rejects.toMatchObject({ code: 'E_TLS_UNKNOWN_CA' });
  });

  test('in a file that cannot be read is a matter of configuration', async () => {
    await using server = await serve(hello, { ...good });
    const asked = ask(server, { env: { SSL_CERT_FILE: join(folder, 'none.pem') } });
    await expect(asked).rejects.toMatchObject({ code: 'E_TLS_CERTIFICATE_FILE', failure: 'usage' });
    const junk = ask(server, { settings: () => ({ ca: '-----BEGIN CERTIFICATE-----\njunk\n' }) });
    await expect(junk).rejects.toMatchObject({ code: 'E_TLS_CERTIFICATE_FILE', failure: 'usage' });
  });
});

describe('a server that wants a certificate of ours', () => {
  const client = authority.issue(['DNS:client.example.com']);
  const tls = { ...good, ca: authority.cert, requestCert: true, rejectUnauthorized: true };

  test('gets it', async () => {
    await using server = await serve(hello, tls);
    const clientCertificate = { cert: client.cert, key: new Secret(client.key) };
    const settings = () => ({ ca: authority.cert, clientCertificate });
    expect(await ask(server, { settings })).toBe('200 hello');
  });

  test('refuses us without', async () => {
    await using server = await serve(hello, tls);
    await expect(ask(server, { settings: () => ({ ca: authority.cert }) })).rejects.toMatchObject({
      code: expect.stringMatching(/^E_(TLS|CUT)$/u),
    });
  });
});

describe('the scheme', () => {
  test('of a server that speaks plain HTTP is named, with the flag that allows it', async () => {
    await using server = await serve(hello);
    await expect(ask(server, {})).rejects.toMatchObject({
      code: 'E_TLS_PLAIN_HTTP',
      failure: 'failed',
      hint: expect.stringContaining('--plain-http'),
    });
  });

  test('is plain HTTP where the user said so', async () => {
    await using server = await serve(hello);
    expect(await ask(server, { settings: () => ({ plainHttp: true }) })).toBe('200 hello');
  });

  test('falls back on loopback by itself, once, and the answer says where it came from', async () => {
    await using server = await serve(hello);
    await using kit = testHttp({ settings: () => ({}) });
    for (let round = 0; round < 3; round += 1) {
      const answer = await kit.http.request({ method: 'GET', url: at(server, '127.0.0.1') });
      expect(answer.url.href).toBe(`http://127.0.0.1:${server.port}/v2/`);
    }
    // The probe, and one connection that is kept.
    expect(server.connections).toBe(2);
  });

  test('stays HTTPS on loopback where that is spoken, and nobody waits to find out', async () => {
    await using server = await serve(hello, { ...good });
    const startedAt = performance.now();
    expect(await ask(server, { settings: () => ({ ca: authority.cert }) }, '127.0.0.1')).toBe('200 hello');
    expect(performance.now() - startedAt).toBeLessThan(limits.probe);
  });

  test('is no older than TLS 1.2', async () => {
    const old = { ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    await using server = await serve(hello, old);
    await expect(ask(server, { settings: () => ({ ca: authority.cert }) })).rejects.toMatchObject({ code: 'E_TLS' });
  });

  test('of a server that says nothing at all ends in time', async () => {
    await using server = await serveRaw(() => {});
    const asked = ask(server, { timeouts: { connect: 100 } });
    await expect(asked).rejects.toMatchObject({ code: 'E_TIMEOUT', failure: 'temporary' });
  });
});
