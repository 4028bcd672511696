import { repositoriesOf, repositoryKey } from './repositories.ts';
import type { Account } from './types.ts';
import type { World } from './world.ts';

/** Gives an organisation another name, and with it everything that is kept under the name. */
export function renameNamespace(world: World, account: Account, name: string): void {
  const before = account.username;
  for (const repository of repositoriesOf(world, before)) {
    world.repositories.delete(repositoryKey(before, repository.name));
    world.repositories.set(repositoryKey(name, repository.name), Object.assign(repository, { namespace: name }));
  }
  for (const team of world.teams) if (team.organization === before) Object.assign(team, { organization: name });
  for (const robot of world.accounts.values()) {
    if (robot.robot?.owner !== before) continue;
    world.accounts.delete(robot.username);
    robot.username = `${name}+${robot.robot.shortName}`;
    Object.assign(robot.robot, { owner: name });
    world.accounts.set(robot.username, robot);
  }
  world.accounts.delete(before);
  account.username = name;
  world.accounts.set(name, account);
}
