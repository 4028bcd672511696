import { ConfigError } from '../../config/mistake.ts';
import type { ForeignIo } from '../reader.ts';
import { Include, readYaml } from '../yaml.ts';

/** A file that includes itself would go on for ever. */
const deepest = 5;
const mostFiles = 100;

/** Puts the files in place that `!include` names, their paths meant from the configuration's folder. */
export async function withIncludes(
  value: unknown,
  file: string,
  io: Pick<ForeignIo, 'readText' | 'signal'>,
): Promise<unknown> {
  let files = 0;
  const fill = async (inner: unknown, depth: number): Promise<unknown> => {
    if (inner instanceof Include) return fill(await included(inner, depth), depth + 1);
    if (Array.isArray(inner)) return await inOrder(inner, (item) => fill(item, depth));
    if (typeof inner !== 'object' || inner === null) return inner;
    const entries = await inOrder(
      Object.entries(inner),
      async ([key, item]) => [key, await fill(item, depth)] as const,
    );
    return Object.fromEntries(entries);
  };
  const included = async ({ file: name }: Include, depth: number): Promise<unknown> => {
    files += 1;
    if (depth >= deepest || files > mostFiles) throw refusal(file, `"${name}" is included too deeply, or too often`);
    const text = await io.readText(name, { signal: io.signal });
    if (text === undefined) throw refusal(file, `there is no file "${name}" to include`);
    return readYaml(text, name, 'yaml 1.1').value;
  };
  return fill(value, 0);
}

async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

function refusal(file: string, message: string): ConfigError {
  return new ConfigError(file, [{ code: 'E_CONFIG_FILE', message, at: { file } }]);
}
