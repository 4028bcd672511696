/** What `tranship init` writes: a file that is valid as it stands and shows the next things one wants to say. */
export function starterText({ source = 'docker.io', destination = 'registry.example.com' } = {}): string {
  return `# What tranship keeps in step. Check it with \`tranship config validate\`, see what would happen with
# \`tranship plan\`, do it with \`tranship sync\`.
version: 1

registries:
  source:
    url: ${source}
    # Without credentials the docker and podman files and helpers are used.
    # credentials: {username: {env: SOURCE_USER}, password: {env: SOURCE_PASSWORD}}
  destination:
    url: ${destination}
    # tls: {ca: ./ca.pem}                  # an authority of your own
    # limits: {concurrency: 8, rate: 20/s, bandwidth: 50MB/s}

defaults:
  referrers: true                          # signatures, SBOMs and attestations travel along
  platforms: all                           # or a list: [linux/amd64, linux/arm64]

stages:
  - id: first
    from: {registry: source, repository: library/alpine}
    tags:
      include:
        - {semver: ">=3.18", newest: 2, per: minor}
        - edge                             # an exact tag; "v*" would be a pattern
      # exclude: [{regex: ".*_rc\\\\d+"}]
      at-least: 1                          # fewer is a failure, not a success
    to:
      - {registry: destination, repository: mirror/alpine}

  # Whole namespaces, once the first stage is done:
  # - id: apps
  #   depends_on: [first]
  #   from: {registry: source, repositories: ["apps/**"]}
  #   to: [{registry: destination, repository: "mirror/{path}", create: true}]
  #   prune: {after: 7d, max: 10%}         # remove what is gone from the source; off unless written
`;
}
