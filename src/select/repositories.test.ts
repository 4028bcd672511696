import { describe, expect, test } from 'vitest';
import type { NamePattern, RepositoryRules } from '../config/types.ts';
import type { RepositoryName } from '../oci/names.ts';
import { exactRepositories, guardRepositories, namespacesOf, selectRepositories } from './repositories.ts';

const names = ['apps/api', 'apps/web', 'apps/team/db', 'mirror/alpine', 'mirror/base/ubi', 'tool'] as RepositoryName[];

function rules(
  include: readonly NamePattern[],
  exclude: readonly NamePattern[] = [],
  more: { atLeast?: number; atMost?: number } = {},
) {
  return { kind: 'several' as const, include, exclude, atLeast: 1, ...more } satisfies RepositoryRules;
}

describe('repositories', () => {
  test('below a namespace, at any depth and at one', () => {
    const { kept } = selectRepositories(names, rules([{ glob: 'mirror/**' }, { glob: 'apps/*' }]));
    expect(kept).toEqual(['apps/api', 'apps/web', 'mirror/alpine', 'mirror/base/ubi']);
  });

  test('all of them, without some', () => {
    const { kept, decisions } = selectRepositories(names, rules([], [{ regex: 'apps/.*' }]));
    expect(kept).toEqual(['mirror/alpine', 'mirror/base/ubi', 'tool']);
    expect(decisions[0]).toEqual({ repository: 'apps/api', kept: false, why: 'is excluded by regex "apps/.*"' });
  });

  test('a pattern that takes none is named', () => {
    expect(selectRepositories(names, rules([{ glob: 'tool' }, { glob: 'gone/*' }])).warnings).toEqual([
      '"gone/*" takes no repository',
    ]);
  });

  test('none where some were expected is a failure', () => {
    const asked = rules([{ glob: 'gone/*' }]);
    const failure = guardRepositories(selectRepositories(names, asked), asked, 'registry.example.com');
    expect(failure).toMatchObject({ code: 'E_TOO_FEW_REPOSITORIES', failure: 'refused' });
  });

  test('more than allowed is a failure', () => {
    const asked = rules([], [], { atMost: 2 });
    expect(guardRepositories(selectRepositories(names, asked), asked, 'x')?.code).toBe('E_TOO_MANY_REPOSITORIES');
  });

  test('within the guards is none', () => {
    const asked = rules([], [], { atMost: 6 });
    expect(guardRepositories(selectRepositories(names, asked), asked, 'x')).toBeUndefined();
  });
});

describe('what a registry has to list', () => {
  test('nothing where whole names are written', () => {
    expect(exactRepositories({ kind: 'one', repository: 'apps/api' })).toEqual(['apps/api']);
    expect(exactRepositories(rules([{ glob: 'apps/api' }, { glob: 'tool' }], [{ glob: 't*' }]))).toEqual(['apps/api']);
    expect(exactRepositories(rules([{ glob: 'apps/*' }]))).toBeUndefined();
    expect(exactRepositories(rules([]))).toBeUndefined();
  });

  test('the namespaces that everything lies in', () => {
    expect(namespacesOf(rules([{ glob: 'mirror/**' }, { glob: 'apps/team/x-*' }, { glob: 'mirror/*' }]))).toEqual([
      'mirror',
      'apps/team',
    ]);
  });

  test('the namespaces that expressions spell out at their beginning', () => {
    const include = [{ regex: '^apps/team/x-.*' }, { regex: 'mirror/(?:a|b)' }, { regex: 'mirror/.*' }];
    expect(namespacesOf(rules([include[0]!, include[2]!]))).toEqual(['apps/team', 'mirror']);
    expect(namespacesOf(rules(include))).toBeUndefined();
  });

  test.each<[string, readonly NamePattern[]]>([
    ['everything is wanted', []],
    ['a pattern begins open', [{ glob: 'apps/*' }, { glob: '**/web' }]],
    ['a name has no namespace', [{ glob: 'tool' }]],
    ['an expression begins open', [{ regex: '.*/web' }]],
    ['an expression has branches', [{ regex: 'apps/.*|tool' }]],
    ['an expression may do without its first part', [{ regex: 'apps/?.*' }]],
  ])('all of it where %s', (_why, include) => {
    expect(namespacesOf(rules(include))).toBeUndefined();
  });
});
