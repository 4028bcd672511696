/** A source whose content is kept in a layout on the way, and taken from there when it is wanted again. */
import type { Layout } from '../../layout/layout.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import type { TagName } from '../../oci/names.ts';
import type {
  ByteStream,
  CallOptions,
  ContentReader,
  ManifestContent,
  ReferrerLister,
  TagLister,
} from '../../oci/ports.ts';

/** What tags name now is always asked of the source; content by digest never changes. */
export class CachedSource implements ContentReader, TagLister, ReferrerLister {
  readonly location: string;
  readonly #origin: ContentReader & TagLister & ReferrerLister;
  readonly #layout: () => Promise<Layout>;

  constructor(origin: ContentReader & TagLister & ReferrerLister, layout: () => Promise<Layout>) {
    this.location = origin.location;
    this.#origin = origin;
    this.#layout = layout;
  }

  resolve(reference: TagName | Digest, options?: CallOptions): Promise<Descriptor | undefined> {
    return this.#origin.resolve(reference, options);
  }

  listTags(options?: CallOptions): AsyncIterable<TagName> {
    return this.#origin.listTags(options);
  }

  listReferrers(subject: Digest, options?: CallOptions): Promise<readonly Descriptor[]> {
    return this.#origin.listReferrers(subject, options);
  }

  async fetchManifest(reference: TagName | Digest, options?: CallOptions): Promise<ManifestContent> {
    const layout = await this.#layout();
    if (isDigest(reference) && (await layout.resolve(reference)) !== undefined)
      return layout.fetchManifest(reference, options);
    const manifest = await this.#origin.fetchManifest(reference, options);
    await layout.pushManifest(manifest, isDigest(reference) ? [] : [reference], options);
    return manifest;
  }

  async openBlob(blob: Descriptor, offset: number, options?: CallOptions): Promise<ByteStream> {
    const layout = await this.#layout();
    if (!(await layout.hasBlob(blob))) {
      const source = { open: (from: number, more?: CallOptions) => this.#origin.openBlob(blob, from, more) };
      await layout.pushBlob(blob, source, options);
    }
    return layout.openBlob(blob, offset, options);
  }
}
