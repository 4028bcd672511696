import type { Config, RegistryConfig } from '../../config/types.ts';
import type { ReposyncModel } from './model.ts';
import type { NativeReposync } from './native.ts';

/**
 * `skip-tls-verify` allows plain HTTP too, and local names and private addresses are spoken to in plain HTTP where they speak
 * no TLS, switch or not.
 */
export function withPlainHttp(config: Config, model: ReposyncModel, { keyOf }: NativeReposync): Config {
  const registries = Object.entries(config.registries).map(([name, registry]): [string, RegistryConfig] => {
    const original = model.registries[keyOf.get(name) ?? name];
    const may = original?.skipTlsVerify === true || isLocal(registry.host);
    return [name, may ? { ...registry, mayBePlainHttp: true } : registry];
  });
  return { ...config, registries: Object.fromEntries(registries) };
}

function isLocal(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  if (name === 'localhost' || name.endsWith('.localhost') || name === '[::1]') return true;
  return /^(?:127|10)(?:\.\d{1,3}){3}$|^192\.168(?:\.\d{1,3}){2}$|^172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}$/.test(
    name,
  );
}
