import { expect, test } from 'vitest';
import { causeOf } from './cause.ts';

test.each([
  [
    'level=fatal msg="Error listing repository tags: unable to retrieve auth token: invalid username/password: unauthorized"',
    'the source refused user and password',
  ],
  [
    'msg="trying to reuse blob sha256:1 at destination: checking whether a blob sha256:1 exists in q/a/b: unauthorized: authentication required"',
    'robot may not write',
  ],
  ['msg="No tag or digest allowed in reference"', 'holds a tag or a digest'],
  [
    'msg="pinging container registry a: Get https://a/v2/: http: server gave HTTP response to HTTPS client"',
    'plain HTTP',
  ],
  ['msg="tls: failed to verify certificate: x509: certificate signed by unknown authority"', 'not trusted'],
  ['msg="dial tcp 10.0.0.1:443: connect: connection refused"', 'cannot be reached'],
  ['msg="lookup a.example.com: no such host"', 'does not resolve'],
])('%s', (words, cause) => expect(causeOf(words)).toContain(cause));

test('words that nobody knows are told as they are', () => {
  expect(causeOf('time="x" level=fatal msg="the moon is \\"full\\""')).toBe('the moon is \\"full\\"');
  expect(causeOf('  something  ')).toBe('something');
});
