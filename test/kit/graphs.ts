import fc from 'fast-check';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { MemoryRepository } from '../../src/oci/memory.ts';
import type { TagName } from '../../src/oci/names.ts';
import { fallbackTagOf } from '../../src/oci/referrers-tag.ts';
import { imageMaker } from './images.ts';

export interface RandomRepository {
  readonly repository: MemoryRepository;
  readonly tags: readonly TagName[];
}

/** Describes an image: leaves are lists of numbers of blobs, so that images share them. */
type Shape = { readonly blobs: readonly number[] } | { readonly children: readonly Shape[] };

const leaf: fc.Arbitrary<Shape> = fc.record({ blobs: fc.array(fc.nat(7), { maxLength: 4 }) });

const shape = fc.letrec<{ shape: Shape; index: Shape }>((tie) => ({
  shape: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('index')),
  index: fc.record({ children: fc.array(tie('shape'), { maxLength: 3 }) }),
})).shape;

const referrer = fc.record({
  of: fc.nat(20),
  blobs: fc.array(fc.nat(9), { minLength: 1, maxLength: 2 }),
  cosign: fc.boolean(),
});

/** Describes a repository: images, nested indexes, shared blobs, referrers of anything (of referrers, too), and cosign's tags. */
export const repositoryPlan = fc.record({
  images: fc.array(shape, { minLength: 1, maxLength: 3 }),
  referrers: fc.array(referrer, { maxLength: 4 }),
});

export type RepositoryPlan = typeof repositoryPlan extends fc.Arbitrary<infer T> ? T : never;

/** Builds what `plan` describes. Apart from the plan, so that a failing law prints something short. */
export function buildRepository({ images, referrers }: RepositoryPlan): RandomRepository {
  const repository = new MemoryRepository({ location: 'source.example.com/app', chunkSize: 1000 });
  const make = imageMaker(repository);
  const made: Descriptor[] = [];
  const build = (of: Shape): Descriptor => {
    const descriptor = 'blobs' in of ? make.image(of.blobs.map(layer)) : make.index(of.children.map(build));
    made.push(descriptor);
    return descriptor;
  };
  /** Some larger than what a verified source holds back, and larger than a chunk. */
  const layer = (number: number) => make.blob(`layer ${number} `.repeat(number % 3 === 0 ? 9000 : 10));
  const tags = images.map((of, at) => make.tag(`v${at}`, build(of)));
  for (const { of, blobs, cosign } of referrers) {
    const subject = made[of % made.length] as Descriptor;
    const about = cosign ? { note: `${of}` } : { subject, artifactType: 'application/x.sbom' };
    const attached = make.image(blobs.map(layer), about);
    if (cosign) make.tag(`${fallbackTagOf(subject.digest)}.sig`, attached);
    made.push(attached);
  }
  return { repository, tags };
}
