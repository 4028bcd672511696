/** Looks at an image at its destination with all that belongs to it. */
import type { StageConfig } from '../../config/types.ts';
import { eachBounded } from '../../kit/bounded.ts';
import type { Digest } from '../../oci/digest.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { type ContentReader, type ContentWriter, type ReferrerLister, supports } from '../../oci/ports.ts';
import { sideOf } from '../failure.ts';
import { deepestReferrers } from '../limits.ts';
import { type Damage, Walker } from './walk.ts';

export interface Examination {
  readonly stage: StageConfig;
  readonly source: ContentReader;
  readonly place: ContentWriter;
  /** Read every blob and check its digest. */
  readonly full?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Subjects of one image that both sides are asked about at once. */
const subjectsInFlight = 8;

/** Examines images of one repository; what several of them share is looked at once. */
export class Examiner {
  readonly #examination: Examination;
  readonly #images: Walker;
  /** The choice of platforms is for images alone. */
  readonly #referrers: Walker;

  constructor(examination: Examination) {
    const { stage, place, full = false, signal } = examination;
    const platforms = stage.platforms === 'all' ? undefined : stage.platforms.map(parsePlatform);
    this.#examination = examination;
    this.#images = new Walker(place, { full, platforms, signal });
    this.#referrers = new Walker(place, { full, signal });
  }

  /** The damages of the image and of what refers to it, in the order in which they can be mended. */
  async image(root: Digest): Promise<readonly Damage[]> {
    const damages = [...(await this.#images.image(root)), ...(await this.#attached(root))];
    return [...new Map(damages.map((damage) => [damage.digest, damage])).values()];
  }

  /** What refers at the source to the image, to a manifest below it, or to what refers to one, and is not whole at the destination. */
  async #attached(root: Digest): Promise<readonly Damage[]> {
    const { stage, source, place } = this.#examination;
    if (stage.referrers === 'never' || !supports(source, 'referrers') || !supports(place, 'referrers')) return [];
    const damages: Damage[] = [];
    const asked = new Set<Digest>();
    let level = this.#images.manifestsUnder(root);
    for (let depth = 0; level.length > 0 && depth <= deepestReferrers; depth++) {
      const fresh = level.filter((digest) => !asked.has(digest) && asked.add(digest));
      const found = await eachBounded(fresh, subjectsInFlight, (subject) => this.#referrersOf(subject, source, place));
      damages.push(...found.flatMap((each) => each.damages));
      level = found.flatMap(({ listed }) => listed.flatMap((digest) => this.#referrers.manifestsUnder(digest)));
    }
    return damages;
  }

  async #referrersOf(
    subject: Digest,
    source: ContentReader & ReferrerLister,
    place: ReferrerLister,
  ): Promise<{ readonly listed: readonly Digest[]; readonly damages: readonly Damage[] }> {
    const { signal } = this.#examination;
    const atSource = <T>(answer: Promise<T>) =>
      answer.catch((error: unknown) => Promise.reject(sideOf(error, 'source')));
    const [theirs, ours] = await Promise.all([
      atSource(source.listReferrers(subject, { signal })),
      place.listReferrers(subject, { signal }),
    ]);
    const there = new Set(ours.map(({ digest }) => digest));
    const looks = theirs.map(async (descriptor): Promise<readonly Damage[]> => {
      const { digest } = descriptor;
      if (there.has(digest)) return this.#referrers.image(digest);
      // A list may name what is gone at the source, too: nobody can bring it.
      const isGone = (await atSource(source.resolve(digest, { signal }))) === undefined;
      return isGone ? [] : [{ what: 'referrer', digest, problem: 'missing', descriptor }];
    });
    const damages = (await Promise.all(looks)).flat();
    return { listed: theirs.map(({ digest }) => digest).filter((digest) => there.has(digest)), damages };
  }
}
