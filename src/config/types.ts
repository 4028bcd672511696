/**
 * The intent, as plain data: what `tranship.yaml` says once it is checked, defaults filled in. Everything after this
 * reads only these types, so another tool's file or a flag can state the same intent.
 */
import type { Digest } from '../oci/digest.ts';

export interface Config {
  readonly version: 1;
  /** By the name under which stages speak of them. */
  readonly registries: Readonly<Record<string, RegistryConfig>>;
  readonly stages: readonly StageConfig[];
}

export interface RegistryConfig {
  /** `host[:port]` as it stands in references: `docker.io`, `registry.example.com:5000`; of a folder `oci:FOLDER`. */
  readonly host: string;
  /** The path of a folder of OCI layouts, which stands in the place of a registry. */
  readonly layout?: string;
  /** The address was written with `http://`. */
  readonly plainHttp: boolean;
  /** Plain HTTP where no TLS is spoken. No file of ours says so; other tools' switches mean it. */
  readonly mayBePlainHttp?: boolean;
  /** Found out by itself where the registry tells and this is absent. */
  readonly kind?: RegistryKind;
  /** Absent: the docker and podman files and helpers. */
  readonly credentials?: CredentialsConfig;
  readonly api?: ApiConfig;
  readonly tls?: TlsConfig;
  readonly limits?: LimitsConfig;
  /** Hosts beside the registry's own that may hand out its tokens. */
  readonly tokenHosts?: readonly string[];
  /** Hosts that the registry may send downloads and uploads to although they look wrong, such as a storage at a private address. */
  readonly allowedHosts?: readonly string[];
}

export const registryKinds = [
  'quay',
  'harbor',
  'acr',
  'gar',
  'docker-hub',
  'gitlab',
  'ecr',
  'ghcr',
  'distribution',
] as const;
export type RegistryKind = (typeof registryKinds)[number];

/** Where a secret is to be had; never the secret itself. Files are relative to the configuration's folder. */
export type SecretReference =
  | { readonly env: string }
  | { readonly file: string }
  /** A program and its arguments, run without a shell. */
  | { readonly command: readonly string[] };

export type CredentialsConfig =
  | 'anonymous'
  | { readonly username: string | SecretReference; readonly password: SecretReference }
  /** An identity (refresh) token. */
  | { readonly token: SecretReference }
  /** The program `docker-credential-NAME`, asked about `server`, which is the registry's host where nothing is said. */
  | { readonly helper: string; readonly server?: string | undefined };

/** How the registry's own API beside `/v2/` is reached, for listings and for creating repositories. */
export interface ApiConfig {
  /** Default: the registry's own host. */
  readonly url?: string;
  readonly token?: SecretReference;
}

export interface TlsConfig {
  /** Path of a PEM file, or the PEM text itself. */
  readonly ca?: string;
  /** Path of a PEM file or the text itself, and of its key a path or where it is read from; both or neither. */
  readonly cert?: string;
  readonly key?: string | SecretReference;
  /** No certificate check, for this registry alone. */
  readonly insecure?: boolean;
}

export interface LimitsConfig {
  /** Requests in flight at most. */
  readonly concurrency?: number;
  readonly requestsPerSecond?: number;
  /** Bytes a second, both directions together. */
  readonly bandwidth?: number;
}

export interface StageConfig {
  /** Unique. `stage-1` for the first one without a name. */
  readonly id: string;
  readonly dependsOn: readonly string[];
  readonly from: SourceConfig;
  readonly tags: TagRules;
  /** At least one; the source is read once for all of them. */
  readonly to: readonly DestinationConfig[];
  /** Signatures, SBOMs and attestations: with the images that are copied, asked for always, or left behind. */
  readonly referrers: 'with-images' | 'always' | 'never';
  /** `os/architecture[/variant]`. */
  readonly platforms: 'all' | readonly string[];
  /** Whether a tag that names something else at the destination is moved. */
  readonly overwrite: boolean;
  /** Tags that never change once they are there, and are not asked about again. */
  readonly immutable: readonly TagPattern[];
  /** Where an overwritten tag's content stays reachable: a template of `{tag}`, `{date}` (`20261124`) and `{digest}` (12 digits). */
  readonly backupTag?: string;
  /** Bytes of layers that may not be distributed. */
  readonly foreignLayers: 'skip' | 'copy';
  /** Off unless asked for. */
  readonly prune?: PruneConfig;
}

export interface SourceConfig {
  /** A key of `registries`. */
  readonly registry: string;
  readonly repositories: RepositoryRules;
}

export type RepositoryRules =
  | { readonly kind: 'one'; readonly repository: string }
  | {
      readonly kind: 'several';
      readonly include: readonly NamePattern[];
      readonly exclude: readonly NamePattern[];
      /** Fewer is a failure. Default 1. */
      readonly atLeast: number;
      readonly atMost?: number;
    };

/** A repository's path: `*` within one part, `**` across parts; or a regular expression for the whole path. */
export type NamePattern = { readonly glob: string } | { readonly regex: string };

/** A name is exact, a glob has `*`, `?`, `[…]` or `{a,b}`, a regular expression is RE2's and is for the whole tag. */
export type TagPattern = { readonly name: string } | { readonly glob: string } | { readonly regex: string };

export interface TagRules {
  /** A tag that one of them takes is kept; none = all. */
  readonly include: readonly TagRule[];
  /** Looked at first: what one of them takes is dropped and is not counted by `newest`. */
  readonly exclude: readonly TagRule[];
  /** Fewer is a failure. Default 1 for a named repository, 0 for one that was discovered. */
  readonly atLeast: number;
  /** More is a failure. */
  readonly atMost?: number;
}

/** All parts that are there must agree. At least one is there. */
export interface TagRule {
  /** Absent: every tag. A regular expression's first group, where it has one, is the version. */
  readonly pattern?: TagPattern;
  /** Only with the name of one tag: what this tag is to name, whatever it names at the source. */
  readonly digest?: Digest;
  /** A range in npm's words over the version that the tag (or the group) spells. */
  readonly semver?: string;
  /** Whether `semver` and `newest` also see pre-releases and other suffixed versions. */
  readonly prereleases?: boolean;
  readonly newest?: NewestRule;
  /** Milliseconds of age, where the registry tells when the tag was set. */
  readonly newerThanMs?: number;
  readonly olderThanMs?: number;
}

export interface NewestRule {
  readonly count: number;
  readonly by: 'version' | 'time';
  /** The newest of each line instead of all together. */
  readonly per?: 'major' | 'minor';
}

export interface DestinationConfig {
  /** A key of `registries`. */
  readonly registry: string;
  readonly repository: RepositoryMapping;
  readonly tag: TagMapping;
  /** Make a missing repository through the registry's API. */
  readonly create: boolean;
  readonly visibility?: 'private' | 'public';
}

export type RepositoryMapping =
  /** Of `{registry}`, `{path}`, `{namespace}` and `{name}` of the source. */
  | { readonly template: string }
  /** Applied to `{path}` one after another. */
  | { readonly steps: readonly MappingStep[] };

export type MappingStep =
  | { readonly strip: string }
  | { readonly prefix: string }
  | { readonly suffix: string }
  /** Every match is replaced; `$1` is the first group. */
  | { readonly regex: string; readonly with: string };

export type TagMapping =
  /** Of `{tag}` and the source repository's `{registry}`, `{path}`, `{namespace}`, `{name}`. */
  { readonly template: string } | { readonly regex: string; readonly with: string };

export interface PruneConfig {
  /** How long a tag must have been gone from the source. Default 7 days. */
  readonly afterMs: number;
  /** At most this many of a repository's tags in one run. Default 10 %. */
  readonly max: { readonly percent: number } | { readonly count: number };
  /** Never fewer tags than this stay. Default 5. */
  readonly keep: number;
}
