import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../kit/secret.ts';
import { scopesFor } from './change.ts';
import { compareState } from './compare.ts';
import { describeOrganization } from './describe.ts';
import type { ObservedOrganization, ObservedRepository } from './observed.ts';
import type { DeclaredMirror, DeclaredOrganization } from './types.ts';

const context = { abilities: { timeout: true, architectures: true }, now: '2026-11-24T06:00:00Z' };

const view = {
  name: 'payments',
  email: 'payments@example.com',
  is_admin: true,
  is_member: true,
  tag_expiration_s: 1_209_600,
};
const empty: ObservedOrganization = { name: 'payments', view };

function planned(declared: DeclaredOrganization, observed: ObservedOrganization = empty) {
  return compareState(declared, observed, context).changes.map(
    (change) => `${change.action} ${change.object}: ${change.reason}`,
  );
}

function calls(declared: DeclaredOrganization, observed: ObservedOrganization = empty) {
  return compareState(declared, observed, context).changes.flatMap((change) => change.calls);
}

function repository(parts: Partial<ObservedRepository> = {}): ObservedRepository {
  return {
    view: { namespace: 'payments', name: 'api', description: null, is_public: false, state: 'NORMAL' },
    ...parts,
  };
}

const mirror: DeclaredMirror = { from: 'registry.example.com/payments/api', tags: ['v*'], every: 600, robot: 'ci' };
const observedMirror = {
  is_enabled: true,
  external_reference: 'registry.example.com/payments/api',
  external_registry_username: 'puller',
  external_registry_config: { verify_tls: true },
  sync_interval: 600,
  sync_start_date: '2030-01-02T09:00:00.315408Z',
  sync_status: 'SUCCESS',
  root_rule: { rule_kind: 'tag_glob_csv', rule_value: ['v*'] },
  robot_username: 'payments+ci',
  skopeo_timeout_interval: 300,
  architecture_filter: [],
};

describe('an organisation', () => {
  it('that does not exist is made first, then what is in it', () => {
    const declared: DeclaredOrganization = {
      email: 'payments@example.com',
      robots: { ci: { description: 'pipeline' } },
      teams: { developers: { role: 'member', members: ['ana'] } },
      defaultPermissions: [{ grant: 'write', to: 'robot/ci' }],
      repositories: { api: { visibility: 'private', permissions: { 'robot/ci': 'admin' } } },
    };
    expect(planned(declared, { name: 'payments' })).toEqual([
      'create organization payments: new',
      'create robot payments+ci: new',
      'create team payments/developers: new',
      'create member ana of team payments/developers: new',
      'create default permission of payments for robot/ci: new',
      'create repository payments/api: new',
      'create permission of robot/ci on payments/api: admin',
    ]);
  });

  it('declared absent is deleted when it exists, and nothing inside it is looked at', () => {
    expect(planned({ present: false, robots: { ci: {} } })).toEqual(['delete organization payments: declared absent']);
    expect(planned({ present: false }, { name: 'payments' })).toEqual([]);
  });

  it('of which nothing is declared is left alone', () => {
    expect(planned({}, { ...empty, robots: [{ name: 'payments+other' }] })).toEqual([]);
  });

  it('is changed only in what differs', () => {
    expect(planned({ email: 'new@example.com', tagExpiration: 1_209_600 })).toEqual([
      'update organization payments: email: payments@example.com → new@example.com',
    ]);
  });
});

describe('who may do what', () => {
  it('leaves robots that nobody mentions, and deletes one only where it is declared absent', () => {
    const observed = {
      ...empty,
      robots: [
        { name: 'payments+ci', description: '' },
        { name: 'payments+old', description: '' },
      ],
    };
    expect(planned({ robots: { ci: {}, old: { present: false } } }, observed)).toEqual([
      'delete robot payments+old: declared absent',
    ]);
  });

  it('says that a robot’s description cannot be changed', () => {
    const observed = { ...empty, robots: [{ name: 'payments+ci', description: 'old words' }] };
    expect(compareState({ robots: { ci: { description: 'new words' } } }, observed, context)).toMatchObject({
      changes: [],
      remarks: [{ object: 'robot payments+ci' }],
    });
  });

  it('makes no second default permission like the first, and changes the role of one that is there', () => {
    const prototype = {
      id: 'p1',
      role: 'read',
      activating_user: null,
      delegate: { name: 'payments+ci', kind: 'user', is_robot: true },
    };
    const observed = { ...empty, prototypes: [prototype] };
    expect(planned({ defaultPermissions: [{ grant: 'read', to: 'robot/ci' }] }, observed)).toEqual([]);
    expect(calls({ defaultPermissions: [{ grant: 'write', to: 'robot/ci' }] }, observed)).toEqual([
      { name: 'changePrototype', parameters: { organization: 'payments', id: 'p1' }, body: { role: 'write' } },
    ]);
  });

  it('never removes the personal permission of whoever made a repository, unless the file speaks of users', () => {
    const observed = {
      ...empty,
      repositories: { api: repository({ users: { ana: { role: 'admin', name: 'ana' } }, teams: {} }) },
    };
    expect(planned({ repositories: { api: { permissions: { 'team/developers': 'write' } } } }, observed)).toEqual([
      'create permission of team/developers on payments/api: write',
    ]);
    expect(planned({ repositories: { api: { permissions: { 'user/ben': 'read' } } } }, observed)).toEqual([
      'create permission of user/ben on payments/api: read',
      'delete permission of user/ana on payments/api: not among the declared ones',
    ]);
  });
});

describe('a proxy cache', () => {
  const cache = { upstream_registry: 'docker.io', expiration_s: 86_400, insecure: false };

  it('that is as declared stays, whatever its credentials may be', () => {
    const credentials = { username: 'u', password: new Secret('p') };
    expect(
      planned(
        { proxyCache: { upstream: 'docker.io', expiration: 86_400, credentials } },
        { ...empty, proxyCache: cache },
      ),
    ).toEqual([]);
  });

  it('that differs is deleted, validated and made again', () => {
    const names = calls({ proxyCache: { upstream: 'quay.io' } }, { ...empty, proxyCache: cache }).map(
      (each) => each.name,
    );
    expect(names).toEqual(['deleteProxyCache', 'validateProxyCache', 'createProxyCache']);
  });

  it('is known to be absent by three empty texts', () => {
    const none = { upstream_registry: '', expiration_s: '', insecure: '' };
    expect(planned({ proxyCache: { upstream: 'docker.io' } }, { ...empty, proxyCache: none })).toEqual([
      'create proxy cache of payments: new',
    ]);
    expect(planned({ proxyCache: { present: false } }, { ...empty, proxyCache: none })).toEqual([]);
  });
});

describe('policies', () => {
  it('whose value changed are changed, not deleted', () => {
    const observed = { ...empty, autoPrune: [{ uuid: 'u1', method: 'number_of_tags' as const, value: 50 }] };
    expect(calls({ autoPrune: [{ keepNewest: 100 }] }, observed)).toEqual([
      {
        name: 'changeOrganizationPrune',
        parameters: { organization: 'payments', uuid: 'u1' },
        body: { method: 'number_of_tags', value: 100 },
      },
    ]);
  });

  it('that are more than declared are deletions, after everything else', () => {
    const observed = {
      ...empty,
      autoPrune: [
        { uuid: 'u1', method: 'number_of_tags' as const, value: 50 },
        { uuid: 'u2', method: 'creation_date' as const, value: '7d' },
      ],
    };
    expect(
      planned({ autoPrune: [{ keepNewest: 50 }], robots: { ci: {} } }, observed).map((line) => line.split(':')[0]),
    ).toEqual(['create robot payments+ci', 'delete auto-prune policy of payments (creation_date 7d)']);
  });

  it('make a quota before its limits', () => {
    const names = calls({ quota: { limit: 1024, warn: [80], reject: [100] } }, { ...empty, quotas: [] }).map(
      (each) => each.name,
    );
    expect(names).toEqual(['createQuota', 'createQuotaLimit', 'createQuotaLimit']);
  });
});

describe('a mirror', () => {
  const mirrored = (parts: Partial<ObservedRepository> = {}) => ({
    ...empty,
    repositories: {
      api: repository({
        mirror: observedMirror,
        view: { namespace: 'payments', name: 'api', description: null, is_public: false, state: 'MIRROR' },
        ...parts,
      }),
    },
  });

  it('is made with every field that the server demands', () => {
    const [made] = calls({ repositories: { api: { mirror } } }, { ...empty, repositories: { api: repository() } });
    expect(made).toMatchObject({
      name: 'createMirror',
      body: {
        robot_username: 'payments+ci',
        sync_start_date: context.now,
        skopeo_timeout_interval: 300,
        root_rule: { rule_value: ['v*'] },
      },
    });
  });

  it('gets no time-out on a server that does not know the field', () => {
    const old = { ...context, abilities: { timeout: false, architectures: false } };
    const { changes } = compareState(
      { repositories: { api: { mirror } } },
      { ...empty, repositories: { api: repository() } },
      old,
    );
    expect(JSON.stringify(changes)).not.toContain('skopeo_timeout_interval');
  });

  it('that asks for what the server lacks is refused', () => {
    const old = { ...context, abilities: { timeout: false, architectures: false } };
    const declared = { repositories: { api: { mirror: { ...mirror, timeout: 600, architectures: ['amd64'] } } } };
    const { remarks } = compareState(declared, { ...empty, repositories: { api: repository() } }, old);
    expect(remarks.map((remark) => remark.asked)).toEqual([true, true]);
  });

  it('that is as declared stays, microseconds in its start included', () => {
    expect(
      planned({ repositories: { api: { mirror: { ...mirror, start: '2030-01-02T09:00:00Z' } } } }, mirrored()),
    ).toEqual([]);
  });

  it('whose configuration outlived a change of state is only switched back', () => {
    const observed = mirrored({
      view: { namespace: 'payments', name: 'api', description: null, is_public: false, state: 'NORMAL' },
    });
    expect(calls({ repositories: { api: { mirror } } }, observed)).toEqual([
      { name: 'changeState', parameters: { repository: 'payments/api' }, body: { state: 'MIRROR' } },
    ]);
  });

  it('gets its first proxy block sent twice, because the server loses a key the first time', () => {
    const declared = { ...mirror, proxy: { https: 'http://proxy.example.com:3128' } };
    expect(calls({ repositories: { api: { mirror: declared } } }, mirrored()).map((each) => each.name)).toEqual([
      'changeMirror',
      'changeMirror',
    ]);
  });

  it('gets its password again only when told to, and always with the user name', () => {
    const declared = {
      repositories: {
        api: { mirror: { ...mirror, credentials: { username: 'puller', password: new Secret('new') } } },
      },
    };
    expect(planned(declared, mirrored())).toEqual([]);
    const { changes } = compareState(declared, mirrored(), { ...context, renewPassword: true });
    expect(changes[0]?.calls[0]?.body).toMatchObject({ external_registry_username: 'puller' });
    expect(JSON.stringify(changes)).not.toContain('"new"');
  });
});

describe('the scopes that a plan needs', () => {
  it('are those of its calls', () => {
    const { changes } = compareState({ robots: { ci: {} }, repositories: { api: {} } }, empty, context);
    expect(scopesFor(changes)).toEqual(['org:admin', 'repo:create']);
  });
});

describe('an exported organisation', () => {
  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  const role = fc.constantFrom('read', 'write', 'admin');
  const percent = fc.integer({ min: 1, max: 100 });
  const prune = fc.oneof(
    fc.record({
      uuid: fc.uuid(),
      method: fc.constant('number_of_tags' as const),
      value: fc.integer({ min: 1 }),
      tagPattern: fc.option(word),
      tagPatternMatches: fc.boolean(),
    }),
    fc.record({
      uuid: fc.uuid(),
      method: fc.constant('creation_date' as const),
      value: fc.constantFrom('7d', '2w'),
      tagPattern: fc.option(word),
      tagPatternMatches: fc.boolean(),
    }),
  );
  const immutability = fc.record({ uuid: fc.uuid(), tagPattern: word, tagPatternMatches: fc.boolean() });
  const permissions = fc.dictionary(
    fc.oneof(
      word,
      word.map((name) => `payments+${name}`),
    ),
    fc.record({ role, name: word }),
  );
  const notification = fc.record({
    uuid: fc.uuid(),
    title: fc.option(word),
    event: word,
    method: word,
    config: fc.dictionary(word, word),
    event_config: fc.dictionary(word, word),
  });
  const observedRepository = fc.record({
    view: fc.record({
      namespace: fc.constant('payments'),
      name: word,
      description: fc.option(word),
      is_public: fc.boolean(),
      state: fc.constantFrom('NORMAL' as const, 'READ_ONLY' as const, 'MIRROR' as const),
    }),
    users: permissions,
    teams: permissions,
    autoPrune: fc.array(prune, { maxLength: 3 }),
    immutability: fc.array(immutability, { maxLength: 3 }),
    notifications: fc.array(notification, { maxLength: 3 }),
  });
  const observed: fc.Arbitrary<ObservedOrganization> = fc.record({
    name: fc.constant('payments'),
    view: fc.constant(view),
    teams: fc.dictionary(
      word,
      fc.record({
        entry: fc.record({
          name: word,
          role: fc.constantFrom('member' as const, 'creator' as const, 'admin' as const),
          description: word,
        }),
        members: fc.record({
          name: word,
          members: fc.uniqueArray(word).map((names) => names.map((name) => ({ name }))),
        }),
      }),
    ),
    robots: fc.uniqueArray(word).map((names) => names.map((name) => ({ name: `payments+${name}`, description: name }))),
    prototypes: fc.array(
      fc.record({
        id: fc.uuid(),
        role,
        activating_user: fc.option(fc.record({ name: word })),
        delegate: fc.record({ name: word, kind: fc.constantFrom('user', 'team') }),
      }),
      { maxLength: 4 },
    ),
    proxyCache: fc.oneof(
      fc.constant({ upstream_registry: '', expiration_s: '', insecure: '' }),
      fc.record({ upstream_registry: word, expiration_s: fc.integer({ min: 0 }), insecure: fc.boolean() }),
    ),
    quotas: fc.array(
      fc.record({
        id: fc.integer(),
        limit_bytes: fc.integer({ min: 1 }),
        limits: fc.array(
          fc.record({ id: fc.integer(), type: fc.constantFrom('Warning', 'Reject'), limit_percent: percent }),
          { maxLength: 3 },
        ),
      }),
      { maxLength: 1 },
    ),
    autoPrune: fc.array(prune, { maxLength: 3 }),
    immutability: fc.array(immutability, { maxLength: 3 }),
    applications: fc.array(
      fc.record({
        name: word,
        client_id: fc.uuid(),
        description: word,
        application_uri: word,
        redirect_uri: word,
        avatar_email: word,
      }),
      { maxLength: 3 },
    ),
    repositories: fc.dictionary(word, observedRepository),
  });

  it('declares what is there: comparing it with its origin finds nothing to do', () => {
    fc.assert(
      fc.property(observed, (organization) => {
        expect(planned(describeOrganization(organization), organization)).toEqual([]);
      }),
    );
  });

  it('compared with nothing would make everything, and delete nothing', () => {
    fc.assert(
      fc.property(observed, (organization) => {
        const { changes } = compareState(describeOrganization(organization), { name: 'payments' }, context);
        expect(changes[0]?.object).toBe('organization payments');
        expect(changes.filter((change) => change.action === 'delete')).toEqual([]);
      }),
    );
  });
});
