import { describe, expect, test } from 'vitest';
import type { RepositoryMapping, TagMapping } from '../config/types.ts';
import type { RepositoryName, TagName } from '../oci/names.ts';
import { repositoryMapper, tagMapper } from './mapping.ts';

const source = (repository: string) => ({ registry: 'hub', repository: repository as RepositoryName });

describe('a repository', () => {
  test.each<[string, RepositoryMapping, string, string]>([
    ['a fixed name', { template: 'mirror/alpine' }, 'library/alpine', 'mirror/alpine'],
    ['the path', { template: '{path}' }, 'a/b/c', 'a/b/c'],
    ['registry, namespace and name', { template: '{registry}/{namespace}-x/{name}' }, 'a/b/c', 'hub/a/b-x/c'],
    ['a namespace that is none', { template: '{namespace}/{name}' }, 'tool', 'tool'],
    [
      'steps',
      { steps: [{ strip: 'mirror/' }, { prefix: 'dr/' }, { regex: '^(.+)-old$', with: '$1' }] },
      'mirror/web-old',
      'dr/web',
    ],
    ['a strip that does not fit', { steps: [{ strip: 'other/' }] }, 'mirror/web', 'mirror/web'],
    ['a suffix', { steps: [{ suffix: '-dr' }] }, 'web', 'web-dr'],
    ['a regular expression that matches twice', { steps: [{ regex: '/', with: '-' }] }, 'a/b/c', 'a-b-c'],
  ])('%s', (_name, mapping, from, to) => {
    expect(repositoryMapper(mapping)(source(from))).toBe(to);
  });

  test('that would have no name is an error that shows it', () => {
    const map = repositoryMapper({ steps: [{ strip: 'web' }] });
    expect(() => map(source('web'))).toThrow(expect.objectContaining({ code: 'E_MAPPING', subject: 'web' }));
    expect(() => repositoryMapper({ template: 'UPPER/{name}' })(source('web'))).toThrow(
      /"UPPER\/web", which is no repository name/,
    );
  });
});

describe('a tag', () => {
  const map = (mapping: TagMapping, tag: string) => tagMapper(mapping)(source('apps/web'), tag as TagName);

  test('as it is', () => expect(map({ template: '{tag}' }, 'v1')).toBe('v1'));
  test('by template', () => expect(map({ template: '{name}-{tag}-dr' }, 'v1')).toBe('web-v1-dr'));
  test('by regular expression', () => expect(map({ regex: '^v(.*)$', with: '$1' }, 'v1.2')).toBe('1.2'));
  test('that the expression does not concern', () =>
    expect(map({ regex: '^v(.*)$', with: '$1' }, 'edge')).toBe('edge'));
  test('that would be none', () => {
    expect(() => map({ template: '{path}-{tag}' }, 'v1')).toThrow(expect.objectContaining({ code: 'E_MAPPING' }));
    expect(() => map({ regex: '.*', with: '' }, 'v1')).toThrow(expect.objectContaining({ code: 'E_MAPPING' }));
  });
});
