/** Robots by configuration: which are there, make the others, take them away again. */
import { openQuayApi, quayManagement, type RobotConfig, Secret } from '../src/index.ts';

export async function keepRobots(server: string, token: string, config: RobotConfig) {
  await using quay = await openQuayApi({ server, token: new Secret(token) });
  const management = quayManagement(quay);
  const before = await management.robots(config);
  const made = await management.addRobots(config);
  return { before, made, after: await management.robots(config), removed: await management.deleteRobots(config) };
}
