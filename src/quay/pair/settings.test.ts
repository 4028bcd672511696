import { describe, expect, test } from 'vitest';
import type { RepositoryEntry } from '../replies.ts';
import { settingsThatDiffer } from './settings.ts';

const entry = (more: Partial<RepositoryEntry> = {}): RepositoryEntry => ({
  namespace: 'payments',
  name: 'api',
  description: 'the API',
  is_public: false,
  state: 'NORMAL',
  ...more,
});
const compare = (from: Partial<RepositoryEntry>, to: Partial<RepositoryEntry>) =>
  settingsThatDiffer(new Map([['payments/api', entry(from)]]), new Map([['payments/api', entry(to)]]));

describe('settings of a repository on both sides', () => {
  test('that are equal need nothing', () => {
    expect(compare({}, {})).toEqual([]);
  });

  test('no description is an empty one: a repository that a push made has none', () => {
    expect(compare({ description: '' }, { description: null })).toEqual([]);
    expect(compare({ description: null }, { description: undefined })).toEqual([]);
  });

  test('are changed by the calls that differ, and no other', () => {
    const [both] = compare({ is_public: true, description: 'new' }, {});
    expect(both).toMatchObject({
      action: 'update',
      object: 'repository payments/api',
      reason: 'visibility: private → public, description differs',
    });
    expect(both?.calls.map(({ name, body }) => [name, body])).toEqual([
      ['changeVisibility', { visibility: 'public' }],
      ['describeRepository', { description: 'new' }],
    ]);
    expect(compare({ is_public: true }, {})[0]?.calls).toHaveLength(1);
    expect(compare({ description: '' }, {})[0]?.calls.map(({ body }) => body)).toEqual([{ description: '' }]);
  });

  test.each(['MIRROR', 'READ_ONLY', 'ORG_MIRROR'] as const)('are left alone in the state %s', (state) => {
    expect(compare({ is_public: true }, { state })).toEqual([]);
  });

  test('that a listing does not tell are not compared', () => {
    expect(compare({ is_public: undefined }, {})).toEqual([]);
    expect(compare({ is_public: true, state: undefined }, { state: undefined, is_public: false })).toHaveLength(1);
  });

  test('of a repository that is only at the source are no difference: it is made with them', () => {
    expect(settingsThatDiffer(new Map([['payments/api', entry()]]), new Map())).toEqual([]);
  });
});
