import { describe, expect, it } from 'vitest';
import { repositoryName } from '../../../test/kit/client.ts';
import {
  covers,
  deleteIn,
  everythingIn,
  formatScope,
  narrow,
  parseScopes,
  pullFrom,
  pushTo,
  scopeKey,
} from './scope.ts';

const a = repositoryName('apps/api');
const b = repositoryName('base/os');

describe('scopes in words', () => {
  it('writes them as the token protocol does', () => {
    expect(formatScope(pushTo(a))).toBe('repository:apps/api:pull,push');
    expect(scopeKey([pullFrom(b), pushTo(a)])).toBe('repository:base/os:pull repository:apps/api:pull,push');
  });

  it('reads a name that holds a port', () => {
    expect(parseScopes('repository:registry.example.com:5000/x:pull registry:catalog:*')).toEqual([
      { type: 'repository', name: 'registry.example.com:5000/x', actions: ['pull'] },
      { type: 'registry', name: 'catalog', actions: ['*'] },
    ]);
  });

  it.each(['', '   ', 'pull', 'repository:', ':x:pull', 'a:b'])('leaves out what is no scope: "%s"', (text) => {
    expect(parseScopes(text)).toEqual([]);
  });
});

describe('which token serves which request', () => {
  it.each([
    ['the same', [pullFrom(a)], [pullFrom(a)], true],
    ['more actions', [pushTo(a)], [pullFrom(a)], true],
    ['everything', [everythingIn(a)], [deleteIn(a)], true],
    ['fewer actions', [pullFrom(a)], [pushTo(a)], false],
    ['another repository', [pullFrom(b)], [pullFrom(a)], false],
    ['a part of what a mount needs', [pushTo(a)], [pullFrom(b), pushTo(a)], false],
  ])('%s', (_what, held, wanted, serves) => {
    expect(covers(held, wanted)).toBe(serves);
  });
});

describe('what to ask for after a challenge', () => {
  it('takes the name that the server uses', () => {
    const challenged = parseScopes('repository:tenant/apps/api:pull');
    expect(narrow([pullFrom(a)], challenged)).toEqual(challenged);
  });

  it('never asks for a push because a challenge to a read names one: on Quay that creates a repository', () => {
    expect(narrow([pullFrom(a)], parseScopes('repository:apps/api:pull,push,*')).map(formatScope)).toEqual([
      'repository:apps/api:pull',
    ]);
  });

  it('keeps both scopes of a mount, the missing one first', () => {
    const mount = [pullFrom(b), pushTo(a)];
    expect(narrow(mount, parseScopes('repository:apps/api:pull,push'))).toBe(mount);
  });

  it('keeps its own words where the challenge has none', () => {
    const own = [pullFrom(a)];
    expect(narrow(own, [])).toBe(own);
  });
});
