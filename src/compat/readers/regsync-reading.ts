import type { Path } from '../../config/document.ts';
import { Differences } from '../difference.ts';
import type { ForeignIo } from '../reader.ts';
import { Registries } from '../registries.ts';
import type { ForeignText } from '../yaml.ts';
import { fillIn, isTemplate } from './go-template.ts';
import { Mistakes } from './mistakes.ts';
import { Shape } from './shape.ts';

/** What the parts of regsync's reader share. */
export class RegsyncReading {
  readonly io: ForeignIo;
  readonly mistakes: Mistakes;
  readonly shape: Shape;
  readonly differences = new Differences();
  readonly registries = new Registries();

  constructor(text: ForeignText, file: string, io: ForeignIo) {
    this.io = io;
    this.mistakes = new Mistakes(file, text);
    this.shape = new Shape(this.mistakes);
  }

  /** A text with its templates filled in from the environment. */
  filled(value: unknown, path: Path): string | undefined {
    const text = this.shape.text(value, path);
    if (text === undefined || !isTemplate(text)) return text;
    const filled = fillIn(text, this.io.env);
    if ('problem' in filled) {
      this.mistakes.add(path, filled.problem);
      return undefined;
    }
    this.differences.note(
      `${path[0]}[${path[1]}]`,
      `"${text.slice(0, 80)}" was filled in with the environment as it is now`,
    );
    return filled.text;
  }
}
