import { describe, expect, it } from 'vitest';
import { repositoryName } from '../../../test/kit/client.ts';
import { Secret } from '../../kit/secret.ts';
import { type Access, toMount, toPing, toRead, toWrite } from './access.ts';
import type { Scope } from './scope.ts';
import type { Token } from './token.ts';
import { TokenShelf } from './token-shelf.ts';

const app = repositoryName('apps/api');
const base = repositoryName('base/os');
const usable = () => true;

function token(name: string, granted?: readonly Scope[]): Token {
  return { value: new Secret(name), receivedAt: 0, lifetimeMs: 60_000, granted };
}

function shelfWith(access: Access, kept: Token): TokenShelf {
  const shelf = new TokenShelf();
  shelf.keep(access, kept);
  return shelf;
}

describe('kept tokens', () => {
  it('serve the request that they were fetched for, whatever they grant: asking again would not give more', () => {
    const denied = token('denied', []);
    expect(shelfWith(toRead(app), denied).find(toRead(app), usable)).toBe(denied);
  });

  it('for writing serve reading of the same repository', () => {
    const wide = token('wide');
    expect(shelfWith(toWrite(app), wide).find(toRead(app), usable)).toBe(wide);
    expect(shelfWith(toRead(app), token('narrow')).find(toWrite(app), usable)).toBeUndefined();
  });

  it('for writing that were granted reading only serve reading', () => {
    const downscoped = token('downscoped', toRead(app).scopes);
    expect(shelfWith(toWrite(app), downscoped).find(toRead(app), usable)).toBe(downscoped);
    expect(shelfWith(toWrite(app), token('nothing', [])).find(toRead(app), usable)).toBeUndefined();
  });

  it('for a mount serve writing only where they say that they do: some registries honour the first scope alone', () => {
    expect(shelfWith(toMount(app, base), token('opaque')).find(toWrite(app), usable)).toBeUndefined();
    const both = token('both', toMount(app, base).scopes);
    expect(shelfWith(toMount(app, base), both).find(toWrite(app), usable)).toBe(both);
    expect(
      shelfWith(toMount(app, base), token('first', toRead(base).scopes)).find(toWrite(app), usable),
    ).toBeUndefined();
  });

  it('never serve another repository, nor the front door', () => {
    const shelf = shelfWith(toMount(app, base), token('both', toMount(app, base).scopes));
    expect(shelf.find(toRead(base), usable)).toBeUndefined();
    expect(shelf.find(toPing, usable)).toBeUndefined();
  });

  it('give way to a newer one, and can be dropped', () => {
    const [older, newer] = [token('older'), token('newer')];
    const shelf = shelfWith(toRead(app), older);
    shelf.keep(toRead(app), newer);
    shelf.drop(toRead(app), older);
    expect(shelf.find(toRead(app), usable)).toBe(newer);
    shelf.drop(toRead(app), newer);
    expect(shelf.find(toRead(app), usable)).toBeUndefined();
  });

  it('that are not usable any more are passed over', () => {
    const shelf = shelfWith(toWrite(app), token('expired'));
    expect(shelf.find(toRead(app), () => false)).toBeUndefined();
  });

  it('are bounded: the repository that was kept first goes first', () => {
    const shelf = new TokenShelf();
    for (let index = 0; index <= 4096; index++) shelf.keep(toRead(repositoryName(`r${index}`)), token(`t${index}`));
    expect(shelf.find(toRead(repositoryName('r0')), usable)).toBeUndefined();
    expect(shelf.find(toRead(repositoryName('r1')), usable)).toBeDefined();
    expect(shelf.find(toRead(repositoryName('r4096')), usable)).toBeDefined();
  });
});
