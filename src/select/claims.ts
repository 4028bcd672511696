import { TranshipError } from '../oci/errors.ts';

/** One end of a copy, as messages name it: `registry.example.com/apps/api:v1`. */
export type Place = string;

/**
 * Who writes what. Two sources that end at one target would overwrite each other, in an order that nobody chose; every
 * target is claimed before anything is written.
 */
export class TargetClaims {
  readonly #claims = new Map<Place, Place>();

  /**
   * Claims `target` for `source`. `false` where the same source has it already, which is one copy, not two. Throws
   * `E_COLLISION` where another has.
   */
  claim(target: Place, source: Place): boolean {
    const owner = this.#claims.get(target);
    if (owner === source) return false;
    if (owner !== undefined) throw collision(target, owner, source);
    this.#claims.set(target, source);
    return true;
  }
}

export function collision(target: Place, one: Place, other: Place): TranshipError {
  return new TranshipError('E_COLLISION', 'usage', `${one} and ${other} would both be copied to ${target}.`, {
    side: 'destination',
    subject: target,
    hint: 'Give them different repositories or tags under `to`, or select only one of them.',
  });
}
