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
  E_QUAY_STATE: entry(
    'unwritable',
    'the repository is a mirror or read-only and takes no pushes',
    'Set its state to NORMAL, or leave it out.',
  ),
  E_QUAY_SERVER: entry('temporary', 'Quay failed', 'Try again later.'),
  E_QUAY_ANSWER: entry('failed', 'Quay gave an answer of another shape than known', 'Report it with Quay’s version.'),
  E_QUAY_ADDRESS: entry('usage', 'the address of a Quay is malformed or has a path', 'Write https://quay.example.com.'),
  E_QUAY_TOKEN_FILE: entry('failed', 'a file for a token cannot be read or written', 'Check the path and its rights.'),
  E_QUAY_PRUNE_CAP: entry(
    'refused',
    'more would be deleted than a run may delete',
    'Look at the plan; if it is meant, allow so many with --max-deletions.',
  ),
  E_QUAY_UNHEALTHY: entry('temporary', 'a Quay that starts up did not become healthy in time', 'See its logs.'),
  E_QUAY_ROBOT: entry(
    'failed',
    'the robot that is to write the mirrors does not exist',
    'Make it in the organisation, or give a token with org:admin.',
  ),
  E_QUAY_ORG_MIRROR: entry(
    'usage',
    'Quay cannot mirror this organisation by itself',
    'The message says why. Mirror its repositories one by one.',
  ),
  E_QUAY_MIRROR_WAIT: entry(
    'temporary',
    'mirrors did not end in the time that was given',
    'They go on by themselves. Look at them with `tranship quay mirror status`.',
  ),
};
