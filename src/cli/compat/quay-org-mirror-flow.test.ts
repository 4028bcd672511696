import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, getCACertificates, type Server, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAuthority } from '../../../test/kit/certificates.ts';
import { tranship } from '../../../test/kit/command-line.ts';
import { type MirroredQuay, owner, startMirroredQuay } from '../../../test/kit/mirrored-quay.ts';
import { standingClock } from '../../../test/kit/quay/index.ts';

const authority = makeAuthority();
const identity = authority.issue(['IP:127.0.0.1']);
const usual = getCACertificates('default');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranship-flow-'));
  await writeFile(join(folder, 'ca.pem'), authority.cert);
  // The destination's worker checks the source's certificate with what its own system trusts.
  setDefaultCACertificates([...usual, authority.cert]);
});

afterAll(async () => {
  setDefaultCACertificates(usual);
  await rm(folder, { recursive: true });
});

/** HTTPS in front of a fake Quay, as users have it. Returns its `host:port`. */
async function secured(side: MirroredQuay): Promise<{ readonly host: string; readonly server: Server }> {
  const port = Number(side.quay.host.split(':')[1]);
  const server = createServer(identity, (socket) => {
    const inner = connect(port, '127.0.0.1');
    socket.on('error', () => inner.destroy());
    inner.on('error', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  side.quay.world.origin = `https://${host}`;
  return { host, server };
}

/** The sample environment as it ships, with its quotes as a shell reads them. */
async function sample(): Promise<Record<string, string>> {
  const path = fileURLToPath(new URL('../../../examples/quay-org-mirror/mirror.env', import.meta.url));
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => /^[A-Z_]+=/.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).replaceAll("'", '')]),
  );
}

test('the job sets up mirrors, and the destination then copies by itself what the source holds', async () => {
  const organization = 'internal-images';
  const clock = standingClock(Date.now());
  await using active = await startMirroredQuay({}, organization);
  await using standby = await startMirroredQuay({ clock, workers: 'manual' }, organization);
  const [source, destination] = [await secured(active), await secured(standby)];
  try {
    await standby.api('PUT', `/organization/${organization}/robots/quay_mirror_robot`, {});
    const digest = await active.push(`${organization}/api`, 'v1');
    await active.push(`${organization}/web`, 'v1');
    const env = {
      ...(await sample()),
      SOURCE_REGISTRY: source.host,
      DESTINATION_REGISTRY: destination.host,
      SOURCE_API_TOKEN: active.tokenWith('repo:read'),
      DESTINATION_API_TOKEN: standby.tokenWith('repo:admin', 'repo:create'),
      SOURCE_USERNAME: owner.username,
      SOURCE_PASSWORD: owner.password,
      SSL_CERT_FILE: join(folder, 'ca.pem'),
    };
    const done = await tranship(['compat', 'quay-org-mirror'], { env });
    expect(done.stdout + done.stderr).toContain('2 repositories: 2 set up, 0 nothing to do, 0 failed');
    expect(done.code).toBe(0);
    clock.advance(10_000);
    await standby.quay.runWorkers();
    expect((await standby.mirrorOf(`${organization}/api`))['sync_status']).toBe('SUCCESS');
    const { tags } = await standby.api('GET', `/repository/${organization}/api/tag/?onlyActiveTags=true`);
    expect(tags).toMatchObject([{ name: 'v1', manifest_digest: digest }]);
    const again = await tranship(['compat', 'quay-org-mirror'], { env });
    expect(again.stdout).toContain('2 repositories: 0 set up, 2 nothing to do, 0 failed');
  } finally {
    source.server.close();
    destination.server.close();
  }
});
