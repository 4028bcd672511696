import { onHub } from '../readers/image-name.ts';
import { taskId } from './check.ts';
import type { ReposyncModel, ReposyncStage } from './model.ts';
import type { NativeReposync } from './native.ts';

/** Finds the original's name for what a run tells of: `hub/org/app:1.0 --> master/mirror/app:1.0 #stage`. */
export class TaskNames {
  readonly #model: ReposyncModel;
  readonly #native: NativeReposync;

  constructor(model: ReposyncModel, native: NativeReposync) {
    this.#model = model;
    this.#native = native;
  }

  /** The task of one tag; `destination` is `host/repository:tag`. */
  of(stage: string, destination: string): string {
    const colon = destination.lastIndexOf(':');
    const hasTag = colon > destination.lastIndexOf('/');
    const place = hasTag ? destination.slice(0, colon) : destination;
    const [task] = this.#named(stage, place, [hasTag ? destination.slice(colon + 1) : '*']);
    return task ?? `${place} #${stage}`;
  }

  /** The tasks of a repository that failed as a whole: one for each tag that the file names, else one for all. */
  ofRepository(stage: string, place: string): readonly string[] {
    const target = this.#targetAt(stage, place);
    const tags = target === undefined || target.tags.length === 0 ? ['*'] : [...new Set(target.tags)];
    return this.#named(stage, place, tags);
  }

  #named(stage: string, place: string, tags: readonly string[]): readonly string[] {
    const original = this.#native.stageOf.get(stage);
    const to = this.#targetAt(stage, place);
    if (original === undefined || to === undefined) return [];
    return tags.map((tag) => taskId({ from: original.from, to, tag, id: original.id }));
  }

  #targetAt(stage: string, place: string): ReposyncStage['to'][number] | undefined {
    const ours = this.#native.file.stages.find(({ id }) => id === stage);
    const keys = ours?.to.map(
      ({ registry, repository }) => `${this.#native.keyOf.get(registry)} ${String(repository)}`,
    );
    return this.#native.stageOf.get(stage)?.to.find(({ destination, repository }) => {
      const url = this.#model.registries[destination]?.url ?? '';
      const path = onHub(url, repository);
      return `${url}/${path}` === place && (keys?.includes(`${destination} ${path}`) ?? false);
    });
  }
}
