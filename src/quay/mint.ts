/** Lasting tokens: by Quay's token API where it has one (3.18 and newer), else as a signed-in browser makes them. */
import { Secret } from '../kit/secret.ts';
import type { CallOptions } from '../oci/ports.ts';
import { answerError } from './answer-error.ts';
import type { QuayClient } from './client.ts';
import { buildPath } from './path.ts';
import { Application, Applications } from './replies.ts';
import type { QuaySession } from './session.ts';

export interface TokenRequest extends CallOptions {
  /** Holds the OAuth application. */
  readonly organization: string;
  /** Its name; it is made where there is none. */
  readonly application: string;
  readonly scopes: readonly string[];
}

export interface NamedToken extends TokenRequest {
  /** What the token's list calls it. */
  readonly name: string;
  /** Ten years at most, which is also what it is without. */
  readonly seconds?: number | undefined;
}

export async function mintByApi(quay: QuayClient, request: NamedToken): Promise<Secret> {
  const { organization, signal } = request;
  const { applications } = await quay.call('listApplications', { signal, parameters: { organization } });
  const application =
    applications.find(({ name }) => name === request.application) ??
    (await quay.call('createApplication', { signal, parameters: { organization }, body: newApplication(request) }));
  const made = await quay.call('createApplicationToken', {
    signal,
    parameters: { organization, client: application.client_id },
    body: {
      name: request.name,
      scope: request.scopes.join(' '),
      ...(request.seconds === undefined ? {} : { expiration: request.seconds }),
    },
  });
  return new Secret(made.token ?? '');
}

/** The organisation and the application are made where they are missing. */
export async function mintInSession(quay: QuayClient, session: QuaySession, request: TokenRequest): Promise<Secret> {
  const { organization, signal } = request;
  const path = buildPath('/organization/{organization}', { organization });
  const send = async (method: string, to: string, body?: unknown) => {
    const answer = await session.send(method, to, body, { signal });
    if (answer.status >= 200 && answer.status < 300) return JSON.parse(answer.body.toString('utf8')) as unknown;
    const quoted = { status: answer.status, contentType: answer.headers.get('content-type'), body: `${answer.body}` };
    throw answerError(quoted, { what: `${method} ${to}`, server: quay.server, scope: 'org:admin' });
  };
  const there = await session.send('GET', path, undefined, { signal });
  if (there.status === 404) await send('POST', '/organization/', { name: organization });
  const { applications } = Applications.parse(await send('GET', `${path}/applications`));
  const application =
    applications.find(({ name }) => name === request.application) ??
    Application.parse(await send('POST', `${path}/applications`, newApplication(request)));
  return session.mintToken(application.client_id, request.scopes, { signal });
}

function newApplication({ application }: TokenRequest): Record<string, string> {
  return { name: application, redirect_uri: '', application_uri: '', description: '', avatar_email: '' };
}
