import type { InspectedImage, Inspection } from '../compose/inspect.ts';
import { bytesText, countText } from '../kit/quantity.ts';
import { safeText } from '../kit/text.ts';
import { shortDigest } from '../oci/digest.ts';
import { referrerLines } from './referrer-lines.ts';
import type { Paint } from './terminal/colour.ts';
import { tableLines } from './terminal/table.ts';

/** An image for a person's eyes. */
export function inspectionLines(inspection: Inspection, paint: Paint): readonly string[] {
  const { type, artifactType, mediaType, totalSize, images, subject } = inspection;
  const [only] = images;
  const single = type === 'index' ? undefined : only;
  return [
    paint('strong', inspection.reference),
    fact('digest', inspection.digest),
    fact('type', `${type}, ${safeText(mediaType)}${artifactType === undefined ? '' : `, ${safeText(artifactType)}`}`),
    ...(subject === undefined ? [] : [fact('about', subject)]),
    ...(single === undefined || type === 'artifact'
      ? []
      : [fact('platform', safeText(single.platform ?? 'none stated'))]),
    ...(single?.created === undefined ? [] : [fact('created', safeText(single.created))]),
    fact('size', `${bytesText(totalSize)} in all`),
    ...pairs('annotation', inspection.annotations, paint),
    ...(single === undefined ? imageLines(images, paint) : layerLines(single, paint)),
    ...referrers(inspection, paint),
  ];
}

function fact(name: string, value: string): string {
  return `${name.padEnd(10)}  ${value}`;
}

function pairs(title: string, values: Readonly<Record<string, string>>, paint: Paint): readonly string[] {
  return Object.entries(values).map(([name, value]) =>
    fact(title, `${safeText(name)} ${paint('dim', '=')} ${safeText(value)}`),
  );
}

function imageLines(images: readonly InspectedImage[], paint: Paint): readonly string[] {
  const columns = [
    { title: 'PLATFORM', value: (image: InspectedImage) => safeText(image.role ?? image.platform ?? '–') },
    { title: 'DIGEST', value: (image: InspectedImage) => shortDigest(image.digest) },
    { title: 'LAYERS', value: layersOf, align: 'right' as const },
    { title: 'SIZE', value: sizeOf, align: 'right' as const },
  ];
  const [title = '', ...rows] = tableLines(columns, images);
  return ['', paint('dim', title), ...rows];
}

function layersOf({ absent, layers }: InspectedImage): string {
  return absent ? '' : String(layers.length);
}

function sizeOf({ absent, size }: InspectedImage): string {
  return absent ? 'not there' : bytesText(size);
}

function layerLines(image: InspectedImage, paint: Paint): readonly string[] {
  const columns = [
    { title: 'LAYER', value: (layer: Layer) => shortDigest(layer.digest) },
    { title: 'SIZE', value: (layer: Layer) => bytesText(layer.size), align: 'right' as const },
    { title: 'TYPE', value: (layer: Layer) => safeText(layer.mediaType) },
  ];
  const [title = '', ...rows] = tableLines(columns, image.layers);
  return [...pairs('label', image.labels, paint), '', paint('dim', title), ...rows];
}

type Layer = InspectedImage['layers'][number];

function referrers({ referrers: nodes }: Inspection, paint: Paint): readonly string[] {
  if (nodes.length === 0) return [];
  return ['', paint('dim', countText(nodes.length, 'referrer').toUpperCase()), ...referrerLines(nodes, paint)];
}
