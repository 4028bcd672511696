/** Waits until a Quay that starts up is healthy. */

import type { Clock } from '../kit/clock.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import type { CallOptions } from '../oci/ports.ts';
import type { QuayClient } from './client.ts';

export interface HealthOptions extends CallOptions {
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Milliseconds. */
  readonly patience: number;
  /** Told each time that it has to be waited, with the reason. */
  readonly onWait?: ((reason: string) => void) | undefined;
}

const pauseMs = 2000;

/** Looks first, and waits only where there is a need to. Throws `E_QUAY_UNHEALTHY` with the last reason. */
export async function waitUntilHealthy(quay: QuayClient, options: HealthOptions): Promise<void> {
  const { clock, patience, signal } = options;
  const end = clock.now() + patience;
  for (;;) {
    const reason = await illness(quay, { signal });
    if (reason === undefined) return;
    if (clock.now() >= end) {
      throw new TranshipError('E_QUAY_UNHEALTHY', 'temporary', `${quay.server} did not become healthy: ${reason}`, {
        subject: quay.server,
        hint: 'Look at the logs of Quay, or give it more time with --wait.',
      });
    }
    options.onWait?.(reason);
    await clock.sleep(Math.min(pauseMs, Math.max(end - clock.now(), 1)), { signal });
  }
}

/**
 * A Quay that starts up is a server that fails. What answers otherwise (not found, a redirect, a login) has no such check:
 * no waiting changes that, and asking it for its features says what it is.
 */
function isStarting(status: number): boolean {
  return status >= 500 || status === 429;
}

async function illness(quay: QuayClient, options: CallOptions): Promise<string | undefined> {
  try {
    const answer = await quay.send('GET', '/health/instance', { ...options, anonymous: true, awaitsHost: true });
    return isStarting(answer.status) ? `its health check answers ${answer.status}` : undefined;
  } catch (error) {
    if (isTranshipError(error) && error.failure === 'temporary') return error.message;
    throw error;
  }
}
