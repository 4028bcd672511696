import type { Descriptor } from '../oci/descriptor.ts';
import { parseDescriptor } from '../oci/descriptor-parse.ts';
import type { Digest } from '../oci/digest.ts';
import { isTagName } from '../oci/names.ts';

/** The annotation under which a layout's index names a manifest (image-spec, image-layout.md). */
export const refName = 'org.opencontainers.image.ref.name';

type Json = Readonly<Record<string, unknown>>;

/** One line of the index: the descriptor, and the object that it was read from, whose other fields are kept. */
export interface IndexEntry {
  readonly descriptor: Descriptor;
  readonly raw: Json;
}

/** A change of the index. Plain data, so that it can stand in a journal. Doing one twice gives the same as once. */
export type IndexChange =
  | {
      readonly do: 'put';
      readonly entry: Json;
      readonly names: readonly string[];
      /** Nameless manifests that need no entry of their own from now on, because this one leads to them. */
      readonly covers?: readonly Digest[];
    }
  | { readonly do: 'untag'; readonly name: string }
  | { readonly do: 'drop'; readonly digest: Digest };

/**
 * A layout's `index.json` in memory: which manifests it lists, and under which names.
 *
 * What other tools wrote is kept as it was: unknown fields, entries without a name, and even two entries of one name,
 * which nobody can resolve but which are no reason to lose either.
 */
export class LayoutIndex {
  readonly #head: Json;
  readonly #named = new Map<string, IndexEntry>();
  readonly #manifests = new Map<Digest, IndexEntry>();
  readonly #namesOf = new Map<Digest, Set<string>>();
  #twins: (IndexEntry & { readonly name: string })[] = [];
  #aliases: Map<string, string | undefined> | undefined;
  #sortedTags: readonly string[] | undefined;

  constructor(document: Json = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json' }) {
    const { manifests, ...head } = document;
    this.#head = head;
    for (const raw of Array.isArray(manifests) ? manifests : []) this.#read(raw as Json);
  }

  /** Manifests that the index lists, named or not. */
  get size(): number {
    return this.#manifests.size;
  }

  manifests(): Iterable<IndexEntry> {
    return this.#manifests.values();
  }

  manifest(digest: Digest): IndexEntry | undefined {
    return this.#manifests.get(digest);
  }

  /**
   * What `tag` names. A layout may name images in full (`docker.io/library/alpine:3.20`, as podman does): such a name answers
   * to its tag, unless something else does. `'ambiguous'` where two entries claim it.
   */
  find(tag: string): IndexEntry | 'ambiguous' | undefined {
    if (this.#twins.some(({ name }) => name === tag)) return 'ambiguous';
    const exact = this.#named.get(tag);
    if (exact !== undefined) return exact;
    const alias = this.#aliasTable().get(tag);
    return alias === undefined ? this.#ambiguousAlias(tag) : this.#named.get(alias);
  }

  /** Every tag in ASCII order, those that full names end in included. */
  tags(): readonly string[] {
    this.#sortedTags ??= this.#listTags();
    return this.#sortedTags;
  }

  /** Names that stand in the index, also those that are no tags. */
  names(): Iterable<string> {
    return this.#named.keys();
  }

  apply(change: IndexChange): void {
    switch (change.do) {
      case 'put':
        return this.#put(change.entry, change.names, change.covers ?? []);
      case 'untag':
        return this.#untag(this.#nameBehind(change.name));
      case 'drop':
        return this.#drop(change.digest);
    }
  }

  toJSON(): Json {
    const named = [...this.#named].map(([name, { raw }]) => withName(raw, name));
    const twins = this.#twins.map(({ raw, name }) => withName(raw, name));
    const unnamed = [...this.#manifests].filter(([digest]) => !this.#namesOf.has(digest)).map(([, { raw }]) => raw);
    return { ...this.#head, manifests: [...named, ...twins, ...unnamed] };
  }

  #read(json: Json): void {
    const name = parseDescriptor(json, 'manifests[]').annotations?.[refName];
    const raw = withoutName(json);
    const descriptor = parseDescriptor(raw, 'manifests[]');
    const entry = { descriptor, raw };
    if (name === undefined) {
      if (!this.#manifests.has(descriptor.digest)) this.#manifests.set(descriptor.digest, entry);
      return;
    }
    const other = this.#named.get(name);
    if (other !== undefined && other.descriptor.digest !== descriptor.digest) this.#twins.push({ ...entry, name });
    else this.#name(name, entry);
  }

  #put(json: Json, names: readonly string[], covers: readonly Digest[]): void {
    for (const digest of covers) if (!this.#namesOf.has(digest)) this.#manifests.delete(digest);
    const descriptor = parseDescriptor(json, 'put');
    const entry = { descriptor, raw: json };
    this.#manifests.set(descriptor.digest, entry);
    for (const name of names) {
      this.#untag(name);
      this.#name(name, entry);
    }
  }

  #name(name: string, entry: IndexEntry): void {
    const { digest } = entry.descriptor;
    if (!this.#named.has(name)) this.#sortedTags = undefined;
    this.#named.set(name, entry);
    this.#aliases = undefined;
    this.#manifests.set(digest, entry);
    const names = this.#namesOf.get(digest);
    if (names === undefined) this.#namesOf.set(digest, new Set([name]));
    else names.add(name);
  }

  #untag(name: string): void {
    this.#twins = this.#twins.filter((twin) => twin.name !== name);
    const entry = this.#named.get(name);
    if (entry === undefined) return;
    this.#named.delete(name);
    this.#aliases = undefined;
    this.#sortedTags = undefined;
    const names = this.#namesOf.get(entry.descriptor.digest);
    names?.delete(name);
    if (names?.size === 0) this.#namesOf.delete(entry.descriptor.digest);
  }

  #drop(digest: Digest): void {
    for (const name of Array.from(this.#namesOf.get(digest) ?? [])) this.#untag(name);
    this.#twins = this.#twins.filter((twin) => twin.descriptor.digest !== digest);
    this.#manifests.delete(digest);
  }

  #nameBehind(tag: string): string {
    if (this.#named.has(tag)) return tag;
    return this.#aliasTable().get(tag) ?? tag;
  }

  #ambiguousAlias(tag: string): 'ambiguous' | undefined {
    return this.#aliasTable().has(tag) ? 'ambiguous' : undefined;
  }

  #aliasTable(): Map<string, string | undefined> {
    this.#aliases ??= aliasesOf(this.#named);
    return this.#aliases;
  }

  #listTags(): readonly string[] {
    const exact = [...this.#named.keys()].filter((name) => isTagName(name));
    const aliases = [...this.#aliasTable().keys()].filter((tag) => !this.#named.has(tag));
    return [...exact, ...aliases].sort();
  }
}

/** Tag → full name; `undefined` where several full names with different content end in it. */
function aliasesOf(named: ReadonlyMap<string, IndexEntry>): Map<string, string | undefined> {
  const aliases = new Map<string, string | undefined>();
  for (const [name, entry] of named) {
    const tag = tagInside(name);
    if (tag === undefined) continue;
    const rival = aliases.get(tag);
    const same = rival === undefined || named.get(rival)?.descriptor.digest === entry.descriptor.digest;
    aliases.set(tag, aliases.has(tag) && (rival === undefined || !same) ? undefined : (rival ?? name));
  }
  return aliases;
}

function tagInside(name: string): string | undefined {
  if (isTagName(name)) return undefined;
  const tag = name.slice(name.lastIndexOf(':') + 1);
  return isTagName(tag) && tag !== name ? tag : undefined;
}

function withName(raw: Json, name: string): Json {
  const annotations = (raw['annotations'] ?? {}) as Json;
  return { ...raw, annotations: { ...annotations, [refName]: name } };
}

function withoutName(raw: Json): Json {
  const { annotations, ...rest } = raw;
  const { [refName]: _, ...others } = (annotations ?? {}) as Json;
  return Object.keys(others).length === 0 ? rest : { ...rest, annotations: others };
}
