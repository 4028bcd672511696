/** The objects that destinations lack, planned, checked against their tokens and made. */
import { TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { type ChangeResult, runPlan } from '../../quay/declared/run.ts';
import { missingScopes } from '../../quay/declared/scopes.ts';
import type { Inventory } from '../../quay/pair/inventory.ts';
import { type Companion, type ObjectsPlan, planObjects } from '../../quay/pair/objects.ts';
import type { OpenSide, QuayPair } from './pair.ts';

export interface SideObjects {
  readonly side: OpenSide;
  readonly objects: ObjectsPlan;
}

export interface PairObjectsInput extends CallOptions {
  readonly namespaces: readonly string[];
  readonly wanted: Inventory;
  readonly thereOf: (side: OpenSide) => Inventory;
  readonly companions?: ReadonlySet<Companion>;
  /** The plan is only to be shown: what the token may make does not matter. */
  readonly onlyCompare?: boolean;
}

/** Throws `E_QUAY_SCOPE` where a destination's token may not make what is missing. Writes nothing. */
export async function planPairObjects(pair: QuayPair, input: PairObjectsInput): Promise<readonly SideObjects[]> {
  const now = new Date(pair.sync.session.clock.wall()).toISOString().replace(/\.\d+Z$/, 'Z');
  return Promise.all(
    pair.destinations.map(async (side) => {
      const objects = await planObjects({
        source: pair.source.connection.quay,
        destination: side.connection.quay,
        features: side.connection.features,
        namespaces: input.namespaces,
        wanted: input.wanted,
        there: input.thereOf(side),
        companions: input.companions ?? new Set(),
        now,
        signal: input.signal,
      });
      if (input.onlyCompare !== true) await requireScopes(side, objects, input);
      return { side, objects };
    }),
  );
}

async function requireScopes({ connection: { quay }, host }: OpenSide, { plan }: ObjectsPlan, options: CallOptions) {
  const changes = plan.parts.flatMap((part) => part.changes);
  const existing = new Set(plan.parts.filter(({ exists }) => exists).map(({ name }) => name));
  const missing = await missingScopes(quay, changes, existing, { signal: options.signal });
  if (missing.length === 0) return;
  const words = missing.map(({ scope, object }) => `${scope} (for ${object})`).join(', ');
  throw new TranshipError('E_QUAY_SCOPE', 'auth', `The token may not make what is missing. It lacks ${words}`, {
    side: 'destination',
    subject: host,
    hint: 'Nothing was written. Make a token with these scopes, or make the objects by other means.',
  });
}

export interface ObjectsInput extends CallOptions {
  readonly onObject?: (side: OpenSide, result: ChangeResult) => void;
}

export async function carryOutObjects(
  planned: readonly SideObjects[],
  { onObject, signal }: ObjectsInput,
): Promise<readonly { readonly side: OpenSide; readonly result: ChangeResult }[]> {
  const results = await Promise.all(
    planned.map(async ({ side, objects }) => {
      const onResult = (result: ChangeResult) => onObject?.(side, result);
      const done = await runPlan(side.connection.quay, objects.plan, { signal, onResult });
      return done.map((result) => ({ side, result }));
    }),
  );
  return results.flat();
}
