import { type ErrorEntries, entry } from './entry.ts';

/** Errors of Quay's own API. */
export const quayErrors: ErrorEntries = {
  E_NOT_QUAY: entry(['usage', 'failed'], 'the server is no Quay', 'Check the address.'),
  E_QUAY_TOKEN: entry(
    ['auth', 'usage'],
    'Quay does not accept the token',
    'Make one in an organisation’s OAuth applications. Tokens of robots are for pulling and pushing only.',
  ),
  E_QUAY_SCOPE: entry('auth', 'the token may not do this', 'Make a token with the scope that the message names.'),
  E_QUAY_SIGN_IN: entry('auth', 'Quay refused user or password', 'Check them; too many attempts lock for a while.'),
  E_QUAY_ABSENT: entry('failed', 'Quay has no such object', 'Check the name.'),
  E_QUAY_CONFLICT: entry('refused', 'what is asked for is in the way of what exists', 'The server’s words tell.'),
  E_QUAY_FEATURE_OFF: entry(['usage', 'failed'], 'the feature is switched off on this Quay', 'See its config.yaml.'),
  E_QUAY_UNSUPPORTED: entry(
    ['usage', 'failed'],
    'this Quay does not offer the call',
    'It is too old for it, or the feature is switched off.',
  ),
  E_QUAY_NAME: entry('usage', 'a name may not be used in a call to Quay', 'Check it; no call was made.'),
  E_QUAY_LISTING: entry('temporary', 'a listing of Quay did not come to an end', 'Run it again; nothing was decided.'),
  E_QUAY_REFUSED: entry(['refused', 'failed'], 'Quay refused', 'Its own words are in the message.'),
  E_QUAY_SERVER: entry('temporary', 'Quay failed', 'Try again later.'),
  E_QUAY_ANSWER: entry('failed', 'Quay gave an answer of another shape than known', 'Report it with Quay’s version.'),
};
