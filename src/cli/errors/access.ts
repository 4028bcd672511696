import { type ErrorEntries, entry } from './entry.ts';

/** Errors of credentials and rights. */
export const accessErrors: ErrorEntries = {
  E_UNAUTHORIZED: entry(
    'auth',
    'the registry does not accept who we are, or wants to know it',
    'Run `tranship login REGISTRY`. `tranship doctor REGISTRY` shows which credentials are used and where they come from.',
  ),
  E_DENIED: entry(
    'auth',
    'we are known, but may not do this',
    'Ask for the right (pull on the source, push on the destination), or sign in as somebody who has it. Robots need write on the repository.',
  ),
  E_TOKEN_ANSWER: entry(
    ['failed', 'auth', 'temporary'],
    'the token service of the registry gave an answer that holds no usable token',
    'See `tranship doctor REGISTRY` for the service that the registry names.',
  ),
  E_AUTH_FILE: entry(
    ['usage', 'failed'],
    'a credentials file is missing, malformed or cannot be written',
    'Correct it, or name another with --authfile or REGISTRY_AUTH_FILE. Its content is never shown.',
  ),
  E_CREDENTIAL_HELPER: entry(
    'auth',
    'a credential helper (docker-credential-…) failed',
    'Run it by hand as the message shows. It must answer within 30 seconds with the JSON of the docker protocol.',
  ),
  E_HELPER_MISSING: entry(
    'auth',
    'the credentials file names a helper that is not installed',
    'Install docker-credential-NAME, or take it out of credsStore or credHelpers, or use --authfile.',
  ),
  E_SECRET: entry(
    'usage',
    'a secret is not where the configuration says that it is',
    'Set the variable, write the file, or correct the command. An empty secret counts as missing.',
  ),
};
