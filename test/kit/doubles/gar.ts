/**
 * Google's registries. There is no reference page for what they add to the tag listing; the description is Google's own client,
 * https://github.com/google/go-containerregistry/blob/main/pkg/v1/google/list.go (`child`, `manifest`, `tag`; times in
 * milliseconds, as texts at gcr.io and as numbers at Artifact Registry), and for signing in
 * https://cloud.google.com/artifact-registry/docs/docker/authentication (`oauth2accesstoken`, `_json_key`).
 */
import { type DoubleOptions, startDouble, type VendorDouble, type VendorRequest } from './double.ts';
import { Gate, needsOfDistribution } from './gate.ts';
import type { Shelf, ShelvedTag } from './shelf.ts';

export interface GarOptions extends DoubleOptions {
  readonly users?: Readonly<Record<string, string>>;
  /** Writes times as gcr.io does. Default: as Artifact Registry does. */
  readonly timesAsText?: boolean;
}

export function startGar({ users = {}, timesAsText = false, ...rest }: GarOptions = {}): Promise<VendorDouble> {
  const gate = new Gate({ path: '/v2/token', service: 'registry.example.com', users, needs: needsOfDistribution });
  return startDouble((request, shelf) => gate.check(request) ?? list(request, shelf, timesAsText), rest);
}

function list({ method, path }: VendorRequest, shelf: Shelf, timesAsText: boolean) {
  const name = /^\/v2\/(.+)\/tags\/list$/.exec(path)?.[1];
  if (name === undefined || method !== 'GET') return undefined;
  const children = childrenOf(shelf, name);
  const tags = shelf.tags(name);
  if (!shelf.has(name) && children.length === 0) {
    return {
      status: 404,
      document: { errors: [{ code: 'NAME_UNKNOWN', message: `Repository "${name}" not found.` }] },
    };
  }
  const document = {
    child: children,
    manifest: manifestsOf(tags, timesAsText),
    name,
    tags: tags.map((tag) => tag.name),
  };
  return { status: 200, document };
}

function childrenOf(shelf: Shelf, name: string): readonly string[] {
  const below = shelf.repositories.filter((repository) => repository.startsWith(`${name}/`));
  return [...new Set(below.map((repository) => repository.slice(name.length + 1).split('/')[0] ?? ''))];
}

function manifestsOf(tags: readonly ShelvedTag[], timesAsText: boolean): Record<string, unknown> {
  const time = (milliseconds: number) => (timesAsText ? String(milliseconds) : milliseconds);
  const byDigest = Map.groupBy(tags, ({ digest }) => digest);
  return Object.fromEntries(
    [...byDigest].map(([digest, [first, ...more]]) => [
      digest,
      {
        imageSizeBytes: String(first?.size ?? 0),
        layerId: '',
        mediaType: first?.mediaType,
        tag: [first, ...more].map((tag) => tag?.name),
        timeCreatedMs: String(0),
        timeUploadedMs: time(first?.createdAt ?? 0),
      },
    ]),
  );
}
