/** Changes that the server cannot make because a feature is off or newer than it is. */
import { type Endpoint, endpoints } from '../endpoints.ts';
import type { QuayFeatures } from '../features.ts';
import type { PlannedCall, QuayChange, QuayRemark } from './change.ts';

export function lackingFeatures(changes: readonly QuayChange[], features: QuayFeatures): readonly QuayRemark[] {
  return changes.flatMap((change) => {
    const [message] = change.calls.flatMap((call) => lack(call.name, features) ?? ignored(call, features) ?? []);
    return message === undefined ? [] : [{ object: change.object, message, asked: true }];
  });
}

function lack(name: keyof typeof endpoints, features: QuayFeatures): string | undefined {
  const { feature, since }: Endpoint = endpoints[name];
  const version = since === undefined ? '' : ` (it came with Quay ${since})`;
  if (feature !== undefined && !features.isOn(feature)) {
    return `the feature ${feature} is off on this Quay${version}; FEATURE_${feature}: true in its config.yaml switches it on`;
  }
  // Only what has a version is looked up: the discovery document leaves some old calls out.
  if (since !== undefined && !features.offers(name)) return `this Quay does not offer it${version}`;
  return undefined;
}

/** An older Quay ignores a policy's pattern without a word, and would prune every tag. */
function ignored({ name, body }: PlannedCall, features: QuayFeatures): string | undefined {
  const hasPattern = typeof body === 'object' && body !== null && 'tagPattern' in body;
  if (!hasPattern || features.takes(name, 'tagPattern')) return undefined;
  return 'this Quay knows no tag patterns of policies and would take it for every tag';
}
