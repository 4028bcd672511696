import { describe, expect, test } from 'vitest';
import { nextPageQuery } from './next-page.ts';

const url = new URL('https://registry.example.com/v2/app/tags/list?n=2');

function next(link: string | undefined) {
  return nextPageQuery({ url, headers: { get: (name) => (name === 'link' ? link : undefined), all: () => [] } });
}

describe('the next page', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['</v2/app/tags/list?last=b&n=2>; rel="next"', '?last=b&n=2'],
    ['</v2/app/tags/list?last=b>;rel=next', '?last=b'],
    ['<?last=b>; rel="next"', '?last=b'],
    ['</v2/app/tags/list?last=b>; title="a, b"; rel="last next"', '?last=b'],
    ['</v2/app/tags/list?last=b>; REL=Next', '?last=b'],
    ['</v2/app/tags/list?first>; rel="prev", </v2/app/tags/list?last=b>; rel="next"', '?last=b'],
    ['</v2/app/tags/list?first>; rel="prev"', undefined],
    ['</v2/app/tags/list?first>; rel="nextish"', undefined],
    ['</v2/app/tags/list?first>; title="rel=next"', undefined],
    ['/v2/app/tags/list?last=b; rel="next"', undefined],
    ['<https://registry.example.com/elsewhere?last=b>; rel="next"', '?last=b'],
    ['<http://registry.example.com/v2/app/tags/list?last=b>; rel="next"', '?last=b'],
  ])('of %s is %s', (link, query) => {
    expect(next(link)).toBe(query);
  });

  test.each(['https://other.example.com/?last=b', '//other.example.com/?last=b', 'file:///etc/passwd'])(
    'is never at %s',
    (target) => {
      expect(() => next(`<${target}>; rel="next"`)).toThrow(expect.objectContaining({ code: 'E_URL_REFUSED' }));
    },
  );

  test('of a header made to be slow is found quickly', () => {
    const began = performance.now();
    next(`<${'a;'.repeat(20_000)}>${'; a="'.repeat(20_000)}`);
    expect(performance.now() - began).toBeLessThan(500);
  });
});
