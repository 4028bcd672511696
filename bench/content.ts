/** What is copied: images of given sizes, from bytes that do not compress, the same on every machine. */
import { describe, gzipStart, type Layer, mediaTypes, repeatedBlob } from '../test/kit/corpus/content.ts';
import { RepositoryBuilder, type TestRepository } from '../test/kit/corpus/repository.ts';

export const megabyte = 1_000_000;
const linux = (architecture: string) => ({ os: 'linux', architecture });

function layer(size: number, seed: string): Layer {
  const blob = repeatedBlob(size, seed, gzipStart);
  return { blob, descriptor: describe(blob, mediaTypes.gzipLayer), diffId: blob.digest };
}

/** One image, its bytes spread evenly over the layers. */
export function oneImage(name: string, bytes: number, layers: number): TestRepository {
  const builder = new RepositoryBuilder(name);
  const all = Array.from({ length: layers }, (_, number) => layer(Math.floor(bytes / layers), `${name} ${number}`));
  builder.image(linux('amd64'), all, { tags: ['latest'] });
  return builder.done();
}

/** An index of four platforms with three layers each: 16 blobs with the configurations. */
export function multiArchitecture(name: string, bytes: number): TestRepository {
  const builder = new RepositoryBuilder(name);
  const children = ['amd64', 'arm64', 'ppc64le', 's390x'].map((architecture) => {
    const layers = Array.from({ length: 3 }, (_, number) =>
      layer(Math.floor(bytes / 12), `${name} ${architecture} ${number}`),
    );
    return builder.image(linux(architecture), layers);
  });
  builder.index(children, { tags: ['latest'] });
  return builder.done();
}

/** Many tags, each an image of its own with one small layer beside a common one. */
export function manyTags(name: string, count: number): TestRepository {
  const builder = new RepositoryBuilder(name);
  const common = layer(20_000, `${name} common`);
  for (let number = 0; number < count; number += 1) {
    builder.image(linux('amd64'), [common, layer(2000, `${name} ${number}`)], { tags: [`v${number}`] });
  }
  return builder.done();
}
