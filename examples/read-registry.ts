/** Reads a registry: its tags, one manifest, the size of what it names. One session shares connections and tokens. */
import { type CredentialSource, fetchManifest, inspect, listTags, openSession, Secret } from '../src/index.ts';

export async function describeRepository(repository: string, login?: { user: string; password: string }) {
  await using session = await openSession(login === undefined ? {} : { credentials: always(login) });
  const tags = await Array.fromAsync(listTags(session, repository));
  const [first] = tags;
  if (first === undefined) return { tags, first: undefined };
  const { bytes } = await fetchManifest(session, `${repository}:${first}`);
  const { totalSize, images } = await inspect(session, `${repository}:${first}`);
  return { tags, first: { manifestBytes: bytes.length, totalSize, platforms: images.map(({ platform }) => platform) } };
}

/** The same user for every registry. A real one would look at the host that is asked for. */
function always({ user, password }: { user: string; password: string }): CredentialSource {
  const credential = { kind: 'basic', username: user, password: new Secret(password) } as const;
  return { find: async () => ({ credential, origin: 'this program' }) };
}
