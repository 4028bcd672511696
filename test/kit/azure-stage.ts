/** An Azure registry by its real name, behind a proxy with a certificate of its own, and a registry on this machine. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '../../src/kit/secret.ts';
import { makeAuthority } from './certificates.ts';
import { type CommandOptions, type Finished, tranship } from './command-line.ts';
import { startConnectProxy } from './connect-proxy.ts';
import { type AcrDouble, type AcrOptions, startAcr } from './doubles/acr.ts';
import { type EmbeddedRegistry, startEmbedded } from './embedded.ts';
import { type TempFolder, tempFolder } from './embedded-samples.ts';

const users = { crawler: 'source-word' };
export const azureTarget = { name: 'pusher', password: 'target-word' };

export interface AzureStage extends AsyncDisposable {
  readonly acr: AcrDouble & { readonly ca: string };
  readonly target: EmbeddedRegistry;
  readonly work: TempFolder;
  run(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
    options?: Omit<CommandOptions, 'env'>,
  ): Promise<Finished>;
  file(name: string): Promise<string>;
}

export async function openAzureStage(options: AcrOptions = { users }): Promise<AzureStage> {
  await using stack = new AsyncDisposableStack();
  const authority = makeAuthority();
  const work = stack.use(await tempFolder());
  const trust = stack.use(await tempFolder());
  await writeFile(join(trust.path, 'ca.pem'), authority.cert);
  const tls = authority.issue(['DNS:acme.azurecr.io', 'IP:127.0.0.1']);
  const acr = Object.assign(stack.use(await startAcr({ ...options, tls, ca: authority.cert })), { ca: authority.cert });
  const target = stack.use(
    await startEmbedded({
      auth: { kind: 'basic', users: [{ name: azureTarget.name, password: new Secret(azureTarget.password) }] },
    }),
  );
  const proxy = stack.use(await startConnectProxy({ 'acme.azurecr.io:443': acr.port }));
  const usual = {
    HTTPS_PROXY: proxy.url,
    NO_PROXY: '127.0.0.1',
    SSL_CERT_FILE: join(trust.path, 'ca.pem'),
    SOURCE_USERNAME: 'crawler',
    SOURCE_PASSWORD: 'source-word',
    TARGET_USERNAME: azureTarget.name,
    TARGET_PASSWORD: azureTarget.password,
  };
  const held = stack.move();
  return {
    acr,
    target,
    work,
    run: (args, env = {}, more = {}) => {
      const workdir = args.some((arg) => arg.startsWith('--workdir')) ? [] : [`--workdir=${work.path}`];
      return tranship(['compat', 'registry-sync', ...args, ...workdir], { ...more, env: { ...usual, ...env } });
    },
    file: (name) => readFile(join(work.path, name), 'utf8'),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
