import { removeAccount, robotsOf } from './accounts.ts';
import { removeRepository, repositoriesOf } from './repositories.ts';
import type { Account } from './types.ts';
import type { World } from './world.ts';

/** How long the garbage collector takes before a deleted organisation's name is free again. */
const nameReuseMilliseconds = 10_000;

/** Deletes an organisation or user with all it owns. Its name stays taken until the garbage collector ran. */
export function deleteOrganizationAccount(world: World, account: Account): void {
  const name = account.username;
  for (const repository of repositoriesOf(world, name)) removeRepository(world, repository);
  for (const robot of robotsOf(world, name)) removeAccount(world, robot.username);
  const teams = world.teams.filter((team) => team.organization !== name);
  world.teams.splice(0, world.teams.length, ...teams);
  for (const token of [...world.oauthTokens.values()]) {
    if (token.organization === name) world.oauthTokens.delete(token.token);
  }
  removeAccount(world, name);
  world.deletedNames.set(name, world.clock.now());
}

/** What the garbage collector does when its time has come. */
export function collectGarbage(world: World): void {
  for (const [name, deleted] of world.deletedNames) {
    if (deleted + nameReuseMilliseconds <= world.clock.now()) world.deletedNames.delete(name);
  }
}
