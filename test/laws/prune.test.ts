/**
 * Random lives of a repository pair: the source gains, moves and loses tags, others push at the destination, listings fail
 * or come back short, the journal is lost, time passes. Checked against a record that the test itself keeps of what really
 * happened, not against what the code under test believes.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PruneConfig } from '../../src/config/types.ts';
import { type Digest, digestOf } from '../../src/oci/digest.ts';
import type { TagName } from '../../src/oci/names.ts';
import { readAttachmentTag } from '../../src/oci/referrers-tag.ts';
import { emptyJournal, type HeldTag, type PruneJournal, planPrune } from '../../src/plan/prune.ts';
import { tagName } from '../kit/images.ts';

const day = 24 * 60 * 60 * 1000;
const digests = Array.from({ length: 6 }, (_, at) => digestOf(Buffer.from(`image ${at}`)));
const ordinary = ['v1', 'v2', 'v3', 'v4', 'keep-1', 'keep-2', 'excluded-1'].map(tagName);
const signatures = digests.slice(0, 3).map((digest) => tagName(`${digest.replace(':', '-')}.sig`));
const names = [...ordinary, ...signatures];
const isExcluded = (tag: TagName) => tag.startsWith('excluded');

const name = fc.constantFrom(...names);
const digest = fc.constantFrom(...digests);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('source-set' as const), name, digest }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('source-delete' as const), name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('foreign-push' as const), name, digest }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), days: fc.integer({ min: 0, max: 12 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      listing: fc.constantFrom('good', 'good', 'good', 'error', 'empty'),
      namesOnly: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose-journal' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const rules: fc.Arbitrary<PruneConfig> = fc.record({
  afterMs: fc.constantFrom(0, day, 7 * day),
  max: fc.oneof(
    fc.record({ percent: fc.constantFrom(10, 50, 100) }),
    fc.record({ count: fc.integer({ min: 0, max: 3 }) }),
  ),
  keep: fc.constantFrom(0, 0, 2, 5),
});

class World {
  now = 1_000 * day;
  readonly source = new Map<TagName, Digest>();
  readonly destination = new Map<TagName, { digest: Digest; ours: boolean }>();
  journal: PruneJournal = emptyJournal;
  /** Since when complete listings did not hold a tag, as they really were read. */
  readonly missingSince = new Map<TagName, number>();
  pruned = 0;

  readonly rules: PruneConfig;

  constructor(rules: PruneConfig) {
    this.rules = rules;
    names.forEach((tag, at) => this.source.set(tag, digests[at % digests.length] as Digest));
  }

  apply(one: Step): void {
    if (one.kind === 'source-set') this.source.set(one.name, one.digest);
    else if (one.kind === 'source-delete') this.source.delete(one.name);
    else if (one.kind === 'foreign-push') this.destination.set(one.name, { digest: one.digest, ours: false });
    else if (one.kind === 'wait') this.now += one.days * day;
    else if (one.kind === 'lose-journal') this.journal = emptyJournal;
    else this.run(one);
  }

  run({ listing, namesOnly }: Extract<Step, { kind: 'run' }>): void {
    // A failed or empty listing ends the work on the repository before pruning is thought of.
    if (listing !== 'good' || this.source.size === 0) return;
    for (const tag of names) {
      if (this.source.has(tag)) this.missingSince.delete(tag);
      else if (!this.missingSince.has(tag)) this.missingSince.set(tag, this.now);
    }
    for (const [tag, named] of this.source)
      if (!isExcluded(tag)) this.destination.set(tag, { digest: named, ours: true });
    const wanted = new Map<TagName, HeldTag>(
      [...this.source].filter(([tag]) => !isExcluded(tag)).map(([tag, named]) => [tag, { tag, digest: named }]),
    );
    const plan = planPrune(
      {
        journal: this.journal,
        source: wanted,
        sourceTags: new Set(this.source.keys()),
        destination: new Map([...this.destination].map(([tag, state]) => [tag, namesOnly ? undefined : state.digest])),
        wouldTake: (tag) => !isExcluded(tag),
        now: this.now,
      },
      this.rules,
    );
    this.journal = plan.journal;
    this.check(plan.items.map(({ target, previous }) => ({ target, previous })));
  }

  check(items: readonly { target: TagName; previous: Digest }[]): void {
    const before = this.destination.size;
    const cap = 'count' in this.rules.max ? this.rules.max.count : Math.floor((before * this.rules.max.percent) / 100);
    expect(items.length).toBeLessThanOrEqual(cap);
    if (items.length > 0) expect(before - items.length).toBeGreaterThanOrEqual(this.rules.keep);
    const targets = new Set(items.map(({ target }) => target));
    for (const { target, previous } of items) {
      const state = this.destination.get(target);
      expect(state).toBeDefined();
      expect(this.source.has(target)).toBe(false);
      expect(isExcluded(target)).toBe(false);
      expect(this.now - (this.missingSince.get(target) ?? this.now)).toBeGreaterThanOrEqual(this.rules.afterMs);
      const subject = readAttachmentTag(target)?.subject;
      if (subject !== undefined) {
        const living = [...this.destination].some(([tag, other]) => other.digest === subject && !targets.has(tag));
        expect(living).toBe(false);
      }
      // Whoever carries the plan out deletes a tag only while it names what the plan says.
      if (state?.digest !== previous) continue;
      expect(state.ours || digestsEverCopied(this, target, previous)).toBe(true);
      this.destination.delete(target);
      this.pruned += 1;
    }
  }
}

/** Somebody may push the very image that tranship copied there; that is no other content. */
const copied = new WeakMap<World, Set<string>>();
function digestsEverCopied(world: World, tag: TagName, named: Digest): boolean {
  return copied.get(world)?.has(`${tag} ${named}`) === true;
}

describe('pruning, over random histories', () => {
  it('deletes nothing outside its rules', () => {
    let pruned = 0;
    fc.assert(
      fc.property(rules, fc.array(step, { minLength: 15, maxLength: 40, size: 'max' }), (config, steps) => {
        const world = new World(config);
        copied.set(world, new Set());
        for (const one of steps) {
          world.apply(one);
          for (const [tag, state] of world.destination)
            if (state.ours) copied.get(world)?.add(`${tag} ${state.digest}`);
        }
        pruned += world.pruned;
      }),
      { numRuns: 10_000 },
    );
    // A law that never sees a deletion would say nothing.
    expect(pruned).toBeGreaterThan(1_000);
  });
});
