import type { CommandSpec } from './spec.ts';

/** The commands of `tranship quay`. */
export const quayCommands: readonly CommandSpec[] = [];
