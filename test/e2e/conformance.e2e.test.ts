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
    const outcome = await one.run(target).then(
      () => 'pass',
      (error: unknown) => (expectation !== 'pass' && isRefusal(error) ? 'fail' : error),
    );
    expect(outcome, `${kind} was expected to ${expectation}; see its list of exceptions`).toSatisfy(
      (found) => found === expectation || (expectation === 'either' && (found === 'pass' || found === 'fail')),
    );
  });
});

/** The server did something else, or cut the connection: what a listed case does, and a broken case does not. */
function isRefusal(error: unknown): boolean {
  return error instanceof AssertionError || /hang up|aborted|ECONNRESET/.test(String(error));
}
