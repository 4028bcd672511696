import type { Exchange } from './recording.ts';

interface Rule {
  readonly reason: string;
  readonly applies: (exchange: Exchange) => boolean;
}

/** Bodies that need not be equal, each with its reason. Their statuses count all the same. */
const rules: readonly Rule[] = [];

export function ignored(exchange: Exchange): string | undefined {
  return rules.find((rule) => rule.applies(exchange))?.reason;
}
