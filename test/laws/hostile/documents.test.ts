/** Documents that are not what a copier can trust: refused with one clear error before anything is sent. */
import { describe } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { ends } from './check.ts';
import { by, holding, indexOf, manifests, nested, ociIndex, ociManifest, on } from './replies.ts';

const layer = (fields: string) => `{"schemaVersion":2,"layers":[{"mediaType":"x",${fields}}]}`;
const digest = `"digest":"${digestOf(Buffer.from('x'))}"`;
const schema1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws';

describe('a source that holds', () => {
  ends('E_SCHEMA1 1', 'Docker schema 1', {
    fill: holding('{"schemaVersion":1,"fsLayers":[],"history":[]}', schema1),
  });
  ends('E_LIMIT 6', 'an index of 10 000 children', {
    fill: holding(
      indexOf(
        Array.from({ length: 10_000 }, (_, at) => ({
          mediaType: ociManifest,
          digest: digestOf(Buffer.from(`${at}`)),
          size: 2,
        })),
      ),
      ociIndex,
    ),
  });
  ends('E_LIMIT 6', 'indexes nested a hundred deep', { fill: nested(100) });
  ends('E_DIGEST_MISMATCH 75', 'indexes that each hold themselves', {
    source: on(by('GET', manifests), ({ path }) => {
      const own = path.split('/').at(-1) ?? '';
      const body = indexOf([{ mediaType: ociIndex, digest: own, size: 2 }]);
      return { status: 200, headers: { 'content-type': ociIndex, 'docker-content-digest': own }, body };
    }),
  });
  ends('E_JSON 1', 'a key twice', { fill: holding('{"schemaVersion":2,"config":{},"config":{},"layers":[]}') });
  ends('E_MANIFEST_AMBIGUOUS 1', 'a key in two spellings', {
    fill: holding('{"schemaVersion":2,"layers":[],"Layers":[]}'),
  });
  ends('E_MANIFEST_AMBIGUOUS 1', 'image and index in one', {
    fill: holding('{"schemaVersion":2,"layers":[],"manifests":[]}'),
  });
  ends('E_MANIFEST_AMBIGUOUS 1', 'an index that it calls an image', { fill: holding(indexOf([]), ociManifest) });
  ends('E_JSON 1', 'a size beyond what can be counted', { fill: holding(layer(`${digest},"size":9007199254740993`)) });
  ends('E_JSON 1', 'a number without end', { fill: holding(layer(`${digest},"size":1e999`)) });
  ends('E_MANIFEST_INVALID 1', 'a size below zero', { fill: holding(layer(`${digest},"size":-1`)) });
  ends('E_MANIFEST_INVALID 1', 'half a byte', { fill: holding(layer(`${digest},"size":0.5`)) });
  ends('E_MANIFEST_INVALID 1', 'a digest that leads elsewhere', {
    fill: holding(layer('"digest":"sha256:../../etc/passwd","size":1')),
  });
  ends('E_JSON 1', 'JSON as deep as a well', { fill: holding(`{"schemaVersion":2,"x":${'['.repeat(1_000_000)}`) });
  ends('E_JSON 1', 'JSON as deep as a well, and whole', {
    fill: holding(`{"schemaVersion":2,"layers":[],"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
  });
  ends('E_JSON 1', 'a byte order mark', { fill: holding('\uFEFF{"schemaVersion":2,"layers":[]}') });
  ends('E_JSON 1', 'what is no UTF-8', {
    fill: holding(
      Buffer.concat([Buffer.from('{"schemaVersion":2,"layers":[],"x":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    ),
  });
  ends('E_JSON 1', 'no JSON', { fill: holding('hello') });
  ends('E_ANSWER_TOO_LARGE 1', 'a manifest of 9 MB', {
    fill: holding(`{"schemaVersion":2,"layers":[],"x":"${'a'.repeat(9_000_000)}"}`),
  });
});
