/** The objects that destinations lack, planned, checked against their tokens and made. */
import { TranshipError } from '../../oci/errors.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { PlannedCall, QuayChange } from '../../quay/declared/change.ts';
import { type ChangeResult, runPlan } from '../../quay/declared/run.ts';
import { missingScopes } from '../../quay/declared/scopes.ts';
import type { PlanPart } from '../../quay/declared/state-plan.ts';
import type { Inventory } from '../../quay/pair/inventory.ts';
import { type Companion, type ObjectsPlan, planObjects } from '../../quay/pair/objects.ts';
import { settingsThatDiffer } from '../../quay/pair/settings.ts';
import type { OpenSide, QuayPair } from './pair.ts';

export interface SideObjects {
  readonly side: OpenSide;
  readonly objects: ObjectsPlan;
  /** Repositories on both sides whose visibility or description differs. */
  readonly settings: readonly QuayChange[];
  /** Why they are not changed, if so: it is not asked for, or the token may not. */
  readonly settingsStay?: string;
}

export interface PairObjectsInput extends CallOptions {
  readonly namespaces: readonly string[];
  readonly wanted: Inventory;
  readonly thereOf: (side: OpenSide) => Inventory;
  readonly companions?: ReadonlySet<Companion>;
  /** Visibility and description of repositories that exist stay as they are. */
  readonly keepSettings?: boolean | undefined;
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
      const settings = settingsThatDiffer(input.wanted, input.thereOf(side));
      const stay = await whySettingsStay(side, settings, input);
      return { side, objects, settings, ...(stay !== undefined && { settingsStay: stay }) };
    }),
  );
}

/** Images are what a run is for: a token that may not change settings is told of, and nothing fails. */
async function whySettingsStay(
  { connection: { quay } }: OpenSide,
  settings: readonly QuayChange[],
  { keepSettings, onlyCompare, signal }: PairObjectsInput,
): Promise<string | undefined> {
  if (settings.length === 0 || onlyCompare === true) return undefined;
  if (keepSettings === true) return 'left as they are, as asked';
  const namespaces = new Set(settings.flatMap(({ calls }) => calls.flatMap(namespaceOf)));
  const missing = await missingScopes(quay, settings, namespaces, { signal });
  const words = missing.map(({ scope }) => scope).join(', ');
  return missing.length === 0 ? undefined : `left as they are: the token lacks ${words}`;
}

function namespaceOf({ parameters }: PlannedCall): readonly string[] {
  return parameters?.['repository']?.split('/', 1) ?? [];
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
    planned.map(async ({ side, objects, settings, settingsStay }) => {
      const onResult = (result: ChangeResult) => onObject?.(side, result);
      const changes = settingsStay === undefined ? settings : [];
      const parts = [...objects.plan.parts, settingsPart(changes)];
      const done = await runPlan(side.connection.quay, { ...objects.plan, parts }, { signal, onResult });
      return done.map((result) => ({ side, result }));
    }),
  );
  return results.flat();
}

function settingsPart(changes: readonly QuayChange[]): PlanPart {
  return { name: 'settings', kind: 'organization', exists: true, changes, remarks: [], seen: 0, repositoriesWithin: 0 };
}

/** A right to change settings that is missing for one repository alone is no failure of the run. */
export function isFailure({ change, outcome, error }: ChangeResult): boolean {
  if (outcome === 'done') return false;
  return !(change.action === 'update' && change.object.startsWith('repository ') && error?.failure === 'auth');
}
