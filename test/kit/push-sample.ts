import { layerOf } from './corpus/content.ts';
import { pushRepository, type Target } from './corpus/push.ts';
import { RepositoryBuilder } from './corpus/repository.ts';

/** Pushes a small index of two platforms under a tag; every `content` makes another one. */
export async function pushSample(
  target: Target,
  repository: string,
  tag: string,
  login: { readonly name: string; readonly password: string } | undefined,
  content = tag,
): Promise<string> {
  const builder = new RepositoryBuilder(repository);
  const child = (architecture: string) =>
    builder.image({ os: 'linux', architecture }, [layerOf(Buffer.from(`${content} for ${architecture}`))]);
  const { digest } = builder.index([child('amd64'), child('arm64')], { tags: [tag] });
  const authorization = login && `Basic ${Buffer.from(`${login.name}:${login.password}`).toString('base64')}`;
  await pushRepository(
    { ...(target.ca !== undefined && { ca: target.ca }), url: target.url, ...(authorization && { authorization }) },
    builder.done(),
  );
  return digest;
}
