import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../src/kit/secret.ts';
import { type EmbeddedOptions, type EmbeddedRegistry, startEmbedded } from '../kit/embedded.ts';
import type { Case } from './case.ts';
import { cases } from './cases.ts';
import { image } from './samples.ts';
import { pushManifest } from './steps.ts';
import { type Setup, Target, type TargetOptions } from './target.ts';

/** Every case against the registry that tranship serves, without an exception. */
describe('the embedded registry', () => {
  describe('open to everyone', () => {
    run(undefined, {});
  });

  const users = [{ name: 'u', password: new Secret('p') }];
  describe('with passwords', () => {
    run('basic-auth', { auth: { kind: 'basic', users } });
  });
  describe('with tokens', () => {
    run('token-auth', { auth: { kind: 'token', users } });
  });
  describe('read-only', () => {
    run('read-only', { readOnly: true });
  });
});

/** The cases for one setup, each a test, against one server. */
function run(setup: Setup | undefined, options: EmbeddedOptions): void {
  let server: EmbeddedRegistry;
  let target: Target;

  beforeAll(async () => {
    const existing = setup === 'read-only' ? await filledFolder() : undefined;
    server = await startEmbedded({ ...options, ...(existing === undefined ? {} : { root: existing.root }) });
    target = new Target({
      ...signIn,
      ...existing,
      origin: new URL(server.url),
      setups: setup === undefined ? [] : [setup],
    });
  });

  afterAll(async () => {
    target[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
    await rm(server.root, { recursive: true, force: true });
  });

  const chosen: readonly Case[] = cases.filter((one) => one.needs === setup);
  test.each(chosen)('$id', { timeout: 60_000 }, async (one) => {
    await expect(one.run(target)).resolves.toBeUndefined();
  });
}

const signIn: Omit<TargetOptions, 'origin'> = { username: 'u', password: 'p' };

/** A folder that a writable registry filled before. */
async function filledFolder(): Promise<{ root: string; existing: { repository: string; tag: string } }> {
  const root = await mkdtemp(join(tmpdir(), 'tranship-read-only-'));
  await using server = await startEmbedded({ root });
  using target = new Target({ origin: new URL(server.url) });
  await pushManifest(target, 'there/before', image(), 'v1');
  return { root, existing: { repository: 'there/before', tag: 'v1' } };
}
