import { open, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/kit/embedded-samples.ts';
import { serve } from '../../test/kit/test-server.ts';
import { BatchWriter } from './batch-writer.ts';
import { writeBody } from './write-body.ts';

test('a body that cannot be written leaves its connection to the next request', { timeout: 10_000 }, async () => {
  await using folder = await tempFolder();
  await writeFile(join(folder.path, 'file'), '');
  // Every write fails, as on a full disk.
  const handle = await open(join(folder.path, 'file'), 'r');
  const signal = new AbortController().signal;
  await using server = await serve(async (incoming, response) => {
    if (incoming.method === 'GET') return response.end();
    const writing = writeBody(incoming, new BatchWriter(handle, 0), { limit: 2 ** 30, signal, onBytes: () => {} });
    const error: unknown = await writing.catch((reason: unknown) => reason);
    return response.writeHead(507).end(String(error));
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (method: string, body = Buffer.alloc(0)) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sending = request({ agent, port: server.port, method }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode));
      });
      sending.on('error', reject).end(body);
    });

  expect(await ask('PUT', Buffer.alloc(12 * 1024 * 1024))).toBe(507);
  expect(await ask('GET')).toBe(200);
  expect(server.connections).toBe(1);
  agent.destroy();
  await handle.close();
});
