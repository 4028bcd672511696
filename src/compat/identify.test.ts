import { describe, expect, test } from 'vitest';
import { identify } from './identify.ts';

const regsync = `version: 1
sync:
  - {source: a.example.com/x, target: b.example.com/x, type: repository}
`;

const inConfigMap = (text: string, kind = 'ConfigMap') => `apiVersion: v1
kind: ${kind}
metadata: {name: sync}
data:
  notes.txt: hello
  regsync.yml: |
${text.replace(/^/gm, '    ')}
`;

describe('what stands beside configurations is called what it is', () => {
  test.each<[string, string]>([
    ['a docker compose file', 'services:\n  registry: {image: "registry:2", ports: ["5000:5000"]}\n'],
    ['a docker compose file', 'version: "3"\nservices: {app: {build: .}}\nvolumes: {x: {}}\n'],
    ['a Kubernetes manifest (Deployment)', 'apiVersion: apps/v1\nkind: Deployment\nspec: {}\n'],
    ['a Kubernetes manifest (CronJob)', 'apiVersion: batch/v1\nkind: CronJob\nspec: {schedule: "0 * * * *"}\n'],
    ['a Kubernetes manifest (ConfigMap) with a file of regsync in it', inConfigMap(regsync)],
    [
      'a Kubernetes manifest (Secret) with a file of regsync in it',
      inConfigMap(regsync, 'Secret').replace('data:', 'stringData:'),
    ],
    [
      'a Kubernetes manifest (ConfigMap) with a file of regsync in it',
      `apiVersion: v1\nkind: Namespace\n---\n${inConfigMap(regsync)}`,
    ],
    [
      'a Kubernetes manifest (ConfigMap) with a file of regsync in it',
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [{ kind: 'ConfigMap', data: { 'a.yml': regsync } }] }),
    ],
    ['a Kubernetes manifest (ConfigMap)', inConfigMap('hello: world')],
    ['a Kubernetes manifest (Namespace)', 'apiVersion: v1\nkind: Namespace\n---\napiVersion: v1\nkind: Service\n'],
    [
      'an image set of oc-mirror, which is not read here',
      'apiVersion: mirror.openshift.io/v2alpha1\nkind: ImageSetConfiguration\n',
    ],
    ["a Helm chart's description", 'apiVersion: v2\nname: mirror\nversion: 1.2.3\n'],
    ['a file of Helm values', 'image: {repository: registry.example.com/app, tag: v1}\nreplicas: 2\n'],
    ['a template that is not filled in', 'name: "{{ .Values.name }}"\nother: 1\n'],
    ['a list of resources for kustomize', 'resources: [a.yaml, b.yaml]\nnamespace: x\n'],
    ["docker's or podman's file of logins", '{"auths": {"registry.example.com": {"auth": "eA=="}}}'],
    ["image-syncer's file of logins", 'registry.example.com: {username: ana, password: x}\n'],
    [
      'a replication policy of Harbor, which is not read here',
      '{"name": "x", "src_registry": {"id": 1}, "dest_registry": null}',
    ],
    ['a configuration of Artifactory, which is not read here', 'remoteRepositories: {docker-remote: {type: docker}}\n'],
    [
      'a configuration of zot, which is not read here',
      '{"distSpecVersion": "1.1.0", "storage": {"rootDirectory": "/x"}}',
    ],
    [
      'a configuration of a distribution registry, which is not read here',
      'version: 0.1\nstorage: {filesystem: {}}\nhttp: {addr: ":5000"}\n',
    ],
    [
      'a configuration of ocync, which is not read here',
      'registries: {a: {url: a.example.com}}\nmappings: [{from: x, to: y}]\n',
    ],
    ['a workflow of GitHub Actions', 'name: sync\non: [push]\njobs: {sync: {runs-on: ubuntu-latest}}\n'],
    ['a pipeline of GitLab', 'stages: [build, deploy]\nbuild: {script: [make]}\n'],
    ['a signature policy of podman and skopeo', '{"default": [{"type": "reject"}], "transports": {}}'],
    [
      'a configuration of quay_sync.py',
      'source_server: quay-a.example.com\ndestination_server: quay-b.example.com\nrepositories: [a/b]\n',
    ],
    ['a configuration of quay_sync.py', 'primary_server: https://quay-a.example.com\nrepositories: [a/b]\n'],
    ['a configuration of quay_management_tasks.py', 'source_server: x\nopenshift_yaml_dir: ./manifests\n'],
    ['a declared state of Quay', 'version: 1\nserver: {url: https://quay.example.com}\norganizations: {a: {}}\n'],
    ['a plan that was saved', '{"apiVersion": "tranship/v1", "kind": "Plan"}'],
    ['a report of a run', '{"apiVersion": "tranship/v1", "kind": "Report"}'],
    [
      'a list of tags of registry-sync or `tranship crawl`',
      'namespace,repo_name,name,created_on,last_updated_on,digest\r\na,b,v1,,,\r\n',
    ],
    ['a list of repositories of registry-sync', 'namespace,name\r\na,b\r\n'],
    ['a list of images', 'docker.io/library/alpine:3.20\nquay.example.com/a/b@sha256:' + '0a'.repeat(32) + '\n'],
    ['a list of images', '# what we mirror\n- quay.example.com/a/b:v1\n- "ghcr.io/c/d"\n'],
    ['a binary file', 'PK\u0003\u0004\0\0'],
    ['of no form that is known here', 'colour: red\nshape: round\n'],
    ['of no form that is known here', '{"name": "pkg", "dependencies": {"@scope/thing": "1.0.0"}}'],
    ['of no form that is known here', '{"/v2/catalog": {"get": {}}, "/v2/x": {"get": {}}}'],
    ['of no form that is known here', 'sync: {from: {registry: a.example.com}, to: {registry: b.example.com}}\n'],
  ])('%s', (what, text) => {
    expect(identify(text)).toMatchObject({ kind: 'other', what });
  });

  test('a plan, a report and a list of tags come with what to do with them', () => {
    expect(identify('{"apiVersion": "tranship/v1", "kind": "Plan"}')).toMatchObject({
      hint: expect.stringContaining('tranship apply FILE'),
    });
    expect(identify('namespace,repo_name,name\n')).toMatchObject({
      hint: expect.stringContaining('tranship sync --from FILE'),
    });
  });
});

describe('whose file it is shows in spite of mistakes', () => {
  test.each<[string, string]>([
    ['regsync', `${regsync}\tx: 1\n`],
    ['regsync', 'creds: []\ndefaults: {parallel: 2}\n'],
    ['regsync', 'sync: [{target: b.example.com/x}]\n'],
    ['regsync', `${regsync}---\nsync: []\n`],
    ['dregsy', 'relay: skopeo\ntasks: [{name: x}]\n'],
    ['dregsy', 'tasks: [{name: x, mappings: [{from: a}]}]\n'],
    ['run-reposync', 'registries: {a: {url: x, env_user: A, env_password: B}}\nstages: [{from: {source: a}}'],
    ['image-syncer', 'quay.example.com/a/b: ""\nquay.example.com/a/c: registry.example.com/c\n'],
    ['skopeo', 'a.example.com: {images: {b: [}}\n'],
  ])('%s', (tool, text) => {
    expect(identify(text)).toEqual({ kind: 'tool', tool });
  });

  test.each<[string, boolean]>([
    ['version: 1\nregistries: {a: {url: a.example.com}}\nstages: []\n', true],
    ['registries: {usb: {layout: ./x}}\n', true],
    ['stages: [{from: {registry: a}}]\n', true],
    ['registeries: {}\nstagess: []\n', false],
    ['- a\n- b\n', false],
    ['just words', false],
    ['', false],
  ])('a tranship.yaml, or what may be meant as one: %j', (text, sure) => {
    expect(identify(text)).toEqual({ kind: 'own', sure });
  });

  test('names of keys that reach an object’s prototype change nothing', () => {
    expect(identify('__proto__: {a: 1}\nconstructor: {b: 2}\n').kind).toBe('other');
  });
});
