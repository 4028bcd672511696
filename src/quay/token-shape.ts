/** What a token looks like: a text that can stand in a header. Found out here, so that no half of it is ever sent. */
import { Secret } from '../kit/secret.ts';
import { TranshipError } from '../oci/errors.ts';

/** Visible ASCII, as RFC 6750 has it for a bearer token (and a little more). */
const sendable = /^[\x21-\x7e]+$/;

/**
 * The token without blanks and line breaks around it, which Secrets and files often bring along. Throws `E_QUAY_TOKEN` for
 * what no token can be: nothing, several words (`Bearer …`, `Basic …`), or characters that no header carries.
 */
export function usableToken(token: Secret, server: string): Secret {
  const text = token.reveal().trim();
  if (sendable.test(text)) return new Secret(text);
  throw new TranshipError('E_QUAY_TOKEN', 'auth', `What was given as token for ${server} ${flawOf(text)}`, {
    subject: server,
    hint: 'Give the OAuth token alone (organisation → Applications → Generate Token), without a word in front of it.',
  });
}

function flawOf(text: string): string {
  if (text === '') return 'is empty';
  if (/^(bearer|basic)\s/i.test(text))
    return `begins with "${text.slice(0, text.search(/\s/))}" and is not a token alone`;
  if (/\s/.test(text)) return 'holds a blank or a line break in its middle';
  return 'holds characters that no token has';
}
