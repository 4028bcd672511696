import type { IncomingMessage, ServerResponse } from 'node:http';

/** A tag as its registry's own API would tell of it. */
export interface ShelvedTag {
  readonly name: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What is in a registry, noted down from the pushes and deletions that it answered well. */
export class Shelf {
  readonly #repositories = new Map<string, Map<string, ShelvedTag>>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Every repository that was pushed to, in the order of names. */
  get repositories(): readonly string[] {
    return [...this.#repositories.keys()].toSorted(byBytes);
  }

  has(repository: string): boolean {
    return this.#repositories.has(repository);
  }

  /** The tags of a repository in the order of their names. */
  tags(repository: string): readonly ShelvedTag[] {
    return [...(this.#repositories.get(repository)?.values() ?? [])].toSorted((a, b) => byBytes(a.name, b.name));
  }

  /** Notes what the answer, once it is through, says that the request did. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '' } = request;
    const [, repository, reference] = /^\/v2\/(.+)\/manifests\/([^?]+)/.exec(url) ?? [];
    if (repository === undefined || reference === undefined) return;
    response.once('finish', () => {
      if (method === 'PUT' && response.statusCode === 201) this.#put(repository, reference, request, response);
      if (method === 'DELETE' && response.statusCode === 202) this.#remove(repository, reference);
    });
  }

  #put(repository: string, reference: string, { url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const tags = this.#repositories.get(repository) ?? new Map<string, ShelvedTag>();
    this.#repositories.set(repository, tags);
    const named = new URL(url, 'http://double.example.com').searchParams.getAll('tag');
    const now = this.#now();
    for (const name of reference.includes(':') ? named : [reference, ...named]) {
      tags.set(name, {
        name,
        digest: String(response.getHeader('docker-content-digest') ?? reference),
        mediaType: headers['content-type'] ?? '',
        size: Number(headers['content-length'] ?? 0),
        createdAt: tags.get(name)?.createdAt ?? now,
        updatedAt: now,
      });
    }
  }

  #remove(repository: string, reference: string): void {
    const tags = this.#repositories.get(repository);
    for (const { name, digest } of tags?.values() ?? []) {
      if (name === reference || digest === reference) tags?.delete(name);
    }
  }
}

export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
