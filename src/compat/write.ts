import { stringify } from 'yaml';
import { formatDifference } from './difference.ts';
import type { NativeFile, NativeStage } from './native.ts';
import type { ForeignIntent } from './reader.ts';

/** `tranship.yaml` for a converted file, what differs in meaning beside the parts that it is about. */
export function writeNative({ tool, file, differences, mayBePlainHttp }: ForeignIntent): string {
  const serious = differences.filter(({ weight }) => weight !== 'note').map(formatDifference);
  const plain = [...mayBePlainHttp].map(
    (name) => `registries.${name}: if it speaks plain HTTP, write \`url: http://…\``,
  );
  const remarks = [...serious, ...plain].map((remark) => `#   ${remark}`.replaceAll('\n', '\n#     '));
  const head = [
    `# Converted from ${article(tool)} file. Check it with \`tranship config validate\`, see what it does with \`tranship plan\`.`,
    ...(remarks.length > 0 ? ['# What is not the same there:', ...remarks] : []),
  ];
  return `${head.join('\n')}\n\n${nativeText(file)}`;
}

/** The file without any remark. */
export function nativeText({ version, registries, stages }: NativeFile): string {
  return [
    `version: ${version}\n`,
    yaml({ registries }),
    `stages:\n${stages.map((stage) => indented(yaml([stage]))).join('\n')}`,
  ].join('\n');
}

function yaml(value: Readonly<Record<string, unknown>> | readonly NativeStage[]): string {
  return stringify(value, { lineWidth: 0, version: '1.2', aliasDuplicateObjects: false, defaultStringType: 'PLAIN' });
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function article(tool: string): string {
  return /^[aeiou]/.test(tool) ? `an ${tool}` : `a ${tool}`;
}
