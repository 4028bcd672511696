import type { Gate } from '../access.ts';
import { createBasicGate } from './basic-gate.ts';
import type { AuthOptions } from './options.ts';
import { createTokenGate } from './token-gate.ts';

/** The gate that the options ask for. */
export function createGate(options: AuthOptions, now: () => number): Gate {
  return options.kind === 'basic' ? createBasicGate(options) : createTokenGate(options, now);
}
