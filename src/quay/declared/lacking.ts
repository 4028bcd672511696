/** Changes that the server cannot make because a feature is off or newer than it is. */
import { type Endpoint, endpoints } from '../endpoints.ts';
import type { QuayFeatures } from '../features.ts';
import type { QuayChange, QuayRemark } from './change.ts';

export function lackingFeatures(changes: readonly QuayChange[], features: QuayFeatures): readonly QuayRemark[] {
  return changes.flatMap((change) => {
    const lacking = change.calls.find((call) => lack(call.name, features) !== undefined);
    const message = lacking && lack(lacking.name, features);
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
