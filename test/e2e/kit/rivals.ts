/** Other people's programs as witnesses: what digest does each of them find under a tag? */
import { createHash } from 'node:crypto';
import { runOk } from './process.ts';
import { tool } from './tools.ts';

export type Witness = (host: string, reference: string, home: string) => Promise<string>;

export const witnesses: Readonly<Record<string, Witness>> = {
  crane: async (host, reference) => (await runOk(tool('crane'), ['digest', `${host}/${reference}`])).trim(),
  oras: async (host, reference) =>
    (await runOk(tool('oras'), ['resolve', '--plain-http', `${host}/${reference}`])).trim(),
  regctl: async (host, reference, home) => {
    const args = ['image', 'digest', '--host', `reg=${host},tls=disabled`, `${host}/${reference}`];
    return (await runOk(tool('regctl'), args, { env: { HOME: home } })).trim();
  },
  skopeo: async (host, reference) => {
    const raw = await runOk(tool('skopeo'), [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${host}/${reference}`,
    ]);
    return `sha256:${createHash('sha256').update(raw).digest('hex')}`;
  },
};
