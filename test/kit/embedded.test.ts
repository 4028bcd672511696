import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { startEmbedded } from './embedded.ts';
import { codesOf, expectStatus, RawClient } from './embedded-client.ts';
import { sampleBlob, sampleImage } from './embedded-samples.ts';

describe('a registry with a personality', () => {
  test('refuses HEAD', async () => {
    await using registry = await startEmbedded({ personality: { refuseHead: true } });
    expect(await new RawClient(registry.url).status('HEAD', '/v2/app/manifests/v1')).toBe(405);
  });

  test('has no referrers API, and says nothing of a subject', async () => {
    await using registry = await startEmbedded({ personality: { noReferrersApi: true } });
    const client = new RawClient(registry.url);
    const image = sampleImage('one', { subject: sampleImage('subject').descriptor });
    for (const blob of image.blobs) await client.pushBlob('app', blob);
    const answer = await expectStatus(201, client.pushManifest('app', 'v1', image));
    expect(answer.headers.get('oci-subject')).toBeNull();
    expect(await client.status('GET', `/v2/app/referrers/${image.descriptor.digest}`)).toBe(404);
  });

  test('mounts nothing', async () => {
    await using registry = await startEmbedded({ personality: { noMount: true } });
    const client = new RawClient(registry.url);
    const blob = sampleBlob('layer');
    await client.pushBlob('one', blob);
    const mount = `/v2/two/blobs/uploads/?mount=${blob.descriptor.digest}&from=one`;
    await expectStatus(202, client.send('POST', mount));
    expect(await client.status('HEAD', `/v2/two/blobs/${blob.descriptor.digest}`)).toBe(404);
  });

  test('lets no tag move, and takes the same content again', async () => {
    await using registry = await startEmbedded({ personality: { immutableTags: true } });
    const client = new RawClient(registry.url);
    const [one, two] = [sampleImage('one'), sampleImage('two')];
    await client.pushImage('app', 'v1', one);
    await expectStatus(201, client.pushManifest('app', 'v1', one));
    for (const blob of two.blobs) await client.pushBlob('app', blob);
    const answer = await client.pushManifest('app', 'v1', two);
    expect([answer.status, await codesOf(answer)]).toEqual([409, ['TAG_IMMUTABLE']]);
    expect(await client.digest('app', 'v1')).toBe(one.descriptor.digest);
    await expectStatus(201, client.pushManifest('app', two.descriptor.digest, two));
  });

  test('has a quota', async () => {
    await using registry = await startEmbedded({ personality: { quotaBytes: 150 } });
    const client = new RawClient(registry.url);
    await expectStatus(201, client.pushBlob('app', sampleBlob('a'.repeat(100))));
    expect((await client.pushBlob('app', sampleBlob('b'.repeat(100)))).status).toBe(403);
  });

  test('becomes read-only, and writable again', async () => {
    await using registry = await startEmbedded({ personality: { readOnlyAfter: 0 } });
    const client = new RawClient(registry.url);
    await expectStatus(405, client.send('POST', '/v2/app/blobs/uploads/'));
    delete registry.personality.readOnlyAfter;
    await client.pushImage('app', 'v1', sampleImage('one'));
    expect(await client.tags('app')).toEqual(['v1']);
  });

  test('answers what the test says, and counts', async () => {
    await using registry = await startEmbedded();
    const client = new RawClient(registry.url);
    registry.personality.answer = ({ url }) =>
      url === '/v2/' ? { status: 503, headers: { 'retry-after': '1' } } : undefined;
    expect(await client.status('GET', '/v2/')).toBe(503);
    expect(await client.status('GET', '/v2/app/tags/list')).toBe(404);
    expect(registry.requests.map(({ method, url, status }) => `${method} ${url} ${status}`)).toEqual([
      'GET /v2/ 503',
      'GET /v2/app/tags/list 404',
    ]);
  });

  test('removes its folder when it is disposed of', async () => {
    let root = '';
    {
      await using registry = await startEmbedded();
      root = registry.root;
      await stat(root);
    }
    await expect(stat(root)).rejects.toThrow('ENOENT');
  });
});
