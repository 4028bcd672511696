import { describe, expect, test } from 'vitest';
import type { TagRule, TagRules } from '../config/types.ts';
import type { TagName } from '../oci/names.ts';
import type { Candidate } from './rule.ts';
import { exactTags, guardTags, selectTags } from './tags.ts';

const now = Date.parse('2026-11-24T00:00:00Z');
const day = 86_400_000;

const alpine = '3.17.5 3.18 3.18.0 3.18.1 3.18.2 3.18.3 3.19.0 3.19.1 3.20_rc1 3.20.0 edge latest 20240101'.split(' ');

function rules(include: readonly TagRule[], exclude: readonly TagRule[] = [], more: Partial<TagRules> = {}): TagRules {
  return { include, exclude, atLeast: 0, ...more };
}

function candidates(names: readonly string[]): readonly Candidate[] {
  return names.map((name) => ({ tag: name as TagName }));
}

function kept(names: readonly string[], ...chosen: Parameters<typeof rules>): readonly string[] {
  return selectTags(candidates(names), rules(...chosen), { now }).kept;
}

describe('tags are kept', () => {
  test('all of them where no rule is', () => {
    expect(kept(alpine, [])).toEqual(alpine);
  });

  test('by exact name', () => {
    expect(kept(alpine, [{ pattern: { name: 'edge' } }, { pattern: { name: 'absent' } }])).toEqual(['edge']);
  });

  test('by glob', () => {
    expect(kept(alpine, [{ pattern: { glob: '3.18*' } }])).toEqual(['3.18', '3.18.0', '3.18.1', '3.18.2', '3.18.3']);
  });

  test('by a regular expression for the whole tag', () => {
    expect(kept(alpine, [{ pattern: { regex: '3\\.1[89]' } }])).toEqual(['3.18']);
  });

  test('by range, without suffixed versions', () => {
    expect(kept(alpine, [{ semver: '>=3.19 <4' }])).toEqual(['3.19.0', '3.19.1', '3.20.0']);
  });

  test('by range, with suffixed versions', () => {
    const found = kept(alpine, [{ semver: '>=3.19 <4', prereleases: true }]);
    expect(found).toEqual(['3.19.0', '3.19.1', '3.20_rc1', '3.20.0']);
  });

  test('by range over the captured part', () => {
    const names = ['1.2-alpine', '1.3-alpine', '1.3', '2.0-alpine', 'x-alpine'];
    expect(kept(names, [{ pattern: { regex: '(.+)-alpine' }, semver: '^1.3' }])).toEqual(['1.3-alpine']);
  });

  test('the newest of all', () => {
    expect(kept(alpine, [{ semver: '3', newest: { count: 2, by: 'version' } }])).toEqual(['3.19.1', '3.20.0']);
  });

  test('the newest of each minor line', () => {
    const found = kept(alpine, [{ semver: '>=3.18 <4', newest: { count: 2, by: 'version', per: 'minor' } }]);
    expect(found).toEqual(['3.18.2', '3.18.3', '3.19.0', '3.19.1', '3.20.0']);
  });

  test('the newest of each major line', () => {
    const names = ['1.0', '1.1', '2.0', '2.1', '3.0'];
    expect(kept(names, [{ newest: { count: 1, by: 'version', per: 'major' } }])).toEqual(['1.1', '2.1', '3.0']);
  });

  test('the newest, without suffixed versions unless they are asked for', () => {
    const names = ['1.0', '1.1-rc1', '1.1-alpine', '0.9'];
    expect(kept(names, [{ newest: { count: 1, by: 'version' } }])).toEqual(['1.0']);
    expect(kept(names, [{ newest: { count: 1, by: 'version' }, prereleases: true }])).toEqual(['1.1-rc1']);
  });

  test('the newest of what is not excluded', () => {
    const found = kept(
      ['1.0', '1.1', '1.2', 'x'],
      [{ newest: { count: 1, by: 'version' } }],
      [{ pattern: { name: '1.2' } }],
    );
    expect(found).toEqual(['1.1']);
  });

  test('once, though two rules take them', () => {
    expect(kept(alpine, [{ pattern: { glob: 'e*' } }, { pattern: { name: 'edge' } }])).toEqual(['edge']);
  });
});

describe('tags with ages', () => {
  const aged: readonly Candidate[] = [
    { tag: 'old' as TagName, updatedAt: new Date(now - 90 * day).toISOString() },
    { tag: 'new' as TagName, updatedAt: new Date(now - 2 * day).toISOString() },
    { tag: 'today' as TagName, updatedAt: new Date(now).toISOString() },
    { tag: 'unknown' as TagName },
    { tag: 'nonsense' as TagName, updatedAt: 'yesterday' },
  ];
  const keptOf = (rule: TagRule) => selectTags(aged, rules([rule]), { now });

  test('newer than', () => expect(keptOf({ newerThanMs: 30 * day }).kept).toEqual(['new', 'today']));
  test('older than', () => expect(keptOf({ olderThanMs: day }).kept).toEqual(['old', 'new']));
  test('between', () => expect(keptOf({ olderThanMs: day, newerThanMs: 30 * day }).kept).toEqual(['new']));
  test('the newest by time', () => {
    expect(keptOf({ newest: { count: 2, by: 'time' } }).kept).toEqual(['new', 'today']);
  });

  test('a tag whose age nobody tells is not kept, and that is said', () => {
    const { decisions, warnings } = keptOf({ newerThanMs: 30 * day });
    expect(decisions.find(({ tag }) => tag === 'unknown')?.why).toMatch(/does not tell/);
    expect(warnings[0]?.message).toMatch(/cannot tell of 2 tags/);
  });

  test('a tag whose age nobody tells is not excluded by its age either', () => {
    expect(selectTags(aged, rules([], [{ olderThanMs: day }]), { now }).kept).toEqual(['today', 'unknown', 'nonsense']);
  });
});

describe('each tag is explained', () => {
  const selection = selectTags(
    candidates(alpine),
    rules(
      [{ semver: '>=3.18', newest: { count: 2, by: 'version', per: 'minor' } }, { pattern: { name: 'edge' } }],
      [{ pattern: { regex: '.*_rc\\d+' } }],
    ),
    { now },
  );
  const lines = 'semver >=3.18, newest 2 per minor';
  test.each([
    ['3.18.3', { name: 'include[0]', text: lines }, 'is among the newest 2 of 3.18'],
    ['3.18.1', { name: 'include[0]', text: lines }, 'is not among the newest 2 of 3.18'],
    ['3.17.5', { name: 'include[0]', text: lines }, 'is outside of >=3.18'],
    ['edge', { name: 'include[1]', text: '"edge"' }, 'is taken'],
    ['latest', { name: 'include[0]', text: lines }, 'is no version'],
    ['3.20_rc1', { name: 'exclude[0]', text: 'regex ".*_rc\\d+"' }, 'is excluded'],
  ])('%s: %o %s', (tag, rule, why) => {
    expect(selection.decisions.find((decision) => decision.tag === tag)).toMatchObject({ rule, why });
  });

  test('where no rule is about it', () => {
    const { decisions } = selectTags(candidates(['a']), rules([{ pattern: { name: 'b' } }]), { now });
    expect(decisions).toEqual([{ tag: 'a', kept: false, why: 'is taken by no rule' }]);
  });
});

describe('warnings and guards', () => {
  test('a rule that takes nothing is named', () => {
    const { warnings } = selectTags(
      candidates(['a']),
      rules([{ pattern: { name: 'b' } }, { pattern: { name: 'a' } }]),
      { now },
    );
    expect(warnings).toEqual([{ rule: { name: 'include[0]', text: '"b"' }, message: 'takes no tag' }]);
  });

  test('an empty listing warns of no rule', () => {
    expect(selectTags([], rules([{ pattern: { name: 'b' } }]), { now }).warnings).toEqual([]);
  });

  test('too few are a failure', () => {
    const asked = rules([], [], { atLeast: 1 });
    const failure = guardTags(selectTags([], asked, { now }), asked, 'registry.example.com/apps/api');
    expect(failure).toMatchObject({ code: 'E_TOO_FEW_TAGS', subject: 'registry.example.com/apps/api' });
    expect(failure?.message).toMatch(/no such repository, or it has no tags/);
  });

  test('too many are a failure', () => {
    const asked = rules([], [], { atMost: 2 });
    expect(guardTags(selectTags(candidates(alpine), asked, { now }), asked, 'x')?.code).toBe('E_TOO_MANY_TAGS');
  });

  test('tags of signatures do not count', () => {
    const asked = rules([], [], { atLeast: 1 });
    const signature = `sha256-${'a'.repeat(64)}.sig`;
    const selection = selectTags(candidates([signature]), asked, { now });
    expect(selection.kept).toEqual([signature]);
    expect(guardTags(selection, asked, 'x')?.code).toBe('E_TOO_FEW_TAGS');
  });

  test('enough is no failure', () => {
    const asked = rules([], [], { atLeast: 1, atMost: 1 });
    expect(guardTags(selectTags(candidates(['a']), asked, { now }), asked, 'x')).toBeUndefined();
  });
});

describe('a listing is not needed', () => {
  test('where only names are written', () => {
    const asked = rules([{ pattern: { name: 'a' } }, { pattern: { name: 'b' } }, { pattern: { name: 'a' } }]);
    expect(exactTags(asked)).toEqual(['a', 'b']);
  });

  test('and excluded names stay out', () => {
    expect(
      exactTags(rules([{ pattern: { name: 'a' } }, { pattern: { name: 'b' } }], [{ pattern: { glob: 'b*' } }])),
    ).toEqual(['a']);
  });

  test.each<[string, TagRules]>([
    ['all are wanted', rules([])],
    ['a glob is among them', rules([{ pattern: { glob: 'a*' } }])],
    ['an age decides', rules([{ pattern: { name: 'a' }, newerThanMs: 1 }])],
    ['an age excludes', rules([{ pattern: { name: 'a' } }], [{ olderThanMs: 1 }])],
  ])('but it is where %s', (_why, asked) => {
    expect(exactTags(asked)).toBeUndefined();
  });
});
