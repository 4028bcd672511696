/**
 * Files as they are found in the wild, each with what becomes of it (`.converted`): `tranship.yaml` and every difference that is told.
 * A setting that vanishes shows as its absence there. `--update` writes them anew, to be read before they are committed.
 */
import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readStated } from '../compose/foreign.ts';
import { readConfig } from '../config/load.ts';
import { formatDifference } from './difference.ts';
import { configOf } from './foreign.ts';
import { writeNative } from './write.ts';

const corpus = fileURLToPath(new URL('../../test/foreign', import.meta.url));

/** What the files' variables stand for. */
const env = { SRC_REGISTRY: 'source.example.com', DST_REGISTRY: 'target.example.com' };

/** Files that stand beside others, which name or find them. */
const besides = new Set(['auth.yaml', 'tags.yaml']);

const files = globSync('*/**/*.{yaml,yml,json}', { cwd: corpus })
  .filter((file) => !besides.has(file.slice(file.lastIndexOf('/') + 1)))
  .toSorted();

describe('a file that was written for another tool', () => {
  test('is there in great number', () => expect(files.length).toBeGreaterThan(50));

  test.each(files)('%s is carried over, or what differs is told', async (file) => {
    const path = join(corpus, file);
    const stated = await readStated(path, { env, destination: 'mirror.example.com/all' });
    if (stated.kind !== 'foreign') throw new Error(`${file} was not recognised`);
    const { found } = stated;
    expect(found.tool).toBe(file.slice(0, file.indexOf('/')));
    const text = writeNative(found);
    expect(readConfig(text, file).config).toStrictEqual(configOf(found.file, file));
    const told = found.differences.map((difference) => `#   ${formatDifference(difference)}`);
    const secrets = [...found.secrets.keys()].map((name) => `#   variable ${name}`);
    const plain = [...found.mayBePlainHttp].map((name) => `#   may be plain HTTP: ${name}`);
    const golden = `${text}\n# told:\n${[...told, ...secrets, ...plain].join('\n')}\n`.replaceAll(dirname(path), '.');
    await expect(golden).toMatchFileSnapshot(`${path}.converted`);
  });
});

test('nothing in the corpus is left without what becomes of it', () => {
  const converted = globSync('**/*.converted', { cwd: corpus }).map((file) => file.replace(/\.converted$/, ''));
  expect(converted.toSorted()).toEqual(files);
});
