import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './mistake.ts';
import { readQuayFile } from './quay-file.ts';

const example = readFileSync(new URL('../../examples/quay/quay.yaml', import.meta.url), 'utf8');
const head = 'version: 1\nserver: {url: https://quay.example.com}\n';

function mistakes(text: string): readonly string[] {
  try {
    readQuayFile(text, 'quay.yaml');
  } catch (error) {
    if (error instanceof ConfigError)
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
    throw error;
  }
  return [];
}

/** One organisation's part, in place. */
function inside(yaml: string): readonly string[] {
  const indented = yaml.split('\n').map((line) => `    ${line}`);
  return mistakes(`${head}organizations:\n  payments:\n${indented.join('\n')}\n`);
}

describe('quay.yaml', () => {
  it('the example is understood as it is meant', () => {
    const { server, state } = readQuayFile(example, 'quay.yaml');
    expect(server).toEqual({ url: 'https://quay.example.com', token: { env: 'QUAY_TOKEN' } });
    const { payments, scratch } = state.organizations;
    expect(scratch).toEqual({ present: false });
    expect(payments).toMatchObject({
      email: 'payments@example.com',
      robots: { ci: { description: 'pipeline' }, old: { present: false } },
      defaultPermissions: [{ grant: 'write', to: 'robot/ci' }],
      proxyCache: {
        upstream: 'docker.io',
        expiration: 86_400,
        credentials: { username: { env: 'HUB_USER' }, password: { env: 'HUB_PASSWORD' } },
      },
      quota: { limit: 500 * 2 ** 30, warn: [80], reject: [100] },
    });
    expect(payments?.repositories?.['api']).toEqual({
      visibility: 'private',
      description: 'Payments API',
      permissions: { 'team/developers': 'write', 'robot/ci': 'admin' },
      mirror: { from: 'registry.dc1.example.com/payments/api', tags: ['v*'], every: 600, robot: 'ci' },
      autoPrune: [{ keepNewest: 50 }],
    });
    expect(payments?.repositories?.['team/tools']?.notifications).toMatchObject([{ event: 'repo_push' }]);
  });

  it('absent keys stay absent, so that nothing is managed for being unmentioned', () => {
    expect(readQuayFile(`${head}organizations: {payments: {}}`, 'f').state).toEqual({
      organizations: { payments: {} },
    });
    expect(readQuayFile(head, 'f').state).toEqual({ organizations: {} });
  });

  it('names keep their hyphens where keys lose theirs', () => {
    const text = `${head}organizations: {team-a: {robots: {pull-only: {}}, auto-prune: [{keep-for: 7d}]}}`;
    expect(readQuayFile(text, 'f').state.organizations).toEqual({
      'team-a': { robots: { 'pull-only': {} }, autoPrune: [{ keepFor: '7d' }] },
    });
  });

  it('every mistake is told at once, each at its place and with what was probably meant', () => {
    const text = `version: 1
server: {url: https://quay.example.com, token: abc}
organizations:
  Payments: {}
  payments:
    robot: {ci: {}}
    quota: {limit: lots}
    repositories:
      api: {visiblity: private}
`;
    expect(mistakes(text)).toEqual([
      expect.stringMatching(/^quay\.yaml:2:48: a secret never stands in the file itself/),
      expect.stringMatching(/^quay\.yaml:4:3: "Payments" is no name of an organisation/),
      expect.stringMatching(/^quay\.yaml:6:5: unknown key "robot"\. Did you mean "robots"\?/),
      expect.stringMatching(/^quay\.yaml:7:20: "lots" is no size/),
      expect.stringMatching(/^quay\.yaml:9:13: unknown key "visiblity"\. Did you mean "visibility"\?/),
    ]);
  });

  it('a secret in the wrong place is not repeated', () => {
    const text = `${head}organizations: {payments: {proxy-cache: {upstream: docker.io, credentials: {username: u, password: hunter2}}}}`;
    expect(mistakes(text).join()).toMatch(/a secret never stands in the file itself/);
    expect(mistakes(text).join()).not.toContain('hunter2');
  });

  it.each([
    ['robots: {payments+ci: {}}', /no name of a robot.*short name/],
    ['repositories: {"../api": {}}', /no name of a repository/],
    ['repositories: {"a//b": {}}', /no name of a repository/],
    ['repositories: {api: {permissions: {ana: read}}}', /"ana" names nobody/],
    [
      'repositories: {api: {mirror: {from: "https://r.example.com/a/b", tags: [x], every: 1h, robot: ci}}}',
      /no scheme/,
    ],
    ['repositories: {api: {mirror: {from: "r.example.com/a/b:1", tags: [x], every: 1h, robot: ci}}}', /without a tag/],
    ['repositories: {api: {mirror: {from: r.example.com/a/b, tags: [], every: 1h, robot: ci}}}', /the list is empty/],
    ['repositories: {api: {mirror: {from: r.example.com/a/b, tags: [x], every: 5s, robot: ci}}}', /at least 60s/],
    [
      'repositories: {api: {mirror: {from: r.example.com/a/b, tags: [x], every: 1h, start: tomorrow, robot: ci}}}',
      /2027-01-31T02/,
    ],
    ['teams: {devs: {members: [ana], sync: {ldap: x}}}', /either `members` or `sync`/],
    ['auto-prune: [{keep-newest: 5, keep-for: 7d}]', /exactly one of/],
    ['auto-prune: [{}]', /exactly one of/],
    ['immutability: [{tags: "("}]', /no regular expression/],
    ['proxy-cache: {expiration: 24h}', /`upstream` is missing/],
    ['mirror: {kind: quay}', /`from` is missing/],
    ['quota: {limit: 1GiB, warn: 120%}', /"120%" is no percentage/],
  ])('%s is refused', (yaml, reason) => {
    expect(inside(yaml).join('\n')).toMatch(reason);
  });
});
