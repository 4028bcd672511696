import { describe, expect, it } from 'vitest';
import { TranshipError } from '../../oci/errors.ts';
import type { QuayClient } from '../client.ts';
import { call, create } from './change.ts';
import { missingScopes } from './scopes.ts';

/** A server where the calls named answer, and all others say that the scope is missing. */
function serverThatAnswers(...allowed: readonly string[]): { quay: QuayClient; asked: string[] } {
  const asked: string[] = [];
  const answer = async (name: string) => {
    asked.push(name);
    if (allowed.includes(name)) return {};
    throw new TranshipError('E_QUAY_SCOPE', 'auth', 'no');
  };
  return { quay: { call: answer, find: answer } as unknown as QuayClient, asked };
}

const existing = new Set(['o']);
const robot = create('robot o+ci', [call('createRobot', { organization: 'o', robot: 'ci' })]);
const repository = create('repository o/a', [call('createRepository', {}, { namespace: 'o', repository: 'a' })]);
const elsewhere = create('robot new+ci', [call('createRobot', { organization: 'new', robot: 'ci' })]);

describe('what a token lacks', () => {
  it('is told by scope, with the first change that needs it', async () => {
    const { quay } = serverThatAnswers('listRobots');
    expect(await missingScopes(quay, [repository, robot], existing)).toEqual([
      { scope: 'org:admin', object: 'robot o+ci' },
    ]);
  });

  it('is asked once a scope, and only of what the plan needs', async () => {
    const { quay, asked } = serverThatAnswers('listApplications');
    expect(await missingScopes(quay, [robot, robot], existing)).toEqual([]);
    expect(asked).toEqual(['listApplications']);
  });

  it('cannot be asked in an organisation that is still to be made, and counts as there', async () => {
    const { quay, asked } = serverThatAnswers();
    expect(await missingScopes(quay, [elsewhere], existing)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('any other failure is no answer and is thrown', async () => {
    const broken = () => Promise.reject(new TranshipError('E_QUAY_SERVER', 'temporary', 'down'));
    const quay = { call: broken, find: broken } as unknown as QuayClient;
    await expect(missingScopes(quay, [robot], existing)).rejects.toMatchObject({ code: 'E_QUAY_SERVER' });
  });
});
