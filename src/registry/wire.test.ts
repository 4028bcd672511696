import { describe, expect, it } from 'vitest';
import { HurriedClock, repositoryName, withPassword } from '../../test/kit/client.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http/types.ts';
import type { Event } from '../report/events.ts';
import { toRead } from './auth/access.ts';
import { Wire } from './wire.ts';

const app = repositoryName('library/alpine');
const call = { method: 'GET', to: '/v2/library/alpine/manifests/latest', access: toRead(app) } as const;

type Answering = (request: HttpRequest) => {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  at?: string;
};

/** A wire over a transport that only notes what it is asked: for hosts that no test may reach. */
function wireTo(host: string, answering: Answering, urlSettings = {}) {
  const requests: HttpRequest[] = [];
  const events: Event[] = [];
  const request = async (asked: HttpRequest): Promise<HttpAnswer> => {
    requests.push(asked);
    const { status, headers = {}, body = '', at } = answering(asked);
    return {
      status,
      url: at === undefined ? asked.url : new URL(at),
      body: Buffer.from(body),
      headers: { get: (name) => headers[name], all: (name) => (headers[name] === undefined ? [] : [headers[name]]) },
    };
  };
  const http: HttpClient = {
    request,
    download: request,
    upload: () => Promise.reject(new Error('unused')),
    close: async () => {},
  };
  const wire = new Wire({
    host,
    http,
    credentials: withPassword('alice', 'canary'),
    clock: new HurriedClock(),
    emit: (event) => events.push(event),
    urlSettings,
    registryDomains: [],
    capabilities: {},
  });
  return { wire, requests, events, urls: () => requests.map(({ url }) => url.href) };
}

const bearer = (realm: string) => ({ 'www-authenticate': `Bearer realm="${realm}",service="s"` });

/** Wants a token from `realm` and gives one there. */
function withRealm(realm: string): Answering {
  return ({ url, authorization }) => {
    if (url.href.startsWith(realm)) return { status: 200, body: '{"token":"abcdef"}' };
    return authorization?.reveal() === 'Bearer abcdef' ? { status: 200 } : { status: 401, headers: bearer(realm) };
  };
}

describe('where a registry is', () => {
  it('is another host for docker.io, whose token service is a sibling', async () => {
    const { wire, urls } = wireTo('docker.io', withRealm('https://auth.docker.io/token'));
    expect((await wire.request(call)).status).toBe(200);
    expect(urls().map((url) => url.replace(/\?.*/, ''))).toEqual([
      'https://registry-1.docker.io/v2/library/alpine/manifests/latest',
      'https://auth.docker.io/token',
      'https://registry-1.docker.io/v2/library/alpine/manifests/latest',
    ]);
  });

  it('is where it answered, after a fall-back to plain HTTP', async () => {
    const { wire, urls } = wireTo('localhost:5000', ({ url }) => ({
      status: 200,
      at: url.href.replace('https', 'http'),
    }));
    await wire.request(call);
    await wire.request(call);
    expect(urls()).toEqual([
      'https://localhost:5000/v2/library/alpine/manifests/latest',
      'http://localhost:5000/v2/library/alpine/manifests/latest',
    ]);
    expect(wire.base.href).toBe('http://localhost:5000/');
  });

  it('stays where it is after a redirect to another host', async () => {
    const { wire } = wireTo('registry.example.com', () => ({ status: 200, at: 'https://cdn.example.net/blob' }));
    await wire.request(call);
    expect(wire.base.href).toBe('https://registry.example.com/');
  });
});

describe('who gets credentials', () => {
  it.each([
    'https://evil.example.net/token',
    'http://registry.example.com/token',
    'https://10.0.0.5/token',
    'https://registry.example.com.evil.example.net/token',
    'https://169.254.169.254/',
  ])('not a token service at %s', async (realm) => {
    const { wire, requests } = wireTo('registry.example.com', withRealm(realm));
    await expect(wire.request(call)).rejects.toMatchObject({ code: 'E_URL_REFUSED' });
    expect(requests).toHaveLength(1);
  });

  it('a token service on the list of the registry, as GitLab needs', async () => {
    const realm = 'https://gitlab.example.org/jwt/auth';
    const { wire, requests } = wireTo('registry.example.com', withRealm(realm), { tokenHosts: ['gitlab.example.org'] });
    expect((await wire.request(call)).status).toBe(200);
    expect(requests[1]?.givenBy?.host).toBe('registry.example.com');
    expect(wire.abilities.product).toBe('gitlab');
  });

  it('nobody, when a challenge comes from where a redirect led', async () => {
    const { wire, requests } = wireTo('registry.example.com', () => ({
      status: 401,
      headers: bearer('https://cdn.example.net/token'),
      at: 'https://cdn.example.net/blob',
    }));
    expect((await wire.request(call)).status).toBe(401);
    expect(requests).toHaveLength(1);
    expect(wire.authorizer.scheme).toBeUndefined();
  });
});

describe('how often a request goes', () => {
  it('at most three times, whatever the registry answers', async () => {
    const { wire, requests } = wireTo('registry.example.com', ({ url }) =>
      url.pathname === '/token'
        ? { status: 200, body: '{"token":"abcdef"}' }
        : { status: 401, headers: bearer('/token') },
    );
    await wire.request(call);
    expect(requests.filter(({ url }) => url.pathname !== '/token')).toHaveLength(3);
    expect(requests.filter(({ url }) => url.pathname === '/token')).toHaveLength(1);
  });
});
