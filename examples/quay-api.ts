/** Asks a Quay and changes it: an organisation with a proxy cache and a robot, made where they are missing. */
import { openQuayApi, Secret } from '../src/index.ts';

export async function prepareOrganization(server: string, token: string, organization: string, upstream: string) {
  await using quay = await openQuayApi({ server, token: new Secret(token) });
  const made = await quay.createOrganization(organization);
  if ((await quay.proxyCache(organization)) === undefined) {
    await quay.createProxyCache(organization, { upstream_registry: upstream });
  }
  const robot =
    (await quay.robot({ organization, robot: 'ci' })) ?? (await quay.createRobot({ organization, robot: 'ci' }));
  return { made, robot: robot.name, exists: await quay.exists(organization) };
}

export async function tagNames(server: string, token: string, repository: string): Promise<readonly string[]> {
  await using quay = await openQuayApi({ server, token: new Secret(token) });
  return (await quay.tagInfo(repository)).map(({ name }) => name);
}
