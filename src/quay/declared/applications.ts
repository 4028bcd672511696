/** OAuth applications. Their names are not unique on the server; the first of a name is the one that is managed. */
import { type Comparison, call, changesOnly, create, type QuayRemark, remove, update } from './change.ts';
import { differences } from './match.ts';
import type { ObservedOrganization } from './observed.ts';
import type { DeclaredApplication } from './types.ts';

export function compareApplications(
  organization: string,
  declared: Readonly<Record<string, DeclaredApplication>> = {},
  observed: NonNullable<ObservedOrganization['applications']> = [],
): Comparison {
  const remarks: QuayRemark[] = [];
  const changes = Object.entries(declared).map(([name, wanted]) => {
    const object = `application ${name} of ${organization}`;
    const [existing, ...others] = observed.filter((application) => application.name === name);
    if (others.length > 0)
      remarks.push({ object, message: `there are ${others.length + 1} of this name; only the first is managed` });
    if (wanted.present === false) {
      return existing && remove(object, [call('deleteApplication', { organization, client: existing.client_id })]);
    }
    if (existing === undefined)
      return create(object, [call('createApplication', { organization }, bodyOf(name, wanted))]);
    const changed = differences({
      description: [wanted.description, existing.description],
      homepage: [wanted.homepage, existing.application_uri],
      redirect: [wanted.redirect, existing.redirect_uri],
      email: [wanted.email, existing.avatar_email],
    });
    if (changed.length === 0) return undefined;
    const body = bodyOf(name, {
      description: wanted.description ?? existing.description ?? '',
      homepage: wanted.homepage ?? existing.application_uri ?? '',
      redirect: wanted.redirect ?? existing.redirect_uri ?? '',
      email: wanted.email ?? existing.avatar_email ?? '',
    });
    return update(object, changed.join(', '), [
      call('changeApplication', { organization, client: existing.client_id }, body),
    ]);
  });
  return { ...changesOnly(...changes), remarks };
}

/** The server wants every field, and empty text for "none". */
function bodyOf(name: string, application: DeclaredApplication): Record<string, string> {
  return {
    name,
    description: application.description ?? '',
    application_uri: application.homepage ?? '',
    redirect_uri: application.redirect ?? '',
    avatar_email: application.email ?? '',
  };
}
