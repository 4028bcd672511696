/** The items of a report while the run goes on. A copy may start several times; its last outcome counts. */
import type { PlanItem, RepositoryPlan } from '../plan/types.ts';
import { blocked, type Entry, itemOf, type Result } from './entry.ts';
import type { Event } from './events.ts';
import { repositoryOf } from './reference.ts';
import type { ReportItem } from './report.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;
type Subject = Pick<ReportItem, 'stage' | 'source' | 'destination'>;

export class Entries {
  /** By the name of the copy; what is no copy has a word in front. */
  readonly #entries = new Map<string, Entry>();
  readonly #stages = new Map<string, number>();
  /** How many tags the plan of each repository pair counted as the same. */
  readonly #same = new Map<string, number>();

  stage(stage: string): void {
    if (!this.#stages.has(stage)) this.#stages.set(stage, this.#stages.size);
  }

  planned(plan: RepositoryPlan): void {
    const { stage, failure } = plan;
    const subject = { stage, source: plan.source.location, destination: plan.destination.location };
    this.stage(stage);
    this.#same.set(pairOf(subject), plan.same + plan.trusted);
    for (const item of plan.items) this.#plan(plan, item);
    for (const { tag, target } of plan.failedTags ?? []) {
      const tags = { source: `${subject.source}:${tag}`, destination: `${subject.destination}:${target}` };
      this.#entries.set(`${tags.source} → ${tags.destination}`, { stage, ...tags, begun: 0 });
    }
    if (failure === undefined) return;
    this.#entries.set(`pair ${pairOf(subject)}`, {
      ...subject,
      begun: 0,
      result: { outcome: 'failed', error: failure },
    });
  }

  started({ at, copy, stage = '', source, destination }: Of<'copy-started'>): void {
    this.stage(stage);
    const subject = { stage, source, destination };
    const known = this.#entries.get(copy) ?? { ...subject, begun: 0, ...this.#countedAlready(subject) };
    const { result: _, endedAt: __, ...entry } = known;
    this.#entries.set(copy, { ...entry, begun: entry.begun + 1, beganAt: at });
  }

  looked({ copy, digest }: Of<'copy-planned'>): void {
    const entry = this.#entries.get(copy);
    if (entry) this.#entries.set(copy, { ...entry, digest });
  }

  finished(event: Of<'copy-finished'>): void {
    const entry = this.#entries.get(event.copy);
    if (entry === undefined) return;
    const { outcome, digest, previous, bytesMoved, bytesMounted, bytesPresent, referrers, at } = event;
    // A look at what refers to a tag that is the same: worth an item only where something came of it.
    if (entry.counted && outcome === 'same' && bytesMoved === 0 && referrers === 0) {
      this.#entries.delete(event.copy);
      return;
    }
    const before = previous === undefined ? {} : { previous };
    const result: Result = { outcome, digest, ...before, bytesMoved, bytesMounted, bytesPresent };
    this.#entries.set(event.copy, { ...entry, endedAt: at, result });
  }

  failed({ copy, at, error }: Of<'copy-failed'>): void {
    const entry = this.#entries.get(copy);
    if (entry) this.#entries.set(copy, { ...entry, endedAt: at, result: { outcome: 'failed', error } });
  }

  pruned({ stage, destination, digest, reason }: Of<'tag-pruned'>): void {
    this.#settle(
      `prune ${destination}`,
      { stage, source: '', destination },
      { outcome: 'pruned', previous: digest, reason },
    );
  }

  pruneFailed({ stage, destination, error }: Of<'prune-failed'>): void {
    this.#settle(`prune ${destination}`, { stage, source: '', destination }, { outcome: 'failed', error });
  }

  notReached({ stage, source, destination, reason, failure }: Of<'not-reached'>): void {
    const copy = `${source} → ${destination}`;
    const key = this.#entries.has(copy)
      ? copy
      : this.#entries.has(`prune ${destination}`)
        ? `prune ${destination}`
        : copy;
    const result: Result = { outcome: 'not-reached', reason, ...(failure && { failure }) };
    this.#settle(key, { stage, source, destination }, result);
  }

  /** By stage, then repository at the destination, then as planned. */
  items(dryRun: boolean): readonly ReportItem[] {
    return [...this.#entries.values()]
      .map((entry) => ({
        entry,
        stage: this.#stages.get(entry.stage) ?? 0,
        repository: repositoryOf(entry.destination),
      }))
      .sort((a, b) => a.stage - b.stage || compareText(a.repository, b.repository))
      .map(({ entry }) => itemOf(entry, dryRun));
  }

  /** Tags that plans counted as the same, without those that have an item after all. */
  get same(): number {
    let count = 0;
    for (const same of this.#same.values()) count += same;
    for (const { counted } of this.#entries.values()) count -= counted ? 1 : 0;
    return count;
  }

  #plan({ stage, source, destination }: RepositoryPlan, plan: PlanItem): void {
    const to = `${destination.location}:${plan.target}`;
    if (plan.action === 'prune') {
      this.#entries.set(`prune ${to}`, { stage, source: '', destination: to, plan, begun: 0 });
      return;
    }
    const from = `${source.location}:${plan.tag}`;
    const result = plan.action === 'blocked' ? { result: blocked(plan) } : {};
    this.#entries.set(`${from} → ${to}`, { stage, source: from, destination: to, plan, begun: 0, ...result });
  }

  #settle(key: string, subject: Subject, result: Result): void {
    this.stage(subject.stage);
    this.#entries.set(key, { ...(this.#entries.get(key) ?? { ...subject, begun: 0 }), result });
  }

  /** A tag that no plan names, of a planned pair, is one that was the same. */
  #countedAlready(subject: Subject): { counted?: true } {
    return (this.#same.get(pairOf(subject)) ?? 0) > 0 ? { counted: true } : {};
  }
}

function pairOf({ stage, source, destination }: Subject): string {
  return `${stage} ${repositoryOf(source)} → ${repositoryOf(destination)}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
