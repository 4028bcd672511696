import { describe, expect, it } from 'vitest';
import { parseQuayAddress } from './address.ts';

describe('the address of a Quay', () => {
  it.each([
    ['quay.example.com', 'https://quay.example.com/'],
    ['quay.example.com:8443', 'https://quay.example.com:8443/'],
    ['https://quay.example.com/', 'https://quay.example.com/'],
    ['https://quay.example.com/api/v1/', 'https://quay.example.com/'],
    ['http://localhost:8080', 'http://localhost:8080/'],
    ['[::1]:8443', 'https://[::1]:8443/'],
    // quay_sync.py stripped letters instead of a scheme, which turned this into "op.example.com".
    ['https://shop.example.com', 'https://shop.example.com/'],
  ])('%s is %s', (text, url) => {
    expect(parseQuayAddress(text).href).toBe(url);
  });

  it.each(['', 'https://', 'ftp://quay.example.com', 'quay.example.com?x=1', 'a b'])('%j is none', (text) => {
    expect(() => parseQuayAddress(text)).toThrow(expect.objectContaining({ code: 'E_QUAY_ADDRESS', failure: 'usage' }));
  });

  it('with a path is refused with the reason: Quay does not work there', () => {
    expect(() => parseQuayAddress('https://www.example.com/quay')).toThrow(
      /no path, "www\.example\.com\/quay" has one/,
    );
  });

  it('with a password is refused without repeating it', () => {
    for (const text of ['https://ana:hunter2@quay.example.com', 'ana:hunter2@quay.example.com']) {
      expect(() => parseQuayAddress(text)).toThrow(expect.objectContaining({ code: 'E_QUAY_ADDRESS' }));
      expect(() => parseQuayAddress(text)).not.toThrow(/hunter2/);
    }
  });
});
