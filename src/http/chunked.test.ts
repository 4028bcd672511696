import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkedDecoder } from './chunked.ts';

function decode(pieces: readonly Buffer[]) {
  const decoder = new ChunkedDecoder();
  const body: Buffer[] = [];
  let progress: unknown = 'more';
  for (const piece of pieces) progress = decoder.push(piece, (data) => body.push(Buffer.from(data)));
  return { body: Buffer.concat(body), progress };
}

function slices(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

test('however a body is cut into chunks and its bytes into reads, it comes out as it was', () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 12 });
  const extension = fc.constantFrom('', ';a', ' ;name="v; w"');
  const trailers = fc.constantFrom('', 'X-Checksum: abc\r\n', 'A: 1\r\nB: 2\r\n');
  fc.assert(
    fc.property(chunks, extension, trailers, fc.integer({ min: 1, max: 700 }), (parts, behind, ending, size) => {
      const framed = parts.flatMap((part) => [`${part.length.toString(16)}${behind}\r\n`, part, '\r\n']);
      const wire = Buffer.concat([...framed, `0\r\n${ending}\r\n`].map((part) => Buffer.from(part)));
      const { body, progress } = decode(slices(wire, size));
      expect(progress).toBe('end');
      expect(body.equals(Buffer.concat(parts))).toBe(true);
    }),
  );
});

test('bytes behind the end are told', () => {
  expect(decode([Buffer.from('2\r\nok\r\n0\r\n\r\nHTTP/1.1')])).toMatchObject({ progress: 'excess' });
});

test('a body that has not ended goes on', () => {
  expect(decode([Buffer.from('5\r\nhel')])).toMatchObject({ progress: 'more', body: Buffer.from('hel') });
});

describe('what two readers could take for two things is refused:', () => {
  test.each([
    ['a size that is no number', 'zz\r\n'],
    ['a size with a sign', '+5\r\nhello\r\n'],
    ['a size with a prefix', '0x5\r\nhello\r\n'],
    ['an empty size', '\r\nhello\r\n'],
    ['a size beyond all measure', 'fffffffffffffff\r\n'],
    ['a bare line feed', '5\nhello\r\n'],
    ['a chunk longer than its size', '2\r\nhello\r\n'],
    ['an endless extension', `5;${'x'.repeat(5000)}\r\n`],
    ['an endless line', 'x'.repeat(5000)],
    ['endless trailers', `0\r\n${'A: b\r\n'.repeat(2000)}\r\n`],
  ])('%s', (_, wire) => {
    expect(decode([Buffer.from(wire)]).progress).toHaveProperty('malformed');
  });
});
