import { expect, test } from 'vitest';
import { MemoryRepository } from '../oci/memory.ts';
import { Ledger } from './ledger.ts';

test('what is remembered of a source is made once for all who ask, and again only after it failed', async () => {
  const ledger = new Ledger();
  const [source, other] = ['a', 'b'].map((location) => new MemoryRepository({ location }));
  const made: string[] = [];
  const make = (outcome: string) => async () => {
    made.push(outcome);
    if (outcome === 'failure') throw new Error(outcome);
    return outcome;
  };
  const asked = [ledger.remember(source!, make('failure')), ledger.remember(source!, make('never'))];
  for (const one of asked) await expect(one).rejects.toThrow('failure');
  expect(await ledger.remember(source!, make('first'))).toBe('first');
  expect(await ledger.remember(source!, make('second'))).toBe('first');
  expect(await ledger.remember(other!, make('other'))).toBe('other');
  expect(made).toEqual(['failure', 'first', 'other']);
});
