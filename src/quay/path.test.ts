import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TranshipError } from '../oci/errors.ts';
import { endpoints } from './endpoints.ts';
import { buildPath } from './path.ts';

describe('building a path', () => {
  it('fills in names and leaves the template as it is', () => {
    expect(buildPath('/organization/{organization}/team/{team}', { organization: 'acme', team: 'devs' })).toBe(
      '/organization/acme/team/devs',
    );
  });

  it('keeps the slashes of a repository and the plus of a robot', () => {
    expect(
      buildPath('/repository/{repository}/permissions/user/{user}', { repository: 'acme/web/api', user: 'acme+ci' }),
    ).toBe('/repository/acme/web/api/permissions/user/acme+ci');
  });

  it.each([
    ['empty', ''],
    ['a dot', '.'],
    ['two dots', '..'],
    ['with a slash', 'a/b'],
    ['with a query', 'a?b'],
    ['with a fragment', 'a#b'],
    ['already encoded', 'a%2fb'],
    ['with a blank', 'a b'],
    ['with a line end', 'a\nb'],
    ['with a backslash', 'a\\b'],
  ])('refuses a name that is %s', (_, organization) => {
    expect(() => buildPath('/organization/{organization}', { organization })).toThrow(TranshipError);
  });

  it.each(['acme', 'acme/', '/app', 'acme//app', 'acme/./app', 'acme/../app', ''])(
    'refuses "%s" as a repository',
    (repository) => {
      expect(() => buildPath('/repository/{repository}', { repository })).toThrow(TranshipError);
    },
  );

  it('never lets any name change the number of segments or reach another route', () => {
    const templates = Object.values(endpoints).filter((row) => row.method !== 'GET');
    fc.assert(
      fc.property(
        fc.constantFrom(...templates),
        fc.array(fc.string(), { minLength: 8, maxLength: 8 }),
        (row, values) => {
          let used = 0;
          const parameters = new Proxy(
            {},
            { get: (_, name) => (name === 'repository' ? `acme/${values[used++ % 8]}` : values[used++ % 8]) },
          );
          let path: string;
          try {
            path = buildPath<string>(row.path, parameters as Record<string, string>);
          } catch (error) {
            expect(error).toBeInstanceOf(TranshipError);
            return;
          }
          expect(path).not.toMatch(/\/\/|\/\.{1,2}(\/|$)|[?#]/);
          expect(new URL(`http://quay.example.com/api/v1${path}`).pathname).toBe(`/api/v1${path}`);
        },
      ),
    );
  });
});
