import { describe, expect, it } from 'vitest';
import {
  blobOf,
  manifestOf,
  openTestClient,
  repositoryName,
  type TestClientOptions,
  tagName,
} from '../../test/kit/client.ts';
import { errorReply, type Personality, type Reply, startScripted } from '../../test/kit/scripted-registry.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { encodedOf } from '../oci/digest.ts';
import { mediaTypes } from '../oci/media-type.ts';
import type { ManifestContent } from '../oci/ports.ts';

const app = repositoryName('apps/api');
const image = manifestOf({ schemaVersion: 2, config: blobOf(Buffer.from('{}')), layers: [] });
const subject = image.descriptor.digest;
const fallbackTag = tagName(`sha256-${encodedOf(subject)}`);

function referrer(name: string, extra: object = {}): ManifestContent {
  return manifestOf({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { ...blobOf(Buffer.from('{}')), mediaType: 'application/vnd.oci.empty.v1+json' },
    layers: [],
    artifactType: 'application/vnd.example.sbom',
    subject: image.descriptor,
    annotations: { name },
    ...extra,
  });
}

function entryOf(content: ManifestContent, artifactType = 'application/vnd.example.sbom', name?: string): Descriptor {
  return { ...content.descriptor, artifactType, ...(name !== undefined && { annotations: { name } }) };
}

function listReply(entries: readonly unknown[], headers: Record<string, string> = {}): Reply {
  const body = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries });
  return { status: 200, headers: { 'content-type': mediaTypes.ociIndex, ...headers }, body };
}

async function start(personality: Personality, options: TestClientOptions = {}) {
  const server = await startScripted(personality);
  const client = openTestClient(server.host, options);
  return {
    server,
    client,
    repository: client.registry.repository(app),
    /** The index under the fallback tag as the registry holds it. */
    fallback(): Descriptor[] | undefined {
      const digest = server.store.tags.get(`apps/api:${fallbackTag}`);
      const held = digest && server.store.manifests.get(digest);
      return held && JSON.parse(held.bytes.toString()).manifests;
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const without: Personality = (_seen, next) => next();
const withApi =
  (answer: (seen: Parameters<Personality>[0]) => Reply): Personality =>
  (seen, next) =>
    seen.path.includes('/referrers/') ? answer(seen) : next();

const a = referrer('a');
const b = referrer('b');

describe('many manifests asked for at once', () => {
  const others = ['x', 'y', 'z'].map((note) => referrer(note).descriptor.digest);
  const asked = (log: readonly string[], what: string) => log.filter((line) => line.includes(what)).length;

  it('are one question where there is no API', async () => {
    await using test = await start(without);
    await Promise.all([subject, ...others].map((digest) => test.repository.listReferrers(digest)));
    expect(asked(test.server.log, '/referrers/')).toBe(1);
    expect(asked(test.server.log, '/manifests/sha256-')).toBe(4);
  });

  it('cost no look at fallback tags that a listing has shown not to be there', async () => {
    await using test = await start(without);
    const hasFallback = () => Promise.resolve(false);
    await Promise.all([subject, ...others].map((digest) => test.repository.listReferrers(digest, { hasFallback })));
    expect(test.server.log).toHaveLength(1);
  });

  it('are a question each where there is one', async () => {
    await using test = await start(withApi(() => listReply([])));
    await Promise.all([subject, ...others].map((digest) => test.repository.listReferrers(digest)));
    expect(asked(test.server.log, '/referrers/')).toBe(4);
  });

  it('are asked for all the same when the first question fails', async () => {
    let number = 0;
    const failsOnce = withApi(() => {
      number += 1;
      return number === 1 ? errorReply(403, 'DENIED') : listReply([entryOf(a)]);
    });
    await using test = await start(failsOnce);
    const answers = await Promise.allSettled(
      [subject, ...others].map((digest) => test.repository.listReferrers(digest)),
    );
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  });
});

describe('what refers to a manifest', () => {
  it('is read from the API over all its pages', async () => {
    await using test = await start(
      withApi(({ query }) =>
        query.has('page') ? listReply([entryOf(b)]) : listReply([entryOf(a)], { link: '<?page=2>; rel="next"' }),
      ),
    );
    expect(await test.repository.listReferrers(subject)).toEqual([entryOf(a), entryOf(b)]);
  });

  it('is read from the fallback tag where there is no API, which is asked once for all', async () => {
    await using test = await start(without);
    await test.repository.pushManifest(manifestOf({ schemaVersion: 2, manifests: [entryOf(a)] }, mediaTypes.ociIndex), [
      fallbackTag,
    ]);

    expect(await test.repository.listReferrers(subject)).toEqual([entryOf(a)]);
    expect(await test.repository.listReferrers(subject)).toEqual([entryOf(a)]);
    expect(test.server.log.filter((line) => line.includes('/referrers/'))).toHaveLength(1);
    expect(test.client.registry.learned).toMatchObject({ referrersApi: false });
  });

  it('is the union of both, each once, the API’s entry first', async () => {
    const wrong = { ...entryOf(a), artifactType: 'application/wrong' };
    await using test = await start(withApi(() => listReply([entryOf(a)])));
    await test.repository.pushManifest(
      manifestOf({ schemaVersion: 2, manifests: [wrong, entryOf(b)] }, mediaTypes.ociIndex),
      [fallbackTag],
    );

    expect(await test.repository.listReferrers(subject)).toEqual([entryOf(a), entryOf(b)]);
  });

  it.each<[string, Reply]>([
    ['nothing at all', listReply([])],
    ['Quay’s refusal for an absent subject', errorReply(400, 'MANIFEST_INVALID', 'manifest invalid')],
    ['an unknown repository', errorReply(404, 'NAME_UNKNOWN')],
    ['an unknown subject', errorReply(404, 'MANIFEST_UNKNOWN')],
  ])('is nothing on %s, and the API is still there', async (_what, reply) => {
    await using test = await start(withApi(() => reply));

    expect(await test.repository.listReferrers(subject)).toEqual([]);
    expect(await test.repository.listReferrers(subject)).toEqual([]);
    expect(test.server.log.filter((line) => line.includes('/referrers/'))).toHaveLength(2);
  });

  it('is filtered by type, whether the registry filters or not', async () => {
    const other = { ...entryOf(b), artifactType: 'application/other' };
    const queries: string[] = [];
    await using test = await start(
      withApi(({ query }) => {
        queries.push(query.get('artifactType') ?? '');
        return listReply([entryOf(a), other]);
      }),
    );
    const artifactType = 'application/vnd.example.sbom';

    expect(await test.repository.listReferrers(subject, { artifactType })).toEqual([entryOf(a)]);
    expect(queries).toEqual([artifactType]);
  });

  it('is read without the entries that cannot be, with a warning', async () => {
    await using test = await start(
      withApi(() => listReply([{ mediaType: 'x' }, null, entryOf(a), { ...entryOf(b), digest: 'sha256:../' }])),
    );

    expect(await test.repository.listReferrers(subject)).toEqual([entryOf(a)]);
    expect(test.client.events.some((event) => event.type === 'warning' && event.code === 'W_ODD_REFERRER')).toBe(true);
  });

  it('is bounded', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => entryOf(referrer(String(index))));
    await using test = await start(withApi(() => listReply(many)));
    await expect(test.repository.listReferrers(subject)).rejects.toMatchObject({ code: 'E_LIMIT', failure: 'refused' });
  });

  it('is an error, not nothing, where the registry fails or denies', async () => {
    await using failing = await start(withApi(() => ({ status: 503 })));
    await expect(failing.repository.listReferrers(subject)).rejects.toMatchObject({ failure: 'temporary' });

    await using denying = await start(withApi(() => errorReply(403, 'DENIED')));
    await expect(denying.repository.listReferrers(subject)).rejects.toMatchObject({ code: 'E_DENIED' });
  });

  it('is still read from the API when the fallback tag names an image', async () => {
    await using test = await start(withApi(() => listReply([entryOf(a)])));
    await test.repository.pushManifest(image, [fallbackTag]);

    expect(await test.repository.listReferrers(subject)).toEqual([entryOf(a)]);
    expect(test.client.warnings).toHaveLength(1);
  });
});

describe('pushing what refers to a manifest', () => {
  it('leaves the list to a registry that says that it keeps it', async () => {
    await using test = await start(async (seen, next) => {
      const reply = await next();
      return seen.method === 'PUT' ? { ...reply, headers: { ...reply.headers, 'oci-subject': subject } } : reply;
    });
    await test.repository.pushManifest(a, []);

    expect(test.server.log).toEqual([`PUT /v2/apps/api/manifests/${a.descriptor.digest}`]);
  });

  it('leaves it to a registry that has the API and does not say so, as Quay', async () => {
    await using test = await start(withApi(() => errorReply(400, 'MANIFEST_INVALID')));
    await test.repository.pushManifest(a, []);
    await test.repository.pushManifest(b, []);

    expect(test.fallback()).toBeUndefined();
    expect(test.server.log.filter((line) => line.includes('/referrers/'))).toHaveLength(1);
  });

  it('keeps the list itself elsewhere, with entries computed from the manifests', async () => {
    await using test = await start(without);
    const typed = referrer('typed', {
      artifactType: undefined,
      config: { ...blobOf(Buffer.from('{}')), mediaType: 'application/vnd.own.config' },
    });
    await test.repository.pushManifest(a, []);
    await test.repository.pushManifest(typed, [tagName('also-tagged')]);

    expect(test.fallback()).toEqual([
      entryOf(a, 'application/vnd.example.sbom', 'a'),
      entryOf(typed, 'application/vnd.own.config', 'typed'),
    ]);
    expect(await test.repository.listReferrers(subject)).toHaveLength(2);
  });

  it('keeps what others listed, mends a wrong entry, and writes nothing when all is right', async () => {
    await using test = await start(without);
    const theirs = entryOf(referrer('theirs'), 'application/theirs');
    const wrong = { ...entryOf(a), artifactType: 'application/vnd.oci.empty.v1+json' };
    const index = { schemaVersion: 2, manifests: [wrong, theirs], annotations: { own: 'kept' } };
    await test.repository.pushManifest(manifestOf(index, mediaTypes.ociIndex), [fallbackTag]);

    await test.repository.pushManifest(a, []);
    expect(test.fallback()).toEqual([theirs, entryOf(a, 'application/vnd.example.sbom', 'a')]);
    const puts = test.server.seen('PUT').length;
    await test.repository.pushManifest(a, []);
    expect(test.server.seen('PUT')).toHaveLength(puts + 1);
  });

  it('loses no entry when many are pushed at once', async () => {
    await using test = await start(without);
    const all = Array.from({ length: 12 }, (_, index) => referrer(`r${index}`));
    await Promise.all(all.map((one) => test.repository.pushManifest(one, [])));

    expect(
      test
        .fallback()
        ?.map(({ digest }) => digest)
        .sort(),
    ).toEqual(all.map(({ descriptor }) => descriptor.digest).sort());
  });

  it('writes what came meanwhile together', async () => {
    await using test = await start(without);
    const all = Array.from({ length: 12 }, (_, index) => referrer(`r${index}`));
    await test.repository.pushManifest(a, []);
    await Promise.all([...all, ...all].map((one) => test.repository.pushManifest(one, [])));

    expect(test.server.log.filter((line) => line === `PUT /v2/apps/api/manifests/${fallbackTag}`).length).toBeLessThan(
      8,
    );
    expect(test.fallback()).toHaveLength(13);
  });

  it('does not stop with another that waited for the same list and was stopped', async () => {
    const gate = Promise.withResolvers<void>();
    const stop = new AbortController();
    await using test = await start(async (seen, next) => {
      if (seen.path.endsWith(fallbackTag)) await gate.promise;
      return without(seen, next, test.server.store);
    });
    const first = test.repository.pushManifest(a, []);
    const stopped = test.repository.pushManifest(b, [], { signal: stop.signal });
    const last = test.repository.pushManifest(referrer('c'), []);
    stop.abort();
    gate.resolve();

    await expect(stopped).rejects.toThrow();
    await Promise.all([first, last]);
    expect(test.fallback()).toHaveLength(2);
  });

  it('has one at a time listed by a registry whose list loses one of two', async () => {
    const listed: string[] = [];
    await using test = await start(async (seen, next) => {
      const reply = await next();
      if (seen.method !== 'PUT') return reply;
      const before = [...listed];
      await new Promise((resolve) => setTimeout(resolve, 5));
      listed.splice(0, listed.length, ...before, seen.path);
      return { ...reply, headers: { ...reply.headers, 'oci-subject': subject } };
    });
    await Promise.all([a, b, referrer('c')].map((one) => test.repository.pushManifest(one, [])));

    expect(listed).toHaveLength(3);
  });

  it('writes again when another process overwrote the list in between', async () => {
    let intrusions = 1;
    await using test = await start(async (seen, next) => {
      const reply = await next();
      if (seen.method === 'PUT' && seen.path.endsWith(fallbackTag) && intrusions-- > 0) {
        const theirs = manifestOf({ schemaVersion: 2, manifests: [entryOf(b)] }, mediaTypes.ociIndex);
        test.server.store.manifests.set(theirs.descriptor.digest, {
          bytes: Buffer.from(theirs.bytes),
          mediaType: mediaTypes.ociIndex,
        });
        test.server.store.tags.set(`apps/api:${fallbackTag}`, theirs.descriptor.digest);
      }
      return reply;
    });
    await test.repository.pushManifest(a, []);

    expect(test.fallback()?.map(({ digest }) => digest)).toEqual([b.descriptor.digest, a.descriptor.digest]);
  });

  it('gives up on a list that is always overwritten', async () => {
    await using test = await start(async (seen, next) => {
      const reply = await next();
      if (seen.method === 'PUT' && seen.path.endsWith(fallbackTag))
        test.server.store.tags.delete(`apps/api:${fallbackTag}`);
      return reply;
    });
    await expect(test.repository.pushManifest(a, [])).rejects.toMatchObject({
      code: 'E_CONTENDED',
      failure: 'temporary',
    });
  });

  it('does not overwrite an image under the reserved tag', async () => {
    await using test = await start(without);
    await test.repository.pushManifest(image, [fallbackTag]);

    await expect(test.repository.pushManifest(a, [])).rejects.toMatchObject({ code: 'E_FALLBACK_TAG' });
    expect(test.server.store.tags.get(`apps/api:${fallbackTag}`)).toBe(subject);
  });

  it('lists a referrer before its tag names it, so that whoever is killed between leaves no tag', async () => {
    await using test = await start(without);
    await test.repository.pushManifest(a, [tagName('tagged')]);

    const puts = test.server.log.filter((line) => line.startsWith('PUT ')).map((line) => line.split('/').at(-1));
    expect(puts).toEqual([a.descriptor.digest, fallbackTag, 'tagged']);
  });

  it('lists what is there already and stands in no list, each list written once', async () => {
    await using test = await start(without);
    await test.repository.pushManifest(a, []);
    test.server.store.tags.delete(`apps/api:${fallbackTag}`);
    const before = test.server.seen('PUT').length;

    await test.repository.keepListed([a, b, image]);
    await test.repository.keepListed([a, b, image]);

    expect(test.fallback()?.map(({ digest }) => digest)).toEqual([a.descriptor.digest, b.descriptor.digest]);
    expect(test.server.seen('PUT')).toHaveLength(before + 1);
  });

  it('asks nothing to keep listed what a registry lists, or what refers to nothing', async () => {
    await using test = await start(
      withApi(() => listReply([])),
      { registry: { capabilities: { referrersApi: true } } },
    );
    await test.repository.keepListed([a, b]);
    await test.repository.keepListed([image]);
    expect(test.server.log).toEqual([]);
  });

  it('lists an index that refers, too', async () => {
    await using test = await start(without);
    const index = manifestOf(
      { schemaVersion: 2, manifests: [], subject: image.descriptor, artifactType: 'application/x' },
      mediaTypes.ociIndex,
    );
    await test.repository.pushManifest(index, []);
    expect(test.fallback()).toEqual([{ ...index.descriptor, artifactType: 'application/x' }]);
  });
});

describe('deleting what refers to a manifest', () => {
  it('takes it off the list that the client keeps', async () => {
    await using test = await start(without);
    await test.repository.pushManifest(a, []);
    await test.repository.pushManifest(b, []);

    await test.repository.deleteManifest(a.descriptor.digest);

    expect(test.fallback()?.map(({ digest }) => digest)).toEqual([b.descriptor.digest]);
  });

  it('is one request where the registry keeps the list', async () => {
    await using test = await start(
      withApi(() => listReply([entryOf(a)])),
      { registry: { capabilities: { referrersApi: true } } },
    );
    await test.repository.pushManifest(a, []);
    const before = test.server.log.length;
    await test.repository.deleteManifest(a.descriptor.digest);

    expect(test.server.log.slice(before)).toEqual([`DELETE /v2/apps/api/manifests/${a.descriptor.digest}`]);
  });
});
