import { describe, expect, test } from 'vitest';
import { type OrgMirrorEnvironment, readGlobs, readOrgMirrorEnvironment } from './quay-org-mirror.ts';

const whole: OrgMirrorEnvironment = {
  SOURCE_REGISTRY: 'quay.site-a.example.com',
  DESTINATION_REGISTRY: 'quay.site-b.example.com:8443',
  NAMESPACE: 'acme',
  DESTINATION_ROBOT: 'acme+mirror',
  TAG_GLOB: '[ "*" ]',
  SYNC_INTERVAL: '600',
  SOURCE_API_TOKEN: 'token-a',
  DESTINATION_API_TOKEN: 'token-b',
  SOURCE_USERNAME: 'puller',
  SOURCE_PASSWORD: 'secret word',
};

function settings(changes: OrgMirrorEnvironment = {}) {
  const read = readOrgMirrorEnvironment({ ...whole, ...changes });
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.settings;
}

function problems(changes: OrgMirrorEnvironment): readonly string[] {
  const read = readOrgMirrorEnvironment({ ...whole, ...changes });
  return 'problems' in read ? read.problems : [];
}

describe('TAG_GLOB', () => {
  test.each([
    ['[ "*" ]', ['*']],
    [`'[ "*" ]'`, ['*']],
    ['"[ \\"*\\" ]"', ['*']],
    ['["v*", "latest"]', ['v*', 'latest']],
    ['v*, latest', ['v*', 'latest']],
    ['v1.[0-9]', ['v1.[0-9]']],
    ['[0-9]*', ['[0-9]*']],
    ['*', ['*']],
  ])('%s is read as %j', (text, globs) => expect(readGlobs(text)).toEqual(globs));

  test.each(['[]', '[', 'v1.[0-9', 'v*, [', '["v*", "[0-9"]', '[ "*"', '[1]', ',', '["a", 2]'])(
    '%s is refused',
    (text) => {
      expect(readGlobs(text)).toBeUndefined();
      expect(problems({ TAG_GLOB: text })).toHaveLength(1);
    },
  );
});

describe('the environment', () => {
  test.each(['true', 'True', 'TRUE', '1', 'yes', ' on '])('%s is true', (text) =>
    expect(settings({ DRY_RUN: text }).dryRun).toBe(true),
  );

  test.each(['false', 'False', '0', 'no', ''])('"%s" is false', (text) =>
    expect(settings({ DRY_RUN: text }).dryRun).toBe(false),
  );

  test('a word that is neither is no way to switch a dry run off', () => {
    expect(problems({ DRY_RUN: 'ture' })).toEqual(['DRY_RUN is neither true nor false']);
  });

  test('a robot may be written short', () => {
    expect(settings({ DESTINATION_ROBOT: 'mirror' }).robot).toBe('acme+mirror');
    expect(problems({ DESTINATION_ROBOT: 'other+mirror' })).toEqual([
      expect.stringContaining('not of the organisation'),
    ]);
    expect(problems({ DESTINATION_ROBOT: 'Mirror Robot' })).toHaveLength(1);
  });

  test.each(['https://quay.example.com', 'quay.example.com/acme', 'a b', '-x'])('%s is no host', (host) =>
    expect(problems({ SOURCE_REGISTRY: host })).toHaveLength(1),
  );

  test.each(['quay.example.com', 'quay', '10.0.0.1:8443', '[::1]:8443'])('%s is a host', (host) =>
    expect(settings({ SOURCE_REGISTRY: host }).sourceRegistry).toBe(host),
  );

  test.each(['0', '59', '-1', '10m', '1e9', ''])('an interval of "%s" is refused', (text) =>
    expect(problems({ SYNC_INTERVAL: text })).toHaveLength(1),
  );

  test('an empty environment is told of all at once, each variable once, and no value of a secret', () => {
    const read = readOrgMirrorEnvironment({ SOURCE_PASSWORD: 'hidden-value', SYNC_INTERVAL: 'x' });
    if (!('problems' in read)) throw new Error('it was read');
    expect(read.problems).toHaveLength(9);
    expect(new Set(read.problems).size).toBe(9);
    expect(read.problems.join()).not.toContain('hidden-value');
  });
});
