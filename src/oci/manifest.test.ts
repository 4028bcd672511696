import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { largestManifest, type Manifest, mostChildren, parseManifest } from './manifest.ts';
import { mediaTypes } from './media-type.ts';
import { successorsOf } from './successors.ts';

const { ociIndex, ociManifest, dockerList, dockerManifest, dockerSchema1Signed, ociArtifact, ociEmpty } = mediaTypes;

const entry = (content: string, mediaType = 'application/octet-stream') => ({
  mediaType,
  digest: digestOf(Buffer.from(content)),
  size: content.length,
});
const config = entry('{}', ociEmpty);
const layer = entry('layer');

function read(document: unknown, contentType?: string): Manifest {
  return parseManifest(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)), contentType);
}

describe('what a document is', () => {
  it.each([
    [
      'an OCI image',
      { schemaVersion: 2, mediaType: ociManifest, config, layers: [layer] },
      ociManifest,
      'image',
      ociManifest,
    ],
    [
      'a Docker image',
      { schemaVersion: 2, mediaType: dockerManifest, config, layers: [] },
      dockerManifest,
      'image',
      dockerManifest,
    ],
    ['an OCI index', { schemaVersion: 2, mediaType: ociIndex, manifests: [] }, ociIndex, 'index', ociIndex],
    ['a Docker list', { schemaVersion: 2, mediaType: dockerList, manifests: [] }, dockerList, 'index', dockerList],
    ['an image that does not say so', { schemaVersion: 2, config, layers: [] }, undefined, 'image', ociManifest],
    ['an index that does not say so', { schemaVersion: 2, manifests: [] }, undefined, 'index', ociIndex],
    ['an index by its header alone', { schemaVersion: 2, manifests: [] }, dockerList, 'index', dockerList],
    [
      'an image behind a vague header',
      { mediaType: ociManifest, config, layers: [] },
      'application/json',
      'image',
      ociManifest,
    ],
    [
      'an image behind header parameters',
      { config, layers: [] },
      `${ociManifest}; charset=utf-8`,
      'image',
      ociManifest,
    ],
    [
      'an image without config',
      { schemaVersion: 2, mediaType: ociManifest, layers: [layer] },
      undefined,
      'image',
      ociManifest,
    ],
    [
      'an image with null for its lists',
      { mediaType: ociManifest, config: null, layers: null },
      undefined,
      'image',
      ociManifest,
    ],
    ['an artifact of before 1.1', { mediaType: ociArtifact, blobs: [layer] }, ociArtifact, 'image', ociArtifact],
    [
      'schema 1',
      { schemaVersion: 1, fsLayers: [], history: [], signatures: [] },
      undefined,
      'schema1',
      mediaTypes.dockerSchema1,
    ],
    [
      'signed schema 1',
      { schemaVersion: 1, name: 'x', fsLayers: [] },
      dockerSchema1Signed,
      'schema1',
      dockerSchema1Signed,
    ],
    [
      'an image of an unknown type',
      { schemaVersion: 2, mediaType: 'application/x+json', config, layers: [] },
      undefined,
      'image',
      'application/x+json',
    ],
  ])('%s', (_, document, contentType, kind, mediaType) => {
    expect(read(document, contentType)).toMatchObject({ kind, mediaType });
  });

  it.each([
    ['nothing known', { schemaVersion: 2, hello: 'world' }, 'E_MANIFEST_KIND'],
    ['a list', [], 'E_MANIFEST_INVALID'],
    ['null', null, 'E_MANIFEST_INVALID'],
    ['a text', 'not json', 'E_JSON'],
    ['schemaVersion 3', { schemaVersion: 3, manifests: [] }, 'E_MANIFEST_INVALID'],
  ])('%s is refused', (_, document, code) => {
    expect(() => read(document)).toThrow(expect.objectContaining({ code }));
  });
});

/** CVE-2021-41190 and its relatives: two readers, two images. */
describe('a document that can be read in two ways is refused', () => {
  const image = { schemaVersion: 2, mediaType: ociManifest, config, layers: [layer] };
  const index = { schemaVersion: 2, mediaType: ociIndex, manifests: [] };
  it.each<[string, unknown, string?]>([
    ['image with manifests', { ...image, manifests: [] }],
    ['image with null manifests', { ...image, manifests: null }],
    ['image with fsLayers', { ...image, fsLayers: [] }],
    ['index with layers', { ...index, layers: [] }],
    ['index with config', { ...index, config }],
    ['index with fsLayers', { ...index, fsLayers: [] }],
    ['undeclared, both', { schemaVersion: 2, manifests: [], layers: [], config }],
    ['undeclared, layers and manifests', { layers: [], manifests: [] }],
    ['undeclared, fsLayers and layers', { fsLayers: [], layers: [] }],
    ['undeclared, fsLayers and manifests', { fsLayers: [], manifests: [] }],
    ['sent as an index, says image', image, ociIndex],
    ['sent as an image, says index', index, ociManifest],
    ['sent as Docker, says OCI', image, dockerManifest],
    ['sent as schema 1, says image', image, dockerSchema1Signed],
    ['sent as an index, shaped as an image', { schemaVersion: 2, config, layers: [] }, ociIndex],
    ['sent as an image, shaped as an index', { schemaVersion: 2, manifests: [] }, ociManifest],
    ['says image, shaped as an index', { mediaType: ociManifest, manifests: [] }],
    ['says index, shaped as an image', { mediaType: ociIndex, config, layers: [] }],
    ['says schema 1, holds layers', { mediaType: dockerSchema1Signed, schemaVersion: 1, layers: [] }],
    ['says image, has version 1', { ...image, schemaVersion: 1 }],
    ['mediaType is a number', { ...image, mediaType: 1 }],
    ['Layers', { schemaVersion: 2, mediaType: ociManifest, config, Layers: [layer] }],
    ['layers and LAYERS', { ...image, LAYERS: [] }],
    ['layers with a long s', { ...image, layerſ: [] }],
    ['MediaType', { ...image, MediaType: ociIndex }],
    ['Manifests in an index', { ...index, Manifests: [] }],
    ['Digest in a descriptor', { ...image, layers: [{ ...layer, Digest: config.digest }] }],
    ['SIZE in a descriptor', { ...image, config: { ...config, SIZE: 1 } }],
    ['URLs in a descriptor', { ...image, layers: [{ ...layer, URLs: [] }] }],
  ])('%s', (_, document, contentType) => {
    expect(() => read(document, contentType)).toThrow(expect.objectContaining({ code: 'E_MANIFEST_AMBIGUOUS' }));
  });

  it.each([
    ['two mediaTypes', `{"mediaType":"${ociManifest}","mediaType":"${ociIndex}","manifests":[]}`],
    ['two layers', '{"layers":[],"layers":[]}'],
    ['two digests', `{"layers":[{"digest":"${layer.digest}","digest":"${config.digest}","size":1}]}`],
  ])('%s', (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'E_JSON' }));
  });
});

describe('descriptors', () => {
  const withLayer = (change: object) => () =>
    read({ mediaType: ociManifest, config, layers: [{ ...layer, ...change }] });

  it.each([
    ['no digest', { digest: undefined }, 'E_MANIFEST_INVALID', 'layers[0]'],
    ['a digest that leaves the folder', { digest: 'sha256:../../etc' }, 'E_MANIFEST_INVALID', 'digest'],
    ['a short digest', { digest: `sha256:${'a'.repeat(63)}` }, 'E_MANIFEST_INVALID', 'digest'],
    ['an upper-case digest', { digest: `SHA256:${'A'.repeat(64)}` }, 'E_MANIFEST_INVALID', 'digest'],
    ['an algorithm that is not known', { digest: `blake3:${'a'.repeat(64)}` }, 'E_DIGEST_ALGORITHM', 'blake3'],
    ['no size', { size: undefined }, 'E_MANIFEST_INVALID', 'size'],
    ['a negative size', { size: -1 }, 'E_MANIFEST_INVALID', 'size'],
    ['half a byte', { size: 1.5 }, 'E_MANIFEST_INVALID', 'size'],
    ['a size as text', { size: '5' }, 'E_MANIFEST_INVALID', 'size'],
    ['data of another content', { data: Buffer.from('other').toString('base64') }, 'E_MANIFEST_INVALID', 'data'],
    ['data of another type', { data: 1 }, 'E_MANIFEST_INVALID', 'data'],
    ['urls that are none', { urls: [1] }, 'E_MANIFEST_INVALID', 'urls'],
    ['a mediaType that is none', { mediaType: {} }, 'E_MANIFEST_INVALID', 'mediaType'],
  ])('with %s are refused', (_, change, code, word) => {
    expect(withLayer(change)).toThrow(expect.objectContaining({ code }));
    expect(withLayer(change)).toThrow(word);
  });

  it.each([
    ['the right data', { data: Buffer.from('layer').toString('base64') }],
    ['null data', { data: null }],
    ['no mediaType', { mediaType: undefined }],
    ['odd annotations', { annotations: { a: 1, b: 'x' } }],
    ['null annotations', { annotations: null }],
    ['an odd platform', { platform: 'linux' }],
    ['unknown fields', { whatever: [1] }],
  ])('with %s are taken', (_, change) => {
    expect(withLayer(change)()).toMatchObject({ kind: 'image', layers: [{ digest: layer.digest, size: 5 }] });
  });

  it('keep what the program acts on', () => {
    const child = {
      ...entry('child', ociManifest),
      platform: {
        os: 'windows',
        architecture: 'amd64',
        'os.version': '10.0.1',
        'os.features': ['win32k'],
        variant: '',
      },
      annotations: { key: 'value' },
      artifactType: 'application/x',
      urls: ['https://example.com/x'],
    };
    expect(read({ mediaType: ociIndex, manifests: [child] })).toEqual({
      kind: 'index',
      mediaType: ociIndex,
      children: [
        {
          ...child,
          platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1', 'os.features': ['win32k'] },
        },
      ],
    });
  });
});

describe('limits', () => {
  it(`takes ${mostChildren} children and refuses one more`, () => {
    const children = Array.from({ length: mostChildren + 1 }, () => layer);
    expect(read({ mediaType: ociIndex, manifests: children.slice(1) })).toMatchObject({ kind: 'index' });
    expect(() => read({ mediaType: ociIndex, manifests: children })).toThrow(
      expect.objectContaining({ code: 'E_LIMIT' }),
    );
  });

  it('refuses a document of more than 8 MiB before reading it', () => {
    expect(() => parseManifest(Buffer.alloc(largestManifest + 1, '['))).toThrow(
      expect.objectContaining({ code: 'E_MANIFEST_TOO_LARGE', failure: 'refused' }),
    );
  });
});

describe('what a manifest stands on', () => {
  const foreign = entry('foreign', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip');
  const subject = entry('subject', ociManifest);

  it('config and layers, each once; not its subject, and foreign layers apart', () => {
    const manifest = read({ mediaType: ociManifest, config, layers: [layer, layer, foreign, config], subject });
    const { blobs, foreign: apart, children } = successorsOf(manifest);
    expect(blobs.map(({ digest }) => digest)).toEqual([config.digest, layer.digest]);
    expect(apart.map(({ digest }) => digest)).toEqual([foreign.digest]);
    expect(children).toEqual([]);
    expect(manifest).toMatchObject({ subject: { digest: subject.digest } });
  });

  it('children of every kind, also of kinds that nobody knows', () => {
    const manifest = read({
      mediaType: ociIndex,
      manifests: [entry('a', ociManifest), entry('b', 'x/y'), entry('b', 'x/y')],
    });
    expect(successorsOf(manifest).children.map(({ mediaType }) => mediaType)).toEqual([ociManifest, 'x/y']);
  });
});
