import { describe, expect, it } from 'vitest';
import { copying, destination, v1 } from '../../test/kit/copying.ts';
import { forPlatform, missingBelow, tagName } from '../../test/kit/images.ts';
import { mediaTypes } from '../oci/media-type.ts';
import { parsePlatform } from '../oci/platform.ts';

const [amd64, arm64, windows] = ['linux/amd64', 'linux/arm64', 'windows/amd64'].map(parsePlatform);
const platforms = [parsePlatform('linux/arm64')];

function manyPlatforms() {
  const set = copying();
  const { make } = set;
  const child = (name: string) => make.image([make.blob(name)]);
  const [a, b, w] = [child('amd64'), child('arm64'), child('windows')];
  const attestation = make.image([make.blob('attestation')]);
  const about = {
    annotations: { 'vnd.docker.reference.digest': b.digest, 'vnd.docker.reference.type': 'attestation-manifest' },
  };
  const root = make.index([
    forPlatform(a, amd64 as never),
    forPlatform(b, arm64 as never),
    forPlatform(w, windows as never),
    { ...forPlatform(attestation, { os: 'unknown', architecture: 'unknown' }), ...about },
  ]);
  make.tag('v1', root);
  return { ...set, a, b, w, root, attestation };
}

const listed = (place: ReturnType<typeof destination>) => {
  const digest = place.tags.get(tagName('v1'));
  const bytes = digest && place.manifests.get(digest)?.bytes;
  return JSON.parse(Buffer.from(bytes ?? '{}').toString()) as { manifests: { digest: string; annotations?: object }[] };
};

describe('a choice of platforms', () => {
  it('keeps the index as it is where a place takes it with children left out', async () => {
    const { to, root, a, b, w, attestation, warnings } = manyPlatforms();
    const place = destination('app', { sparse: true });
    expect(await to(place, { platforms })).toMatchObject({ ok: true, digest: root.digest });
    expect([a, b, w, attestation].map(({ digest }) => place.manifests.has(digest))).toEqual([false, true, false, true]);
    expect(warnings()).toEqual([]);
    expect(await to(place, { platforms })).toMatchObject({ outcome: 'same' });
  });

  it('else makes an index of what is there, and warns that its digest is another', async () => {
    const { to, root, b, attestation, warnings } = manyPlatforms();
    const place = destination();
    const outcome = await to(place, { platforms });
    expect(outcome).toMatchObject({ ok: true, outcome: 'copied' });
    if (!outcome.ok) return;
    expect(outcome.digest).not.toBe(root.digest);
    expect(place.tags.get(tagName('v1'))).toBe(outcome.digest);
    expect(listed(place).manifests.map(({ digest }) => digest)).toEqual([b.digest, attestation.digest]);
    expect(listed(place).manifests[1]?.annotations).toHaveProperty(['vnd.docker.reference.digest'], b.digest);
    expect(missingBelow(place, outcome.digest)).toEqual([]);
    expect(warnings()).toEqual(['W_PLATFORMS_FILTERED']);
    expect(await to(place, { platforms })).toMatchObject({ outcome: 'same', digest: outcome.digest });
  });

  it('gives each of two places what it takes, from one reading', async () => {
    const { all, root } = manyPlatforms();
    const [sparse, strict] = [destination('sparse', { sparse: true }), destination('strict')];
    const outcomes = await all(
      [
        { place: sparse, tags: v1 },
        { place: strict, tags: v1 },
      ],
      { platforms },
    );
    expect(outcomes.map((outcome) => outcome.ok && outcome.digest === root.digest)).toEqual([true, false]);
  });

  it('finds an image that is offered for several, by each', async () => {
    const { make, to, b } = manyPlatforms();
    make.tag('v1', make.index([forPlatform(b, arm64 as never), forPlatform(b, windows as never)]));
    for (const name of ['windows/amd64', 'linux/arm64']) {
      expect(await to(destination(name), { platforms: [parsePlatform(name)] })).toMatchObject({ ok: true });
    }
  });

  it('looks into nested indexes', async () => {
    const { make, to, b } = manyPlatforms();
    const inner = make.index([forPlatform(b, arm64 as never), forPlatform(make.image([]), windows as never)]);
    make.tag('v1', make.index([inner]));
    const place = destination();
    const outcome = await to(place, { platforms });
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.ok && missingBelow(place, outcome.digest)).toEqual([]);
    const [nested] = listed(place).manifests;
    expect(nested?.digest).not.toBe(inner.digest);
  });

  it('that takes all changes nothing', async () => {
    const { to, root, warnings } = manyPlatforms();
    const all = [parsePlatform('linux/amd64'), parsePlatform('linux/arm64'), parsePlatform('windows/amd64')];
    expect(await to(destination(), { platforms: all })).toMatchObject({ ok: true, digest: root.digest });
    expect(warnings()).toEqual([]);
  });

  it('does not matter for an image that is for one machine alone', async () => {
    const { make, to, warnings } = manyPlatforms();
    const alone = make.image([make.blob('alone')]);
    make.tag('v1', alone);
    expect(await to(destination(), { platforms })).toMatchObject({ ok: true, digest: alone.digest });
    expect(warnings()).toEqual([]);
  });

  it('that leaves nothing is an error which names what there is', async () => {
    const { to } = manyPlatforms();
    expect(await to(destination(), { platforms: [parsePlatform('linux/s390x')] })).toMatchObject({
      ok: false,
      error: {
        code: 'E_PLATFORM_MISSING',
        side: 'source',
        hint: expect.stringContaining('linux/amd64, linux/arm64, windows/amd64'),
      },
    });
  });

  it('leaves the signatures of children with them, and those of the index where it is the same', async () => {
    const { make, to, root, a, b } = manyPlatforms();
    const artifactType = 'application/x';
    const [onRoot, onA, onB] = [root, a, b].map((subject) =>
      make.image([make.blob(subject.digest)], { subject, artifactType }),
    );
    const held = (place: ReturnType<typeof destination>) =>
      [onRoot, onA, onB].map((referrer) => place.manifests.has(referrer?.digest as never));
    const [sparse, strict] = [destination('sparse', { sparse: true }), destination('strict')];
    await to(sparse, { platforms });
    await to(strict, { platforms });
    expect(held(sparse)).toEqual([true, false, true]);
    expect(held(strict)).toEqual([false, false, true]);
  });

  it('does not read what it leaves out', async () => {
    const { source, to, a, w } = manyPlatforms();
    for (const { digest } of [a, w]) source.manifests.delete(digest);
    expect(await to(destination(), { platforms })).toMatchObject({ ok: true });
  });

  it('works on Docker\u2019s lists', async () => {
    const { make, to, b } = manyPlatforms();
    const list = { manifests: [forPlatform(b, arm64 as never), forPlatform(make.image([]), amd64 as never)] };
    make.tag('v1', make.manifest(list, mediaTypes.dockerList));
    const place = destination();
    expect(await to(place, { platforms })).toMatchObject({ ok: true });
    expect(listed(place)).toMatchObject({ mediaType: mediaTypes.dockerList, manifests: [{ digest: b.digest }] });
  });
});
