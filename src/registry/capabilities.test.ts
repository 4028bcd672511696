import { describe, expect, it } from 'vitest';
import type { ResponseHeaders } from '../http/types.ts';
import { Abilities, safeDefaults } from './capabilities.ts';
import { productOfAnswer, productOfHost } from './product.ts';
import { warningsOf } from './warnings.ts';

function headersOf(headers: Readonly<Record<string, string>>): ResponseHeaders {
  return { get: (name) => headers[name], all: () => [] };
}

describe('which product a registry is', () => {
  it.each([
    ['docker.io', 'docker-hub'],
    ['registry-1.docker.io', 'docker-hub'],
    ['ghcr.io', 'ghcr'],
    ['quay.io', 'quay'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'ecr'],
    ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'ecr'],
    ['public.ecr.aws', 'ecr-public'],
    ['example.azurecr.io', 'acr'],
    ['europe-docker.pkg.dev', 'gcp'],
    ['eu.gcr.io', 'gcp'],
    ['registry.gitlab.com', 'gitlab'],
    ['GHCR.IO:443', 'ghcr'],
    ['registry.example.com:5000', undefined],
    ['notghcr.io', undefined],
    ['quay.io.example.com', undefined],
  ])('by its name: %s', (host, product) => {
    expect(productOfHost(host)).toBe(product);
  });

  it.each([
    [{ 'x-sparse-manifest-support': 'false' }, undefined, 'quay'],
    [{}, 'https://quay.example.com/v2/auth', 'quay'],
    [{}, 'https://harbor.example.com/service/token?x=1', 'harbor'],
    [{}, 'https://git.example.com/jwt/auth', 'gitlab'],
    [{}, '/openshift/token', 'openshift'],
    [{}, 'https://git.example.com/v2/token', 'gitea'],
    [{}, 'https://europe-docker.pkg.dev/v2/token', 'gcp'],
    [{ 'x-registry-supports-signatures': '1' }, undefined, 'openshift'],
    [{ 'x-registry-supports-signatures': '1', 'correlation-id': 'x' }, 'https://pulp.example.com/token/', 'pulp'],
    [{ server: 'Nexus/3.77.1 (OSS)' }, undefined, 'nexus'],
    [{ 'x-jfrog-version': 'Artifactory/7' }, undefined, 'artifactory'],
    [{ server: 'nginx' }, 'https://auth.example.com/token', undefined],
  ])('by its answers: %j %s', (headers, realm, product) => {
    expect(productOfAnswer(headersOf(headers), realm)).toBe(product);
  });
});

describe('what a registry can do', () => {
  it('is what is safe everywhere until more is known', () => {
    expect(new Abilities(undefined, {}, () => {}).now).toEqual(safeDefaults);
  });

  it('is what is known of the product, then what was seen, then what the user says', () => {
    const abilities = new Abilities('quay', { tagPageSize: 50 }, () => {});
    expect(abilities.now).toMatchObject({ resume: false, serialManifests: true, tagPageSize: 50 });
    abilities.learn('resume', true);
    abilities.learn('tagPageSize', 10);
    expect(abilities.now).toMatchObject({ resume: true, tagPageSize: 50 });
    expect(abilities.learned).toEqual({ resume: true, tagPageSize: 10 });
  });

  it('never writes Quay a resumed upload: its digest check does not notice what is wrong in it', () => {
    expect(new Abilities('quay', {}, () => {}).now.resume).toBe(false);
  });

  it('says each loss once', () => {
    const said: string[] = [];
    const abilities = new Abilities(undefined, {}, (what, why) => said.push(`${what}: ${why}`));
    abilities.downgrade('headManifests', false, 'HEAD is refused');
    abilities.downgrade('headManifests', false, 'HEAD is refused');
    abilities.learn('referrersApi', true);
    expect(said).toEqual(['headManifests: HEAD is refused']);
  });
});

describe('warnings of a registry', () => {
  it.each<[string, readonly string[]]>([
    ['299 - "one"', ['one']],
    ['299 - "one", 299 registry.example.com "two"', ['one', 'two']],
    ['299 - "a \\"quoted\\" word"', ['a "quoted" word']],
    ['199 - "not ours"', []],
    ['299 - unquoted', []],
    ['', []],
  ])('%s', (warning, texts) => {
    expect(warningsOf(headersOf({ warning }))).toEqual(texts);
  });

  it('are bounded', () => {
    expect(warningsOf(headersOf({ warning: `299 - "${'x'.repeat(5000)}", 299 - "y"` }))).toEqual([]);
  });
});
