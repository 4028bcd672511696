/**
 * Whether a token is alive, found out with a call that any scope allows. Listing calls do not tell: with a dead token Quay
 * answers them as to a stranger, with an empty list, so that "nothing there" and "token dead" look the same.
 */
import type { CallOptions } from '../oci/ports.ts';
import { answerError, wordsOf } from './answer-error.ts';
import type { QuayClient } from './client.ts';

/** No repository has this name: Quay's grammar allows it, and nobody types it by chance. */
export const absentRepository = 'tranship-liveness-probe-0b6f1d';

/**
 * Throws `E_QUAY_TOKEN` when the token is missing, invalid, expired, or is none for the API (a robot's or an application's
 * login token). `namespace` is any organisation or user that the run is about.
 *
 * Quay decides between 401 and 403 or 404 only by whether a user was authenticated; hence the repository that does not
 * exist.
 */
export async function requireLiveToken(quay: QuayClient, namespace: string, options: CallOptions = {}): Promise<void> {
  const path = `/api/v1/repository/${encodeURIComponent(namespace)}/${absentRepository}?includeTags=false`;
  const answer = await quay.send('GET', path, options);
  if (answer.status === 403 || answer.status === 404) {
    const said = wordsOf({
      status: answer.status,
      contentType: answer.headers.get('content-type'),
      body: answer.body.toString('utf8'),
    });
    if (!said.startsWith('HTML page')) return;
  }
  throw answerError(
    { status: answer.status, contentType: answer.headers.get('content-type'), body: answer.body.toString('utf8') },
    { what: `Asking ${quay.server} who the token is`, server: quay.server, scope: 'repo:read' },
  );
}
