import { describe, expect, it } from 'vitest';
import { parseChallenges } from './challenge.ts';
import { chooseScheme } from './scheme.ts';
import { formatScope } from './scope.ts';

const base = new URL('https://registry.example.com/v2/apps/api/manifests/v1');

function choose(...headers: string[]) {
  const offer = chooseScheme(parseChallenges(headers), base);
  if (offer === undefined) return undefined;
  return offer.scheme.kind === 'basic' ? 'basic' : offer.scheme.realm.realm;
}

describe('how a registry is spoken to', () => {
  it.each<[readonly string[], string | undefined]>([
    [['Bearer realm="https://auth.example.com/token"'], 'https://auth.example.com/token'],
    [['Basic realm="x", Bearer realm="https://auth.example.com/token"'], 'https://auth.example.com/token'],
    [['Basic realm="x"', 'Bearer realm="https://auth.example.com/token"'], 'https://auth.example.com/token'],
    [['Bearer realm="/v2/token"'], '/v2/token'],
    [['Bearer realm="null://registry.example.com/v2/token"'], 'null://registry.example.com/v2/token'],
    [['Bearer realm="Artifactory Realm"'], 'basic'],
    [['Bearer realm="first", Bearer realm="https://second.example.com/"'], 'https://second.example.com/'],
    [['Bearer'], 'basic'],
    [['Basic'], 'basic'],
    [['Negotiate'], undefined],
    [[], undefined],
  ])('%j → %s', (headers, scheme) => {
    expect(choose(...headers)).toBe(scheme);
  });

  it('keeps what the challenge asked for, and where it came from', () => {
    const header =
      'Bearer realm="/token",service="s",scope="repository:a/b:pull repository:c:push",error="insufficient_scope"';
    const offer = chooseScheme(parseChallenges([header]), base);
    expect(offer?.insufficientScope).toBe(true);
    expect(offer?.scheme).toMatchObject({ kind: 'bearer', realm: { service: 's', base } });
    expect(offer?.scheme.kind === 'bearer' && offer.scheme.scopes.map(formatScope)).toEqual([
      'repository:a/b:pull',
      'repository:c:push',
    ]);
  });
});
