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

/** How the images of `sharedLayers` are made up, in bytes of each layer. */
const shares = { base: 12 * megabyte, runtime: 4.3 * megabyte, repository: 0.3 * megabyte, own: 0.285 * megabyte };
const imagesEach = 4;

/**
 * Repositories of four images each, made of what other repositories have too: a base of five, two runtimes of twenty, and
 * a little of their own. 50 of them are 218 MB, 1.1 GB when every repository counts for itself and 3.4 GB by image.
 */
export function sharedLayers(folder: string, repositories: number, share: number): TestRepository[] {
  const sized = (kind: keyof typeof shares, name: string): Layer => layer(Math.round(shares[kind] * share), name);
  const bases = Array.from({ length: 5 }, (_, number) => sized('base', `base ${number}`));
  const runtimes = Array.from({ length: 20 }, (_, number) => sized('runtime', `runtime ${number}`));
  const pick = (from: readonly Layer[], number: number): Layer[] => from.slice(number % from.length).slice(0, 1);
  return Array.from({ length: repositories }, (_, repository) => {
    const name = `app-${String(repository).padStart(2, '0')}`;
    const builder = new RepositoryBuilder(`${folder}/${name}`);
    const common = sized('repository', name);
    for (let image = 0; image < imagesEach; image += 1) {
      const below = [...pick(bases, repository), ...pick(runtimes, 2 * repository + (image % 2))];
      builder.image(linux('amd64'), [...below, common, sized('own', `${name} ${image}`)], { tags: [`v${image}`] });
    }
    return builder.done();
  });
}
