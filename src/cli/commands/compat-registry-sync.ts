export { runRegistrySync as run } from '../compat/registry-sync.ts';
