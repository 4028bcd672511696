/** Gives a copy a deadline. What has arrived stays and is not sent again by the next try; no tag names half an image. */
import { copy } from '../src/index.ts';

export async function copyWithin(milliseconds: number, source: string, destination: string): Promise<boolean> {
  const [item] = await copy({ source, destinations: [destination], signal: AbortSignal.timeout(milliseconds) });
  return item?.outcome.ok ?? false;
}
