/** What a server understands of a mirror, by its own description; an unknown field is a server error there. */
import type { QuayFeatures } from '../features.ts';
import type { MirrorAbilities } from './mirror.ts';

export function mirrorAbilities(features: QuayFeatures): MirrorAbilities {
  return {
    timeout: features.takes('createMirror', 'skopeo_timeout_interval'),
    architectures: features.takes('createMirror', 'architecture_filter') && features.isOn('SPARSE_INDEX'),
  };
}
