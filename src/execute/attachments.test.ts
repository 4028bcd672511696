import { describe, expect, it } from 'vitest';
import { copying, destination, v1 } from '../../test/kit/copying.ts';
import { counting } from '../../test/kit/counting.ts';
import { tagName } from '../../test/kit/images.ts';
import type { Digest } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import type { TagName } from '../oci/names.ts';
import type { ManifestContent } from '../oci/ports.ts';
import { cosignTagsOf } from '../oci/referrers-tag.ts';
import { Ledger } from './ledger.ts';

const artifactType = 'application/vnd.example.sbom';
const sigOf = (digest: Digest) => cosignTagsOf(digest)[0] as TagName;

/** An index of two images; the index is signed twice, a child has an SBOM, which is signed, and that signature is attested. */
function signed() {
  const set = copying();
  const { make } = set;
  const child = make.image([make.blob('a')]);
  const root = make.index([child, make.image([make.blob('b')])]);
  make.tag('v1', root);
  const sbom = make.image([make.blob('sbom')], { subject: child, artifactType });
  const sig = make.image([make.blob('sig')], { subject: sbom, artifactType });
  const attested = make.image([make.blob('attested')], { subject: sig, artifactType });
  const cosign = make.image([make.blob('cosign')], { note: 'cosign' });
  make.tag(sigOf(root.digest), cosign);
  const onSbom = make.image([make.blob('on the sbom')], { note: 'on the sbom' });
  make.tag(sigOf(sbom.digest), onSbom);
  return { ...set, child, root, sbom, sig, attested, cosign, onSbom };
}

describe('what refers to an image', () => {
  it('travels with it: of the index, of its children, and of what refers to them, by the API and by tags', async () => {
    const { to, sbom, sig, attested, cosign, onSbom, root } = signed();
    const place = destination();
    expect(await to(place)).toMatchObject({ ok: true, referrers: 5 });
    for (const { digest } of [sbom, sig, attested, cosign, onSbom]) expect(place.manifests.has(digest)).toBe(true);
    expect(place.tags.get(sigOf(root.digest))).toBe(cosign.digest);
    expect(place.tags.get(sigOf(sbom.digest))).toBe(onSbom.digest);
  });

  it('is there before the tag, so that nobody pulls a signed image unsigned', async () => {
    const { to, root } = signed();
    const { place, calls } = counting(destination());
    await to(place);
    const pushed = calls.log.filter((line) => line.startsWith('pushManifest'));
    expect(pushed.at(-1)).toBe(`pushManifest ${root.digest} v1`);
  });

  it('follows later when it is made later, although the tag is the same', async () => {
    const { make, to, child } = signed();
    const place = destination();
    await to(place);
    const late = make.image([make.blob('late')], { subject: child, artifactType });
    expect(await to(place)).toMatchObject({ ok: true, outcome: 'same', referrers: 1, bytesMoved: 4 });
    expect(place.manifests.has(late.digest)).toBe(true);
    expect(await to(place)).toMatchObject({ ok: true, outcome: 'same', referrers: 0, bytesMoved: 0 });
  });

  it('is kept listed where it is there already, for whoever stored it may have been killed before listing it', async () => {
    const { to, sbom, sig, attested, cosign, onSbom } = signed();
    const kept: Digest[][] = [];
    const place = Object.assign(destination(), {
      keepListed: async (referrers: readonly ManifestContent[]) => {
        kept.push(referrers.map(({ descriptor }) => descriptor.digest));
      },
    });
    await to(place);
    await to(place);
    expect(kept.map((digests) => digests.toSorted())).toEqual([
      [],
      [sbom, sig, attested, cosign, onSbom].map(({ digest }) => digest).toSorted(),
    ]);
  });

  it('is looked for without reading the children of an image that is the same', async () => {
    const { source, to, root } = signed();
    const place = destination();
    await to(place);
    const from = counting(source);
    await to(place, {}, { source: from.place });
    const children = JSON.parse(Buffer.from(source.manifests.get(root.digest)?.bytes ?? []).toString()).manifests;
    for (const { digest } of children) expect(from.calls.log).not.toContain(`fetchManifest ${digest}`);
  });

  it('moves with cosign, whose tag names a longer list of signatures each time', async () => {
    const { make, to, root } = signed();
    const place = destination();
    await to(place);
    const more = make.image([make.blob('cosign'), make.blob('second')], { note: 'cosign' });
    make.tag(sigOf(root.digest), more);
    await to(place);
    expect(place.tags.get(sigOf(root.digest))).toBe(more.digest);
  });

  it.each([
    ['never', 0],
    ['changed', 5],
  ] as const)('with %s: %i of them travel with a new tag, none with one that is the same', async (referrers, count) => {
    const { source, to } = signed();
    const place = destination();
    expect(await to(place, { referrers })).toMatchObject({ referrers: count });
    const from = counting(source);
    expect(await to(place, { referrers }, { source: from.place })).toMatchObject({ outcome: 'same', referrers: 0 });
    expect(from.calls.log).toEqual(['resolve v1']);
  });

  it('that is listed and gone is told of, and is no failure', async () => {
    const { source, to, warnings, sbom } = signed();
    const from = counting(source, (method, args, call) => {
      if (method !== 'fetchManifest' || args[0] !== sbom.digest) return call();
      throw new TranshipError('E_MANIFEST_UNKNOWN', 'failed', 'gone');
    });
    expect(await to(destination(), {}, { source: from.place })).toMatchObject({ ok: true });
    expect(warnings()).toEqual(['W_REFERRER_GONE']);
  });

  it('that cannot be read fails the copy before its tag is written', async () => {
    const { source, to } = signed();
    const from = counting(source, (method, _args, call) => {
      if (method !== 'listReferrers') return call();
      throw new TranshipError('E_DENIED', 'auth', 'no');
    });
    const place = destination();
    expect(await to(place, {}, { source: from.place })).toMatchObject({
      ok: false,
      error: { code: 'E_DENIED', side: 'source' },
    });
    expect(place.tags.size).toBe(0);
  });

  it('beyond any measure is refused', async () => {
    const { source, to } = signed();
    const many = Array.from({ length: 1001 }, () => ({ mediaType: 'x', digest: 'sha256:x', size: 1 }));
    const from = counting(source, (method, _args, call) =>
      method === 'listReferrers' ? Promise.resolve(many) : call(),
    );
    expect(await to(destination(), {}, { source: from.place })).toMatchObject({
      ok: false,
      error: { code: 'E_LIMIT' },
    });
  });

  it('is stored after its subject where a registry insists on that', async () => {
    const { to, root, sbom, sig, attested, cosign, onSbom } = signed();
    const attached = new Set([sbom, sig, attested, cosign, onSbom].map(({ digest }) => digest));
    const store = destination();
    const { place } = counting(store, (method, args, call) => {
      const pushed = (args[0] as { descriptor?: { digest: Digest } })?.descriptor?.digest;
      const early = pushed !== undefined && attached.has(pushed) && !store.manifests.has(root.digest);
      if (early) throw new TranshipError('E_BLOB_MISSING', 'failed', 'no subject', { digests: [root.digest] });
      return call();
    });
    expect(await to(place)).toMatchObject({ ok: true });
    expect(store.tags.get(tagName('v1'))).toBe(root.digest);
  });
});

describe('cosign\u2019s tags', () => {
  it('are found in one listing for all images of a run', async () => {
    const { source, to } = signed();
    const from = counting(source);
    const place = destination();
    const ledger = new Ledger();
    await to(place, {}, { source: from.place, ledger });
    await to(place, {}, { source: from.place, ledger });
    expect(from.calls.counts['listTags']).toBe(1);
  });

  it('are found without any where the caller knows the tags', async () => {
    const { source, to, sbom } = signed();
    const from = counting(source);
    const place = destination();
    await to(place, { sourceTags: new Set(source.tags.keys()) }, { source: from.place });
    expect(from.calls.counts['listTags']).toBeUndefined();
    expect(place.tags.has(sigOf(sbom.digest))).toBe(true);
  });

  it.each([
    ['listing is refused', () => fail()],
    ['there are too many to list', () => endless()],
  ])('are asked for one by one where %s', async (_, listTags) => {
    const { source, to, root } = signed();
    const from = counting(source, (method, _args, call) => (method === 'listTags' ? listTags() : call()));
    const place = destination();
    expect(await to(place, {}, { source: from.place })).toMatchObject({ ok: true });
    expect(place.tags.has(sigOf(root.digest))).toBe(true);
  });
});

describe('a place that keeps no referrers', () => {
  it('is copied from all the same', async () => {
    const { source, all } = signed();
    const plain = {
      location: source.location,
      resolve: source.resolve.bind(source),
      fetchManifest: source.fetchManifest.bind(source),
      openBlob: source.openBlob.bind(source),
    };
    const place = destination();
    expect(await all([{ place, tags: v1 }], {}, { source: plain })).toMatchObject([{ ok: true, referrers: 1 }]);
  });
});

async function* fail(): AsyncGenerator<string> {
  throw new TranshipError('E_DENIED', 'auth', 'no listing');
}

async function* endless(): AsyncGenerator<string> {
  for (let number = 0; ; number++) yield `t${number}`;
}
