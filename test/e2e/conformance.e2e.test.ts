/**
 * Our own protocol cases against other people's registries. Where all of them agree with a case, the case is right; what
 * each does otherwise is listed with its reason, and the client has to live with it.
 */
import { AssertionError } from 'node:assert';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cases } from '../conformance/cases.ts';
import { exceptions, expectationOf } from '../conformance/exceptions.ts';
import { Target } from '../conformance/target.ts';
import { type Server, startServer } from './kit/servers.ts';

const kinds = ['docker-registry', 'distribution', 'olareg'] as const;

describe.each(kinds)('%s', (kind) => {
  let server: Server;
  let target: Target;

  beforeAll(async () => {
    server = await startServer(kind);
    target = new Target({ origin: new URL(server.url) });
  });

  afterAll(async () => {
    target[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  test.each(cases.filter((one) => one.needs === undefined))('$id', { timeout: 60_000 }, async (one) => {
    const expectation = expectationOf(one, exceptions[kind]);
    if (expectation === 'pass') return await one.run(target);
    const failure = await one.run(target).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (expectation === 'either') return;
    expect(failure, `${kind} passes this now: take it off its list`).toBeInstanceOf(Error);
    if (!(failure instanceof AssertionError)) expect(String(failure)).toMatch(/hang up|aborted|ECONNRESET/);
  });
});
