import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepestJson, parseStrictJson } from './strict-json.ts';

const read = (text: string) => parseStrictJson(Buffer.from(text));

describe('strict JSON', () => {
  it('is JSON: whatever can be written is read the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        fc.pre(Number.isSafeInteger(1) && !/\d{16,}|e\+/i.test(JSON.stringify(value)));
        const text = JSON.stringify(value);
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('of many brackets is refused before it takes the memory of all that it holds', () => {
    const most = 4_000_000;
    const before = process.memoryUsage().rss;
    expect(() => read('['.repeat(most) + ']'.repeat(most))).toThrow('nested deeper');
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });

  it.each(['[', '{', '"', '\\', '"\\', ']}"'])('that is large and no JSON is told to be none: %s', (end) => {
    expect(() => read(`{"x":"${'y'.repeat(70_000)}"${end}`)).toThrow('not JSON');
  });

  it('may hold brackets and quotes in its texts', () => {
    const value = { x: '[{"\\'.repeat(20_000), y: [1, '"]'] };
    expect(read(JSON.stringify(value))).toEqual(value);
  });

  it.each([
    ['{"a":1,"a":2}', 'the key "a" stands twice (character 8)'],
    ['{"a":1,"\\u0061":2}', 'the key "a" stands twice'],
    ['{"x":{"a":[{"b":1,"b":1}]}}', 'the key "b" stands twice'],
    ['{"__proto__":1,"__proto__":2}', 'the key "__proto__" stands twice'],
    ['{"size":9007199254740993}', 'too large to be read exactly'],
    ['[-9007199254740993]', 'too large to be read exactly'],
    ['[1e400]', 'too large to be read exactly'],
    ['[1e20]', 'too large to be read exactly'],
    ['\uFEFF{}', 'byte order mark'],
    ['{', 'not JSON'],
    ['', 'not JSON'],
    ['{"a":1}x', 'not JSON'],
    ["{'a':1}", 'not JSON'],
    ['<html>', 'not JSON'],
    [`${'['.repeat(deepestJson + 1)}${']'.repeat(deepestJson + 1)}`, 'nested deeper'],
  ])('refuses %j', (text, why) => {
    expect(() => read(text)).toThrow(why);
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'E_JSON' }));
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('not valid UTF-8');
  });

  it.each([
    '{"a":{"x":1},"b":{"x":1}}',
    '[{"x":1},{"x":1}]',
    '{"a":"a","b":"b,\\"a\\":1"}',
    '{"a":[1,2],"b":["a","a"]}',
    '[9007199254740991,-9007199254740991,0.1,1e3]',
    '"\\\\"',
    `${'['.repeat(deepestJson)}${']'.repeat(deepestJson)}`,
  ])('takes %s', (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  });
});
