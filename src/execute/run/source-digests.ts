import { type Digest, isDigest } from '../../oci/digest.ts';
import type { RepositoryName, TagName } from '../../oci/names.ts';
import type { CallOptions, ContentReader } from '../../oci/ports.ts';
import { resolveTags } from '../../plan/observe.ts';
import type { Unanswered } from '../../plan/unanswered.ts';
import type { PlanContext } from './plan-repository.ts';
import type { ChosenTag } from './source-tags.ts';
import type { StagePlanner } from './stage-plan.ts';

/** The source's digests, asked for once for all destinations, and only for tags that one of them needs to compare. */
export class SourceDigests {
  readonly #planner: StagePlanner;
  readonly #context: PlanContext;
  readonly #place: ContentReader;
  /** Tags of which nothing could be found out; kept only where the run goes on without them. */
  readonly unanswered: Unanswered = new Map();
  readonly #known = new Map<TagName, Digest>();
  /** By tag, the questions that it went along with. */
  readonly #asked = new Map<TagName, Promise<unknown>>();
  /** Those that are under way. */
  readonly #underWay = new Map<TagName, ReturnType<ContentReader['resolve']>>();

  constructor(planner: StagePlanner, repository: RepositoryName, chosen: readonly ChosenTag[], context: PlanContext) {
    this.#planner = planner;
    this.#context = context;
    this.#place = context.world.source(planner.stage.from.registry, repository).place;
    for (const { tag, digest } of chosen) if (digest !== undefined) this.#known.set(tag, digest);
  }

  /** What the tags name at the source. Tags without an entry name nothing; there may be entries of more tags. */
  async of(tags: readonly TagName[]): Promise<ReadonlyMap<TagName, Digest>> {
    const missing = tags.filter((tag) => !this.#known.has(tag) && !this.#asked.has(tag));
    const asking = resolveTags(this, missing, this.#context, this.#known, this.#tolerated);
    for (const tag of missing) this.#asked.set(tag, asking);
    const others = new Set<Promise<unknown>>([asking]);
    for (const tag of tags) others.add(this.#asked.get(tag) ?? asking);
    await Promise.all(others);
    return this.#known;
  }

  get #tolerated(): Unanswered | undefined {
    return this.#context.goesOnWithout === true ? this.unanswered : undefined;
  }

  /** What a tag names, as soon as that can be told; `undefined` where nobody asked for it yet, or in vain. */
  async soon(tag: TagName): Promise<Digest | undefined> {
    const known = this.#known.get(tag);
    if (known !== undefined) return known;
    const found = await this.#underWay.get(tag)?.catch(() => {});
    return found?.digest;
  }

  async resolve(tag: TagName | Digest, options?: CallOptions) {
    if (isDigest(tag)) return this.#place.resolve(tag, options);
    const answer = this.#place.resolve(this.#planner.pins.get(tag) ?? tag, options);
    this.#underWay.set(tag, answer);
    try {
      const found = await answer;
      // Known before it is no longer under way: whoever asks in between is not told that nobody asked.
      if (found !== undefined) this.#known.set(tag, found.digest);
      return found;
    } finally {
      this.#underWay.delete(tag);
    }
  }
}
