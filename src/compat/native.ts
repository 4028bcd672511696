/** `tranship.yaml` as it is written: what the readers of other tools' files make, and what `convert` prints. */

export type NativeSecret =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly string[] };

export interface NativeRegistry {
  readonly url?: string;
  /** A folder of OCI layouts in the place of a registry. */
  readonly layout?: string;
  readonly kind?: string;
  readonly credentials?:
    | 'anonymous'
    | { readonly username: string | NativeSecret; readonly password: NativeSecret }
    | { readonly token: NativeSecret }
    | { readonly helper: string; readonly server?: string };
  readonly tls?: NativeTls;
  readonly limits?: { readonly concurrency?: number; readonly rate?: string };
}

export interface NativeTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string | NativeSecret;
  readonly insecure?: boolean;
}

export type NativeTagRule =
  | string
  | {
      readonly glob?: string;
      readonly regex?: string;
      readonly semver?: string;
      readonly prereleases?: boolean;
      readonly newest?: number;
    };

export interface NativeTags {
  readonly include?: readonly NativeTagRule[];
  readonly exclude?: readonly NativeTagRule[];
  readonly 'at-least'?: number;
}

export interface NativeStage {
  readonly id?: string;
  readonly depends_on?: readonly string[];
  readonly from: {
    readonly registry: string;
    readonly repository?: string;
    readonly repositories?: {
      readonly include?: readonly (string | { readonly regex: string })[];
      readonly exclude?: readonly (string | { readonly regex: string })[];
    };
  };
  readonly tags?: NativeTags | readonly NativeTagRule[];
  readonly to: readonly NativeDestination[];
  readonly referrers?: boolean | 'always';
  readonly platforms?: readonly string[];
  readonly 'backup-tag'?: string;
  readonly 'foreign-layers'?: 'copy';
}

export interface NativeDestination {
  readonly registry: string;
  readonly repository: string | readonly NativeStep[];
  readonly tag?: string | { readonly regex: string; readonly with: string };
}

export type NativeStep =
  | { readonly strip: string }
  | { readonly prefix: string }
  | { readonly regex: string; readonly with: string };

export interface NativeFile {
  readonly version: 1;
  readonly registries: Readonly<Record<string, NativeRegistry>>;
  readonly stages: readonly NativeStage[];
}
