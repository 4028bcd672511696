/** run-reposync's configuration as it means it, every value checked, nothing resolved. */
export interface ReposyncModel {
  readonly registries: Readonly<Record<string, ReposyncRegistry>>;
  readonly stages: readonly ReposyncStage[];
}

export interface ReposyncRegistry {
  /** `host[:port]`, without a scheme. */
  readonly url: string;
  /** Names of environment variables; both absent where the registry is used anonymously. */
  readonly login?: { readonly user: string; readonly password: string };
  /** No certificate check, and plain HTTP allowed. */
  readonly skipTlsVerify: boolean;
}

export interface ReposyncStage {
  /** As written, else made up. */
  readonly id: string;
  readonly from: { readonly source: string; readonly repository: string };
  readonly to: readonly ReposyncTarget[];
  readonly dependsOn: readonly string[];
}

export interface ReposyncTarget {
  readonly destination: string;
  readonly repository: string;
  /** None = all tags (nothing with `--use-explicit-tags`). */
  readonly tags: readonly string[];
}
