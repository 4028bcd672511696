import { createHmac, randomBytes } from 'node:crypto';
import { TranshipError } from '../oci/errors.ts';
import { isBcrypt, matchesBcrypt } from './bcrypt.ts';

/** The users of an htpasswd file. */
export interface Htpasswd {
  readonly names: readonly string[];
  matches(name: string, password: string): boolean;
}

/** Wrong passwords that are remembered, so that a client which repeats one costs nothing. */
const mostRemembered = 10_000;

/** Nobody's password, to spend the same time on a user that does not exist. */
const nobody = '$2y$05$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu';

/**
 * Reads an htpasswd file with bcrypt hashes (`htpasswd -B`), the only kind that registries take. Throws `E_SERVE` for
 * anything else; `origin` names the file in messages.
 */
export function parseHtpasswd(text: string, origin: string): Htpasswd {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const hashes = new Map(lines.map((line) => readLine(line, origin)));
  const known = new Map<string, boolean>();
  const key = randomBytes(32);
  return {
    names: [...hashes.keys()],
    matches(name, password) {
      // Checking takes a tenth of a second by intent, and every request brings the password again.
      const mark = createHmac('sha256', key).update(`${name}\0${password}`).digest('base64');
      const before = known.get(mark);
      if (before !== undefined) return before;
      const found = matchesBcrypt(password, hashes.get(name) ?? nobody) && hashes.has(name);
      if (known.size >= mostRemembered) known.clear();
      known.set(mark, found);
      return found;
    },
  };
}

function readLine(line: string, origin: string): readonly [string, string] {
  const colon = line.indexOf(':');
  const [name, hash] = [line.slice(0, colon), line.slice(colon + 1).trim()];
  if (colon > 0 && isBcrypt(hash)) return [name, hash];
  throw new TranshipError('E_SERVE', 'usage', 'The file of users has a line that is not name:bcrypt-hash.', {
    subject: origin,
    hint: 'Make its lines with `htpasswd -Bn NAME`; costs from 4 to 14 are taken.',
  });
}
