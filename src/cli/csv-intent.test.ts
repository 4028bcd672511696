import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import type { CommandContext } from './context.ts';
import { csvIntent } from './csv-intent.ts';

test('registries of a file of tags are spoken to as they are written, in plain HTTP too', async () => {
  await using folder = await tempFolder();
  const from = join(folder.path, 'tags.csv');
  await writeFile(from, 'namespace,repo_name,name\r\napps,web,v1\r\n');
  const given: Readonly<Record<string, string>> = {
    from,
    source: 'http://old.example.com:5000',
    to: 'http://new.example.com',
  };
  const context = { options: { text: (name: string) => given[name] } } as unknown as CommandContext;
  const found = await csvIntent(context);
  expect(found?.intent.config.registries).toMatchObject({
    'from-old.example.com-5000': { host: 'old.example.com:5000', plainHttp: true },
    to: { host: 'new.example.com', plainHttp: true },
  });
});
