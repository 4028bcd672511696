import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRepositoryName, type RepositoryName, type TagName } from '../../src/oci/names.ts';
import { repositoryMapper, tagMapper } from '../../src/select/mapping.ts';

const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,4})?$/);
const repository = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/') as RepositoryName);
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/).map((text) => text as TagName);
const from = (name: RepositoryName) => ({ registry: 'hub', repository: name });

describe('a mapping', () => {
  test('to the path, or to namespace and name, changes nothing', () => {
    fc.assert(
      fc.property(repository, (name) => {
        expect(repositoryMapper({ template: '{path}' })(from(name))).toBe(name);
        expect(repositoryMapper({ template: '{namespace}/{name}' })(from(name))).toBe(name);
        expect(repositoryMapper({ steps: [] })(from(name))).toBe(name);
      }),
    );
  });

  test('that puts a prefix on and takes it off again changes nothing', () => {
    fc.assert(
      fc.property(repository, part, (name, prefix) => {
        const there = repositoryMapper({ steps: [{ prefix: `${prefix}/` }] })(from(name));
        expect(repositoryMapper({ steps: [{ strip: `${prefix}/` }] })(from(there))).toBe(name);
      }),
    );
  });

  test('with the whole path in it never sends two repositories to one', () => {
    fc.assert(
      fc.property(repository, repository, part, (one, other, prefix) => {
        const map = repositoryMapper({ template: `${prefix}/{path}` });
        expect(map(from(one)) === map(from(other))).toBe(one === other);
      }),
    );
  });

  test('gives a name, whatever the source is called', () => {
    fc.assert(
      fc.property(repository, (name) => {
        const map = repositoryMapper({ steps: [{ strip: 'a' }, { prefix: 'dr/x' }, { regex: '[._-]', with: '-' }] });
        expect(isRepositoryName(map(from(name)))).toBe(true);
      }),
    );
  });

  test('of a tag to itself changes nothing', () => {
    fc.assert(
      fc.property(repository, tag, (name, text) => {
        expect(tagMapper({ template: '{tag}' })(from(name), text)).toBe(text);
        expect(tagMapper({ regex: '^(.*)$', with: '$1' })(from(name), text)).toBe(text);
      }),
    );
  });
});
