import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allowedUrl, judgeUrl, type UrlPurpose, type UrlQuestion } from './url-policy.ts';

const registry = 'https://registry.example.com/v2/app/blobs/x';
const lab = 'http://10.0.0.5:5000/v2/app/blobs/x';
const hub = 'https://registry-1.docker.io/v2/';

type Row = readonly [purpose: UrlPurpose, base: string, url: string, verdict: string, more?: Partial<UrlQuestion>];

/** `yes`: allowed with credentials; `bare`: without; else a word of the reason. */
const rows: readonly Row[] = [
  // What is no URL to follow, whatever it is for.
  ['redirect', registry, '', 'empty'],
  ['redirect', registry, 'https://a b.example.com/', 'spaces'],
  ['redirect', registry, 'https://cdn.example.net/\r\nX: y', 'control'],
  ['redirect', registry, 'https://cdn.example.net/\u0000', 'control'],
  ['redirect', registry, 'https:\\\\cdn.example.net\\x', 'backslash'],
  ['redirect', registry, '/\\evil.example.net/', 'backslash'],
  ['redirect', registry, 'ftp://cdn.example.net/x', 'scheme'],
  ['redirect', registry, 'file:///etc/passwd', 'scheme'],
  ['redirect', registry, 'gopher://127.0.0.1:6379/_x', 'scheme'],
  ['redirect', registry, 'null://host/v2/token', 'scheme'],
  ['redirect', registry, 'javascript:alert(1)', 'scheme'],
  ['redirect', registry, 'https://user:pw@cdn.example.net/x', 'user name'],
  ['redirect', registry, 'https://registry.example.com@evil.example.net/', 'user name'],
  ['redirect', registry, 'https://@cdn.example.net/x', 'user name'],
  ['redirect', registry, 'https://[::1/x', 'not a URL'],
  ['redirect', registry, 'https://cdn.example.net:99999/', 'not a URL'],
  // Redirects: public https, credentials only at home.
  ['redirect', registry, 'https://cdn.example.net/x?sig=1', 'bare'],
  ['redirect', registry, '/elsewhere', 'yes'],
  ['redirect', registry, '//cdn.example.net/x', 'bare'],
  ['redirect', registry, 'https://registry.example.com:8443/x', 'bare'],
  ['redirect', registry, 'http://registry.example.com/x', 'https to http'],
  ['redirect', registry, 'http://cdn.example.net/x', 'https to http'],
  ['redirect', registry, 'http://cdn.example.net/x', 'bare', { settings: { allowHttpBlobRedirects: true } }],
  ['redirect', registry, 'https://10.1.2.3/x', 'private'],
  ['redirect', registry, 'https://10.1.2.3/x', 'bare', { baseIsPrivate: true }],
  ['redirect', registry, 'https://10.1.2.3/x', 'bare', { settings: { allowedHosts: ['10.1.2.3'] } }],
  ['redirect', registry, 'https://10.1.2.3:9000/x', 'private', { settings: { allowedHosts: ['10.1.2.3'] } }],
  ['redirect', registry, 'https://10.1.2.3:9000/x', 'bare', { settings: { allowedHosts: ['10.1.2.3:9000'] } }],
  ['redirect', registry, 'https://localhost/x', 'private'],
  ['redirect', registry, 'https://sub.localhost/x', 'private'],
  ['redirect', registry, 'https://127.1/x', 'private'],
  ['redirect', registry, 'https://2130706433/x', 'private'],
  ['redirect', registry, 'https://0x7f.0.0.1/x', 'private'],
  ['redirect', registry, 'https://[::1]/x', 'private'],
  ['redirect', registry, 'https://[fd12::1]/x', 'private'],
  ['redirect', registry, 'https://[::ffff:10.0.0.1]/x', 'private'],
  ['redirect', registry, 'https://100.64.0.1/x', 'private'],
  ['redirect', registry, 'https://192.168.1.1/x', 'private'],
  ['redirect', registry, 'https://172.31.255.255/x', 'private'],
  ['redirect', registry, 'https://172.32.0.1/x', 'bare'],
  ['redirect', registry, 'https://169.254.169.254/latest/meta-data', 'no registry may'],
  ['redirect', lab, 'http://169.254.169.254/latest/meta-data', 'no registry may'],
  ['redirect', lab, 'http://[::ffff:169.254.169.254]/', 'no registry may'],
  ['redirect', lab, 'http://[64:ff9b::a9fe:a9fe]/', 'no registry may'],
  ['redirect', registry, 'https://[64:ff9b::a9fe:a9fe]/', 'no registry may'],
  ['redirect', registry, 'https://[fe80::1]/', 'no registry may'],
  ['redirect', registry, 'https://[fd00:ec2::254]/', 'no registry may'],
  ['redirect', registry, 'https://metadata.google.internal/x', 'no registry may'],
  ['redirect', registry, 'https://metadata.google.internal./x', 'no registry may'],
  ['redirect', registry, 'https://100.100.100.200/x', 'no registry may'],
  ['redirect', registry, 'https://0.0.0.0/x', 'no registry may'],
  ['redirect', registry, 'https://[::]/x', 'no registry may'],
  ['redirect', registry, 'https://224.0.0.1/x', 'no registry may'],
  ['redirect', registry, 'https://169.254.1.1/', 'no registry may', { settings: { allowedHosts: ['169.254.1.1'] } }],
  ['redirect', lab, 'http://10.0.0.6:9000/x', 'bare'],
  ['redirect', lab, 'https://cdn.example.net/x', 'bare'],
  ['redirect', lab, 'http://cdn.example.net/x', 'plain http'],
  ['redirect', 'http://registry.example.com:5000/v2/', 'http://10.0.0.6/x', 'private'],
  // Realms: whoever gets the password.
  ['realm', registry, 'https://registry.example.com/token', 'yes'],
  ['realm', registry, '/token', 'yes'],
  ['realm', registry, 'https://registry.example.com:8443/token', 'yes'],
  ['realm', registry, 'https://registry.example.com/token#frag', 'fragment'],
  ['realm', registry, 'http://registry.example.com/token', 'https to http'],
  ['realm', registry, 'https://auth.example.com/token', 'not known'],
  ['realm', registry, 'https://example.com/token', 'not known'],
  ['realm', registry, 'https://auth.example.com/token', 'yes', { registryDomains: ['example.com'] }],
  ['realm', registry, 'https://evilexample.com/token', 'not known', { registryDomains: ['example.com'] }],
  ['realm', registry, 'https://auth.example.org/t', 'yes', { settings: { tokenHosts: ['auth.example.org'] } }],
  ['realm', registry, 'https://auth.example.org/t', 'yes', { settings: { tokenHosts: ['AUTH.example.org'] } }],
  [
    'realm',
    registry,
    'https://auth.example.org:444/t',
    'not known',
    { settings: { tokenHosts: ['auth.example.org'] } },
  ],
  ['realm', registry, 'https://auth.example.org/t', 'bare', { withoutCredentials: true }],
  ['realm', registry, 'https://10.0.0.1/t', 'private', { withoutCredentials: true }],
  ['realm', registry, 'http://auth.example.org/t', 'https to http', { withoutCredentials: true }],
  ['realm', registry, 'https://169.254.169.254/t', 'no registry may', { withoutCredentials: true }],
  ['realm', hub, 'https://auth.docker.io/token', 'yes'],
  ['realm', hub, 'https://auth.docker.io.evil.example.net/token', 'not known'],
  ['realm', hub, 'https://evildocker.io/token', 'not known'],
  ['realm', 'https://registry.gitlab.com/v2/', 'https://gitlab.com/jwt/auth', 'yes'],
  ['realm', 'https://one.azurecr.io/v2/', 'https://two.azurecr.io/token', 'not known'],
  ['realm', lab, 'http://10.0.0.5:5001/token', 'yes'],
  ['realm', lab, 'http://10.0.0.9/token', 'not known'],
  ['realm', lab, 'http://auth.example.net/token', 'plain http'],
  // Upload locations: layer data goes there.
  ['location', registry, '/v2/app/blobs/uploads/1?_state=x', 'yes'],
  ['location', registry, 'https://uploads.example.net/1', 'bare'],
  [
    'location',
    registry,
    'https://uploads.example.net/1',
    'bare',
    { settings: { allowedHosts: ['uploads.example.net'] } },
  ],
  ['location', registry, 'http://registry.example.com/v2/x', 'yes'],
  ['location', registry, 'http://registry.example.com:5000/v2/x', 'https to http'],
  ['location', registry, 'http://inner.example.com/v2/x', 'https to http'],
  ['location', registry, 'http://10.0.0.5:5000/v2/x', 'https to http', { baseIsPrivate: true }],
  ['location', registry, 'https://192.168.0.10/x', 'private'],
  ['location', lab, 'http://10.0.0.5:5000/v2/app/blobs/uploads/1', 'yes'],
  // Links: at home, always.
  ['link', registry, '/v2/_catalog?last=b&n=1', 'yes'],
  ['link', registry, 'https://registry.example.com/v2/_catalog?last=b', 'yes'],
  ['link', registry, 'https://other.example.com/v2/_catalog?last=b', 'another host'],
  ['link', registry, 'https://registry.example.com:8443/v2/', 'another host'],
  ['link', registry, 'http://registry.example.com/v2/', 'yes'],
  ['link', registry, 'http://other.example.com/v2/', 'https to http'],
  // Foreign layers: off, and then https only.
  ['foreign', registry, 'https://layers.example.net/x', 'are off'],
  ['foreign', registry, 'https://layers.example.net/x', 'bare', { foreignAllowed: true }],
  ['foreign', lab, 'http://10.0.0.7/x', 'not https', { foreignAllowed: true }],
  ['foreign', registry, 'https://10.0.0.7/x', 'private', { foreignAllowed: true }],
];

describe('the URL policy', () => {
  for (const [purpose, base, url, expected, more] of rows) {
    test(`${purpose} from ${base} to ${JSON.stringify(url)}: ${expected}`, () => {
      const verdict = judgeUrl({ purpose, base: new URL(base), url, ...more });
      if (!verdict.allowed) expect(verdict.reason).toContain(expected);
      else expect(verdict.credentials ? 'yes' : 'bare').toBe(expected);
    });
  }

  test('takes only path and query of a link', () => {
    const { url } = allowedUrl({ purpose: 'link', base: new URL(registry), url: '/v2/_catalog?last=b&n=1' });
    expect(url.href).toBe('https://registry.example.com/v2/_catalog?last=b&n=1');
  });

  test('keeps the query of an upload location as it is', () => {
    const written = '/v2/a/blobs/uploads/1?_state=a%2Fb%3D%3D&x=1+2';
    const { url } = allowedUrl({ purpose: 'location', base: new URL(registry), url: written });
    expect(url.search).toBe('?_state=a%2Fb%3D%3D&x=1+2');
  });

  // The registry behind a proxy that ends TLS and says nothing of it: `http://`, with the proxy's port or without.
  test.each([
    ['https://registry.example.com/v2/', 'http://registry.example.com'],
    ['https://registry.example.com/v2/', 'http://registry.example.com:443'],
    ['https://registry.example.com:8443/v2/', 'http://registry.example.com:8443'],
    ['https://registry.example.com:8443/v2/', 'http://registry.example.com'],
  ])('asked at %s, goes on over TLS at the same place where %s is named', (base, named) => {
    for (const purpose of ['location', 'link'] as const) {
      const { url } = allowedUrl({ purpose, base: new URL(base), url: `${named}/v2/a?_state=1%3D` });
      expect(url.href).toBe(`${base}a?_state=1%3D`);
    }
  });

  test('says what the proxy should pass on where a registry names itself by its inner address', () => {
    const ask = () =>
      allowedUrl({ purpose: 'location', base: new URL(registry), url: 'http://inner.example.com/v2/x' });
    expect(ask).toThrow(expect.objectContaining({ hint: expect.stringContaining('X-Forwarded-Proto') }));
  });

  test('names the hosts when it notices something', () => {
    const question = { purpose: 'realm', base: new URL(registry), url: 'https://auth.example.org/t' } as const;
    const verdict = judgeUrl({ ...question, withoutCredentials: true });
    expect(verdict).toMatchObject({ notice: expect.stringMatching(/registry\.example\.com.*auth\.example\.org/u) });
  });

  test('refuses with an error that says who, what, and how to allow it, and shows no secret', () => {
    const question = {
      purpose: 'realm',
      base: new URL(registry),
      url: 'https://auth.example.org/t?token=canary',
    } as const;
    expect(() => allowedUrl(question)).toThrow(
      expect.objectContaining({
        code: 'E_URL_REFUSED',
        failure: 'refused',
        subject: 'https://auth.example.org/t?token=[redacted]',
        hint: expect.stringContaining('token-hosts'),
      }),
    );
  });

  test('never gives credentials to another host unasked, whatever the server writes', () => {
    const purposes = fc.constantFrom<UrlPurpose>('realm', 'redirect', 'location', 'link', 'foreign');
    fc.assert(
      fc.property(purposes, fc.oneof(fc.webUrl(), fc.string()), (purpose, url) => {
        const verdict = judgeUrl({ purpose, base: new URL(registry), url });
        if (!verdict.allowed || !verdict.credentials) return;
        expect(verdict.url.hostname).toBe('registry.example.com');
        expect(verdict.url.protocol).toBe('https:');
      }),
    );
  });
});
