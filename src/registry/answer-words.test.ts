import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResponseHeaders } from '../http/types.ts';
import { printable, readWords } from './answer-words.ts';
import { refusal } from './errors.ts';
import type { Act } from './refusal-rules.ts';

function headersOf(headers: Readonly<Record<string, string>>): ResponseHeaders {
  return {
    get: (name) => headers[name],
    all: (name) => (headers[name] === undefined ? [] : [headers[name]]),
  };
}

const read = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
  readWords({ body: Buffer.from(body), headers: headersOf(headers) });

describe('what a refusing server said', () => {
  it.each<[string, string, readonly string[], string]>([
    ['the specification’s errors', '{"errors":[{"code":"DENIED","message":"no push"}]}', ['DENIED'], 'DENIED: no push'],
    ['several', '{"errors":[{"code":"A","message":"a"},{"code":"B"}]}', ['A', 'B'], 'A: a; B'],
    ['errors without words', '{"errors":[{"code":"UNKNOWN","message":null,"detail":{}}]}', ['UNKNOWN'], 'UNKNOWN'],
    [
      'a code with a space, as Quay’s',
      '{"errors":[{"code":"METHOD NOT ALLOWED"}]}',
      ['METHOD NOT ALLOWED'],
      'METHOD NOT ALLOWED',
    ],
    ['a code that is a number', '{"errors":[{"code":404,"message":"gone"}]}', [], 'gone'],
    ['Quay’s own shape', '{"error":"Invalid bearer token format"}', [], 'Invalid bearer token format'],
    ['Quay’s other shape', '{"message":"nope","status":400}', [], 'nope'],
    ['OAuth’s shape', '{"error":"invalid_grant","error_description":"expired"}', [], 'invalid_grant: expired'],
    [
      'a code beside its message',
      '{"code":"UNAUTHORIZED","message":"go away"}',
      ['UNAUTHORIZED'],
      'UNAUTHORIZED: go away',
    ],
    ['a byte order mark before', '\ufeff{"errors":[{"code":"DENIED"}]}', ['DENIED'], 'DENIED'],
    ['plain words with bare line ends', 'HAP429\nslow down\n', [], 'HAP429 slow down'],
    [
      'a page',
      '<html><head><title>502 Bad Gateway</title><style>b{}</style></head><body>\n<h1>nginx</h1></body></html>',
      [],
      '502 Bad Gateway nginx',
    ],
    ['a page with scripts', '<script>alert("x")</script><p>Sign in</p>', [], 'Sign in'],
    ['a page that never ends', '<!doctype html><script>var x = 1', [], ''],
    ['a text in JSON', '"just text"', [], '"just text"'],
    ['an empty list', '{"errors":[]}', [], '{"errors":[]}'],
    ['a list of texts', '{"errors":["bad"]}', [], '{"errors":["bad"]}'],
    ['half a document', '{"errors":[{"code":"DEN', [], '{"errors":[{"code":"DEN'],
    ['nothing', '', [], ''],
    ['null', 'null', [], 'null'],
  ])('reads %s', (_what, body, codes, text) => {
    expect(read(body)).toMatchObject({ codes, text });
  });

  it('shows no junk: packed bodies and binary ones say nothing', () => {
    expect(read(Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]), { 'content-encoding': 'gzip' }).text).toBe('');
    expect(read(Buffer.from(Array.from({ length: 300 }, (_, index) => 128 + (index % 60)))).text).toBe('');
  });

  it('shows nothing that steers a terminal', () => {
    const evil = '\u001b[31mred\u001b]0;title\u0007 \u202eesrever\u2028line\r\n::error::x\u0000';
    expect(read(JSON.stringify({ errors: [{ code: 'X', message: evil }] })).text).toBe(
      'X: red esrever line ::error::x',
    );
  });

  it('is short, and the rest is said to be left out', () => {
    const { text } = read('x'.repeat(10_000));
    expect(text.length).toBeLessThanOrEqual(400);
    expect(text.endsWith('…')).toBe(true);
  });

  it('leaves nothing of what steers a terminal', () => {
    expect(printable('\u001b]0;title\u0007\u001b[2Jno \u202e more')).toBe('no more');
  });

  it('makes one printable line of anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = printable(text);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
        expect(line.length).toBeLessThanOrEqual(400);
      }),
    );
  });
});

describe('the error that a refusal becomes', () => {
  const acts: readonly Act[] = [
    'read-manifest',
    'read-blob',
    'list-tags',
    'list-repositories',
    'list-referrers',
    'push-blob',
    'push-manifest',
    'delete',
    'ping',
  ];

  it('has a code, a class, words and no control characters, whatever came', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record({ code: fc.string(), message: fc.string({ unit: 'binary' }), detail: fc.anything() })
        .map((error) => Buffer.from(JSON.stringify({ errors: [error] }))),
    );
    fc.assert(
      fc.property(fc.constantFrom(...acts), fc.integer({ min: 100, max: 599 }), body, (act, status, bytes) => {
        const error = refusal({ status, body: bytes, headers: headersOf({}) }, act, 'registry.example.com/app');
        expect(error.code).toMatch(/^E_[A-Z_]+$/);
        expect(error.message).toMatch(/^[A-Z].*\.$/);
        expect(error.serverSaid).toMatch(new RegExp(`^HTTP ${status}`));
        expect(error.serverSaid).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it.each([
    '<html><head><title>400 No required SSL certificate was sent</title></head><body>nginx</body></html>',
    '<html><head><title>400 The SSL certificate error</title></head><body>nginx</body></html>',
  ])('tells of a proxy that wants a client certificate: %s', (page) => {
    const body = Buffer.from(page);
    expect(refusal({ status: 400, body, headers: headersOf({}) }, 'ping', 'registry.example.com')).toMatchObject({
      code: 'E_TLS',
      failure: 'failed',
      hint: expect.stringContaining('tls.key'),
    });
  });

  it('takes a push that is forbidden without a word for a right, or a limit as Gitea has them', () => {
    const forbidden = (body: string) =>
      refusal(
        { status: 403, body: Buffer.from(body), headers: headersOf({}) },
        'push-blob',
        'registry.example.com/app',
      );
    expect(forbidden('')).toMatchObject({ code: 'E_DENIED', hint: expect.stringMatching(/right.*limit/) });
    expect(forbidden('no right').hint).not.toMatch(/limit/);
  });

  it('tells a registry that deletes by digest alone from one that deletes nothing', () => {
    const refused = (status: number, code: string, message?: string) => {
      const body = Buffer.from(JSON.stringify({ errors: [{ code, message }] }));
      return refusal({ status, body, headers: headersOf({}) }, 'delete', 'registry.example.com/app:1');
    };
    expect(refused(400, 'DIGEST_INVALID')).toMatchObject({ code: 'E_UNSUPPORTED' });
    expect(refused(400, 'DIGEST_INVALID').message).toBe('The registry does not delete a tag alone.');
    const ofPulp = refused(400, 'INVALID_REQUEST', 'A manifest can only be deleted by digest.');
    expect(ofPulp.message).toBe('The registry does not delete a tag alone.');
    for (const status of [400, 405])
      expect(refused(status, 'UNSUPPORTED').message).toMatch(/its deletion is switched off/);
  });

  it.each([502, 503, 504, 500, 429])('may pass: %d', (status) => {
    for (const act of acts) {
      expect(refusal({ status, body: Buffer.alloc(0), headers: headersOf({}) }, act, 'x').failure).toBe('temporary');
    }
  });

  it.each([
    'Client sent an HTTP request to an HTTPS server.',
    '<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>',
  ])('says that plain HTTP came to a port of TLS: %s', (body) => {
    const answer = { status: 400, body: Buffer.from(body), headers: headersOf({}) };
    const error = refusal(answer, 'read-manifest', 'registry.example.com/app:1');
    expect(error).toMatchObject({ code: 'E_TLS_NEEDED', hint: expect.stringContaining('--plain-http') });
  });

  it.each([
    ['registry.example.com:5000/team/app:1.4', 401, '`tranship login registry.example.com:5000`'],
    ['registry.example.com:5000', 401, '`tranship login registry.example.com:5000`'],
    ['registry.example.com:5000/team/app', 403, '`tranship login registry.example.com:5000`'],
    ['registry.example.com:5000/team/app:1.4', 404, '`tranship tags registry.example.com:5000/team/app`'],
    [`registry.example.com/app@sha256:${'a'.repeat(64)}`, 404, '`tranship tags registry.example.com/app`'],
  ])('names in the command of its hint what %s is about: %d', (subject, status, command) => {
    const answer = { status, body: Buffer.alloc(0), headers: headersOf({}) };
    expect(refusal(answer, 'read-manifest', subject).hint).toContain(command);
  });

  it.each([401, 403])('is about credentials: %d', (status) => {
    for (const act of acts) {
      expect(refusal({ status, body: Buffer.alloc(0), headers: headersOf({}) }, act, 'x').failure).toBe('auth');
    }
  });
});
