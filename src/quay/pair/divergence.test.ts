import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { decide, ownershipOf, type TagHistories, type TagPeriod } from './divergence.ts';

const [old, current, foreign] = ['old', 'current', 'foreign'].map((text) => digestOf(Buffer.from(text))) as [
  TagPeriod['digest'],
  TagPeriod['digest'],
  TagPeriod['digest'],
];

function histories(parts: Partial<TagHistories> = {}): TagHistories {
  return {
    source: [
      { digest: current, from: 200 },
      { digest: old, from: 100, until: 200 },
    ],
    destination: [{ digest: foreign, from: 150 }],
    record: undefined,
    ...parts,
  };
}

describe('a destination tag', () => {
  it('that names what the source’s tag once named is ours to move', () => {
    expect(ownershipOf(old, histories({ destination: [{ digest: old, from: 120 }] }))).toBe('ours');
  });

  it('that the source never had was set by someone else', () => {
    expect(ownershipOf(foreign, histories())).toBe('someone-else');
  });

  it('is not ours by our record alone, nor by a record of another digest', () => {
    expect(ownershipOf(foreign, histories({ record: { digest: old, at: 160 } }))).toBe('someone-else');
    expect(ownershipOf(foreign, histories({ destination: [], record: { digest: foreign, at: 160 } }))).toBe(
      'someone-else',
    );
  });

  it('is ours when record and history agree, though the source has forgotten the digest', () => {
    expect(ownershipOf(foreign, histories({ record: { digest: foreign, at: 160 } }))).toBe('ours');
  });

  it('that was set back to our digest long after our run was set by someone else', () => {
    const destination = [
      { digest: foreign, from: 5000 },
      { digest: current, from: 1000, until: 5000 },
      { digest: foreign, from: 150, until: 1000 },
    ];
    expect(ownershipOf(foreign, histories({ destination, record: { digest: foreign, at: 160 } }))).toBe('someone-else');
  });
});

describe('the policy', () => {
  it.each([
    ['refuse', 'refuse'],
    ['source-wins', 'move'],
    ['keep-both', 'keep-both'],
  ] as const)('%s does %s with a tag of someone else', (policy, decision) => {
    expect(decide(foreign, histories(), policy)).toBe(decision);
  });

  it('newer-wins goes by when each side’s tag was set', () => {
    expect(decide(foreign, histories(), 'newer-wins')).toBe('move');
    expect(decide(foreign, histories({ destination: [{ digest: foreign, from: 300 }] }), 'newer-wins')).toBe('keep');
    expect(decide(foreign, histories({ destination: [{ digest: foreign, from: 200 }] }), 'newer-wins')).toBe('keep');
  });

  it.each(['refuse', 'source-wins', 'newer-wins', 'keep-both'] as const)('%s moves what is ours', (policy) => {
    expect(decide(old, histories({ destination: [{ digest: old, from: 900 }] }), policy)).toBe('move');
  });
});
