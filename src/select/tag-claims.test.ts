import { describe, expect, it } from 'vitest';
import { tagName } from '../../test/kit/images.ts';
import { TagClaims } from './tag-claims.ts';

const target = 'b.example.com/all/images';
const [web, api] = ['a.example.com/web', 'a.example.com/api'];
const signature = `sha256-${'a'.repeat(64)}.sig`;

function tags(...pairs: readonly (string | readonly [tag: string, target: string])[]) {
  return new Map(
    pairs.map((pair) => {
      const [tag, name] = typeof pair === 'string' ? [pair, pair] : pair;
      return [tagName(tag), tagName(name)] as const;
    }),
  );
}

describe('a tag of a repository that several stages write', () => {
  it('belongs to one source', () => {
    const claims = new TagClaims();
    claims.claim(target, web, tags('1.0', '2.0'));
    expect(() => claims.claim(target, api, tags('3.0', '2.0'))).toThrow(
      expect.objectContaining({
        code: 'E_COLLISION',
        message: `${web}:2.0 and ${api}:2.0 would both be copied to ${target}:2.0.`,
      }),
    );
    claims.claim(`${target}/other`, api, tags('2.0'));
  });

  it('may be claimed by its source any number of times, in another stage and another pass', () => {
    const claims = new TagClaims();
    claims.claim(target, web, tags('1.0', ['2.0', 'stable']));
    claims.claim(target, web, tags('1.0', ['2.0', 'stable']));
    claims.claim(target, web, tags(['2.0', 'stable']));
    expect(() => claims.claim(target, web, tags(['3.0', 'stable']))).toThrow(`${web}:2.0 and ${web}:3.0`);
  });

  it('stands beside tags of other sources, and signatures may come from several', () => {
    const claims = new TagClaims();
    claims.claim(target, web, tags('1.0', signature));
    claims.claim(target, api, tags('2.0', signature));
    claims.claim(target, 'a.example.com/empty', tags());
    expect(() => claims.claim(target, 'a.example.com/third', tags('2.0'))).toThrow(`${api}:2.0`);
  });
});
