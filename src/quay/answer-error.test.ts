import { describe, expect, it } from 'vitest';
import { answerError, isAbsent, wordsOf } from './answer-error.ts';

const call = { what: 'POST /organization/', server: 'quay.example.com', scope: 'user:admin' };

function errorOf(status: number, body: string, contentType = 'application/json') {
  return answerError({ status, body, contentType }, call);
}

describe('an answer that is no success', () => {
  it('says that the token is dead where Quay complains about a CSRF token', () => {
    const error = errorOf(403, '{"error": "CSRF token was invalid or missing."}', 'text/html; charset=utf-8');
    expect(error).toMatchObject({ code: 'E_QUAY_TOKEN', failure: 'auth', subject: 'quay.example.com' });
    expect(error.message).toContain('missing, invalid or expired');
    expect(error.hint).toContain('user:admin');
  });

  it('tells a live token without the scope from a dead one', () => {
    const error = errorOf(403, '{"detail": "Unauthorized", "error_type": "insufficient_scope", "status": 403}');
    expect(error).toMatchObject({ code: 'E_QUAY_SCOPE', failure: 'auth' });
  });

  it.each([
    [401, '{"error_type":"invalid_token"}', 'E_QUAY_TOKEN', 'auth'],
    [404, '{"error_type":"not_found","detail":"Not Found"}', 'E_QUAY_ABSENT', 'failed'],
    [400, '{"message":"Team \'x\' is not a team in org \'y\'"}', 'E_QUAY_ABSENT', 'failed'],
    [404, '<!DOCTYPE html><html></html>', 'E_QUAY_UNSUPPORTED', 'usage'],
    [405, '<html>', 'E_QUAY_UNSUPPORTED', 'usage'],
    [308, '<html>', 'E_QUAY_UNSUPPORTED', 'usage'],
    [409, '{"detail":"Mirror configuration already exits for repository a/b"}', 'E_QUAY_CONFLICT', 'refused'],
    [429, '<html>429</html>', 'E_THROTTLED', 'temporary'],
    [503, '{"message":"System is currently read-only.","is_readonly":true}', 'E_READ_ONLY', 'unwritable'],
    [503, '{"message":"Repository is in read only or mirror mode: 2"}', 'E_READ_ONLY', 'unwritable'],
    [500, '<html>', 'E_QUAY_SERVER', 'temporary'],
    [400, '{"message":"Invalid tag expiration option"}', 'E_QUAY_REFUSED', 'failed'],
  ])('%i %s is %s', (status, body, code, failure) => {
    expect(errorOf(status, body)).toMatchObject({ code, failure });
  });

  it('says first what happened, then by which call', () => {
    expect(errorOf(404, '{"detail":"Not Found"}').message).toBe('There is no such object (POST /organization/)');
    const login = { ...call, what: 'Logging in to quay.example.com' };
    const told = answerError({ status: 500, body: '', contentType: 'text/html' }, login);
    expect(told.message).toBe('Logging in to quay.example.com: the server failed with 500');
  });

  it('names no scope where whatever scope would do', () => {
    const answer = { status: 403, contentType: 'application/json', body: '{"message": "Unauthorized"}' };
    const error = answerError(answer, { what: 'GET /quota', server: 'quay.example.com', scope: 'any' });
    expect(`${error.message} ${error.hint}`).not.toMatch(/scope any/);
    expect(error.failure).toBe('auth');
  });

  it('names the feature that a missing route needs', () => {
    const answer = { status: 308, contentType: 'text/html', body: '<html>' };
    const call = { what: 'GET /proxycache', server: 'quay.example.com', scope: 'org:admin', feature: 'PROXY_CACHE' };
    expect(answerError(answer, call)).toMatchObject({
      code: 'E_QUAY_UNSUPPORTED',
      hint: expect.stringContaining('FEATURE_PROXY_CACHE: true'),
    });
  });

  it('repeats the server’s words on one printable line, and only the first of a schema dump', () => {
    expect(
      wordsOf({
        status: 400,
        contentType: undefined,
        body: '{"detail":"\'x\' is required\\n\\nFailed validating…\\n{}"}',
      }),
    ).toBe("'x' is required");
    expect(wordsOf({ status: 500, contentType: 'text/plain', body: 'a\u001b[31mred\u202e\r\nb' })).toBe('a [31mred b');
    expect(wordsOf({ status: 500, contentType: 'text/plain', body: 'x'.repeat(10_000) }).length).toBeLessThan(400);
  });

  it('takes an HTML 404 for a missing route, never for a missing object', () => {
    expect(isAbsent(404, 'HTML page (status 404)')).toBe(false);
    expect(isAbsent(404, 'Not Found')).toBe(true);
    expect(isAbsent(400, 'Could not find robot with specified username')).toBe(true);
    expect(isAbsent(400, 'Repository already exists')).toBe(false);
  });
});
