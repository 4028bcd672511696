import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeAuthority } from '../../test/kit/certificates.ts';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { readConfig } from '../config/load.ts';
import { hostsOf, registryUse } from './configured.ts';

const authority = makeAuthority();
const client = authority.issue(['DNS:client.example.com']);

async function tlsOf(tls: object, files: Readonly<Record<string, string>> = {}) {
  await using folder = await tempFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  const file = join(folder.path, 'tranship.yaml');
  const text = JSON.stringify({
    version: 1,
    registries: { a: { url: 'a.example.com', tls } },
    stages: [{ from: { registry: 'a', repository: 'x' }, to: [{ registry: 'a', repository: 'y' }] }],
  });
  return (await hostsOf(readConfig(text, file).config, file, { env: { KEY: client.key } })).get('a.example.com');
}

test('certificates are read from files beside the configuration', async () => {
  const files = { 'ca.pem': authority.cert, 'client.pem': client.cert, 'client.key': client.key };
  const settings = await tlsOf({ ca: 'ca.pem', cert: './client.pem', key: './client.key' }, files);
  expect(settings).toMatchObject({ ca: authority.cert, clientCertificate: { cert: client.cert } });
  expect(settings?.clientCertificate?.key.reveal()).toBe(client.key);
});

test('certificates may stand in the configuration, and the key in a variable', async () => {
  const settings = await tlsOf({ ca: authority.cert, cert: client.cert, key: { env: 'KEY' } });
  expect(settings).toMatchObject({ ca: authority.cert, clientCertificate: { cert: client.cert } });
  // A line break at the end of a secret is not part of it.
  expect(settings?.clientCertificate?.key.reveal().trim()).toBe(client.key.trim());
});

test('a file that is not there is told with its path', async () => {
  await expect(tlsOf({ ca: './none.pem' })).rejects.toMatchObject({
    code: 'E_CA_FILE',
    subject: expect.stringMatching(/none\.pem$/),
  });
  await expect(tlsOf({ cert: './none.pem', key: './none.key' })).rejects.toMatchObject({
    code: 'E_CLIENT_CERTIFICATE',
  });
});

test('hosts that a registry may send to are told to all who follow its URLs', async () => {
  const hosts = { 'token-hosts': ['login.example.org'], 'allowed-hosts': ['10.0.0.7:9000'] };
  const text = JSON.stringify({
    version: 1,
    registries: { a: { url: 'a.example.com', ...hosts } },
    stages: [{ from: { registry: 'a', repository: 'x' }, to: [{ registry: 'a', repository: 'y' }] }],
  });
  const { config } = readConfig(text, 'f.yaml');
  const settings = { tokenHosts: ['login.example.org'], allowedHosts: ['10.0.0.7:9000'] };
  expect((await hostsOf(config, 'f.yaml')).get('a.example.com')).toMatchObject(settings);
  expect(registryUse('a', config, 'f.yaml').settings).toEqual(settings);
});
