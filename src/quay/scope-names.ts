/** The scopes that a token can have. */
import { TranshipError } from '../oci/errors.ts';

export const allScopes = [
  'org:admin',
  'repo:admin',
  'repo:create',
  'repo:read',
  'repo:write',
  'super:user',
  'user:admin',
  'user:read',
] as const;

/** Scopes as they are typed, with blanks or commas between. Throws `E_USAGE` for what is none. */
export function parseScopes(text: string): readonly string[] {
  const scopes = text.split(/[\s,]+/).filter((word) => word !== '');
  const wrong = scopes.find((scope) => !(allScopes as readonly string[]).includes(scope));
  if (wrong === undefined && scopes.length > 0) return scopes;
  throw new TranshipError('E_USAGE', 'usage', wrong === undefined ? 'No scope is given' : `"${wrong}" is no scope`, {
    hint: `There are: ${allScopes.join(', ')}.`,
  });
}
