import type { CommandSpec } from '../spec.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { powershellScript } from './powershell.ts';
import { completionPlaces, type Place } from './words.ts';
import { zshScript } from './zsh.ts';

export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/** The script to be sourced. It holds all words itself, so that pressing Tab starts no program. */
export function completionScript(shell: Shell, table: readonly CommandSpec[]): string {
  return scripts[shell](completionPlaces(table));
}

const scripts: Readonly<Record<Shell, (places: readonly Place[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};
