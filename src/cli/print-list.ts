import type { CommandContext } from './context.ts';

export interface Listing {
  readonly kind: 'Tags' | 'Repositories';
  /** What it is the listing of. */
  readonly of: string;
  readonly items: AsyncIterable<string>;
}

/** One item a line, each as soon as it is known; with `-o json` one document at the end. */
export async function printList({ io, options }: CommandContext, { kind, of, items }: Listing): Promise<void> {
  if (options.text('output') === 'json') {
    io.json({ apiVersion: 'tranship/v1', kind, of, items: await Array.fromAsync(items) });
    return;
  }
  for await (const item of items) {
    await io.answerSlowly(item);
    if (io.isAnswerLost) return;
  }
}
