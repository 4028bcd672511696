/**
 * One thing to do to a Quay, as data: what, why, and the calls that do it. Comparing is pure and makes changes; applying only
 * runs their calls; a dry run only shows them.
 */
import { Secret } from '../../kit/secret.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { QuayClient } from '../client.ts';
import { type EndpointName, endpoints } from '../endpoints.ts';
import { quotasOf } from '../quotas.ts';

export interface QuayChange {
  readonly action: 'create' | 'update' | 'delete';
  /** `organization payments`, `robot payments+ci`, `mirror of payments/api`. */
  readonly object: string;
  readonly reason: string;
  readonly calls: readonly PlannedCall[];
  /** Brings back what was there when a later call than the first fails: for what Quay can only delete and make again. */
  readonly undo?: readonly PlannedCall[];
}

export interface PlannedCall {
  readonly name: EndpointName;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Words in a refusal that mean "it is so already": then the call counts as done. */
  readonly harmless?: string;
  /** An answer that is a success to Quay and a failure to us, and why. */
  readonly refused?: { readonly answer: string; readonly why: string };
}

/** Stands for the id of the quota that an earlier call of the same change makes. */
export const newQuota = '(the new quota)';

/** What could not be planned, or is not as declared and cannot be changed. */
export interface QuayRemark {
  readonly object: string;
  readonly message: string;
  /** The file asks for what this server lacks: the run is refused before anything is changed. */
  readonly asked?: boolean;
}

export interface Comparison {
  readonly changes: readonly QuayChange[];
  readonly remarks: readonly QuayRemark[];
}

export function call(name: EndpointName, parameters: Readonly<Record<string, string>>, body?: unknown): PlannedCall {
  return body === undefined ? { name, parameters } : { name, parameters, body };
}

export function create(object: string, calls: readonly PlannedCall[], reason = 'new'): QuayChange {
  return { action: 'create', object, reason, calls };
}

export function update(object: string, reason: string, calls: readonly PlannedCall[]): QuayChange {
  return { action: 'update', object, reason, calls };
}

export function remove(object: string, calls: readonly PlannedCall[], reason = 'declared absent'): QuayChange {
  return { action: 'delete', object, reason, calls };
}

export function together(...parts: readonly Comparison[]): Comparison {
  return { changes: parts.flatMap((part) => part.changes), remarks: parts.flatMap((part) => part.remarks) };
}

/** A password that has to go out now and is not to be had. */
export function missingPassword(object: string, from: string | undefined): QuayRemark {
  const where = from === undefined ? '' : ` (${from})`;
  return { object, message: `its password has to be sent and is not to be had${where}`, asked: true };
}

export function changesOnly(...changes: readonly (QuayChange | undefined)[]): Comparison {
  return { changes: changes.filter((change) => change !== undefined), remarks: [] };
}

/** Runs the calls of one change in order. The first that fails ends it and throws, after what can be undone is undone. */
export async function applyChange(quay: QuayClient, change: QuayChange, options: CallOptions = {}): Promise<void> {
  for (const [index, planned] of change.calls.entries()) {
    try {
      await run(quay, planned, options);
    } catch (error) {
      if (isHarmless(error, planned)) continue;
      throw index === 0 ? error : await undone(quay, change, error);
    }
  }
}

/** The failure, and what became of the attempt to bring back what was there. */
async function undone(quay: QuayClient, change: QuayChange, failure: unknown): Promise<unknown> {
  if (change.undo === undefined || !isTranshipError(failure)) return failure;
  const { code, message, subject, serverSaid } = failure;
  const told = { ...(subject && { subject }), ...(serverSaid && { serverSaid }), cause: failure };
  try {
    // Also after a stop: what was deleted has to come back.
    for (const planned of change.undo) await run(quay, planned, {});
    const hint = 'What was there was put back, without its credentials: Quay never shows them.';
    return new TranshipError(code as `E_${string}`, failure.failure, message, { ...told, hint });
  } catch (second) {
    const hint = `What was there could not be put back either: ${second instanceof Error ? second.message : String(second)}`;
    return new TranshipError(code as `E_${string}`, failure.failure, message, { ...told, hint });
  }
}

async function run(quay: QuayClient, planned: PlannedCall, options: CallOptions): Promise<void> {
  const answer: unknown = await quay.call(planned.name, {
    ...options,
    ...(planned.body === undefined ? {} : { body: revealed(planned.body) }),
    parameters: await resolved(quay, planned.parameters ?? {}, options),
    // Which parameters a call needs is known here only by its row, and the path builder checks that they are all there.
  } as Parameters<typeof quay.call>[1]);
  if (planned.refused === undefined || answer !== planned.refused.answer) return;
  throw new TranshipError('E_QUAY_REFUSED', 'failed', planned.refused.why, {
    subject: quay.server,
    serverSaid: planned.refused.answer,
  });
}

async function resolved(
  quay: QuayClient,
  parameters: Readonly<Record<string, string>>,
  options: CallOptions,
): Promise<Readonly<Record<string, string>>> {
  if (parameters['id'] !== newQuota) return parameters;
  const [quota] = await quotasOf(quay, parameters['organization'] ?? '', options);
  return { ...parameters, id: quota === undefined ? '' : `${quota.id}` };
}

function isHarmless(error: unknown, planned: PlannedCall): boolean {
  return (
    planned.harmless !== undefined && isTranshipError(error) && error.serverSaid?.includes(planned.harmless) === true
  );
}

/** The scopes that applying `changes` asks of a token. */
export function scopesFor(changes: readonly QuayChange[]): readonly string[] {
  return [...new Set(changes.flatMap((change) => change.calls.map((planned) => endpoints[planned.name].scope)))].sort();
}

/** A body with its secrets put in: only now, on its way out. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, revealed(member)]));
}
