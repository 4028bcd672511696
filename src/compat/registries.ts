import { Secret } from '../kit/secret.ts';
import type { NativeRegistry } from './native.ts';

/** A user and a password that stand in a file in clear. */
export interface WrittenLogin {
  readonly username: string;
  readonly password: string;
}

export type RegistryWords = Omit<NativeRegistry, 'url'> & {
  readonly plainHttp?: boolean;
  /** Plain HTTP is spoken where there is no TLS. */
  readonly mayBePlainHttp?: boolean;
};

/**
 * Collects the registries that a file names and gives each a name: equal ones share it. Passwords that the file holds in clear
 * become variables, because `tranship.yaml` holds none.
 */
export class Registries {
  readonly #byName = new Map<string, NativeRegistry>();
  readonly #secrets = new Map<string, Secret>();
  readonly #maybePlain = new Set<string>();

  /** The name of a registry with these words; a new one where there is none yet. */
  add(host: string, { plainHttp = false, mayBePlainHttp = false, ...rest }: RegistryWords = {}): string {
    const registry: NativeRegistry = { url: plainHttp ? `http://${host}` : host, ...rest };
    const text = JSON.stringify(registry);
    for (const [name, known] of this.#byName) if (JSON.stringify(known) === text) return name;
    const name = this.#freeName(host);
    this.#byName.set(name, registry);
    if (mayBePlainHttp) this.#maybePlain.add(name);
    return name;
  }

  /** The name of a folder of layouts. */
  addLayout(layout: string): string {
    for (const [name, known] of this.#byName) if (known.layout === layout) return name;
    const name = this.#freeName(layout.replace(/\/+$/, '').split('/').at(-1) ?? '');
    this.#byName.set(name, { layout });
    return name;
  }

  /** Keeps a login out of the file; what stands there instead. */
  login(host: string, { username, password }: WrittenLogin): NonNullable<NativeRegistry['credentials']> {
    return { username, password: this.secret('PASSWORD', `${host}_${username}`, password) };
  }

  /** Keeps a secret out of the file; what stands there instead. */
  secret(kind: string, of: string, value: string): { readonly env: string } {
    const name = `${kind}_${of}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
    const known = this.#secrets.get(name);
    const variable = known === undefined || known.reveal() === value ? name : `${name}_${this.#secrets.size + 1}`;
    this.#secrets.set(variable, new Secret(value));
    return { env: variable };
  }

  list(): Readonly<Record<string, NativeRegistry>> {
    return Object.fromEntries(this.#byName);
  }

  /** The passwords that the file held, by the variables that stand for them now. */
  secrets(): ReadonlyMap<string, Secret> {
    return this.#secrets;
  }

  /** Registries whose certificates are not checked, and which may as well speak plain HTTP, as their tool lets them. */
  maybePlainHttp(): ReadonlySet<string> {
    return this.#maybePlain;
  }

  #freeName(host: string): string {
    const base =
      host
        .replace(/[^A-Za-z0-9._-]+/g, '-')
        .replace(/^[^A-Za-z0-9]+/, '')
        .slice(0, 56) || 'registry';
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? base : `${base}-${number}`;
      if (!this.#byName.has(name)) return name;
    }
  }
}
