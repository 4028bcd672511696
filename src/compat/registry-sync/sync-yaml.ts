/** `sync.yaml` as registry-sync writes it for skopeo, byte for byte: block YAML by PyYAML, keys sorted. Other jobs read it. */
export function syncYaml(host: string, images: ReadonlyMap<string, readonly string[]>): string {
  if (images.size === 0) return `${scalar(host)}:\n  images: {}\n`;
  const names = [...images.keys()].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const lines = names.flatMap((name) => [
    `    ${scalar(name)}:`,
    ...(images.get(name) ?? []).map((tag) => `    - ${scalar(tag)}`),
  ]);
  return `${scalar(host)}:\n  images:\n${lines.join('\n')}\n`;
}

/** Quoted where YAML 1.1 would read something else than a text. */
function scalar(text: string): string {
  return readsAsOther.some((form) => form.test(text)) ? `'${text}'` : text;
}

const readsAsOther = [
  /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^(?:~|null|Null|NULL|)$/,
  /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  /^[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?$/,
  /^\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?$/,
  /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^\d{4}-\d\d-\d\d$/,
  /^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/,
];
