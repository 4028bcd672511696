import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TagRule, TagRules } from '../../src/config/types.ts';
import type { TagName } from '../../src/oci/names.ts';
import type { Candidate } from '../../src/select/rule.ts';
import { exactTags, selectTags } from '../../src/select/tags.ts';
import { compareVersions, parseVersion } from '../../src/select/version.ts';

const tag = fc
  .oneof(
    fc.stringMatching(/^v?[0-9](\.[0-9]){0,3}(-(alpine|rc[0-9]))?$/),
    fc.constantFrom('latest', 'edge', 'stable', 'nightly-1', 'nightly-2'),
  )
  .map((text) => text as TagName);

const time = fc.option(
  fc.integer({ min: 0, max: 100 }).map((days) => new Date(days * 86_400_000).toISOString()),
  { nil: undefined },
);

const listing: fc.Arbitrary<readonly Candidate[]> = fc
  .uniqueArray(tag, { maxLength: 40 })
  .chain((tags) =>
    fc.tuple(...tags.map((name) => time.map((updatedAt) => ({ tag: name, ...(updatedAt && { updatedAt }) })))),
  );

const pattern = fc.oneof(
  tag.map((name) => ({ name })),
  fc.constantFrom('*', 'v*', '*-alpine', '[0-9]*', '{edge,latest}').map((glob) => ({ glob })),
  fc.constantFrom('.*', 'v?(.+)-alpine', 'nightly-\\d', '[0-9.]+').map((regex) => ({ regex })),
);

const rule: fc.Arbitrary<TagRule> = fc
  .record(
    {
      pattern,
      semver: fc.constantFrom('>=1', '^2.1', '1.x || 3', '*', '<0.5'),
      prereleases: fc.boolean(),
      newest: fc.record(
        {
          count: fc.integer({ min: 1, max: 4 }),
          by: fc.constantFrom('version' as const, 'time' as const),
          per: fc.constantFrom('major' as const, 'minor' as const),
        },
        { requiredKeys: ['count', 'by'] },
      ),
      newerThanMs: fc.integer({ min: 0, max: 100 * 86_400_000 }),
      olderThanMs: fc.integer({ min: 0, max: 100 * 86_400_000 }),
    },
    { requiredKeys: [] },
  )
  .filter((made) => Object.keys(made).length > 0);

const rules: fc.Arbitrary<TagRules> = fc.record({
  include: fc.array(rule, { maxLength: 3 }),
  exclude: fc.array(rule, { maxLength: 2 }),
  atLeast: fc.constant(0),
});

const options = { now: 100 * 86_400_000 };

describe('a selection', () => {
  test('explains every tag once, in order, and keeps what it says it keeps', () => {
    fc.assert(
      fc.property(listing, rules, (tags, asked) => {
        const { kept, decisions } = selectTags(tags, asked, options);
        expect(decisions.map((decision) => decision.tag)).toEqual(tags.map((candidate) => candidate.tag));
        expect(decisions.filter((decision) => decision.kept).map((decision) => decision.tag)).toEqual(kept);
        expect(decisions.every((decision) => decision.why.length > 0)).toBe(true);
      }),
    );
  });

  test('does not depend on the order of the listing', () => {
    fc.assert(
      fc.property(listing, rules, (tags, asked) => {
        const distinct = tags.filter(({ tag: name }, at) => isFirstOfItsVersion(tags, name, at));
        const forwards = selectTags(distinct, byVersionOnly(asked), options).kept;
        const backwards = selectTags(distinct.toReversed(), byVersionOnly(asked), options).kept;
        expect([...backwards].sort()).toEqual([...forwards].sort());
      }),
    );
  });

  test('is the union of what its rules take alone', () => {
    fc.assert(
      fc.property(listing, fc.array(rule, { minLength: 1, maxLength: 4 }), (tags, include) => {
        const together = selectTags(tags, { include, exclude: [], atLeast: 0 }, options).kept;
        const alone = include.flatMap(
          (one) => selectTags(tags, { include: [one], exclude: [], atLeast: 0 }, options).kept,
        );
        expect(new Set(together)).toEqual(new Set(alone));
      }),
    );
  });

  test('keeps nothing that an exclude rule takes', () => {
    fc.assert(
      fc.property(listing, rules, (tags, asked) => {
        const { kept } = selectTags(tags, asked, options);
        const excluded = asked.exclude.flatMap(
          (one) => selectTags(tags, { include: [one], exclude: [], atLeast: 0 }, options).kept,
        );
        expect(kept.filter((name) => excluded.includes(name))).toEqual([]);
      }),
    );
  });

  test('an exclude rule more never keeps a tag more, where nothing counts the newest', () => {
    fc.assert(
      fc.property(listing, rules, rule, (tags, asked, more) => {
        const plain = asked.include.map(withoutNewest).filter((one) => Object.keys(one).length > 0);
        if (plain.length !== asked.include.length) return;
        const before = selectTags(tags, { ...asked, include: plain }, options).kept;
        const after = selectTags(tags, { ...asked, include: plain, exclude: [...asked.exclude, more] }, options).kept;
        expect(after.filter((name) => !before.includes(name))).toEqual([]);
      }),
    );
  });

  test('newest N holds N at most, and nothing left out is newer', () => {
    fc.assert(
      fc.property(listing, fc.integer({ min: 1, max: 5 }), (tags, count) => {
        const one: TagRule = { newest: { count, by: 'version' }, prereleases: true };
        const { kept } = selectTags(tags, { include: [one], exclude: [], atLeast: 0 }, options);
        expect(kept.length).toBeLessThanOrEqual(count);
        const oldest = kept
          .map(parseVersion)
          .filter((version) => version !== undefined)
          .toSorted(compareVersions)[0];
        const newerLeftOut = tags.filter(({ tag: name }) => {
          const version = kept.includes(name) ? undefined : parseVersion(name);
          return version !== undefined && oldest !== undefined && compareVersions(version, oldest) > 0;
        });
        expect(newerLeftOut).toEqual([]);
      }),
    );
  });

  test('without a listing is the one that a listing of these tags gives', () => {
    const names = fc.uniqueArray(tag, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(names, fc.array(pattern, { maxLength: 2 }), (wanted, dropped) => {
        const asked: TagRules = {
          include: wanted.map((name) => ({ pattern: { name } })),
          exclude: dropped.map((one) => ({ pattern: one })),
          atLeast: 0,
        };
        const listed = selectTags(
          wanted.map((name) => ({ tag: name })),
          asked,
          options,
        ).kept;
        expect(exactTags(asked)).toEqual(listed);
      }),
    );
  });
});

/** Tags that spell the same version, or were set at one time, are newest in the order of the listing. */
function isFirstOfItsVersion(tags: readonly Candidate[], name: TagName, at: number): boolean {
  const spelled = (text: string) => JSON.stringify(parseVersion(text)?.numbers.slice(0, 3) ?? text);
  return tags.findIndex((candidate) => spelled(candidate.tag) === spelled(name)) === at;
}

function withoutNewest(one: TagRule): TagRule {
  const { newest, ...rest } = one;
  return newest === undefined ? one : rest;
}

function byVersionOnly(asked: TagRules): TagRules {
  const plain = (one: TagRule): TagRule => {
    const { pattern: chosen, ...rest } = one;
    const capturing = chosen !== undefined && 'regex' in chosen && chosen.regex.includes('(');
    const kept = chosen === undefined || capturing ? rest : one;
    return kept.newest === undefined ? kept : { ...kept, newest: { ...kept.newest, by: 'version' } };
  };
  return { ...asked, include: asked.include.map(plain), exclude: asked.exclude.map(plain) };
}
