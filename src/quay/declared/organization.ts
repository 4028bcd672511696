/** The organisation itself: whether it exists, its e-mail address, how long deleted tags can be brought back. */
import { type Comparison, call, changesOnly, create, type PlannedCall, remove, update } from './change.ts';
import { differences } from './match.ts';
import type { ObservedOrganization } from './observed.ts';
import type { DeclaredOrganization } from './types.ts';

export function compareOrganization(declared: DeclaredOrganization, observed: ObservedOrganization): Comparison {
  const organization = observed.name;
  const object = `organization ${organization}`;
  if (declared.present === false) {
    return changesOnly(observed.view && remove(object, [call('deleteOrganization', { organization })]));
  }
  if (observed.view === undefined) {
    return changesOnly(create(object, [...createCalls(organization, declared)]));
  }
  const changed = differences({
    email: [declared.email, observed.view.email],
    'tag-expiration': [declared.tagExpiration, observed.view.tag_expiration_s],
  });
  return changesOnly(
    changed.length === 0
      ? undefined
      : update(object, changed.join(', '), [call('changeOrganization', { organization }, settings(declared))]),
  );
}

function* createCalls(organization: string, declared: DeclaredOrganization): Generator<PlannedCall> {
  yield call(
    'createOrganization',
    {},
    { name: organization, ...(declared.email === undefined ? {} : { email: declared.email }) },
  );
  if (declared.tagExpiration !== undefined) {
    yield call('changeOrganization', { organization }, { tag_expiration_s: declared.tagExpiration });
  }
}

function settings(declared: DeclaredOrganization): Record<string, unknown> {
  return {
    ...(declared.email === undefined ? {} : { email: declared.email }),
    ...(declared.tagExpiration === undefined ? {} : { tag_expiration_s: declared.tagExpiration }),
  };
}
