import { rfc2822 } from '../format.ts';
import { json, noContent, ok } from '../http/reply.ts';
import { logAction } from '../model/logs.ts';
import { isList, type ManifestShape, parseManifest } from '../model/manifests.ts';
import type { Label, Manifest, Repository } from '../model/types.ts';
import { randomUUID } from '../model/world.ts';
import { type Call, type Handlers, notFound, param, repositoryOf, textOf } from './call.ts';
import { messageError } from './errors.ts';
import { writableRepository } from './tags.ts';

const labelKey = /^[a-z0-9](([a-z0-9]|[-.](?![.-]))*[a-z0-9])?$/;

export const manifestHandlers: Handlers = {
  getRepoManifest(call) {
    const manifest = manifestOf(call, repositoryOf(call));
    const shape = parseManifest(manifest);
    const list = isList(manifest.mediaType);
    return ok({
      digest: manifest.digest,
      is_manifest_list: list,
      manifest_data: manifest.bytes.toString('utf8'),
      config_media_type: shape.config?.mediaType ?? null,
      layers_compressed_size: (shape.layers ?? []).reduce((sum, layer) => sum + layer.size, 0),
      layers: list ? null : layerViews(call, shape),
    });
  },

  listManifestLabels(call) {
    const manifest = manifestOf(call, repositoryOf(call));
    const filter = call.query.get('filter') ?? '';
    return ok({ labels: manifest.labels.filter((label) => label.key.startsWith(filter)).map(labelView) });
  },

  addManifestLabel(call) {
    const repository = writableRepository(call);
    const manifest = manifestOf(call, repository);
    const key = textOf(call, 'key') ?? '';
    if (key.startsWith('quay.') || key.startsWith('io.quay.')) throw messageError(400, 'Label has a reserved prefix');
    if (!labelKey.test(key)) {
      throw messageError(
        400,
        'Label is of an invalid format or missing please use ^[a-z0-9](([a-z0-9]|[-.](?![.-]))*[a-z0-9])?$ format for labels',
      );
    }
    const label: Label = {
      id: randomUUID(),
      key,
      value: textOf(call, 'value') ?? '',
      sourceType: 'api',
      mediaType: textOf(call, 'media_type') ?? 'text/plain',
    };
    manifest.labels.push(label);
    log(call, 'manifest_label_add', repository, manifest, label);
    const location = `/api/v1/repository/${repository.namespace}/${repository.name}/manifest/${manifest.digest}/labels/${label.id}`;
    return json(201, { label: labelView(label) }, { Location: location });
  },

  getManifestLabel: (call) => ok(labelView(labelOf(call, manifestOf(call, repositoryOf(call))))),

  deleteManifestLabel(call) {
    const repository = writableRepository(call);
    const manifest = manifestOf(call, repository);
    const label = labelOf(call, manifest);
    manifest.labels.splice(manifest.labels.indexOf(label), 1);
    log(call, 'manifest_label_delete', repository, manifest, label);
    return noContent();
  },
};

function manifestOf(call: Call, repository: Repository): Manifest {
  const manifest = repository.manifests.get(param(call, 'manifestref'));
  if (manifest === undefined) throw notFound(call);
  return manifest;
}

function labelOf(call: Call, manifest: Manifest): Label {
  const label = manifest.labels.find((one) => one.id === param(call, 'labelid'));
  if (label === undefined) throw notFound(call);
  return label;
}

function labelView(label: Label): object {
  return {
    id: label.id,
    key: label.key,
    value: label.value,
    source_type: label.sourceType,
    media_type: label.mediaType,
  };
}

interface History {
  readonly created?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly author?: string;
  readonly empty_layer?: boolean;
}

/** Layers beside the history of the config that made them. */
function layerViews(call: Call, shape: ManifestShape): object[] {
  const config = shape.config === undefined ? undefined : call.world.content.get(shape.config.digest);
  const history = historyOf(config);
  return (shape.layers ?? []).map((layer, index) => {
    const step = history[index];
    return {
      index,
      compressed_size: layer.size,
      is_remote: (layer.urls ?? []).length > 0,
      urls: layer.urls ?? null,
      command: step?.created_by === undefined ? null : [step.created_by],
      comment: step?.comment ?? null,
      author: step?.author ?? null,
      blob_digest: layer.digest,
      created_datetime: step?.created === undefined ? null : rfc2822(Date.parse(step.created)),
    };
  });
}

function historyOf(config: Buffer | undefined): readonly History[] {
  if (config === undefined) return [];
  try {
    const parsed = JSON.parse(config.toString('utf8')) as { history?: History[] };
    return (parsed.history ?? []).filter((step) => step.empty_layer !== true);
  } catch {
    return [];
  }
}

function log(call: Call, kind: string, repository: Repository, manifest: Manifest, label: Label): void {
  const { namespace, name } = repository;
  const details = { namespace, repo: name, id: label.id, key: label.key, value: label.value };
  logAction(call, kind, namespace, { ...details, manifest_digest: manifest.digest }, repository);
}
