/** Copies groups: so many at a time, only to destinations that still take something, and again later what may then succeed. */
import type { StageConfig } from '../../config/types.ts';
import { AdaptiveLimiter } from '../../kit/limiter.ts';
import { TranshipError } from '../../oci/errors.ts';
import { Ledger } from '../ledger.ts';
import { ClosedDestinations } from './closed.ts';
import { copyGroup, type PartOutcome } from './copy-group.ts';
import { Creations } from './creations.ts';
import type { CopyGroup, GroupPart } from './groups.ts';
import { PullGate } from './pull-gate.ts';
import type { RunParts } from './repository-run.ts';
import { usualJobs } from './run-options.ts';

export class GroupRun {
  readonly #parts: RunParts;
  readonly #ledger: Ledger;
  readonly #images: AdaptiveLimiter;
  readonly #creations: Creations;
  readonly #pulls: PullGate;
  readonly #closed = new ClosedDestinations();

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#ledger = parts.options.ledger ?? new Ledger();
    this.#images = new AdaptiveLimiter(parts.options.jobs ?? usualJobs);
    this.#creations = new Creations(parts);
    this.#pulls = new PullGate(parts.world, parts.tally);
  }

  /** Returns how many of its parts failed, or wait for another pass. */
  async copy(stage: StageConfig, group: CopyGroup): Promise<number> {
    const release = await this.#images.acquire({ signal: this.#parts.options.signal });
    try {
      const before = this.#parts.tally.failures.length;
      const parts = await this.#admitted(stage, group);
      const left = this.#parts.tally.failures.length - before;
      return parts.length === 0 ? left : (await this.#copyParts(stage, { ...group, parts })) + left;
    } finally {
      release();
    }
  }

  /** Whether nothing more is to be begun. Throws once the run is stopped. */
  isOver(): boolean {
    const { options, tally } = this.#parts;
    options.signal?.throwIfAborted();
    return options.failFast === true && tally.failures.length > 0;
  }

  async #copyParts(stage: StageConfig, group: CopyGroup): Promise<number> {
    const { options, tally, world } = this.#parts;
    const { dryRun = false, filtered, emit, now, signal } = options;
    if (!dryRun) await this.#creations.ensure(stage, group.parts);
    const outcomes = await copyGroup(group, {
      stage,
      world,
      ledger: this.#ledger,
      filtered,
      emit,
      now,
      signal,
      dryRun,
      leavesBehind: !tally.isLastPass,
    });
    const failures = outcomes.flatMap(({ part, outcome }) => (outcome.ok ? [] : [{ part, error: outcome.error }]));
    tally.succeeded(outcomes.length - failures.length);
    if (dryRun) this.#foresee(outcomes);
    let failed = 0;
    for (const { part, error } of failures) {
      const { work } = part;
      if (error.side === 'destination') this.#closed.note(work.destination.config.registry, work.target, error.failure);
      const again = () => this.copy(stage, { ...group, parts: [part] });
      failed += tally.retryLater(error, { size: 1, again }) ? 1 : tally.failed(error.failure);
    }
    return failed;
  }

  #foresee(outcomes: readonly PartOutcome[]): void {
    for (const { part, outcome } of outcomes) {
      if (!outcome.ok || part.item.action === 'same') continue;
      const { bytesMoved, bytesMounted, bytesPresent } = outcome;
      const bytes = { total: bytesMoved + bytesMounted + bytesPresent, toMove: bytesMoved };
      this.#parts.options.foresaw?.(part.item, bytes);
    }
  }

  /** The parts that are begun. What is left out is told. */
  async #admitted(stage: StageConfig, group: CopyGroup): Promise<readonly GroupPart[]> {
    if (this.isOver()) return this.#leaveOut(stage, group.parts, stoppedByFailure());
    const open: GroupPart[] = [];
    for (const part of group.parts) {
      const why = this.#closed.why(part.work.destination.config.registry, part.work.target);
      if (why === undefined) open.push(part);
      else this.#leaveOut(stage, [part], takesNoMore(why));
    }
    if (open.length === 0 || (await this.#pulls.admits(stage.from.registry, this.#parts.options))) return open;
    return this.#leaveOut(stage, open, pullsUsedUp());
  }

  #leaveOut(stage: StageConfig, parts: readonly GroupPart[], why: TranshipError): readonly GroupPart[] {
    const { options, tally } = this.#parts;
    for (const { work, item } of parts) {
      const { source, destination } = work.plan;
      options.emit({
        type: 'not-reached',
        at: options.now(),
        stage: stage.id,
        source: `${source.location}:${item.tag}`,
        destination: `${destination.location}:${item.target}`,
        reason: why.message,
        ...(why.failure !== 'failed' && { failure: why.failure }),
      });
      tally.failed(why.failure);
    }
    return [];
  }
}

function stoppedByFailure(): TranshipError {
  return new TranshipError('E_NOT_REACHED', 'failed', 'an earlier failure ended the run');
}

function takesNoMore(why: 'auth' | 'unwritable'): TranshipError {
  const message = why === 'auth' ? 'the destination denied an earlier write' : 'the destination takes no more';
  return new TranshipError('E_NOT_REACHED', why, message);
}

function pullsUsedUp(): TranshipError {
  return new TranshipError('E_NOT_REACHED', 'temporary', 'the pulls that the source counts are almost used up');
}
