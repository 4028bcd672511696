import type { IncomingMessage, ServerResponse } from 'node:http';
import { asWriteFailure } from '../layout/failures.ts';
import { isTranshipError } from '../oci/errors.ts';
import type { Gate } from './access.ts';
import type { Rules } from './context.ts';
import { dispatch } from './dispatch.ts';
import { type Exchange, openExchange, sendFault } from './exchange.ts';
import { Fault, fault } from './fault.ts';
import { parseRoute } from './route.ts';
import type { Storage } from './storage.ts';

export interface HandlerOptions {
  readonly storage: Storage;
  readonly gate: Gate;
  readonly rules: Rules;
  readonly readOnly: boolean;
  onError(error: unknown): void;
}

/** Answers requests. Whatever goes wrong becomes an answer too, so the returned promise never rejects. */
export function createHandler(
  options: HandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const exchange = openExchange(request, response);
    response.setHeader('docker-distribution-api-version', 'registry/2.0');
    try {
      await answer(exchange, options);
    } catch (error) {
      sendFault(exchange, faultFor(error, request, options));
    }
  };
}

async function answer(exchange: Exchange, { storage, gate, rules, readOnly }: HandlerOptions): Promise<void> {
  if (await gate.answer?.(exchange)) return;
  const route = parseRoute(exchange.path, exchange.request.method);
  if (route === undefined) throw fault(404, 'UNSUPPORTED', 'there is nothing at this path');
  const access = gate.admit(exchange.request);
  if (readOnly && exchange.request.method !== 'GET' && exchange.request.method !== 'HEAD') {
    throw fault(405, 'DENIED', 'this registry is read-only');
  }
  await dispatch({ ...exchange, storage, rules, access }, route);
}

/** A full disk is told as 507, so that clients do not take it for a fault of theirs; the rest is this program's fault. */
function faultFor(error: unknown, request: IncomingMessage, { onError }: HandlerOptions): Fault {
  if (error instanceof Fault) return error;
  const failure = asWriteFailure(error, 'the registry');
  if (isTranshipError(failure) && failure.failure === 'unwritable') return fault(507, 'DENIED', failure.message);
  if (!request.destroyed || request.complete) onError(error);
  return fault(500, 'UNSUPPORTED', 'the registry failed');
}
