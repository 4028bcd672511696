import type { ApiAction, Side } from '../../compat/quay-management.ts';
import { allOrganizations, allScopes, bootstrapQuay, createQuayToken, makeOwner } from '../../compose/quay/access.ts';
import { Secret } from '../../kit/secret.ts';
import { isTranshipError, TranshipError } from '../../oci/errors.ts';
import type { QuayClient } from '../../quay/client.ts';
import { confirm } from '../confirm.ts';
import { OptionValues } from '../options.ts';
import type { Management } from './quay-management-setting.ts';

type Action = (setting: Management, side: Side) => Promise<void>;
type Entry = Readonly<Record<string, unknown>>;

/** What each action does, by its flag. */
export const actions: Readonly<Record<ApiAction, Action>> = {
  'initialize-user': initializeUser,
  'add-admin-org': addAdminOrganization,
  'initialize-oauth': initializeOauth,
  'manage-orgs': manageOrganizations,
  'add-proxycache': addProxyCaches,
  'add-robot-account': addRobots,
  'take-ownership': takeOwnership,
};

const automation = 'oauth-automation';

async function initializeUser(setting: Management, side: Side): Promise<void> {
  setting.log('INFO', 'Attempting to create the intiale user');
  const { username, password, email } = firstUser(setting, side);
  await using connection = await setting.connectAnonymously(side);
  const organization = setting.text('quay_admin_org') || 'tranship';
  const { token } = await bootstrapQuay(
    connection,
    { username, password: new Secret(password), email: email === '' ? undefined : email },
    { organization, signal: setting.signal },
  );
  await setting.keepToken(side === 'source' || side === 'destination' ? 'init_token' : `${side}_init_token`, token);
}

function firstUser(setting: Management, side: Side): { username: string; password: string; email: string } {
  const isOlder = setting.config.form === 'older';
  return {
    username: setting.text(isOlder ? `${side}_quay_user` : 'initialize_username'),
    password: setting.text(isOlder ? `${side}_quay_password` : 'initialize_password'),
    email: setting.text(isOlder ? `${side}_quay_email` : 'initialize_email'),
  };
}

async function addAdminOrganization(setting: Management, side: Side): Promise<void> {
  const { signal } = setting;
  const organization = setting.text('quay_admin_org');
  setting.log('INFO', `Attempting to create ${organization}`);
  await using connection = await setting.connect(side);
  const { quay } = connection;
  if ((await quay.find('getOrganization', { signal, parameters: { organization } })) === undefined) {
    await quay.call('createOrganization', { signal, body: { name: organization } });
  }
  const { applications } = await quay.call('listApplications', { signal, parameters: { organization } });
  if (applications.some(({ name }) => name === automation)) return;
  const body = { name: automation, redirect_uri: '', application_uri: '', description: '', avatar_email: '' };
  await quay.call('createApplication', { signal, parameters: { organization }, body });
}

async function initializeOauth(setting: Management, side: Side): Promise<void> {
  await addAdminOrganization(setting, side);
  await using connection = await setting.connect(side);
  const user = firstUser(setting, side);
  const username = setting.text(`${side}_quay_user`) || user.username;
  const password = setting.text(`${side}_quay_password`) || user.password;
  const token = await createQuayToken(connection, {
    organization: setting.text('quay_admin_org'),
    application: automation,
    name: 'automation',
    scopes: allScopes,
    signal: setting.signal,
    login: username === '' ? undefined : { username, password: new Secret(password) },
  });
  await setting.keepToken(`${side}_token`, token);
}

async function manageOrganizations(setting: Management, side: Side): Promise<void> {
  const { signal } = setting;
  await using connection = await setting.connect(side);
  const { quay } = connection;
  for (const [organization, entry] of entriesOf(setting, 'organizations')) {
    if (entry['present'] === false) await deleteOrganization(setting, quay, organization);
    else await createOrganization(organization);
  }

  async function createOrganization(organization: string): Promise<void> {
    setting.log('INFO', `Attempting to create organization: ${organization}`);
    await attempt(setting, 'Error creating organization', async () => {
      const there = await quay.find('getOrganization', { signal, parameters: { organization } });
      if (there !== undefined) return setting.log('INFO', `The organization ${organization} already exists`);
      await quay.call('createOrganization', { signal, body: { name: organization } });
      setting.log('INFO', `Organization created successfully: ${organization}`);
    });
  }
}

/** The original never deleted anything here; now that it works, it needs a yes. */
async function deleteOrganization(setting: Management, quay: QuayClient, organization: string): Promise<void> {
  const { signal } = setting;
  setting.log('INFO', `Attempting to delete organization: ${organization}`);
  await attempt(setting, 'Error delete organization', async () => {
    if ((await quay.find('getOrganization', { signal, parameters: { organization } })) === undefined) {
      return setting.log('INFO', `The organization ${organization} does not exist`);
    }
    const options = new OptionValues({ yes: setting.flags.has('--yes') });
    const question = `Delete the organization ${organization} of ${quay.server} with everything in it?`;
    if (!(await confirm({ ...setting.context, options }, question))) {
      throw new TranshipError('E_NOT_CONFIRMED', 'cancelled', `${organization} was not deleted`);
    }
    await quay.call('deleteOrganization', { signal, parameters: { organization } });
    setting.log('INFO', `Organization deleted successfully: ${organization}`);
  });
}

async function addProxyCaches(setting: Management, side: Side): Promise<void> {
  const { signal } = setting;
  await using connection = await setting.connect(side);
  const { quay } = connection;
  for (const [, body] of entriesOf(setting, 'proxycache')) {
    const organization = String(body['org_name'] ?? '');
    await attempt(setting, '----> Failed to create proxy cache', () => addProxyCache(organization, body));
  }

  async function addProxyCache(organization: string, body: Entry): Promise<void> {
    const upstream = String(body['upstream_registry'] ?? '');
    const parameters = { organization };
    setting.log(
      'INFO',
      `Creating the proxy cache for ---> ${upstream} <--- in the organization ---> ${organization} <---`,
    );
    const there = await quay.find('getProxyCache', { signal, parameters });
    if ((there?.upstream_registry ?? '') !== '') {
      setting.log('INFO', ` existing proxycache found in the organization ----> ${organization} <----`);
      if (!setting.flags.has('--overwrite-proxycache')) return leaveProxyCache(there?.upstream_registry, upstream);
      setting.log(
        'INFO',
        ` --overwrite-proxycache option found... deleting existing proxycache config for ----> ${organization} <----`,
      );
      await quay.call('deleteProxyCache', { signal, parameters });
    }
    await quay.call('createProxyCache', { signal, parameters, body });
  }

  function leaveProxyCache(there: string | null | undefined, wanted: string): void {
    setting.log('WARNING', 'Proxy cache already exists and --overwrite-proxycache was not used');
    setting.log('WARNING', 'NOT deleting existing proxycache');
    if (there !== wanted) setting.log('WARNING', `It is for ${there ?? ''}, not for ${wanted}`);
  }
}

async function addRobots(setting: Management, side: Side): Promise<void> {
  const { signal } = setting;
  await using connection = await setting.connect(side);
  const { quay } = connection;
  for (const [, entry] of entriesOf(setting, 'robot_config')) {
    await attempt(setting, 'Failed to create the robot account', () => addRobot(entry));
  }

  async function addRobot(entry: Entry): Promise<void> {
    const robot = String(entry['name'] ?? '');
    const organization = String(entry['org_name'] ?? '');
    const isPersonal = entry['type'] === 'personal';
    if (robot === '' || (!isPersonal && (entry['type'] !== 'org' || organization === ''))) {
      setting.log('ERROR', 'Invalid input for robot account');
      throw new TranshipError('E_CONFIG', 'usage', 'A robot needs name, type (org or personal) and, for org, org_name');
    }
    setting.log('INFO', `Retrieving robot account ${robot}`);
    const there = isPersonal
      ? await quay.find('getUserRobot', { signal, parameters: { robot } })
      : await quay.find('getRobot', { signal, parameters: { organization, robot } });
    if (there !== undefined) return setting.log('INFO', `The robot account ${there.name} already exists`);
    setting.log('INFO', `Creating robot account ${robot}`);
    if (isPersonal) await quay.call('createUserRobot', { signal, parameters: { robot } });
    else await quay.call('createRobot', { signal, parameters: { organization, robot } });
  }
}

async function takeOwnership(setting: Management, side: Side): Promise<void> {
  const { signal } = setting;
  const user = setting.text(`${side}_quay_user`);
  await using connection = await setting.connect(side);
  for await (const { name } of allOrganizations(connection.quay, { signal })) {
    await attempt(setting, `Failed to make ${user} an owner of ${name}`, async () => {
      const outcome = await makeOwner(connection.quay, name, user, { signal });
      setting.log(
        'INFO',
        outcome === 'already'
          ? `${user} is already an owner of ${name}`
          : `Adding ${user} as an owner of --> ${name} <--`,
      );
    });
  }
}

/** Does one thing of many; its failure is told and counted, and the rest goes on. */
async function attempt(setting: Management, text: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isTranshipError(error) || setting.signal.aborted) throw error;
    setting.fail(text);
    setting.log('CRITICAL', `${error.message}${error.serverSaid === undefined ? '' : ` (${error.serverSaid})`}`);
  }
}

function entriesOf({ config }: Management, key: string): readonly (readonly [string, Entry])[] {
  const map = config.values[key] ?? {};
  if (!isMap(map)) throw noMap(key);
  return Object.entries(map).map(([name, entry]) => {
    const fields = entry ?? {};
    if (!isMap(fields)) throw noMap(`${key}.${name}`);
    return [name, fields];
  });
}

function isMap(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list's positions are no names: `organizations: [a, b]` must not make the organisations 0 and 1. */
function noMap(key: string): TranshipError {
  return new TranshipError('E_CONFIG', 'usage', `${key} has to be a map, and nothing of it was done`);
}
