/** The first user of an empty Quay, and the way back in where it was made but its token got lost. */

import { Secret } from '../kit/secret.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { QuayClient } from './client.ts';
import { mintInSession } from './mint.ts';
import { allScopes } from './scope-names.ts';
import { signIn } from './session.ts';

export interface FirstUser {
  readonly username: string;
  /** At least eight characters, no blanks: Quay's rule. */
  readonly password: Secret;
  readonly email?: string | undefined;
}

export interface FirstUserOptions extends CallOptions {
  /** Holds the OAuth application of a recovered token, where the first user's own is not there. */
  readonly organization: string;
}

export interface FirstUserToken {
  readonly token: Secret;
  /** `recovered`: the user was there, and its password opened the way. */
  readonly how: 'made' | 'recovered';
}

/** What `POST /user/initialize` gives lives nine thousand seconds. */
export const firstTokenSeconds = 9000;

/**
 * Makes the first user and returns its token, which has every scope. Where there are users already, signs in as this one.
 * Throws `E_QUAY_FEATURE_OFF` where the server's configuration does not allow it.
 */
export async function makeFirstUser(
  quay: QuayClient,
  user: FirstUser,
  options: FirstUserOptions,
): Promise<FirstUserToken> {
  const token = await initialize(quay, user, options);
  if (token !== undefined) return { token, how: 'made' };
  return { token: await recover(quay, user, options), how: 'recovered' };
}

/** Nothing where the database has users. */
async function initialize(quay: QuayClient, user: FirstUser, options: CallOptions): Promise<Secret | undefined> {
  const { features } = quay;
  if (features?.authentication !== undefined && features.authentication !== 'Database') {
    throw refused(
      quay,
      `AUTHENTICATION_TYPE is ${features.authentication}`,
      'It has to be Database while the first user is made.',
    );
  }
  if (features?.isOn('USER_INITIALIZE') !== true) {
    throw refused(
      quay,
      'the feature USER_INITIALIZE is off',
      "Set FEATURE_USER_INITIALIZE: true in Quay's config.yaml.",
    );
  }
  try {
    const made = await quay.call('initializeUser', {
      signal: options.signal,
      body: {
        username: user.username,
        password: user.password.reveal(),
        ...(user.email === undefined ? {} : { email: user.email }),
        access_token: true,
      },
    });
    if (typeof made.access_token === 'string') return new Secret(made.access_token);
    throw refused(quay, 'it gave no token', 'Make one with: tranship quay token create.');
  } catch (error) {
    if (isTranshipError(error) && /non-empty database/i.test(error.serverSaid ?? '')) return undefined;
    throw error;
  }
}

async function recover(quay: QuayClient, user: FirstUser, options: FirstUserOptions): Promise<Secret> {
  const session = await signIn(quay, user.username, user.password, { signal: options.signal });
  try {
    // Making the first user also made an application that has the user's name.
    return await session.mintToken(user.username, allScopes);
  } catch (error) {
    if (!isTranshipError(error)) throw error;
    return mintInSession(quay, session, { ...options, application: 'tranship', scopes: allScopes });
  }
}

function refused(quay: QuayClient, why: string, hint: string): TranshipError {
  return new TranshipError('E_QUAY_FEATURE_OFF', 'usage', `The first user cannot be made: ${why}`, {
    subject: quay.server,
    hint,
  });
}
