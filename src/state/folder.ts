import { join } from 'node:path';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/** Where what should outlast a run is kept, by each system's custom (XDG base directories, Application Support, AppData). */
export function stateFolder({ env, home, platform }: Surroundings): string {
  const named = env['XDG_STATE_HOME'];
  if (named) return join(named, 'tranship');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'tranship');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'tranship');
  return join(home, '.local', 'state', 'tranship');
}
