/** Makes missing repositories before their first image. */
import type { StageConfig } from '../../config/types.ts';
import { isTranshipError } from '../../oci/errors.ts';
import type { GroupPart } from './groups.ts';
import type { RunParts } from './repository-run.ts';
import type { RepositoryWork } from './repository-work.ts';

export class Creations {
  readonly #parts: RunParts;
  readonly #begun = new Map<string, Promise<void>>();

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** Resolves once every repository of these parts that is to be made was tried, each once in a run. */
  async ensure(stage: StageConfig, parts: readonly GroupPart[]): Promise<void> {
    const works = new Set(parts.map(({ work }) => work).filter(({ plan }) => plan.create === true));
    await Promise.all([...works].map((work) => this.#once(stage, work)));
  }

  #once(stage: StageConfig, work: RepositoryWork): Promise<void> {
    const key = `${work.destination.config.registry}/${work.target}`;
    const creation = this.#begun.get(key) ?? this.#create(stage, work);
    this.#begun.set(key, creation);
    return creation;
  }

  /** A failure shows when the push is refused, with the better words; here it is only warned of. */
  async #create(stage: StageConfig, { destination, target, plan }: RepositoryWork): Promise<void> {
    const { world, options, tally } = this.#parts;
    const { registry, visibility } = destination.config;
    try {
      await world.createRepository(registry, target, visibility === undefined ? {} : { visibility }, options);
    } catch (error) {
      const why = isTranshipError(error) ? `${error.message} (${error.code})` : String(error);
      tally.warn('W_NOT_CREATED', `${plan.destination.location} could not be created: ${why}`, stage.id);
    }
  }
}
