import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What decides where credential files lie. */
export interface Surroundings {
  readonly env: Environment;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

export interface AuthPlace {
  readonly path: string;
  /** Said by the user (`--authfile`, `REGISTRY_AUTH_FILE`): then it must exist, and no other place is looked at. */
  readonly explicit: boolean;
  /** `legacy` is `~/.dockercfg`: the map of servers without anything around it. */
  readonly format: 'auths' | 'legacy';
}

/**
 * Where credentials may lie, the first to be asked first (containers-auth.json(5), then docker's own places). A file that
 * the user names stands alone, as with the containers tools.
 */
export function authPlaces(surroundings: Surroundings, authFile?: string): readonly AuthPlace[] {
  const named = authFile ?? nonEmpty(surroundings.env['REGISTRY_AUTH_FILE']);
  if (named !== undefined) return [{ path: named, explicit: true, format: 'auths' }];
  return [
    ...containersPlaces(surroundings).map(usual),
    usual(join(dockerFolder(surroundings), 'config.json')),
    { path: join(surroundings.home, '.dockercfg'), explicit: false, format: 'legacy' },
  ];
}

/** The file that `login` writes when the user names none: docker's, because every tool reads it. */
export function loginPlace(surroundings: Surroundings, authFile?: string): string {
  const named = authFile ?? nonEmpty(surroundings.env['REGISTRY_AUTH_FILE']);
  return named ?? join(dockerFolder(surroundings), 'config.json');
}

function containersPlaces({ env, home, platform }: Surroundings): readonly string[] {
  const configHome = nonEmpty(env['XDG_CONFIG_HOME']) ?? join(home, '.config');
  const settled = join(configHome, 'containers', 'auth.json');
  const runtime = nonEmpty(env['XDG_RUNTIME_DIR']);
  if (platform !== 'linux') return unique([join(home, '.config', 'containers', 'auth.json'), settled]);
  return runtime === undefined ? [settled] : [join(runtime, 'containers', 'auth.json'), settled];
}

function dockerFolder({ env, home }: Surroundings): string {
  return nonEmpty(env['DOCKER_CONFIG']) ?? join(home, '.docker');
}

function usual(path: string): AuthPlace {
  return { path, explicit: false, format: 'auths' };
}

function unique(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)];
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
