import { isTranshipError } from '../../oci/errors.ts';
import type { RepositoryName, TagName } from '../../oci/names.ts';
import type { CallOptions } from '../../oci/ports.ts';
import type { Capabilities, Diagnosis, Registry, RegistryRepository } from '../../registry/registry.ts';
import { probeName } from '../sign-in.ts';
import { bad, type Finding, good, note } from './finding.ts';

const tolerableSkewMs = 5_000;

/** A person waits who wants to know that nothing comes. */
const answerWithinMs = 20_000;

/** The registry's front door, asked the way every request goes: with our certificates, proxy and limits. */
export async function checkApi(
  registry: Registry,
  options: CallOptions,
): Promise<{ readonly findings: readonly Finding[]; readonly diagnosis?: Diagnosis }> {
  try {
    const diagnosis = await registry.ping({ ...options, headTimeoutMs: answerWithinMs });
    return { findings: [apiFinding(diagnosis), clockFinding(diagnosis)], diagnosis };
  } catch (error) {
    return { findings: [failed('api', error)] };
  }
}

function apiFinding({ base, status, challenges, product, server, apiVersion, isPage, words }: Diagnosis): Finding {
  const asks = challenges.map(({ scheme }) => scheme).join(', ');
  const who = [product, server].filter((part) => part !== undefined).join(', ');
  const text = `${base}v2/ answers ${status}${asks === '' ? '' : `, asks for ${asks}`}${who === '' ? '' : ` (${who})`}`;
  if ((status === 200 && !isPage) || (status === 401 && asks !== '')) return good('api', text);
  const more = words === '' ? text : `${text}: ${words}`;
  if (apiVersion === undefined && status !== 401)
    return bad('api', more, 'This may be no registry. Check host and port.');
  return bad('api', more);
}

function clockFinding({ clockSkewMs }: Diagnosis): Finding {
  if (clockSkewMs === undefined) return note('clock', 'the registry does not tell its time');
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  if (Math.abs(clockSkewMs) <= tolerableSkewMs) return good('clock', `within ${Math.max(seconds, 1)} s of ours`);
  const text = `${seconds} s ${clockSkewMs > 0 ? 'before' : 'behind'} ours`;
  return bad('clock', text, 'Tokens and certificates are refused when clocks differ. Set the clocks by NTP.');
}

export async function checkSignIn(
  registry: Registry,
  repository: RepositoryName | undefined,
  options: CallOptions,
): Promise<readonly Finding[]> {
  try {
    const grant = await registry.granted(repository ?? probeName, ['pull'], options);
    if (grant.authentication === 'none') return [good('credentials', 'not asked for')];
    const who = grant.credential === undefined ? 'none found; anonymous' : `from ${grant.credential}`;
    const asked = [grant.credential === undefined ? note('credentials', who) : good('credentials', who)];
    if (repository === undefined || grant.granted === undefined) return asked;
    const may = grant.granted.some((scope) => scope.includes('pull'));
    const text = may ? `granted on ${repository}` : `not granted on ${repository}`;
    const hint = 'Sign in as somebody who may read it, or check the spelling.';
    return [...asked, may ? good('pull', text) : bad('pull', text, hint)];
  } catch (error) {
    return [failed('credentials', error)];
  }
}

/** Reading shows more than a token's words: whether the repository is there. */
export async function checkRepository(
  registry: Registry,
  repository: RepositoryName,
  options: CallOptions,
): Promise<{ readonly finding: Finding; readonly exists: boolean }> {
  try {
    const place = registry.repository(repository);
    for await (const tag of place.listTags(options)) {
      await learnReferrers(place, tag, options);
      return { finding: good('repository', `${repository} is there and has the tag ${tag}`), exists: true };
    }
    return { finding: note('repository', `${repository} has no tags, or does not exist`), exists: false };
  } catch (error) {
    return { finding: failed('repository', error), exists: false };
  }
}

/** Whether there is a referrers API shows by asking it for any image. */
async function learnReferrers(place: RegistryRepository, tag: TagName, options: CallOptions): Promise<void> {
  const image = await place.resolve(tag, options);
  if (image !== undefined) await place.listReferrers(image.digest, options);
}

/** Asked for existing repositories only: on some registries the question alone creates one. */
export async function checkPush(
  registry: Registry,
  repository: RepositoryName,
  options: CallOptions,
): Promise<Finding> {
  try {
    const grant = await registry.granted(repository, ['pull', 'push'], options);
    if (grant.granted === undefined) return note('push', 'the registry tells only when something is pushed');
    const may = grant.granted.some((scope) => /push|\*/.test(scope));
    if (may) return good('push', `granted on ${repository}`);
    return bad('push', `not granted on ${repository}`, 'The account needs write permission there.');
  } catch (error) {
    return failed('push', error);
  }
}

/** Only a push would show what a registry does with one: that part is what is known of its kind, or usual. */
export function featureFinding({ mount, resume, referrersApi, singlePutLimit, patchChunk }: Capabilities): Finding {
  const pushes = [
    mount ? 'mounts' : 'no mounts',
    resume ? 'resumed uploads' : 'no resumed uploads',
    singlePutLimit > 0 ? 'uploads in one request' : 'uploads in steps',
    ...(patchChunk === undefined ? [] : ['uploads in pieces']),
  ];
  return note('features', `${referrersText(referrersApi)}; counted on for a push: ${pushes.join(', ')}`);
}

function referrersText(referrersApi: boolean | undefined): string {
  if (referrersApi === undefined) return 'referrers API not asked, name an image’s repository for that';
  return referrersApi ? 'referrers API' : 'no referrers API, lists are kept under tags';
}

function failed(step: string, error: unknown): Finding {
  if (!isTranshipError(error)) throw error;
  const said = error.serverSaid === undefined ? [] : [`The server said: "${error.serverSaid}"`];
  // What is wrong with our own files names the file.
  const file = error.failure === 'usage' && error.subject !== undefined ? `${error.subject}: ` : '';
  const text = [`${file}${error.message.replace(/\.$/, '')}`, ...said].join('. ');
  return bad(step, `${text} (${error.code})`, error.hint);
}
