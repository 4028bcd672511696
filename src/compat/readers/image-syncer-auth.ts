/** image-syncer's logins: by registry or by the beginning of a repository's name. */
import type { Differences } from '../difference.ts';
import type { ForeignIo } from '../reader.ts';
import type { Registries, RegistryWords } from '../registries.ts';
import { isOn, recordOf, textOf } from '../values.ts';
import { readYaml } from '../yaml.ts';
import { mayBePlain } from './plain-http.ts';
import type { Raw } from './shape.ts';

const usualAuthFiles = ['auth.yaml', 'auth.yml', 'auth.json'];

/** The file that is named, else the one beside the images that looks like logins. */
export async function readAuthFile(io: ForeignIo, differences: Differences): Promise<Raw> {
  for (const name of io.authFile === undefined ? usualAuthFiles : [io.authFile]) {
    const text = await io.readText(name, { signal: io.signal });
    if (text === undefined) continue;
    const logins = recordOf(readYaml(text, name, 'as typed').value);
    if (io.authFile === undefined && !areLogins(logins)) continue;
    differences.note('', `logins are read from ${name}`);
    return logins;
  }
  if (io.authFile !== undefined)
    differences.leftOut('', `there is no file ${io.authFile} with logins; the docker login file is used`);
  return {};
}

/** Whether a file is image-syncer's logins rather than its images. */
export function areLogins(root: Raw): boolean {
  const values = Object.values(root);
  return values.length > 0 && values.every((login) => 'username' in recordOf(login) || 'insecure' in recordOf(login));
}

export interface Logins {
  readonly logins: Raw;
  /** Whether `${NAME}` and `$NAME` stand for variables; not in the old single file. */
  readonly expand: boolean;
  readonly registries: Registries;
  readonly differences: Differences;
  readonly io: ForeignIo;
}

/** How a repository's registry is reached, by the longest prefix that has a login. */
export function wordsOf(host: string, repository: string, context: Logins): RegistryWords {
  const { logins, registries, differences } = context;
  const login = recordOf(longestPrefix(logins, `${host}/${repository}`));
  const [username, password] = [secretOf(login['username'], context), secretOf(login['password'], context)];
  const insecure = isOn(login['insecure']);
  if (insecure) differences.note(host, mayBePlain);
  const reached = insecure ? { tls: { insecure }, mayBePlainHttp: true } : {};
  if ((username === undefined) !== (password === undefined))
    differences.leftOut(host, '`username` and `password` belong together; the docker login file is used');
  if (username === undefined || password === undefined) return reached;
  if (typeof password !== 'string') return { ...reached, credentials: { username, password } };
  differences.note(host, 'the password stands in the file; tranship.yaml names a variable instead');
  const kept = registries.login(host, { username: typeof username === 'string' ? username : 'user', password });
  return {
    ...reached,
    credentials: typeof kept === 'object' && 'password' in kept ? { username, password: kept.password } : kept,
  };
}

function longestPrefix(logins: Raw, place: string): unknown {
  const fitting = Object.keys(logins).filter((prefix) => place === prefix || place.startsWith(`${prefix}/`));
  const longest = fitting.toSorted((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : logins[longest];
}

/** `${NAME}` or `$NAME` is a variable; a text that only holds one is filled in. */
function secretOf(value: unknown, { expand, io }: Logins): string | { readonly env: string } | undefined {
  const text = textOf(value);
  if (text === undefined || !expand) return text;
  const [, braced, bare] = /^\$(?:\{(\w+)\}|([A-Za-z_]\w*))$/.exec(text) ?? [];
  const whole = braced ?? bare;
  if (whole !== undefined) return { env: whole };
  return text.replace(
    /\$(?:\{(\w+)\}|([A-Za-z_]\w*))/g,
    (_, one?: string, other?: string) => io.env[one ?? other ?? ''] ?? '',
  );
}
