/** One way in which tranship does something else than the tool whose file it reads. */
export interface Difference {
  /**
   * `note`: other words for the same. `changed`: the result may differ. `left-out`: this part of the file is not carried out.
   */
  readonly weight: 'note' | 'changed' | 'left-out';
  /** Where in the file, in its own words: `sync[2].tags`, `tasks[0].mappings[1]`; empty for the file as a whole. */
  readonly where: string;
  /** One sentence. */
  readonly message: string;
}

export class Differences {
  readonly #all: Difference[] = [];

  note(where: string, message: string): void {
    this.#add('note', where, message);
  }

  changed(where: string, message: string): void {
    this.#add('changed', where, message);
  }

  leftOut(where: string, message: string): void {
    this.#add('left-out', where, message);
  }

  /** Keys that nothing is known of are told, never refused: the tools themselves pass over them. */
  unknownKeys(where: string, value: Readonly<Record<string, unknown>>, known: readonly string[]): void {
    for (const key of Object.keys(value)) {
      if (known.includes(key) || key.startsWith('x-')) continue;
      this.note(where, `the key "${key.slice(0, 80)}" is not known and is passed over`);
    }
  }

  list(): readonly Difference[] {
    return this.#all;
  }

  #add(weight: Difference['weight'], where: string, message: string): void {
    if (this.#all.some((one) => one.where === where && one.message === message)) return;
    this.#all.push({ weight, where, message });
  }
}

/** `sync[2].tags: left out: …` */
export function formatDifference({ weight, where, message }: Difference): string {
  const mark = { note: '', changed: 'differs: ', 'left-out': 'left out: ' }[weight];
  return `${where === '' ? '' : `${where}: `}${mark}${message}`;
}
