import type { SyncWorld } from '../execute/run/world.ts';
import type { Digest } from '../oci/digest.ts';
import type { ContentReader } from '../oci/ports.ts';

/** Digests that were written down earlier: what a tag meant then, by `registry/repository` and tag. */
export type Pins = ReadonlyMap<string, ReadonlyMap<string, Digest | undefined>>;

/** The world in which the tags of source repositories still name what they were written down to name. */
export function pinnedWorld(world: SyncWorld, pins: Pins): SyncWorld {
  const places = new Map<string, ReturnType<SyncWorld['source']>>();
  return {
    ...world,
    source(registry, repository) {
      const key = `${registry}/${repository}`;
      const known = places.get(key);
      if (known !== undefined) return known;
      const opened = world.source(registry, repository);
      const pinned = pins.get(key);
      if (pinned === undefined) return opened;
      const place = new Proxy(opened.place, {
        get(target, name) {
          if (name !== 'resolve') return bound(target, name);
          const resolve: ContentReader['resolve'] = (reference, options) =>
            target.resolve(pinned.get(reference) ?? reference, options);
          return resolve;
        },
      });
      places.set(key, { place });
      return { place };
    },
  };
}

/** Methods of a class with private fields want to be called on the object itself. */
function bound<T extends object>(target: T, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}
