import type { CommandSpec } from './spec.ts';

/** The commands that stand in for other programs, flag by flag. */
export const compatCommands: readonly CommandSpec[] = [];
