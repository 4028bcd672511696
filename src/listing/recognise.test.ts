import { expect, test } from 'vitest';
import type { ResponseHeaders } from '../http/types.ts';
import { recognise } from './recognise.ts';

const headers = (fields: Record<string, string>): ResponseHeaders => ({ get: (name) => fields[name], all: () => [] });

test.each([
  ['docker.io', 'docker-hub'],
  ['index.docker.io', 'docker-hub'],
  ['registry-1.docker.io', 'docker-hub'],
  ['quay.io', 'quay'],
  ['ghcr.io', 'ghcr'],
  ['acme.azurecr.io', 'acr'],
  ['ACME.azurecr.cn:443', 'acr'],
  ['europe-docker.pkg.dev', 'gar'],
  ['gcr.io', 'gar'],
  ['eu.gcr.io', 'gar'],
  ['registry.gitlab.com', 'gitlab'],
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'ecr'],
  ['public.ecr.aws', 'ecr'],
] as const)('%s is known by its name as %s', (host, kind) => {
  expect(recognise({ host })).toBe(kind);
});

test.each(['registry.example.com', 'azurecr.io.example.com', 'notgcr.io', 'docker.io.example.com', 'localhost:5000'])(
  'the name %s says nothing',
  (host) => {
    expect(recognise({ host })).toBeUndefined();
  },
);

test.each([
  ['https://registry.example.com/service/token', 'harbor'],
  ['https://gitlab.example.com/jwt/auth', 'gitlab'],
  ['https://registry.example.com/v2/auth?x=1', 'quay'],
] as const)('the realm %s gives it away as %s', (realm, kind) => {
  expect(recognise({ host: 'registry.example.com', realm })).toBe(kind);
});

test('headers of the front door go before its realm, a name before both, and the user before all', () => {
  const host = 'registry.example.com';
  const quay = headers({ 'x-sparse-manifest-support': 'true' });
  expect(recognise({ host, headers: headers({ 'gitlab-container-registry-version': '4.0' }) })).toBe('gitlab');
  expect(recognise({ host, headers: quay, realm: 'https://x.example.com/service/token' })).toBe('quay');
  expect(recognise({ host: 'acme.azurecr.io', headers: quay })).toBe('acr');
  expect(recognise({ host: 'acme.azurecr.io', headers: quay, kind: 'distribution' })).toBe('distribution');
});
