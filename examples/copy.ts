/**
 * Copies one image to several places and tells what happened.
 *
 *     node examples/copy.ts registry.example.com/app:1.4 dr.example.com/app:1.4 oci:./backup
 *
 * In a project of your own write `from 'tranship'`.
 */
import { homedir } from 'node:os';
import { type CopiedItem, copy } from '../src/index.ts';

export async function copyEverywhere(source: string, destinations: readonly string[]): Promise<readonly CopiedItem[]> {
  return copy({
    source,
    destinations,
    // The credentials and proxies of whoever runs this. Left out: anonymous and direct.
    env: process.env,
    home: homedir(),
    emit: (event) => {
      if (event.type === 'blob-finished') console.error(`${event.outcome} ${event.digest} (${event.size} bytes)`);
    },
  });
}

if (import.meta.main) {
  const [source = '', ...destinations] = process.argv.slice(2);
  for (const { destination, reference, outcome } of await copyEverywhere(source, destinations)) {
    console.log(outcome.ok ? `${outcome.outcome} ${reference}` : `${destination}: ${outcome.error.message}`);
  }
}
